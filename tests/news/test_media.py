"""Who may read a file, and when: every way from a file to a public text, and none without one."""

from datetime import timedelta
from io import BytesIO

import PIL.Image
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponseBase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from news.media import STANDING, Standing, standing
from news.models import Article, Attachment, Author, Image, Publication, PublicationAttachment, PublicationImage
from news.pictures.library import create_image, make_renditions
from sccon.models import User
from tests.factories import make_user

HOUR = timedelta(hours=1)
FILE = "AAAAAAAAAAAAAAAAAAAAAA/programm.pdf"


@pytest.fixture
def image(db) -> Image:
    buffer = BytesIO()
    PIL.Image.new("RGB", (30, 20), "navy").save(buffer, "PNG")
    image = create_image(SimpleUploadedFile("hall.png", buffer.getvalue()), by=None)
    make_renditions(image.pk)
    image.refresh_from_db()
    return image


def published(begins: timedelta = timedelta(0), *, path: str = "news/a", **fields) -> Publication:
    article = Article.objects.create()
    begin = timezone.now() + begins  # after the transaction has begun: nothing is published in the past
    return Publication.objects.create(
        article=article,
        language="de",
        kind="news",
        path=path,
        title="Titel",
        body="<p>Text</p>",
        image_position="top",
        visible=TimestamptzRange(begin, None),
        first_published_at=begin,
        **fields,
    )


def end(publication: Publication) -> None:
    publication.visible = TimestamptzRange(publication.visible.lower, timezone.now())
    publication.save(update_fields=["visible"])


def attached(publication: Publication) -> str:
    default_storage.save(FILE, ContentFile(b"%PDF-1.7"))
    PublicationAttachment.objects.create(publication=publication, file=FILE, title="Programm", size=8)
    return FILE


def public_files(image: Image) -> list[str]:
    return [image.jpeg.name, *image.renditions.values_list("file", flat=True)]


def get(client, name: str, **headers: str) -> HttpResponseBase:
    response = client.get(f"/media/{name}", headers=headers)
    response.body = response.getvalue()  # read to its end, a stream closes its file
    return response


def statuses(client, names: list[str]) -> set[int]:
    return {get(client, name).status_code for name in names}


def test_a_picture_nobody_published_is_as_unknown_as_one_that_does_not_exist(client, image):
    assert statuses(client, [*public_files(image), image.file.name]) == {404}


def test_a_picture_is_public_with_its_text_and_gone_after_it(client, image):
    publication = published(image=image)
    assert statuses(client, public_files(image)) == {200}
    end(publication)
    assert statuses(client, public_files(image)) == {410}


def test_the_upload_itself_is_never_public(client, image):
    publication = published(image=image)
    assert get(client, image.file.name).status_code == 404
    end(publication)
    assert get(client, image.file.name).status_code == 404


def test_a_picture_of_a_planned_text_is_unknown(client, image):
    published(HOUR, image=image)
    assert statuses(client, public_files(image)) == {404}


def test_a_picture_that_is_still_on_another_page_is_public(client, image):
    end(published(image=image))
    published(path="news/b", image=image)
    assert statuses(client, public_files(image)) == {200}


def test_a_picture_inside_a_text_is_public_with_it(client, image):
    publication = published()
    PublicationImage.objects.create(publication=publication, image=image)
    assert statuses(client, public_files(image)) == {200}
    end(publication)
    assert statuses(client, public_files(image)) == {410}


def test_a_portrait_is_public_while_a_text_of_its_author_is(client, image):
    publication = published(author=Author.objects.create(name="A. B.", portrait=image))
    assert statuses(client, public_files(image)) == {200}
    end(publication)
    assert statuses(client, public_files(image)) == {410}


@pytest.mark.django_db
def test_an_attachment_is_public_with_its_text_and_gone_after_it(client):
    publication = published()
    name = attached(publication)
    response = get(client, name)
    assert (response.status_code, response.body) == (200, b"%PDF-1.7")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == 'attachment; filename="programm.pdf"'
    end(publication)
    assert get(client, name).status_code == 410


@pytest.mark.django_db
def test_an_attachment_of_a_planned_text_or_a_draft_is_unknown(client):
    attached(published(HOUR))
    assert get(client, FILE).status_code == 404
    draft = "BBBBBBBBBBBBBBBBBBBBBB/draft.pdf"
    default_storage.save(draft, ContentFile(b"%PDF-1.7"))
    Attachment.objects.create(article=Article.objects.create(), file=draft, size=8)
    assert get(client, draft).status_code == 404


def test_a_public_file_carries_what_keeps_it_harmless_and_cacheable(client, image):
    published(image=image)
    avif = image.renditions.get(crop="full", format="avif")
    response = get(client, avif.file.name)
    with avif.file.open() as file:
        assert response.body == file.read()
    assert response.headers["Content-Type"] == "image/avif"
    assert response.headers["Content-Length"] == str(avif.file.size)
    assert response.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("inline")
    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.headers.get("Vary", "")


