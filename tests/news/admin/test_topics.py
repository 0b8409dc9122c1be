"""The forms of topics and authors: addresses that are made, follow, and stay."""

from typing import Any

import pytest
from django.test import Client

from news.models import Author, Topic
from tests.factories import make_article, make_author, make_shown_topic, make_topic, publish
from tests.news.newsroom import client_of

pytestmark = pytest.mark.django_db


def save(client: Client, kind: str, row: Topic | Author, **changes: Any) -> None:
    url = f"/admin/news/{kind}/{row.pk}/change/"
    form = client.get(url).context["adminform"].form
    data = {bound.html_name: bound.value() for bound in form if bound.value() is not None}
    response = client.post(url, data | changes)
    assert response.status_code == 302, response.context["errors"]
    row.refresh_from_db()


def test_the_address_of_a_topic_follows_its_name_until_readers_have_it() -> None:
    publisher, draft, shown = client_of("publisher"), make_topic("Open Data"), make_shown_topic("Verkehr")
    save(publisher, "topic", draft, name_de="Offene Daten")
    assert (draft.slug_de, draft.slug_en) == ("offene-daten", "open-data")
    save(publisher, "topic", draft, slug_de="eigene")
    save(publisher, "topic", draft, name_de="Noch anders")
    assert draft.slug_de == "eigene"
    save(publisher, "topic", shown, name_de="Mobilität")
    assert shown.slug_de == "verkehr"


def test_the_address_of_an_author_follows_the_name_until_readers_have_it() -> None:
    publisher = client_of("publisher")
    draft = make_author("Kim Mond", slug="kim-mond")
    save(publisher, "author", draft, name="Kim Sonne")
    assert draft.slug == "kim-sonne"
    shown = Author.objects.create(name="Jana Wetterau", slug="jana-wetterau")
    publish(make_article(author=shown))
    save(publisher, "author", shown, name="Jana Meer")
    assert shown.slug == "jana-wetterau"
