"""The newsletter in Django's admin."""

from . import subscribers

__all__ = ["subscribers"]
