"""The mail as a mailbox will show it, for the frame beside the form and for staff who look at what was sent.

Each way to look changes only what the mailbox would: the bytes are those that leave.
"""

import re
from collections.abc import Sequence
from html import escape

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from newsletter.models import Edition, Issue, IssueItem

from .rendering import render

MODES = {
    "light": _("Light"),
    "dark": _("Dark"),
    "inverted": _("Forcibly inverted"),
    "blocked": _("Without pictures"),
    "bare": _("Without style blocks"),
    "text": _("Text part"),
}
MARK = "preview"

STYLE = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)
SOURCE = re.compile(r'(<img\b[^>]*?) src="[^"]*"(?: srcset="[^"]*")?')
DARK = "@media (prefers-color-scheme: dark)"
INVERTED = "<style>html { background: #fff; filter: invert(1) hue-rotate(180deg); } img { filter: invert(1) hue-rotate(180deg); }</style>"
ELSEWHERE = '<base target="_blank">'


def shown(issue: Issue, items: Sequence[IssueItem], language: str, mode: str) -> str:
    """The issue as it stands, seen in `mode`."""
    made = render(issue, items, language, mark=MARK, slug="preview" if issue.in_archive else "")
    if mode == "text":
        return _as_text(made.text, language)
    html = made.html
    for picture in made.pictures:
        crop = "card" if picture.ratio else "full"
        address = reverse("admin:newsletter_issue_picture", args=[picture.image.pk, crop])
        html = html.replace(picture.address, address).replace(picture.small_address, address)
    return _seen(html.replace(f"{MARK}-leave", "#").replace(f"{MARK}-preferences", "#"), mode)


def sent(edition: Edition) -> str:
    """What left, but for the two addresses that were each recipient's own."""
    html = edition.html
    for name in ("leave", "preferences"):
        html = html.replace(f"{edition.mark}-{name}", "#")
    return _seen(html, "light")


def _seen(html: str, mode: str) -> str:
    if mode == "bare":
        html = STYLE.sub("", html)
    elif mode == "dark":
        html = html.replace(DARK, "@media all")
    else:
        html = html.replace(DARK, "@media not all").replace('content="light dark"', 'content="light"')
    if mode == "blocked":
        html = SOURCE.sub(r'\1 src="data:,"', html)
    extra = INVERTED if mode == "inverted" else ""
    return html.replace("<head>", f"<head>{ELSEWHERE}{extra}", 1)


def _as_text(text: str, language: str) -> str:
    style = "margin: 0; padding: 16px; font: 14px/20px ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere"
    text = text.replace(f"{MARK}-leave", "https://…").replace(f"{MARK}-preferences", "https://…")
    return f'<!doctype html><html lang="{language}"><title>Text</title><pre style="{style}">{escape(text)}</pre></html>'
