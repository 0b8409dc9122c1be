"""What a publisher approved for later stays as it was approved, and nobody learns of it before."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from news.models import Image
from news.pictures import library
from news.pictures.library import UploadRefused, clean_upload
from news.publishing.publications import withdraw
from news.publishing.shared import may_change
from sccon.clock import database_now
from tests.factories import make_article, make_author, make_image, make_topic, make_user, picture_bytes, publish

pytestmark = pytest.mark.django_db


def later():
    return database_now().replace(year=2031)


@pytest.mark.parametrize("kind", ["image", "topic", "author"])
def test_an_editor_cannot_change_what_a_planned_text_shows(kind: str):
    thing = {"image": make_image, "topic": make_topic, "author": make_author}[kind]()
    parts = {"topics": [thing]} if kind == "topic" else {kind: thing}
    article = make_article(**parts)
    editor, publisher = make_user("editor"), make_user("publisher")
    assert may_change(editor, thing, database_now()), "a draft alone binds nobody"
    publish(article, at=later())
    assert not may_change(editor, thing, database_now())
    assert may_change(publisher, thing, database_now())
    client = Client()
    client.force_login(editor)
    address = reverse(f"admin:news_{kind}_change", args=[thing.pk])
    assert client.post(address, {}).status_code == 403
    assert "1 " in client.get(address).context["usage_sentence"]
    withdraw(article, ["de"], by=None, reason="doch nicht")
    assert may_change(editor, thing, database_now())


def test_a_file_of_a_draft_is_for_those_who_see_drafts():
    image: Image = make_image()
    address = f"/media/{image.jpeg.name}"
    for groups, status in (((), 404), (("tickets",), 404), (("newsletter",), 404), (("editor",), 200)):
        client = Client()
        client.force_login(make_user(*groups))
        response = client.get(address)
        response.getvalue()  # read to its end, a stream closes its file
        assert response.status_code == status, groups


def test_a_topic_of_planned_texts_only_shows_nowhere():
    secret = make_topic("Geheime Fusion")
    secret.slug_de = "fusion"
    secret.save()
    article = make_article(topics=[secret], slug_de="ankuendigung")
    publish(make_article(topics=[make_topic("Offene Daten")]))
    client = Client()
    addresses = [
        *("/de/news/topics/geheime-fusion/", "/de/news/topics/fusion/", "/de/news/?topic=fusion", "/de/newsletter/"),
        *(
            reverse("news:topic_feed_atom", args=["fusion"]),
            "/de/news/",
            "/de/news/search/?q=fusion",
            "/sitemap-topics.xml",
        ),
    ]
    for moment in (None, later()):
        if moment:
            publish(article, at=moment)
        for address in addresses:
            response = client.get(address)
            assert "Fusion" not in response.text.replace("fusion", ""), address
            assert response.status_code in {200, 404}, address
    publish(article)
    assert "Geheime Fusion" in client.get("/de/news/topics/fusion/").text
    assert client.get("/de/news/topics/geheime-fusion/").status_code == 301


def test_a_picture_waits_for_its_turn_and_then_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(library, "PATIENCE", 0.05)
    upload = SimpleUploadedFile("a.png", picture_bytes())
    with library.DECODING, pytest.raises(UploadRefused):
        clean_upload(upload)
    assert clean_upload(upload).width == 60
