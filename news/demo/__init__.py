"""The demo's news: loads articles, topics, authors and pictures from the files in this folder."""

import tomllib
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from news.models import Article, Author, Image, Pin, Topic
from news.pictures.library import create_image
from news.publishing.publications import publish
from news.versions import translating
from news.versions.written import translated
from news.writing import drafting
from sccon.translated import LANGUAGES

HERE = Path(__file__).parent
BERLIN = ZoneInfo("Europe/Berlin")


class NotEmpty(Exception):
    """The database has articles that are not the demo's."""


@transaction.atomic
def fill() -> int:
    """Adds the demo to an empty site and publishes it; returns the number of articles added.

    Does nothing if it is there already. Raises `NotEmpty` if there are other articles.
    """
    texts = {path.stem: tomllib.loads(path.read_text()) for path in sorted((HERE / "articles").glob("*.toml"))}
    ours = {text["de"]["slug"] for text in texts.values()}
    there = set(Article.objects.values_list("slug_de", flat=True))
    if there - ours:
        raise NotEmpty("This site has articles of its own; the demo is only for an empty one.")
    if there:
        return 0
    topics = _topics()
    authors = _authors()
    pictures = _pictures()
    articles = {}
    for key, text in sorted(texts.items(), key=lambda item: item[1]["date"]):
        articles[key] = _article(text, topics, authors, pictures)
    for key, text in texts.items():
        if related := [articles[other] for other in text.get("related", [])]:
            drafting.save(articles[key], version=1, by=None, related=related)
    for key, text in sorted(texts.items(), key=lambda item: item[1]["date"]):
        _publish(articles[key], text)
    for key, correction in _read("corrections.toml").items():
        _correct(articles[key], correction)
    return len(articles)


def _publish(article: Article, text: dict) -> None:
    """Publishes the text with its own date; plans it if it has `plan_in_days`; leaves a `draft` unpublished."""
    languages = [language for language in LANGUAGES if language in text]
    if text.get("draft"):
        return
    if days := text.get("plan_in_days"):
        morning = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)
        publish(article, languages, by=None, at=morning + timedelta(days=days))
        return
    publish(article, languages, by=None, first_published_at=text["date"].replace(tzinfo=BERLIN))
    if text.get("pin"):
        Pin.objects.create(article=article, position=text["pin"])


def _correct(article: Article, correction: dict) -> None:
    """Changes German words of the text, with or without effect on the English."""
    was = article.text("body", "de")
    article.body_de = was.replace(correction["was"], correction["is"])
    if article.body_de == was:
        raise ValueError(f"{article} does not say “{correction['was']}”.")
    spares = correction.get("spares_translations", False)
    drafting.save(article, version=article.version, by=None, spares_translations=spares)
    if correction.get("confirmed"):
        translating.confirm(article, version=article.version, by=None)
    if correction.get("publish"):
        publish(article, ["de"], by=None)


def _read(name: str) -> dict[str, dict]:
    return tomllib.loads((HERE / name).read_text())


def _topics() -> dict[str, Topic]:
    return {key: Topic.objects.create(**fields) for key, fields in _read("topics.toml").items()}


def _authors() -> dict[str, Author]:
    return {
        key: Author.objects.create(slug=drafting.slug_of(fields["name"]), **fields)
        for key, fields in _read("authors.toml").items()
    }


def _pictures() -> dict[str, Image]:
    pictures = {}
    for key, fields in _read("pictures.toml").items():
        path = HERE / "pictures" / fields.pop("file")
        with path.open("rb") as opened:
            pictures[key] = create_image(File(opened, name=path.name), by=None, **fields)
    return pictures


def _article(text: dict, topics: dict[str, Topic], authors: dict[str, Author], pictures: dict[str, Image]) -> Article:
    article = Article(
        kind=text["kind"],
        role=text.get("role"),
        image=pictures[text["picture"]] if "picture" in text else None,
        image_position=text.get("picture_position", "top"),
        author=authors[text["author"]] if "author" in text else None,
        event_last_day=text.get("event_last_day"),
    )
    for language in LANGUAGES:
        for name in translated():
            value = text.get(language, {}).get(name)
            if name == "body" and value:
                for key, picture in pictures.items():
                    value = value.replace(f'data-image="{key}"', f'data-image="{picture.pk}"')
            setattr(article, f"{name}_{language}", value)
    chosen = [topics[key] for key in text.get("topics", [])]
    return drafting.save(article, version=0, by=None, topics=chosen)
