"""The newsletter in Django's admin."""

from . import doctor, issues, lists, returns, runs, subscribers

__all__ = ["doctor", "issues", "lists", "returns", "runs", "subscribers"]
