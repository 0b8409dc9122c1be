"""Pictures, topics, authors and records in the admin."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from news.models import Author, Boilerplate, Image, Publication, Topic
from news.pictures.library import make_renditions, remove_old_renditions, rendition_key, replace_file
from news.publishing.publications import withdraw
from news.publishing.states import state
from news.writing import drafting
from sccon.clock import database_now
from tests.factories import make_article, make_author, make_image, make_topic, make_user, picture_bytes, publish
from tests.news.newsroom import client_of

pytestmark = pytest.mark.django_db


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


# --- Another file in its place ----------------------------------------------------------------


def replacement(name: str = "neu.png", color: str = "#c2410c") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture_bytes(90, 60, color=color))


def status_of(url: str) -> int:
    response = Client().get(url)
    if response.streaming:
        b"".join(response.streaming_content)  # type: ignore[arg-type]
    return response.status_code


def test_another_file_takes_the_place_of_a_pictures_and_its_words_stay(editor: Client) -> None:
    image = make_image("alt.png")
    old = str(image.file)
    editor.post(f"/admin/news/image/{image.pk}/change/", words(image, replacement=replacement()))
    image.refresh_from_db()
    assert (str(image), image.width, image.alt_de) == ("neu", 90, "Ein Bild")
    assert str(image.file) != old


def test_pages_show_the_old_renditions_until_the_new_file_has_its_own(editor: Client) -> None:
    image = make_image("alt.png")
    make_renditions(image.pk)
    publish(make_article(image=image))
    image.refresh_from_db()
    old_key, old_jpeg = image.ready_key, str(image.jpeg)
    replace_file(image, replacement())
    image.refresh_from_db()
    assert image.ready_key == old_key
    assert status_of(f"/media/{old_jpeg}") == 200  # a kept page may ask for it
    make_renditions(image.pk)
    image.refresh_from_db()
    assert image.ready_key == rendition_key(image) != old_key
    Image.objects.filter(pk=image.pk).update(ready_at=database_now() - timedelta(days=2))
    remove_old_renditions(0)
    assert status_of(f"/media/{old_jpeg}") == 404
    assert status_of(f"/media/{image.jpeg}") == 200


def test_a_broken_file_takes_nobodys_place(editor: Client) -> None:
    image = make_image("alt.png")
    upload = SimpleUploadedFile("neu.png", b"kein Bild")
    response = editor.post(f"/admin/news/image/{image.pk}/change/", words(image, replacement=upload, credit="Neu"))
    assert list(response.context["adminform"].form.errors) == ["replacement"]
    image.refresh_from_db()
    assert (str(image), image.credit) == ("alt", "")


def test_only_a_publisher_replaces_the_file_of_a_public_picture(editor: Client, publisher: Client) -> None:
    image = make_image("alt.png")
    publish(make_article(image=image))
    address = f"/admin/news/image/{image.pk}/change/"
    assert editor.post(address, words(image, replacement=replacement())).status_code == 403
    publisher.post(address, words(image, replacement=replacement()))
    image.refresh_from_db()
    assert str(image) == "neu"


def test_an_alternative_text_that_repeats_the_file_name_is_hinted_at(editor: Client) -> None:
    image = make_image("Große Halle.png")
    response = editor.post(
        f"/admin/news/image/{image.pk}/change/", words(image, alt_de="grosse-halle.jpg"), follow=True
    )
    assert any("only repeats the file name" in str(message) for message in response.context["messages"])
    assert "alternative text repeats the file name" in editor.get("/admin/news/image/").text


# --- Many at once -----------------------------------------------------------------------------


def test_many_pictures_come_at_once_and_each_is_told_apart(editor: Client) -> None:
    files = [SimpleUploadedFile("a.png", picture_bytes()), SimpleUploadedFile("b.png", b"kein Bild"), replacement()]
    response = editor.post("/admin/news/image/add/many/", {"pictures": files, "credit": "Messe"})
    assert [outcome.get("problem", "")[:20] for outcome in response.context["outcomes"]] == [
        "",
        "This is not a pictur",
        "",
    ]
    assert {(str(image), image.credit) for image in Image.objects.all()} == {("a", "Messe"), ("neu", "Messe")}


def test_the_script_is_answered_in_json(editor: Client) -> None:
    def send(data: bytes) -> tuple[int, list[str]]:
        upload = SimpleUploadedFile("a.png", data)
        response = editor.post(
            "/admin/news/image/add/many/", {"pictures": upload}, headers={"Accept": "application/json"}
        )
        return response.status_code, sorted(response.json())

    assert send(picture_bytes()) == (201, ["name", "thumbnail", "url"])
    assert send(b"kein Bild") == (422, ["name", "problem"])


def test_without_a_file_the_form_says_so(editor: Client) -> None:
    response = editor.post("/admin/news/image/add/many/", {"credit": "Messe"})
    assert response.context["form"].errors == {"pictures": ["Please choose at least one file."]}


# --- What it says beside one text -------------------------------------------------------------


def test_a_picture_may_say_something_else_beside_one_text() -> None:
    image = make_image(alt_de="Der Saal")
    here, plain, silent = (
        publish(make_article(image=image, **fields)).url
        for fields in ({"image_alt_de": "Hier: die Bühne"}, {}, {"image_decorative": True})
    )
    alts = [re.search(r'<img [^>]*alt="([^"]*)"', Client().get(url).text)[1] for url in (here, plain, silent)]  # type: ignore[index]
    assert alts == ["Hier: die Bühne", "Der Saal", ""]


def test_what_a_picture_says_beside_a_public_text_changes_only_by_publishing() -> None:
    article = make_article(image=make_image(alt_de="Der Saal"), image_alt_de="Die Bühne")
    url = publish(article).url
    article.image_alt_de = "Der Gang"
    drafting.save(article, version=0, by=None)
    assert 'alt="Die Bühne"' in Client().get(url).text
    assert state(article, "de", database_now()).changes == ("image_alt",)
    publish(article)
    assert 'alt="Der Gang"' in Client().get(url).text


# --- Press releases ---------------------------------------------------------------------------


def test_a_press_release_closes_with_boilerplate_and_contact_as_it_went_out() -> None:
    house = Boilerplate.objects.create(title_de="Über die <Messe>", text_de="<p>Seit 2018.</p>")
    contact = make_author("Mara Lind", email="presse@example.org", phone="030 123 45")
    article = make_article(kind="press_release", boilerplate=house, contact=contact)
    url = publish(article, "de").url
    house.text_de = "<p>Anders.</p>"
    house.save()
    text = Client().get(url).text
    assert "<h2>Über die &lt;Messe&gt;</h2><p>Seit 2018.</p>" in text
    assert 'href="tel:03012345"' in text
    assert "mailto:presse@example.org" in text
    assert state(article, "de", database_now()).changes == ("boilerplate",)


def test_a_boilerplate_in_one_language_only_closes_only_that_one() -> None:
    house = Boilerplate.objects.create(title_de="Über uns", text_de="<p>Seit 2018.</p>")
    article = make_article(kind="press_release", boilerplate=house)
    assert (publish(article, "en").boilerplate, state(article, "en", database_now()).changes) == ("", ())


def test_a_boilerplate_takes_no_picture_and_wants_a_title(editor: Client) -> None:
    data = {"title_de": "Über uns", "text_de": '<figure data-image="1"></figure>', "text_en": "<p>Since 2018.</p>"}
    response = editor.post("/admin/news/boilerplate/add/", data)
    assert sorted(response.context["adminform"].form.errors) == ["text_de", "title_en"]
    editor.post("/admin/news/boilerplate/add/", {"title_de": "Über uns", "text_de": "<p>Seit 2018.</p>"})
    assert Boilerplate.objects.get().html("de") == "<h2>Über uns</h2><p>Seit 2018.</p>"


# --- What articles share ----------------------------------------------------------------------


@pytest.fixture
def shared() -> dict[str, Any]:
    """A picture, a topic and an author of one article that is still a draft."""
    topic, author, image = make_topic("Teilhabe"), make_author(), make_image()
    article = make_article(topics=[topic], author=author, image=image)
    return {"article": article, "topic": topic, "author": author, "image": image}


def test_editor_changes_what_only_drafts_show(editor: Client, shared: dict[str, Any]) -> None:
    page = editor.get(f"/admin/news/author/{shared['author'].pk}/change/").text
    assert "No public or planned page shows it" in page
    editor.post(f"/admin/news/author/{shared['author'].pk}/change/", {"name": "Neuer Name"})
    assert Author.objects.get().name == "Neuer Name"


@pytest.mark.parametrize("kind", ["topic", "author", "image"])
def test_once_public_only_publishers_change_it(shared: dict[str, Any], kind: str) -> None:
    publish(shared["article"], "de", "en")
    address = f"/admin/news/{kind}/{shared[kind].pk}/change/"
    editor, publisher = client_of("editor"), client_of("publisher")
    page = editor.get(address)
    assert "It shows on 2 public or planned pages: only those who may publish can change it." in page.text
    assert 'name="_save"' not in page.text
    assert editor.post(address, {}).status_code == 403
    page = publisher.get(address)
    assert "It shows on 2 public or planned pages: changes are seen there at once." in page.text
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
