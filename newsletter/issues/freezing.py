"""From an issue to what leaves. (A place holder: the room `issues` brings the real one.)"""

from newsletter.models import Edition, Issue


def freeze(issue: Issue) -> list[Edition]:
    """Makes the issue's editions, in the caller's transaction."""
    raise NotImplementedError(f"Issue {issue.pk} cannot be frozen yet.")
