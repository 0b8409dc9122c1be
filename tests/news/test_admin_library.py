"""Pictures, topics, authors and records in the admin."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from news.models import Author, Image, Publication, Topic
from news.publishing import withdraw
from tests.factories import make_article, make_author, make_image, make_topic, make_user, picture_bytes, publish

pytestmark = pytest.mark.django_db


def client_of(*groups: str) -> Client:
    client = Client()
    client.force_login(make_user(*groups, language="en"))
    return client


@pytest.fixture
def editor() -> Client:
    return client_of("editor")


@pytest.fixture
def publisher() -> Client:
    return client_of("publisher")


def words(image: Image, **changes: Any) -> dict[str, Any]:
    return {
        "alt_de": image.alt_de or "",
        "alt_en": image.alt_en or "",
        "credit": image.credit,
        "focal_x": image.focal_x,
        "focal_y": image.focal_y,
    } | changes


# --- Pictures ---------------------------------------------------------------------------------


def test_picture_is_uploaded_with_its_words(editor: Client) -> None:
    upload = SimpleUploadedFile("Bühne.png", picture_bytes(80, 40))
    response = editor.post(
        "/admin/news/image/add/", {"file": upload, "alt_de": "Eine Bühne", "alt_en": " ", "credit": "Foto: wir"}
    )
    image = Image.objects.get()
    assert response.url == f"/admin/news/image/{image.pk}/change/"
    assert (image.alt_de, image.alt_en, image.credit, image.width, image.height) == (
        "Eine Bühne",
        None,
        "Foto: wir",
        80,
        40,
    )
    assert image.uploaded_by is not None
    assert ProcrastinateJob.objects.filter(task_name="news.make_renditions").count() == 1


def test_file_that_is_no_picture_is_refused_beside_the_field(editor: Client) -> None:
    upload = SimpleUploadedFile("bild.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    response = editor.post("/admin/news/image/add/", {"file": upload, "alt_de": "Getippt"})
    form = response.context["adminform"].form
    assert form.errors["file"][0].startswith("SVG drawings can carry programs")
    assert "Getippt" in response.text
    assert not Image.objects.exists()


def test_focal_point_is_moved_and_new_renditions_are_ordered(editor: Client) -> None:
    image = make_image()
    ProcrastinateJob.objects.all()._raw_delete("default")
    editor.post(f"/admin/news/image/{image.pk}/change/", words(image, focal_x="0.25", focal_y="0.75"))
    image.refresh_from_db()
    assert (image.focal_x, image.focal_y) == (0.25, 0.75)
    assert ProcrastinateJob.objects.filter(task_name="news.make_renditions", status="todo").count() == 1


def test_changed_words_order_no_renditions(editor: Client) -> None:
    image = make_image()
    ProcrastinateJob.objects.all()._raw_delete("default")
    editor.post(f"/admin/news/image/{image.pk}/change/", words(image, alt_de="Neu"))
    image.refresh_from_db()
    assert (image.alt_de, ProcrastinateJob.objects.count()) == ("Neu", 0)


def test_decorative_picture_has_no_alternative_text(editor: Client) -> None:
    image = make_image()
    response = editor.post(f"/admin/news/image/{image.pk}/change/", words(image, decorative="on"))
    assert "decorative" in response.context["adminform"].form.errors


def test_used_picture_is_not_deleted(publisher: Client) -> None:
    inside, above, free = make_image("a.png"), make_image("b.png"), make_image("c.png")
    make_article(image=above, body_de=f'<figure data-image="{inside.pk}"></figure><p>Text</p>')
    for image, status in ((inside, 403), (above, 403), (free, 302)):
        assert publisher.post(f"/admin/news/image/{image.pk}/delete/", {"post": "yes"}).status_code == status
    assert set(Image.objects.all()) == {inside, above}


@pytest.mark.parametrize(
    ("use", "expected"),
    [("public", {"shown", "inside"}), ("draft", {"shown", "drafted"}), ("none", {"free"}), ("no-alt", {"free"})],
)
def test_library_is_filtered_by_use(editor: Client, use: str, expected: set[str]) -> None:
    images = {name: make_image(f"{name}.png") for name in ("shown", "inside", "drafted")}
    images["free"] = make_image("free.png", alt_en=None)
    publish(
        make_article(image=images["shown"], body_de=f'<figure data-image="{images["inside"].pk}"></figure><p>T</p>')
    )
    make_article(image=images["drafted"])
    rows = editor.get("/admin/news/image/", {"use": use}).context["cl"].result_list
    assert {str(image) for image in rows} == expected


# --- What articles share ----------------------------------------------------------------------


@pytest.fixture
def shared() -> dict[str, Any]:
    """A picture, a topic and an author of one article that is still a draft."""
    topic, author, image = make_topic("Teilhabe"), make_author(), make_image()
    article = make_article(topics=[topic], author=author, image=image)
    return {"article": article, "topic": topic, "author": author, "image": image}


def test_editor_changes_what_only_drafts_show(editor: Client, shared: dict[str, Any]) -> None:
    page = editor.get(f"/admin/news/author/{shared['author'].pk}/change/").text
    assert "No public page shows it" in page
    editor.post(f"/admin/news/author/{shared['author'].pk}/change/", {"name": "Neuer Name"})
    assert Author.objects.get().name == "Neuer Name"


@pytest.mark.parametrize("kind", ["topic", "author", "image"])
def test_once_public_only_publishers_change_it(shared: dict[str, Any], kind: str) -> None:
    publish(shared["article"], "de", "en")
    address = f"/admin/news/{kind}/{shared[kind].pk}/change/"
    editor, publisher = client_of("editor"), client_of("publisher")
    page = editor.get(address)
    assert "It shows on 2 public pages: only those who may publish can change it." in page.text
    assert 'name="_save"' not in page.text
    assert editor.post(address, {}).status_code == 403
    page = publisher.get(address)
    assert "It shows on 2 public pages: changes are seen there at once." in page.text
    assert 'name="_save"' in page.text


def test_after_the_withdrawal_editors_may_change_it_again(editor: Client, shared: dict[str, Any]) -> None:
    publish(shared["article"])
    withdraw(shared["article"], ["de"], by=None, reason="Falsch")
    assert 'name="_save"' in editor.get(f"/admin/news/topic/{shared['topic'].pk}/change/").text


# --- Topics -----------------------------------------------------------------------------------


def test_topic_gets_its_addresses_from_its_names(editor: Client) -> None:
    given = {"name_de": "Größe & Maß", "name_en": "Size", "accent": "teal"}
    editor.post("/admin/news/topic/add/", given)
    assert Topic.objects.values_list("slug_de", "slug_en").get() == ("groesse-mass", "size")


def test_topic_never_takes_an_address_another_had(editor: Client) -> None:
    topic = make_topic("Alt")
    Topic.objects.filter(pk=topic.pk).update(slug_de="neu")
    response = editor.post("/admin/news/topic/add/", {"name_de": "Alt", "accent": "teal"})
    assert response.context["adminform"].form.errors == {"slug_de": ["Another topic has, or had, this address."]}


# --- Records ----------------------------------------------------------------------------------


def test_records_are_read_and_not_changed() -> None:
    publication = publish(make_article())
    chief = Client()
    chief.force_login(make_user(is_superuser=True, language="en"))
    address = f"/admin/news/publication/{publication.pk}"
    page = chief.get(f"{address}/change/")
    assert publication.title in page.text
    assert 'name="_save"' not in page.text
    assert chief.post(f"{address}/change/", {"title": "x"}).status_code == 403
    assert chief.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert chief.get("/admin/news/publication/add/").status_code == 403
    assert Publication.objects.get().title == publication.title
    assert chief.get("/admin/news/publication/").status_code == 200
    assert chief.get("/admin/news/withdrawal/").status_code == 200
    assert chief.get("/admin/news/pin/").status_code == 200
