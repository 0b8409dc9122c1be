"""The newsletter in Django's admin."""

from . import issues, returns, runs, subscribers

__all__ = ["issues", "returns", "runs", "subscribers"]
