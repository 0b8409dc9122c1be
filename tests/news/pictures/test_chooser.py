"""The picture library as a dialog: who may look, what is found, what an upload answers."""

from io import BytesIO
from typing import Any

import PIL.Image
import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from news.models import Image, Rendition
from news.pictures.chooser import PER_PAGE
from sccon.models import User

pytestmark = pytest.mark.django_db


def library_picture(name: str = "bild", **fields: Any) -> Image:
    return Image.objects.create(file=f"r/{name}.png", jpeg=f"r/{name}-1600.jpg", width=60, height=40, **fields)


def upload_file() -> SimpleUploadedFile:
    file = BytesIO()
    PIL.Image.new("RGB", (60, 40)).save(file, "PNG")
    return SimpleUploadedFile("Mein Bild.png", file.getvalue(), "image/png")


@pytest.fixture
def editor(client: Any) -> User:
    user = User.objects.create_user("mia", "mia@example.org", "x", is_staff=True, language="en")
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_image", "add_image"]))
    client.force_login(user)
    return user


def found(client: Any, **query: Any) -> list[Image]:
    return [image for image, _, _ in client.get(reverse("admin:news_image_choose"), query).context["pictures"]]


@pytest.mark.parametrize("codename", ["view_image", "add_image"])
def test_each_view_asks_for_its_permission(client, editor, codename):
    image = library_picture()
    editor.user_permissions.set(Permission.objects.filter(codename=codename))

    answers = [
        client.get(reverse("admin:news_image_choose")).status_code,
        client.get(reverse("admin:news_image_thumbnail", args=[image.pk])).status_code,
        client.post(reverse("admin:news_image_upload")).status_code,
    ]
    assert answers == ([200, 302, 403] if codename == "view_image" else [403, 403, 422])


def test_visitors_are_sent_to_the_login(client):
    for name in ["news_image_choose", "news_image_upload"]:
        assert client.get(reverse(f"admin:{name}")).url.startswith("/admin/login/")


def test_every_word_must_be_found_in_texts_credit_or_file_name(client, editor):
    berlin = library_picture("halle", alt_de="Eine Halle in Berlin", credit="M. Muster")
    library_picture("saal", alt_en="A hall", caption_de="Berlin")

    assert found(client, q="muster  berlin") == [berlin]
    assert found(client, q="HALLE") == [berlin]
    assert len(found(client, q="berlin")) == 2
    assert found(client, q="100%") == found(client, q="a'\"<") == []


def test_the_library_has_pages_and_keeps_the_search(client, editor):
    for number in range(PER_PAGE + 1):
        library_picture(f"bild-{number}")

    first = client.get(reverse("admin:news_image_choose"), {"q": "bild"})
    assert len(first.context["pictures"]) == PER_PAGE
    assert 'href="/admin/news/image/choose/?q=bild&amp;page=2"' in first.content.decode()
    assert len(found(client, q="bild", page=2)) == 1
    assert len(found(client, page="x")) == PER_PAGE


def test_a_page_makes_a_constant_number_of_queries(client, editor, django_assert_num_queries):
    library_picture("one")
    address = reverse("admin:news_image_choose")
    client.get(address)
    with django_assert_num_queries(8):
        client.get(address)
    for number in range(10):
        library_picture(f"bild-{number}")
    with django_assert_num_queries(8):
        client.get(address)


def test_an_upload_answers_with_the_picture(client, editor):
    sent = {"upload-file": upload_file(), "upload-alt_de": "Ein Feld", "upload-credit": "M. Muster"}
    answer = client.post(reverse("admin:news_image_upload"), sent)

    image = Image.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": image.pk,
        "name": "mein-bild",
        "thumbnail": image.jpeg.url,
        "alt": {"de": "Ein Feld", "en": None},
        "caption": {"de": None, "en": None},
        "credit": "M. Muster",
        "decorative": False,
        "width": 60,
        "height": 40,
    }
    assert image.uploaded_by == editor


def test_a_refused_upload_says_why_beside_the_field(client, editor):
    sent = {"upload-file": SimpleUploadedFile("x.png", b"no picture"), "upload-alt_de": "Ein Feld"}
    answer = client.post(reverse("admin:news_image_upload"), sent)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["file"]
    assert "Ein Feld" in answer.content.decode()
    assert not Image.objects.exists()


def test_the_thumbnail_is_the_smallest_file_that_is_ready(client, editor):
    image = library_picture(ready_key="new")
    for key, width in [("old", 100), ("new", 960), ("new", 480)]:
        for kind in ["webp", "avif"]:
            Rendition.objects.create(
                image=image, key=key, crop="full", format=kind, width=width, height=40, file=f"r/{key}-{width}.{kind}"
            )

    answer = client.get(reverse("admin:news_image_thumbnail", args=[image.pk]))
    assert answer.url == "/media/r/new-480.webp"
