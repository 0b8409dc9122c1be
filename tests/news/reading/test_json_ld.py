"""What machines read of an article, as a parser of theirs finds it in the page."""

from datetime import UTC, datetime
from typing import Any

import extruct
import pytest
from django.test import Client

from news.pictures.share_pictures import draw_share_picture
from tests.factories import make_article, make_author, make_image, make_topic, publish

pytestmark = pytest.mark.django_db

SITE = "https://www.example.org"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = SITE


def things(client: Client, path: str) -> dict[str, dict[str, Any]]:
    """By type, what the page's JSON-LD speaks of."""
    page = client.get(path).content.decode()
    [block] = extruct.extract(page, base_url=SITE + path, syntaxes=["json-ld"], errors="strict")["json-ld"]
    assert block["@context"] == "https://schema.org"
    return {thing["@type"]: thing for thing in block["@graph"]}


def test_an_article_says_all_that_search_engines_ask_for(client: Client):
    image = make_image()
    article = make_article(
        "Die „D16“ & ihr </script><b>Ziel",
        slug_en="d16",
        image=image,
        author=make_author("Jana Wetterau", role_de="Redakteurin", role_en="Editor"),
        topics=[make_topic("Offene Daten", name_en="Open data", slug_en="open-data"), make_topic("Cloud")],
    )
    story = publish(article, "en", first_published_at=datetime(2025, 5, 1, tzinfo=UTC))
    draw_share_picture(story.pk)
    story.refresh_from_db()
    publisher = {
        "@type": "Organization",
        "name": "Smart Country Convention",
        "url": SITE,
        "logo": {"@type": "ImageObject", "url": f"{SITE}/static/images/icon-512.png", "width": 512, "height": 512},
    }
    address = f"{SITE}/en/news/d16/"
    title = "Die „D16“ & ihr </script><b>Ziel (English)"

    found = things(client, "/en/news/d16/")

    assert found["NewsArticle"] == {
        "@type": "NewsArticle",
        "headline": title,
        "description": "The lead.",
        "image": [f"{SITE}/media/{story.share_picture.file.name}", f"{SITE}/media/{image.jpeg.name}"],
        "inLanguage": "en",
        "datePublished": "2025-05-01T00:00:00+00:00",
        "dateModified": "2025-05-01T00:00:00+00:00",
        "articleSection": ["Open data", "Cloud"],
        "author": {
            "@type": "Person",
            "name": "Jana Wetterau",
            "jobTitle": "Editor",
            "url": f"{SITE}/en/news/authors/{article.author.slug}/",
        },
        "publisher": publisher,
        "mainEntityOfPage": {"@type": "WebPage", "@id": address},
        "url": address,
        "isAccessibleForFree": True,
    }
    steps = [(item["position"], item["name"], item["item"]) for item in found["BreadcrumbList"]["itemListElement"]]
    assert steps == [
        (1, "Smart Country Convention", f"{SITE}/en/"),
        (2, "News", f"{SITE}/en/news/"),
        (3, "Open data", f"{SITE}/en/news/topics/open-data/"),
        (4, title, address),
    ]


def test_without_author_and_picture_the_house_stands_for_both(client: Client):
    publish(make_article(slug_de="eins"))
    article = things(client, "/de/news/eins/")["NewsArticle"]
    assert article["author"] == article["publisher"]
    assert "image" not in article


def test_new_content_moves_the_date_and_a_typo_does_not(client: Client):
    article = make_article(slug_de="eins")
    first = publish(article).first_published_at.isoformat()
    publish(article)
    assert things(client, "/de/news/eins/")["NewsArticle"]["dateModified"] == first
    updated = publish(article, substantial=True).updated_at
    found = things(client, "/de/news/eins/")["NewsArticle"]
    assert (found["datePublished"], found["dateModified"]) == (first, updated.isoformat())


def test_a_topic_says_where_it_stands(client: Client):
    publish(make_article(topics=[make_topic("Open Data")]))
    steps = things(client, "/de/news/topics/open-data/")["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in steps] == ["Smart Country Convention", "Aktuelles", "Open Data"]


def test_a_legal_page_is_no_news(client: Client):
    publish(make_article(kind="page", slug_de="impressum"))
    assert "ld+json" not in client.get("/de/impressum/").content.decode()
