"""The checks while somebody writes, over HTTP: of the form as it stands, without a save."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from news.models import Article
from news.publishing import publications
from sccon.clock import database_now
from tests.factories import make_article, make_image, make_topic, publish
from tests.news.admin_forms import filled
from tests.news.newsroom import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    return client_of("editor")


def told(client: Client, article: Article | None, **changes: Any) -> dict[str, str]:
    base = f"/admin/news/article/{article.pk}/" if article else "/admin/news/article/add/"
    form = filled(client, base + "change/" if article else base, **changes)
    response = client.post(base + "checks/", form)
    assert response.status_code == 200
    return response.json()


def test_what_is_typed_is_checked_and_not_saved(editor: Client) -> None:
    article = make_article(topics=[])
    assert "No topic is chosen." in told(editor, article)["checks"]
    topic = make_topic("Verkehr")
    now = told(editor, article, topics=[topic.pk], title_de="T" * 91, lead_de="", body_en="<p><br></p>")
    assert "No topic is chosen." not in now["checks"]
    assert "The title is longer than 90 characters" in now["checks"]
    assert "The lead is missing" in now["checks"]
    assert "The text is missing." in now["checks"]
    assert "4 of 7; missing:" in now["complete-en"]
    assert 'href="#id_lead_de"' in now["complete-de"]
    article.refresh_from_db()
    assert (article.version, article.title_de, article.article_topics.count()) == (0, "Meldung", 0)


def test_a_new_article_grows_complete(editor: Client) -> None:
    assert "0 of 7" in told(editor, None)["complete-de"]
    image, topic = make_image(), make_topic()
    whole = {"title_de": "T", "lead_de": "L", "body_de": "<p>Text</p>", "image": image.pk, "topics": [topic.pk]}
    assert "complete: 7 of 7" in told(editor, None, **whole)["complete-de"]
    assert not Article.objects.exists()


def test_what_a_form_refuses_is_checked_all_the_same(editor: Client) -> None:
    topics = [make_topic(f"Thema {number}").pk for number in range(4)]
    assert "The title is longer" in told(editor, None, title_de="T" * 400, topics=topics)["checks"]


SAYS = {
    "free": "German can be published.",
    "public": "German is public, and the draft says the same.",
    "planned": "German is planned, and the draft says the same.",
}


def said(page: str) -> set[str]:
    return {word for word, sentence in SAYS.items() if sentence in page}


def test_what_is_public_or_planned_as_it_stands_is_not_offered_again(editor: Client) -> None:
    topic, other, related = make_topic("Verkehr"), make_topic("Wald"), make_article("Daneben")
    article = make_article(topics=[topic])
    address = f"/admin/news/article/{article.pk}/change/"
    assert said(editor.get(address).text) == said(told(editor, article)["checks"]) == {"free"}
    publish(article)
    assert said(editor.get(address).text) == said(told(editor, article)["checks"]) == {"public"}
    for changes in (
        {"title_de": "Anders"},
        {"body_de": "<p>Anders.</p>"},
        {"topics": [topic.pk, other.pk]},
        {"related": [related.pk]},
        {"attachments-0-file-name": "Liste.pdf", "attachments-0-file-size": "9", "attachments-0-title_de": "Liste"},
        {"seo_title_de": "Für Suchmaschinen"},
    ):
        assert said(told(editor, article, **changes)["checks"]) == {"free"}, changes
    assert said(told(editor, article, title_en="Changed")["checks"]) == {"public"}
    assert "German is public. Before the draft can replace it" in told(editor, article, body_de="")["checks"]
    Article.objects.filter(pk=article.pk).update(title_de="Später anders")
    article.refresh_from_db()
    assert said(editor.get(address).text) == {"free"}
    publish(article, at=database_now() + timedelta(days=1))
    assert said(editor.get(address).text) == said(told(editor, article)["checks"]) == {"planned"}
    assert "German is planned. Before the draft can replace the plan" in told(editor, article, body_de="")["checks"]
    publications.withdraw(article, ["de"], by=None, reason="Weg")
    assert said(editor.get(address).text) == said(told(editor, article)["checks"]) == {"free"}