def test_a_browser_that_has_it_gets_304_while_it_is_public(client, image):
    publication = published(image=image)
    name = image.jpeg.name
    etag = get(client, name).headers["ETag"]
    response = get(client, name, **{"If-None-Match": etag})
    assert (response.status_code, response.body) == (304, b"")
    assert response.headers["Cache-Control"] == "public, max-age=300, must-revalidate"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (response.headers["ETag"], "Content-Type" in response.headers) == (etag, False)
    end(publication)
    assert get(client, name, **{"If-None-Match": etag}).status_code == 410


def test_what_is_gone_says_so_in_a_sentence(client, image):
    end(published(image=image))
    response = get(client, image.jpeg.name, **{"Accept-Language": "en"})
    assert response.body.decode() == "This file is no longer public."
    assert response.headers["Cache-Control"] == "no-store"


def test_staff_see_what_is_not_public_and_no_cache_keeps_it(client, image):
    client.force_login(make_user("editor"))
    attachment = attached(published(HOUR))
    for name in [*public_files(image), image.file.name, attachment]:
        response = get(client, name)
        assert (response.status_code, response.headers["Cache-Control"]) == (200, "private, no-store"), name


def test_staff_see_only_files_of_the_news(client, image):
    client.force_login(make_user("editor"))
    other = "CCCCCCCCCCCCCCCCCCCCCC/invoice.pdf"
    default_storage.save(other, ContentFile(b"%PDF-1.7"))
    assert get(client, other).status_code == 404


def test_a_login_without_the_staff_flag_sees_what_everybody_sees(client, image):
    client.force_login(User.objects.create_user("guest"))
    assert get(client, image.jpeg.name).status_code == 404


def test_head_says_the_same_without_the_file(client, image):
    published(image=image)
    response = client.head(f"/media/{image.jpeg.name}")
    assert (response.status_code, response.getvalue()) == (200, b"")
    assert response.headers["Content-Length"] == str(image.jpeg.size)
    assert client.post(f"/media/{image.jpeg.name}").status_code == 405


def test_a_file_the_storage_has_lost_is_404(client, image):
    published(image=image)
    default_storage.delete(image.jpeg.name)
    assert get(client, image.jpeg.name).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["../settings.py", "AAAAAAAAAAAAAAAAAAAAAA/../../a.jpg", "%2e%2e/%2e%2e/etc/passwd", "AAAAAAAAAAAAAAAAAAAAAA/",
     "//etc/passwd", "AAAAAAAAAAAAAAAAAAAAAA/a.jpg%00.png", "AAAAAAAAAAAAAAAAAAAAAA/a.jpg%0a"],
)  # fmt: skip
def test_no_path_leads_out_of_the_directory(client, path, django_user_model):
    client.force_login(django_user_model.objects.create_user("editor", is_staff=True))
    assert get(client, path).status_code == 404


def test_a_public_file_costs_one_query_and_no_session(client, image):
    published(image=image)
    client.force_login(make_user("editor"))
    with CaptureQueriesContext(connection) as queries:
        assert get(client, image.jpeg.name).status_code == 200
    assert len(queries) == 1


def test_the_question_reads_no_table_from_end_to_end_however_many_texts_exist(image):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO news_article (kind, image_position, version, created_at, saved_at)"
                       " SELECT 'news', 'top', 0, now(), now() FROM generate_series(1, 3000)")  # fmt: skip
        cursor.execute(
            "INSERT INTO news_publication (article_id, language, kind, path, title, lead, body, seo_title,"
            " seo_description, notice, image_position, visible, first_published_at, recorded_at)"
            " SELECT id, 'de', 'news', 'news/n' || id, 't', '', 'b', '', '', '', 'top',"
            " tstzrange(clock_timestamp(), NULL), now(), now() FROM news_article"
        )
        cursor.execute(
            "INSERT INTO news_rendition (image_id, key, crop, format, width, height, file)"
            " SELECT %s, 'x', 'full', 'avif', n, 1, 'x/' || n FROM generate_series(1, 5000) n",
            [image.pk],
        )
        cursor.execute("ANALYZE news_publication, news_rendition, news_image, news_author")
        cursor.execute("EXPLAIN " + STANDING, {"name": image.jpeg.name})
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on news_publication" not in plan.replace("Seq Scan on news_publicationimage", "").replace(
        "Seq Scan on news_publicationattachment", ""
    )
    assert "Seq Scan on news_rendition" not in plan
    assert standing(image.jpeg.name) is Standing.UNKNOWN


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "header", "value"),
    [
        ("x-accel-redirect", "X-Accel-Redirect", f"/protected-media/{FILE}"),
        ("x-sendfile", "X-Sendfile", "{root}/" + FILE),
    ],
)
def test_a_proxy_may_send_what_the_site_allows(client, settings, kind: str, header: str, value: str):
    settings.MEDIA_BY_PROXY = kind
    assert get(client, FILE).status_code == 404  # not public: the proxy is told nothing
    attached(published())
    response = get(client, FILE)
    assert (response.status_code, response.body) == (200, b"")
    assert response[header] == value.format(root=settings.MEDIA_ROOT)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="programm.pdf"'
    default_storage.delete(FILE)
    assert get(client, FILE).status_code == 404
