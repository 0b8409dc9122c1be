"""The newsletter in Django's admin."""

from . import issues, subscribers

__all__ = ["issues", "subscribers"]
