"""The newsletter in Django's admin."""

from . import issues, returns, subscribers

__all__ = ["issues", "returns", "subscribers"]
