"""Every page of the admin, walked in German as those see it who may do everything and those who may only look."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from babel.messages.pofile import read_po
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.utils.functional import Promise

from news.models import Publication
from sccon import translations
from sccon.clock import database_now
from tests import admin_addresses
from tests.factories import make_article, make_image, make_topic, make_user

pytestmark = pytest.mark.django_db

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
HEARD = ("alt", "title", "placeholder", "aria-label")  # and what a button is called
ENGLISH = re.compile(
    r"\b(the|of|by|and|to|for|with|this|that|your|is|are|be|been|from|or|None|True|False|Search|Pagination|Select"
    r"|Delete|Change|View|Enabled|Disabled|Created|Published|English|German|Author|Article|Address|Close|Save|Yes)\b"
)
OURS = {"Tickets", "Newsletter", "Open Data", "Test", "Text", "Name", "Link"}  # the same in both
GIVEN = re.compile(r"^picture\b|\bsccon\.\w+|\bnews\.\w+")  # names of a file, and of jobs


class Words(HTMLParser):
    """What a page says in the language of its reader: without scripts, what was typed, and what has a language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent: list[str] = []  # open elements within one that does not count

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        foreign = given.get("lang") not in (None, "de") or tag in {"script", "style", "template", "textarea", "code"}
        if tag not in VOID and (self.silent or foreign):
            self.silent.append(tag)
        if not self.silent and not foreign:
            self.found += [given[name] or "" for name in HEARD if name in given]
            if given.get("type") in {"submit", "button"}:
                self.found.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag in self.silent:
            while self.silent.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.found.append(" ".join(data.split()))


def untranslated() -> set[str]:
    """Source strings that are called otherwise in German."""
    with (translations.ROOT / "locale/de/LC_MESSAGES/django.po").open("rb") as source:
        messages = [message for message in read_po(source, locale="de") if isinstance(message.id, str) and message.id]
    german = {str(message.string) for message in messages}
    return {message.id for message in messages if message.id != message.string} - german - OURS


def pages(client: Client, things: dict[type[Model], Model], *, only_looks: bool) -> Iterator[tuple[str, Any]]:
    """Each address, looked at; forms sent empty; lists searched in vain, and asked to delete a row."""
    instant = {"path": things[Publication].path, "at": quote(database_now().isoformat())}  # type: ignore[attr-defined]
    for address in admin_addresses.every():
        if address.name in {"short", "unknown", "logout", "login", "sccon_user_account"}:  # there, a language is chosen
            continue
        if only_looks and not address.name.endswith("_change"):
            continue
        query = "?language=de&path={path}&at={at}".format(**instant) if address.name.endswith("_at_page") else ""
        url = address.at(admin_addresses.words_for(address, things)) + query
        yield url, client.get(url)
        if address.name.endswith(("_add", "_seller", "_import", "_withdraw", "user_password_change")):
            with transaction.atomic():
                yield f"POST {url}", client.post(url)
                transaction.set_rollback(True)
        if address.name.endswith("_changelist") and (thing := things.get(address.model)):  # type: ignore[arg-type]
            yield f"{url}?q=zzz", client.get(f"{url}?q=zzz")
            ticked = {"action": "delete_selected", "_selected_action": [thing.pk]}
            yield f"DELETE {url}", client.post(url, ticked)


@pytest.mark.parametrize("group", ["", "editor", "finance"])
def test_every_page_of_the_admin_is_german(group: str):
    things = admin_addresses.things()
    client = Client()
    client.force_login(make_user(*filter(None, [group]), is_superuser=not group, language="de"))
    known, wrong = untranslated(), {}
    for url, page in pages(client, things, only_looks=bool(group)):
        if page.status_code >= 400 or "html" not in page.get("Content-Type", "html"):
            continue
        words = Words()
        words.feed(page.content.decode())
        for said in words.found:
            if GIVEN.search(said):
                continue
            if ENGLISH.search(said) or said.rstrip(":") in known or "”" in said or re.search(r"\[(de|en)\]", said):
                wrong.setdefault(said, url)
            if "Uhr Uhr" in said:
                wrong.setdefault(said, url)
    assert not wrong, "\n".join(f"{said} ({url})" for said, url in wrong.items())


def test_every_field_that_the_admin_shows_has_a_name_of_its_own():
    """Without one, Django makes an English one from the code: "Published by"."""
    unnamed = []
    for model, shown in admin.site._registry.items():
        rows = [shown.list_display, shown.readonly_fields, shown.fields or ()]
        rows += [options["fields"] for _title, options in shown.fieldsets or ()]
        names = {str(name) for row in rows for name in row}
        for field in model._meta.get_fields():
            name = getattr(field, "verbose_name", None)
            ours = model.__module__.partition(".")[0] in {"news", "newsletter", "sccon", "tickets"}
            if ours and field.name in names and name and not isinstance(name, Promise) and name != name.upper():
                unnamed.append(f"{model.__name__}.{field.name}")
    assert unnamed == []


def test_a_delete_page_says_in_a_sentence_what_goes_with_it():
    client = Client()
    client.force_login(make_user(is_superuser=True, language="de"))
    image = make_image()
    page = client.get(f"/admin/news/image/{image.pk}/delete/").text
    assert "löschen?" in page
    assert "Gelöscht wird sofort und endgültig" in page
    assert "endition" not in page, "a table of the machinery"
    article = make_article("Nur ein Entwurf")
    page = client.get(f"/admin/news/article/{article.pk}/delete/").text
    assert "„Nur ein Entwurf“ löschen?" in page
    assert "ndex" not in page.partition('id="content-main"')[2]
    assert client.post(f"/admin/news/article/{article.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not type(article).objects.filter(pk=article.pk).exists()


def test_what_is_still_needed_is_not_deleted_and_the_page_says_where():
    client = Client()
    client.force_login(make_user(is_superuser=True, language="de"))
    topic = make_topic("Verkehr")
    for number in range(12):
        make_article(f"Bericht {number:02}", topics=[topic])
    page = client.get(f"/admin/news/topic/{topic.pk}/delete/").text
    assert "„Verkehr“ lässt sich nicht löschen" in page
    assert "Bericht 00" in page
    assert "Bericht 11" not in page
    assert "und 4 weitere" in page
    assert "Endgültig löschen" not in page
    client.post(f"/admin/news/topic/{topic.pk}/delete/", {"post": "yes"})
    topic.refresh_from_db()
