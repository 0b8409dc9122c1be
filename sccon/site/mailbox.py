"""The demo's mailbox: without a relay, mails are read and their links clicked here; those of issues, too."""

from email import message_from_bytes
from email.policy import default
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override

from newsletter.delivery import letters
from newsletter.models import Delivery
from sccon import mail
from sccon.models import Mail
from sccon.requests import secret_page

SHOWN = 200  # the newest


def _mails() -> QuerySet[Mail]:
    if settings.SMTP_URL or not (settings.DEBUG or settings.SITE_DEMO):
        raise Http404
    return Mail.objects.filter(emptied_at=None)


@secret_page
def mailbox(request: HttpRequest) -> HttpResponse:
    """The newest mails, newest first; with `?to=` those to one address."""
    mails = _mails()
    if recipient := request.GET.get("to", "").replace("\0", ""):
        mails = mails.filter(recipient__iexact=recipient)
    issues = _issue_mails()
    if recipient:
        issues = issues.filter(subscriber__email__iexact=recipient)
    found: list[dict[str, Any]] = [
        {"to": row.recipient, "at": row.created_at, "pk": row.pk, "subject": mail.subject(row)} for row in mails[:SHOWN]
    ]
    found += [
        {"to": row.subscriber.email, "at": row.sent_at, "issue": row.pk, "subject": row.edition.subject}
        for row in issues.order_by("-sent_at", "-pk")[:SHOWN]
        if row.subscriber
    ]
    found.sort(key=lambda letter: letter["at"], reverse=True)
    return render(request, "site/mailbox.html", {"letters": found[:SHOWN], "to": recipient, "robots": "noindex"})


def _issue_mails() -> QuerySet[Delivery]:
    _mails()  # 404 where there is no such mailbox
    sent = Delivery.objects.filter(state=Delivery.State.SENT, subscriber__isnull=False, edition__redacted_at=None)
    return sent.select_related("edition", "subscriber")


def _issue_mail(pk: int) -> tuple[Delivery, str, str]:
    """A delivery, and its mail's text and HTML, read from the bytes that left."""
    delivery = get_object_or_404(_issue_mails(), pk=pk)
    read = message_from_bytes(letters.sent(delivery), policy=default)
    text, html = (read.get_body([kind]) for kind in ("plain", "html"))
    return delivery, text.get_content() if text else "", html.get_content() if html else ""


@secret_page
@csp_override({**settings.SECURE_CSP, "frame-src": [CSP.SELF]})
def issue_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """A mail of an issue."""
    delivery, text, _html = _issue_mail(pk)
    context = {
        "mail": {
            "recipient": delivery.subscriber.email if delivery.subscriber else "",
            "created_at": delivery.sent_at,
            "language": delivery.edition.language,
        },
        "rendered": {"subject": delivery.edition.subject, "text": text},
        "html": reverse("mailbox:issue_html", args=[pk]),
        "robots": "noindex",
    }
    return render(request, "site/letter.html", context)


@secret_page
@csp_override({**settings.SECURE_CSP, "frame-src": [CSP.SELF]})
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: its headers, the text part, and the HTML part in a frame of its own."""
    row = get_object_or_404(_mails(), pk=pk)
    files = [name for name, _content, _type in mail.attached(row)]
    html = reverse("mailbox:html", args=[pk])
    context = {"mail": row, "rendered": mail.render(row), "html": html, "files": files, "robots": "noindex"}
    return render(request, "site/letter.html", context)


framed = csp_override(
    {
        "default-src": [CSP.NONE],
        "style-src": [CSP.UNSAFE_INLINE],  # the styles of mails are inline
        "img-src": [CSP.SELF],
        "base-uri": [CSP.SELF],
        "frame-ancestors": [CSP.SELF],
    }
)


def _in_the_window(html: str) -> HttpResponse:
    return HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))


@secret_page
@xframe_options_sameorigin
@framed
def issue_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part of a mail of an issue."""
    return _in_the_window(_issue_mail(pk)[2])


@secret_page
@xframe_options_sameorigin
@framed
def letter_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part as it was made; its links open in the window, not in the frame."""
    row = get_object_or_404(_mails(), pk=pk)
    return _in_the_window(mail.render(row).html)


@secret_page
def letter_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """An attachment of the mail."""
    files = mail.attached(get_object_or_404(_mails(), pk=pk))
    if number >= len(files):
        raise Http404
    name, content, media_type = files[number]
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name)}
    return HttpResponse(content, content_type=media_type, headers=headers)
