"""Test mails: an issue as it stands, to a few addresses, before anything is ordered."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from newsletter.models import Issue
from sccon import mail
from sccon.jobs import RETRY, app
from sccon.requests import secret_page

from . import pictures
from .rendering import Rendered
from .rendering import render as rendered

MOST = 5  # addresses at a time
MARK = "mtest"


def made(issue: Issue, language: str) -> Rendered:
    """What a test mail holds: the pictures are written, for its reader shall see them."""
    slug = "test" if issue.in_archive else ""
    result = rendered(issue, list(issue.items.select_related("article", "image")), language, mark=MARK, slug=slug)
    pictures.write(result.pictures)
    return result


def message(issue: Issue, language: str, address: str) -> EmailMultiAlternatives:
    """The mail with links that work and change nothing."""
    content = made(issue, language)
    leave = mail.address("newsletter:leave_test", language=language)
    with translation.override(language):
        subject = f"[{_('Test')}] {content.subject}"

    def filled(part: str) -> str:
        return part.replace(f"{MARK}-leave", leave).replace(f"{MARK}-preferences", leave)

    result = EmailMultiAlternatives(
        subject,
        filled(content.text),
        settings.NEWSLETTER_MAIL_FROM,
        [address],
        reply_to=[settings.NEWSLETTER_MAIL_REPLY_TO],
        headers={"Auto-Submitted": "auto-generated", "Content-Language": language},
    )
    result.attach_alternative(filled(content.html), "text/html")
    return result


def queue(issue: Issue, addresses: Sequence[str]) -> None:
    """One mail an address and language, from the worker."""
    for address in addresses[:MOST]:
        for language in issue.languages:
            send.defer(issue_id=issue.pk, language=language, address=address)


@app.task(name="newsletter.send_test", queue="urgent", retry=RETRY, pass_context=False)
def send(*, issue_id: int, language: str, address: str) -> None:
    """Sends one test mail; nothing is kept of it."""
    issue = Issue.objects.filter(pk=issue_id).first()
    if issue is not None:
        message(issue, language, address).send(using="bulk")


@csrf_exempt
@secret_page
def leave(request: HttpRequest) -> HttpResponse:
    """Where the leave link of a test mail leads: it answers like the real one and removes nobody."""
    return render(request, "newsletter/leave_test.html", {"robots": "noindex"})
