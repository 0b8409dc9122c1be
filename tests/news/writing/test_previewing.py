"""The preview is the public page, byte for byte, except for its banner and `noindex`."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from news.models import Article, Attachment
from sccon.clock import INSTANT, database_now
from tests.factories import make_article, make_author, make_image, make_topic, make_user, publish
from tests.news.admin_forms import filled

pytestmark = pytest.mark.django_db

ADD = "/admin/news/article/add/"
ADDED = re.compile(
    r'<meta name="robots" content="noindex"><link rel="stylesheet" href="/static/css/preview.css">\n?'
    r'|<aside class="preview-banner".*?</aside>\n?',
    re.DOTALL,
)


@pytest.fixture
def editor() -> Client:
    client = Client()
    client.force_login(make_user("editor", language="en"))
    return client


def change(article: Article) -> str:
    return reverse("admin:news_article_change", args=[article.pk])


def previewed(client: Client, article: Article, language: str, data: dict[str, Any], **extra: Any) -> Any:
    return client.post(reverse("admin:news_article_preview", args=[article.pk, language]), data, **extra)


def without_banner(response: Any) -> str:
    text, count = ADDED.subn("", response.text)
    assert count == 2
    return text


def full_article(**fields: Any) -> Article:
    """One in which nothing is empty."""
    other = make_article("Andere", topics=[make_topic("Eins")])
    publish(other, "de", "en")
    image = make_image(credit="Foto: Jana Wetterau", caption_de="Eine Halle", caption_en="A hall")
    body = f'<p>Text</p><figure data-image="{image.pk}"><figcaption>Bild</figcaption></figure>'
    article = make_article(
        "Alles",
        topics=[make_topic("Zwei"), make_topic("Nur deutsch", slug_en=None, name_en=None)],
        **{
            "image": image,
            "author": make_author(role_de="Redaktion", role_en="Newsroom"),
            "body_de": body,
            "body_en": body,
            "seo_title_de": "Für die Suche",
            "seo_description_en": "For searching",
            **fields,
        },
    )
    article.related.add(other)
    Attachment.objects.create(article=article, file="a/programm.pdf", title_de="Programm", title_en="Programme", size=9)
    return article


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("before", ["never public", "public in both", "public in the other"])
@pytest.mark.parametrize("kind", ["news", "press_release", "page"])
def test_preview_is_the_page_that_publishing_makes(editor: Client, language: str, before: str, kind: str) -> None:
    article = full_article(kind=kind)
    if before != "never public":
        publish(article, *(["de", "en"] if before == "public in both" else [{"de": "en", "en": "de"}[language]]))
    if before == "public in both":
        publish(article, "de", "en", substantial=True)
    changes = {f"title_{language}": "Neuer Titel", f"lead_{language}": "Neuer Vorspann <b>", "image_position": "after"}
    at = database_now() + timedelta(hours=1)
    data = filled(editor, change(article), **changes)
    preview = previewed(editor, article, language, data, **{INSTANT: at})
    assert preview.status_code == 200

    assert editor.post(change(article), data).status_code == 302
    article.refresh_from_db()
    publication = publish(article, language, at=at)
    public = Client().get(publication.get_absolute_url(), **{INSTANT: at})
    assert public.status_code == 200
    assert without_banner(preview) == public.text


def test_a_page_of_the_foot_is_previewed_with_itself_in_the_foot(editor: Client) -> None:
    page = make_article("Impressum", kind="page", role="imprint", lead_de=None)
    at = database_now() + timedelta(hours=1)
    preview = previewed(editor, page, "de", filled(editor, change(page)), **{INSTANT: at})
    publication = publish(page, "de", at=at)
    assert without_banner(preview) == Client().get(publication.get_absolute_url(), **{INSTANT: at}).text


def test_what_a_check_refuses_is_shown_as_typed(editor: Client) -> None:
    article = make_article(image=make_image())
    typed = {"title_de": "T" * 201, "image_alt_de": "Alt" * 200}
    page = previewed(editor, article, "de", filled(editor, change(article), **typed)).text
    assert [text for text in typed.values() if text not in page] == []


def test_files_are_shown_as_the_form_describes_them(editor: Client) -> None:
    article = make_article()
    for title in ("Plan", "Liste"):
        Attachment.objects.create(article=article, file=f"a/{title.lower()}.pdf", title_de=title, size=9)
    data = filled(editor, change(article)) | {
        "attachments-0-title_de": "Hallenplan",
        "attachments-1-DELETE": "on",
        "attachments-TOTAL_FORMS": "4",
        "attachments-2-title_de": "Neu gewählt",
        "attachments-2-file": SimpleUploadedFile("neu.pdf", b"%PDF-1.7"),
        "attachments-3-title_de": "Beim Text gewählt",
        "attachments-3-file-name": "beim-text.pdf",
        "attachments-3-file-size": "2000000",
    }
    page = previewed(editor, article, "de", data).text
    titles = re.findall(r"download>([^<]+)<", page)
    assert titles == ["Hallenplan", "Neu gewählt", "Beim Text gewählt"]
    assert not Attachment.objects.filter(title_de="Hallenplan").exists()


def test_only_the_preview_may_stand_in_a_frame_and_only_the_form_may_hold_one(editor: Client) -> None:
    article = make_article()
    preview = previewed(editor, article, "de", filled(editor, change(article)))
    assert "frame-ancestors 'self'" in preview["Content-Security-Policy"]
    assert (preview["X-Frame-Options"], preview["X-Robots-Tag"]) == ("SAMEORIGIN", "noindex")
    assert "no-store" in preview["Cache-Control"]
    form = editor.get(change(article))
    assert "frame-src 'self'" in form["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in form["Content-Security-Policy"]
    for path in ("/admin/", "/admin/news/article/", "/de/"):
        other = editor.get(path)
        assert "frame-src" not in other["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in other["Content-Security-Policy"]


@pytest.mark.parametrize("total", ["", "x", "-1", "999999999999"])
def test_a_forged_form_is_previewed_as_far_as_it_goes(editor: Client, total: str) -> None:
    data = filled(editor, ADD, title_en="Brand new") | {"attachments-TOTAL_FORMS": total, "topics": "x", "image": "x"}
    response = editor.post(f"{ADD}preview/en/", data)
    assert response.status_code == 200
    assert "Brand new" in response.text
