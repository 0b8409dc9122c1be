"""What was sent stays: editions, their pictures and their archive, until they are taken down."""

from contextlib import closing
from io import BytesIO

import PIL.Image
import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.test import Client

from news.publishing.publications import withdraw
from newsletter.issues import freezing, redacting
from newsletter.models import Correction, Edition, EditionPicture
from tests.factories import make_article, make_image, make_user, publish
from tests.newsletter.issues.made import add, freeze, make_issue

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_edition_is_a_copy_that_nothing_changes():
    article = make_article("Alt", image=make_image(width=1400, height=1000))
    publish(article)
    issue = make_issue()
    add(issue, article=article)
    before = freeze(issue)["de"]
    issue.subject_de = "Anders"
    issue.save()
    article.title_de = "Anders"
    article.save()
    now = Edition.objects.get(pk=before.pk)
    assert (now.html, now.text, now.items, now.subject) == (before.html, before.text, before.items, "Neues im Mai")
    for change in ({"html": "x"}, {"slug": "x"}, {"archived": False}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Edition.objects.filter(pk=before.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        now.delete()


def test_its_pictures_are_jpegs_of_its_own_for_everybody_until_it_is_taken_down(client: Client):
    article = make_article("Bild", image=make_image(width=1400, height=1000))
    publish(article, "de", "en")
    issue = make_issue(in_archive=False)
    add(issue, article=article)
    editions = freeze(issue)
    files = list(EditionPicture.objects.filter(edition=editions["de"]).values_list("file", "width", "height"))
    assert sorted(width for _file, width, _height in files) == [600, 1200]
    for _file, width, height in files:
        with closing(client.get(f"/media/{_file}")) as answer:
            assert answer.status_code == 200
            picture = PIL.Image.open(BytesIO(answer.getvalue()))
        assert (picture.format, picture.size) == ("PNG" if _file.endswith("png") else "JPEG", (width, height))
    assert "sessionid" not in client.cookies
    assert client.get("/media/newsletter/" + 22 * "a" + "/1-2-card-600.jpg").status_code == 404
    # The other language shows them, too: they stay until both are taken down.
    staff = make_user()
    redacting.redact(editions["de"], by=staff, reason="Recht am Bild")
    with closing(client.get(f"/media/{files[0][0]}")) as answer:
        assert answer.status_code == 200
    redacting.redact(editions["en"], by=staff, reason="Recht am Bild")
    assert client.get(f"/media/{files[0][0]}").status_code == 410
    assert not default_storage.exists(files[0][0])


def test_the_archive_is_the_same_for_all_and_names_both_languages(visitor: Client):
    editions = freeze(make_issue())
    path, english = "/de/newsletter/issues/neues-im-mai/", "/en/newsletter/issues/news-in-may/"
    page = visitor.get(path)
    assert page.status_code == 200
    assert "style=" not in page.text
    assert editions["de"].mark not in page.text
    assert f'hreflang="en" href="http://127.0.0.1:8000{english}"' in page.text
    assert f'rel="canonical" href="http://127.0.0.1:8000{path}"' in page.text
    staff = Client(headers={"host": "127.0.0.1:8000"})
    staff.force_login(make_user("newsletter"))
    assert staff.get(path).content == page.content
    assert path in visitor.get("/de/newsletter/issues/").text
    assert path in visitor.get("/sitemap-issues-de.xml").text
    for kind in ("atom", "rss"):
        assert "Neues im Mai" in visitor.get(f"/de/newsletter/issues/feed.{kind}").text
    assert path in editions["de"].html

    Correction.objects.create(edition=editions["de"], text="Es war der 3. Mai.", by=make_user())
    assert "Es war der 3. Mai." in visitor.get(path).text
    assert "3. Mai" not in Edition.objects.get(pk=editions["de"].pk).html

    redacting.redact(editions["de"], by=make_user(), reason="Klage")
    assert visitor.get(path).status_code == 410
    assert visitor.get(english).status_code == 200
    assert "Neues im Mai" not in visitor.get("/de/newsletter/issues/").text
    assert "Neues im Mai" not in visitor.get("/de/newsletter/issues/feed.atom").text


def test_an_issue_outside_the_archive_has_no_page_and_no_link_to_one(visitor: Client):
    edition = freeze(make_issue(in_archive=False))["de"]
    assert visitor.get(f"/de/newsletter/issues/{edition.slug}/").status_code == 404
    assert "/newsletter/issues/" not in edition.html
    assert edition.subject not in visitor.get("/de/newsletter/issues/").text


def test_two_issues_of_one_subject_have_two_addresses():
    first, second = freeze(make_issue())["de"], freeze(make_issue())["de"]
    assert first.slug != second.slug


def test_an_issue_in_one_language_is_one_edition_and_an_empty_one_none():
    assert [*freeze(make_issue(only="en"))] == ["en"]
    empty = make_issue(subject_en=None)
    with pytest.raises(freezing.NothingToSend):
        freeze(empty)
    assert not Edition.objects.filter(issue=empty).exists()


def test_withdrawing_the_article_takes_nothing_from_the_edition(visitor: Client):
    article = make_article("Weg", image=make_image(width=700, height=500))
    publish(article, "de", "en")
    issue = make_issue()
    add(issue, article=article)
    edition = freeze(issue)["de"]
    withdraw(article, ["de", "en"], by=None, reason="x")
    assert "Weg" in visitor.get(f"/de/newsletter/issues/{edition.slug}/").text
    with closing(visitor.get(f"/media/{edition.pictures.first().file}")) as answer:
        assert answer.status_code == 200
