"""The demo site: filled once for this module, then read."""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.utils.html import strip_tags

from news import demo, translating
from news.models import Article, Confirmation, Image, Publication, Topic
from sccon.clock import database_now
from tests.databases import empty_tables
from tests.factories import make_article

LANGUAGES = ("de", "en")


@pytest.fixture(scope="module")
def media(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Fills the demo; the directory that its pictures lie in."""
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock():
        with override_settings(MEDIA_ROOT=str(folder)):
            call_command("demo", stdout=StringIO())
        yield folder
        empty_tables()


@pytest.fixture
def filled(media: Path, settings: Any, db: None) -> None:
    settings.MEDIA_ROOT = str(media)


def public(language: str) -> list[Publication]:
    return list(Publication.objects.public(language, database_now()).news())


def words(publication: Publication) -> int:
    return len(strip_tags(f"{publication.lead} {publication.body}").split())


@pytest.mark.django_db
def test_a_site_with_articles_of_its_own_is_left_alone():  # first: the others share a filled site
    make_article("Eigenes")
    with pytest.raises(CommandError, match="This site has articles of its own"):
        call_command("demo")
    assert Article.objects.count() == 1


def test_it_has_articles_enough_in_both_languages(filled: None):
    assert len(public("de")) >= 24
    assert len(public("en")) >= 16
    assert Topic.objects.exclude(name_de=None).exclude(name_en=None).count() >= 8
    assert Image.objects.count() >= 22


def test_its_articles_are_real_texts(filled: None):
    german = public("de")
    assert min(words(text) for text in german) >= 100
    assert sum(words(text) >= 350 for text in german) >= 12
    assert sum(all(f"<{tag}" in text.body for tag in ("h2", "blockquote", "figure")) for text in german) >= 5


def test_it_has_every_kind_of_article_and_the_pages_a_site_needs(filled: None):
    assert set(Publication.objects.values_list("kind", flat=True)) == set(Article.Kind.values)
    for language in LANGUAGES:
        pages = Publication.objects.public(language, database_now()).filter(kind=Article.Kind.PAGE)
        assert set(pages.values_list("role", flat=True)) == set(Article.Role.values)


def test_its_pictures_say_what_they_show_in_both_languages(filled: None):
    incomplete = [
        image.file.name
        for image in Image.objects.all()
        if not (image.alt_de and image.alt_en and image.caption_de and image.caption_en and image.credit)
    ]
    assert incomplete == []


def test_filling_it_twice_changes_nothing(filled: None):
    before = list(Publication.objects.order_by("pk").values()), list(Article.objects.order_by("pk").values())
    output = StringIO()
    call_command("demo", stdout=output)
    assert "The demo is there already." in output.getvalue()
    assert (list(Publication.objects.order_by("pk").values()), list(Article.objects.order_by("pk").values())) == before


def test_every_internal_link_leads_to_a_page_and_languages_name_each_other(filled: None):
    """All that can be reached from the two home pages, pictures and files among it."""
    client = Client()
    seen: set[str] = set()
    waiting = ["/de/", "/en/"]
    broken = []
    languages: dict[str, dict[str, str]] = {}
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        response = client.get(path)
        content = response.getvalue()
        if response.status_code != 200:
            broken.append((path, response.status_code))
        elif response["Content-Type"].startswith("text/html"):
            page = content.decode()
            languages[path] = {language: url.replace("&amp;", "&") for language, url in ALTERNATE.findall(page)}
            links = re.findall(r'(?:href|src)="([^"#]+)', page)
            links += [part.split()[0] for text in re.findall(r'srcset="([^"]+)"', page) for part in text.split(", ")]
            waiting += [to_path(link, path) for link in links if is_ours(link)]
    assert broken == []
    assert len([path for path in seen if "/news/" in path]) > 60
    assert one_sided(languages) == []


ALTERNATE = re.compile(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]*)">')


def one_sided(languages: dict[str, dict[str, str]]) -> list[str]:
    """The pages that name another language whose page is not there, or names other languages than they do."""
    found = []
    for path, named in languages.items():
        pages = [url.removeprefix(settings.SITE_URL) for language, url in named.items() if language != "x-default"]
        if any(languages.get(page) != named for page in pages) or named.get("de") != named.get("x-default"):
            found.append(path)
    return found


def is_ours(link: str) -> bool:
    return not re.match(r"(https?:|mailto:|tel:|data:|/static/)", link)


def to_path(link: str, page: str) -> str:
    """The path that `link` means on `page`."""
    link = link.replace("&amp;", "&")
    if link.startswith("/"):
        return link
    return page.partition("?")[0] + link.removeprefix("./")


def test_every_file_of_the_demo_is_used(filled: None):
    texts = {path.name for path in (demo.HERE / "articles").glob("*.toml")}
    pictures = {path.stem for path in (demo.HERE / "pictures").iterdir()}
    assert Article.objects.count() == len(texts)
    assert {Path(image.file.name).stem for image in Image.objects.all()} == pictures


def test_some_translations_are_outdated_and_some_were_confirmed(filled: None):
    outdated = set(Article.objects.filter(pk__in=translating.outdated()).values_list("slug_de", flat=True))
    assert outdated == {"anreise-hub27-halle-25", "gute-vorschlaege-fuer-die-buehne", "48-stunden-hackathon"}
    assert list(Confirmation.objects.values_list("article__slug_de", flat=True)) == ["ki-pilot-fuenf-fragen"]
