"""The newsletter in Django's admin."""

from . import issues, lists, returns, runs, subscribers

__all__ = ["issues", "lists", "returns", "runs", "subscribers"]
