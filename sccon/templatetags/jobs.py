"""`{% load jobs %}`: what the admin's front page shows of the worker."""

from django import template
from django.db.models import QuerySet

from sccon.models import Job

register = template.Library()


@register.simple_tag
def failed_jobs() -> QuerySet[Job]:
    """Jobs that failed for good, the latest first."""
    return Job.objects.failed().order_by("-id")
