"""Preview links: opened without a login, with exactly the draft's files, until they are over."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from news.models import Article, Attachment, PreviewLink
from news.publishing.publications import withdraw
from news.writing import drafting, preview_links
from sccon import tokens
from sccon.models import User
from tests.factories import make_article, make_image, make_topic, make_user, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> User:
    return make_user("editor", language="en")


@pytest.fixture
def article() -> Article:
    image, inside = make_image(), make_image("drin.png")
    article = make_article(
        "Entwurf",
        image=image,
        body_de=f'<p>Geheim</p><figure data-image="{inside.pk}"></figure>',
        topics=[make_topic()],
    )
    drafting.save(article, version=0, by=None)
    path = default_storage.save(f"{'a' * 22}/plan.pdf", ContentFile(b"%PDF-1.7 plan"))
    Attachment.objects.create(article=article, file=path, title_de="Plan", size=13)
    return article


def link(article: Article, language: str = "de", *, days: int = 7, pinned: bool = False) -> PreviewLink:
    return preview_links.make(article, language, days=days, pinned=pinned, by=None)  # type: ignore[arg-type]


def path_of(given: PreviewLink) -> str:
    return preview_links.address(given).removeprefix(settings.SITE_URL)


def opened(given: PreviewLink) -> Any:
    return Client().get(path_of(given))


def status(client: Client, address: str, **query: str) -> int:
    response = client.get(address, query or None)
    assert b"".join(response) or response.status_code != 200  # read to the end, the file is closed
    return response.status_code


def media_of(html: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/media/[^"]+)"', html)


def test_a_link_opens_the_draft_with_its_pictures_and_files_and_without_a_cookie(article: Article) -> None:
    given = link(article)
    client = Client()
    page = client.get(path_of(given))
    assert page.status_code == 200
    assert "Geheim" in page.text
    assert "Entwurf, nicht öffentlich." in page.text
    assert "Dieser Link gilt bis" in page.text
    assert (page["X-Robots-Tag"], page["Referrer-Policy"]) == ("noindex", "same-origin")
    assert "no-store" in page["Cache-Control"]
    assert not client.cookies
    files = media_of(page.text)
    assert len(files) == 3
    for file in files:
        response = client.get(file)
        assert b"".join(response)
        assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
        assert status(client, file.partition("?")[0]) == 404


def test_the_english_page_has_its_own_link_and_no_other_file(article: Article) -> None:
    page = opened(link(article, "en"))
    assert "The text." in page.text
    assert "Draft, not public." in page.text
    assert len(media_of(page.text)) == 1  # the file has no English title, the English text no picture
    german = path_of(link(article)).replace("/de/", "/en/")
    assert Client().get(german).status_code == 404


def test_a_link_follows_the_draft_or_stays_at_its_version(article: Article) -> None:
    article.refresh_from_db()
    following, pinned = link(article), link(article, pinned=True)
    other = make_image("neu.png")
    article.title_de, article.image = "Weitergeschrieben", other
    drafting.save(article, version=article.version, by=None, topics=[])
    assert "Weitergeschrieben" in opened(following).text
    page = opened(pinned).text
    assert "Weitergeschrieben" not in page and "Entwurf</h1>" in page
    old, new = (media_of(html)[0] for html in (page, opened(following).text))
    assert other.jpeg.name in new and other.jpeg.name not in old
    token = old.partition("?")[2]
    assert status(Client(), f"/media/{other.jpeg.name}?{token}") == 404


def test_a_token_opens_no_other_file(article: Article) -> None:
    foreign, lonely = make_article("Fremd", image=make_image("fremd.png")), make_image("keines.png")
    page = opened(link(article)).text
    token = media_of(page)[0].partition("?")[2]
    for image in (foreign.image, lonely):
        assert image is not None
        assert status(Client(), f"/media/{image.jpeg.name}?{token}") == 404
    assert article.image is not None
    assert status(Client(), f"/media/{article.image.file.name}?{token}") == 404  # the upload stays in the house


@pytest.mark.parametrize("over", ["expired", "revoked", "withdrawn"])
def test_a_link_that_is_over_says_so_and_opens_no_file(article: Article, over: str) -> None:
    given = link(article)
    files = media_of(opened(given).text)
    if over == "expired":
        PreviewLink.objects.update(expires_at=F("created_at"))
    elif over == "revoked":
        assert preview_links.revoke(article, given.pk)
        assert not preview_links.revoke(article, given.pk)
    else:
        publish(article, "de")
        withdraw(article, ["de"], by=None, reason="Falsch")
    page = opened(given)
    assert page.status_code == 410
    assert "Diese Vorschau ist beendet" in page.text
    assert "Geheim" not in page.text and "Entwurf" not in page.text
    assert {status(Client(), file) for file in files} <= {404, 410}
    assert preview_links.live(article) == []


def test_once_public_the_link_leads_to_the_page_and_before_that_it_names_the_embargo(article: Article) -> None:
    given, english = link(article), link(article, "en")
    moment = timezone.now() + timedelta(days=1)
    planned = publish(article, "de", at=moment)
    assert "Sperrfrist:" in opened(given).text
    assert "Embargoed until" not in opened(english).text
    planned.delete()
    public = publish(article, "de")
    answer = opened(given)
    assert (answer.status_code, answer.url) == (301, public.get_absolute_url())
    assert opened(english).status_code == 200


def test_the_draft_of_a_text_that_was_public_before_is_shown(article: Article) -> None:
    publish(article, "de")
    article.title_de = "Nächste Fassung"
    article.save()
    assert "Nächste Fassung" in opened(link(article)).text


def test_what_we_never_gave_out_is_unknown(article: Article) -> None:
    given = link(article)
    token = path_of(given).split("/")[-2]
    files = tokens.make(preview_links.FILES, given.key)
    for bad in (token[:-1], token.swapcase(), f"x{token}", files, tokens.make("news.preview", "none"), "x", "a:b:c"):
        assert Client().get(f"/de/news/preview/{bad}/").status_code == 404
    assert article.image is not None
    for bad in (token, files[:-1], tokens.make(preview_links.FILES, [1]), ""):
        assert status(Client(), f"/media/{article.image.jpeg.name}", preview=bad) == 404
    assert Client().post(path_of(given)).status_code == 405


def test_the_token_stays_out_of_the_log(article: Article, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    given = link(article)
    file = media_of(opened(given).text)[0]
    assert status(Client(), file) == 200
    logged = " ".join(record.getMessage() for record in caplog.records if record.name == "sccon.requests")
    assert "/de/news/preview/…/ 200" in logged
    assert path_of(given).split("/")[-2] not in logged and file.partition("=")[2] not in logged


def test_deleting_a_picture_or_topic_of_a_pinned_version_leaves_the_rest(article: Article) -> None:
    article.refresh_from_db()
    given, image = link(article, pinned=True), article.image
    article.image = None
    drafting.save(article, version=article.version, by=None)
    assert image is not None
    image.delete()
    page = opened(given)
    assert page.status_code == 200 and "Geheim" in page.text


# --- In the form ------------------------------------------------------------------------------


def share(client: Client, article: Article, **data: Any) -> Any:
    return client.post(
        reverse("admin:news_article_share", args=[article.pk]), data, headers={"X-Requested-With": "fetch"}
    )


def test_an_editor_makes_a_link_and_revokes_it(article: Article, editor: User) -> None:
    client = Client()
    client.force_login(editor)
    answer = share(client, article, make="1", **{"link-language": "en", "link-days": "1", "link-pinned": "on"})
    made = PreviewLink.objects.get()
    assert (made.language, made.version, made.created_by) == ("en", 1, editor)
    assert timedelta(hours=23) < made.expires_at - made.created_at <= timedelta(days=1, minutes=1)
    assert f'id="share-{made.pk}"' in answer.text
    assert f'id="share-{made.pk}"' in client.get(reverse("admin:news_article_change", args=[article.pk])).text
    answer = share(client, article, revoke=str(made.pk))
    assert "The link is revoked" in answer.text
    assert f'id="share-{made.pk}"' not in answer.text


def test_links_that_ended_long_ago_are_forgotten(article: Article) -> None:
    link(article)
    PreviewLink.objects.update(expires_at=F("created_at") - timedelta(days=91))
    fresh = link(article)
    assert list(PreviewLink.objects.all()) == [fresh]


def test_a_link_without_javascript_leads_back_to_the_form(article: Article, editor: User) -> None:
    client = Client()
    client.force_login(editor)
    url = reverse("admin:news_article_share", args=[article.pk])
    response = client.post(url, {"make": "1", "link-language": "de", "link-days": "7"})
    assert response.url == f"/admin/news/article/{article.pk}/change/#share-heading"
    assert PreviewLink.objects.count() == 1


@pytest.mark.parametrize("data", [{"link-language": "fr"}, {"link-days": "365"}, {"link-days": "x"}])
def test_what_is_not_offered_is_refused_beside_the_field(article: Article, editor: User, data: dict[str, str]) -> None:
    client = Client()
    client.force_login(editor)
    answer = share(client, article, make="1", **({"link-language": "de", "link-days": "7"} | data))
    assert answer.status_code == 200 and "errorlist" in answer.text
    assert not PreviewLink.objects.exists()


def test_only_who_may_write_shares_and_nobody_revokes_links_of_another_article(article: Article, editor: User) -> None:
    outsider, client = Client(), Client()
    outsider.force_login(make_user())
    assert share(outsider, article, make="1", **{"link-language": "de", "link-days": "7"}).status_code == 403
    client.force_login(editor)
    given = link(article)
    for number in (str(given.pk), "x", "9" * 30, "-1"):
        assert share(client, make_article("Andere"), revoke=number).status_code == 200
    assert opened(given).status_code == 200
