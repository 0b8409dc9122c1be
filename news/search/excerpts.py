"""Search snippets: the passage around the first match, matches in `<mark>`."""

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from news.search.finding import Text
from sccon.plain_text import first_sentences, words
from sccon.typography import soft_hyphens

BEFORE, AROUND = 80, 280  # characters


def marked(text: str, pattern: re.Pattern[str]) -> SafeString:
    """`text`, escaped, with the matches of `pattern` in `<mark>`."""
    pieces, end = [], 0
    for found in pattern.finditer(text):
        if found.start() < found.end():
            pieces += [escape(text[end : found.start()]), "<mark>", escape(found[0]), "</mark>"]
            end = found.end()
    return mark_safe("".join([*pieces, escape(text[end:])]))  # noqa: S308 – every piece of the text is escaped


def excerpt(shown: Text, pattern: re.Pattern[str]) -> SafeString:
    """The lead if it has a match, else the passage around the first match in the body, else the lead.

    Of a text without a lead, its first sentences stand for it.
    """
    text = shown.lead or first_sentences(shown.body)
    if not pattern.search(text):
        body = words(shown.body)
        if found := pattern.search(body):
            text = around(body, found.start())
    return marked(soft_hyphens(text), pattern)


def title(shown: Text, pattern: re.Pattern[str]) -> SafeString:
    return marked(soft_hyphens(shown.title), pattern)


def around(text: str, place: int) -> str:
    """The passage of `text` around `place`, cut between words."""
    start = text.rfind(" ", 0, max(0, place - BEFORE)) + 1 if place > BEFORE else 0
    end = len(text) if start + AROUND >= len(text) else max(text.rfind(" ", start, start + AROUND), place + 1)
    return f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"
