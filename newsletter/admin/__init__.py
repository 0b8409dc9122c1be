"""The newsletter in Django's admin."""

from . import returns, subscribers

__all__ = ["returns", "subscribers"]
