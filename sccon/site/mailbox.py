"""The demo's mailbox: without a relay, mails are read and their links clicked here."""

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.csp import CSP
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override

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
    letters = [{"mail": row, "subject": mail.subject(row)} for row in mails[:SHOWN]]
    return render(request, "site/mailbox.html", {"letters": letters, "to": recipient, "robots": "noindex"})


@secret_page
@csp_override({**settings.SECURE_CSP, "frame-src": [CSP.SELF]})
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: its headers, the text part, and the HTML part in a frame of its own."""
    row = get_object_or_404(_mails(), pk=pk)
    files = [name for name, _content, _type in mail.attached(row)]
    context = {"mail": row, "rendered": mail.render(row), "files": files, "robots": "noindex"}
    return render(request, "site/letter.html", context)


@secret_page
@xframe_options_sameorigin
@csp_override(
    {
        "default-src": [CSP.NONE],
        "style-src": [CSP.UNSAFE_INLINE],  # the styles of mails are inline
        "img-src": [CSP.SELF],
        "base-uri": [CSP.SELF],
        "frame-ancestors": [CSP.SELF],
    }
)
def letter_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part as it was made; its links open in the window, not in the frame."""
    row = get_object_or_404(_mails(), pk=pk)
    return HttpResponse(mail.render(row).html.replace("<head>", '<head><base target="_top">', 1))


@secret_page
def letter_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """An attachment of the mail."""
    files = mail.attached(get_object_or_404(_mails(), pk=pk))
    if number >= len(files):
        raise Http404
    name, content, media_type = files[number]
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name)}
    return HttpResponse(content, content_type=media_type, headers=headers)
