"""Issues for the tests: the smallest that can be sent."""

from typing import Any

from django.db import transaction

from newsletter.issues import freezing
from newsletter.models import Edition, Issue, IssueItem


def make_issue(**fields: Any) -> Issue:
    """A draft in both languages with one block."""
    words = {
        "subject_de": "Neues im Mai",
        "subject_en": "News in May",
        "preheader_de": "Was kommt",
        "preheader_en": "What comes",
    }
    issue = Issue.objects.create(**{**words, **fields})
    add(issue, heading_de="Ein Block", heading_en="A block", text_de="<p>Ja.</p>", text_en="<p>Yes.</p>")
    return issue


def add(issue: Issue, **fields: Any) -> IssueItem:
    return IssueItem.objects.create(issue=issue, position=issue.items.count() + 1, **fields)


def freeze(issue: Issue) -> dict[str, Edition]:
    """Its editions by language."""
    with transaction.atomic():
        return {edition.language: edition for edition in freezing.freeze(issue)}
