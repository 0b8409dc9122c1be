"""What the desk says about mails."""

from typing import Any

from django import template

from sccon import mail
from sccon.models import Mail, User

register = template.Library()


@register.simple_tag
def mails_braked() -> bool:
    """Whether the brake held mails back within the last hour."""
    return mail.BRAKED.is_counting("")


@register.inclusion_tag("admin/mails_not_arrived.html")
def mails_not_arrived(user: User) -> dict[str, Any]:
    """Mails that were given up until somebody settles them, and how many are late."""
    failed = mail.seen_by(user, Mail.objects.filter(status=Mail.Status.FAILED)).order_by("-pk")[:100]
    return {"failed": list(failed), "late": mail.seen_by(user, Mail.objects.late(mail.LATE)).count()}
