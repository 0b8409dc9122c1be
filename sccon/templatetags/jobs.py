"""What the desk shows of the worker."""

from django import template
from django.db.models import QuerySet

from sccon.models import Job

register = template.Library()


@register.simple_tag
def failed_jobs() -> QuerySet[Job]:
    """Jobs that gave up and wait for someone to look at them, the latest first."""
    return Job.objects.failed().order_by("-id")
