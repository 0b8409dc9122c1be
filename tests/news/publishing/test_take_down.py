"""A legal take-down: text and files are gone for everyone, the fact stays."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.test import Client
from reversion.models import Version

from news.models import Article, Attachment, Image, Publication, PublicationAttachment, SharePicture, Withdrawal
from news.models.images import secret_path
from news.pictures import share_pictures
from news.publishing import publications, reviewing
from news.publishing import take_down as redacting
from news.writing import drafting
from sccon.clock import database_now
from tests.factories import make_article, make_image, make_user, publish

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "Geheimnis"


def make_file(article: Article, name: str = "geheimnis.pdf", **titles: str | None) -> Attachment:
    path = default_storage.save(secret_path(name), ContentFile(b"%PDF-"))
    titles = {"title_de": SECRET, **titles}
    return Attachment.objects.create(article=article, file=path, size=5, **titles)


def secret_article(**fields: object) -> Article:
    """An article that says a secret in every place it can."""
    inside = make_image("innen.png")
    body = f'<p>{SECRET}</p><figure data-image="{inside.pk}"></figure>'
    image = fields.pop("image", None) or make_image("oben.png")
    values = {
        "title_en": "Other",
        "lead_de": SECRET,
        "body_de": body,
        "seo_title_de": SECRET,
        "image_alt_de": SECRET,
        "image": image,
        **fields,
    }
    article = make_article(SECRET, **values)
    make_file(article)
    return drafting.save(article, version=article.version, by=None)


def take_down(article: Article, **options: object) -> redacting.TakenDown:
    given = {"reason": "Urteil", "by": None, "drafts": True, **options}
    return redacting.take_down(article, redacting.readable(article), **given)


def media(name: object) -> int:
    response = Client().get(f"/media/{name}")
    response.close()
    return response.status_code


def leftovers() -> list[str]:
    """Every row of the news and its versions that still says the secret."""
    found = []
    for model in (Article, Publication, PublicationAttachment, Attachment, Version):
        found += [f"{model.__name__} {row}" for row in model._default_manager.values() if SECRET in str(row)]
    return found


def test_text_that_is_public_goes_at_once_with_files_draft_and_versions():
    article = secret_article()
    publication = publish(article)
    share_pictures.draw_share_picture(publication.pk)
    images = list(Image.objects.all())
    files = [str(image.jpeg) for image in images] + [str(article.attachments.get().file)]
    files.append(str(publication.share_picture.file))
    assert [media(name) for name in files] == [200, 200, 200, 200]
    gone = take_down(article, by=make_user("publisher"))
    assert Client().get(publication.url).status_code == 410
    assert [media(name) for name in files] == [404, 404, 404, 404]
    share_pictures.draw_share_picture(publication.pk)
    assert not any(default_storage.exists(name) for name in files)
    assert not SharePicture.objects.exists()
    assert (gone.texts, gone.images, gone.files) == (1, 2, 1)
    assert leftovers() == []
    assert not Image.objects.exists()


def test_the_record_keeps_the_fact_who_emptied_it_when_and_why():
    publisher, article = make_user("publisher"), secret_article()
    publication = publish(article)
    take_down(article, by=publisher)
    row = Publication.objects.get()
    assert (row.pk, row.path, row.visible.lower) == (publication.pk, publication.path, publication.visible.lower)
    assert (row.redacted_by, row.redaction_reason, row.title, row.body, row.image) == (
        publisher,
        "Urteil",
        "",
        "",
        None,
    )
    assert publication.visible.lower < row.redacted_at <= database_now()
    assert Withdrawal.objects.get().reason == "Urteil"
    assert [part.size for part in row.publication_attachments.all()] == [5]


def test_draft_and_versions_stay_unless_asked_for():
    article = secret_article()
    publish(article)
    take_down(article, drafts=False)
    assert Publication.objects.get().body == ""
    article.refresh_from_db()
    assert article.title_de == SECRET
    assert any("Version" in row for row in leftovers())
    assert Image.objects.count() == 2
    assert [media(image.jpeg) for image in Image.objects.all()] == [410, 410]


def test_older_text_is_taken_down_and_the_corrected_one_stays_public():
    article = secret_article()
    publish(article)
    article.refresh_from_db()
    article.title_de, article.lead_de, article.body_de = "Berichtigt", "Berichtigt", "<p>Berichtigt</p>"
    article.seo_title_de = article.image_alt_de = article.image = None
    drafting.save(article, version=article.version, by=None, removed=list(article.attachments.all()))
    current = publish(article)
    old = article.publications.exclude(pk=current.pk).get()
    redacting.take_down(article, [old], reason="Urteil", by=None, drafts=False)
    assert Client().get(current.url).status_code == 200
    old.refresh_from_db()
    assert (old.title, old.visible.upper) == ("", current.visible.lower)
    assert not Image.objects.exists()


def test_what_another_text_shows_stays():
    shared = make_image("beide.png")
    article, other = secret_article(image=shared), make_article("Andere", image=shared)
    publish(article)
    publish(other)
    take_down(article)
    assert list(Image.objects.all()) == [shared]
    assert media(shared.jpeg) == 200


def test_the_other_language_stays_readable():
    article = secret_article()
    publish(article, "de", "en")
    german = [row for row in redacting.readable(article) if row.language == "de"]
    redacting.take_down(article, german, reason="Urteil", by=None, drafts=True)
    english = Publication.objects.public("en", database_now()).get()
    assert Client().get(english.url).status_code == 200
    article.refresh_from_db()
    assert (article.title_de, article.body_de, article.title_en) == (None, None, "Other")


def test_what_is_planned_is_given_up_with_it():
    article = secret_article()
    publish(article)
    publish(article, at=database_now() + timedelta(days=1))
    take_down(article)
    assert [row.redaction_reason for row in Publication.objects.all()] == ["Urteil"]


def test_notes_of_reviews_go_with_the_draft():
    article = secret_article()
    publish(article)
    reviewing.ask(article, ["de"], by=None, note=SECRET)
    take_down(article)
    assert article.reviews.get().note == ""


def test_legal_page_that_is_public_is_replaced_first():
    page = make_article(SECRET, kind="page", role="imprint", slug_de="impressum", lead_de=None)
    publish(page)
    with pytest.raises(publications.NotWithdrawable):
        take_down(page)
    assert Publication.objects.get().title == SECRET
    page.refresh_from_db()
    assert page.title_de == SECRET


def test_version_saved_after_a_take_down_can_be_published_again():
    article = secret_article()
    first = publish(article)
    take_down(article)
    article.refresh_from_db()
    article.title_de, article.lead_de, article.body_de = "Neu", "Neu", "<p>Neu</p>"
    drafting.save(article, version=article.version, by=None)
    again = publish(article)
    assert (again.path, Client().get(again.url).status_code) == (first.path, 200)


ATTACKS = {
    "without a reason": {"redaction_reason": ""},
    "with a text left": {"lead": "Rest"},
    "with another address": {"path": "news/anders"},
    "with another picture": {"image": True},
    "at another time": {"redacted_at": True},
}


@pytest.mark.parametrize("change", ATTACKS.values(), ids=ATTACKS.keys())
def test_database_allows_a_take_down_and_nothing_under_its_name(change: dict):
    publication = publish(make_article(image=make_image()))
    values = dict.fromkeys(("title", "lead", "body", "seo_title", "seo_description", "notice"), "")
    values |= {"redacted_at": database_now(), "redaction_reason": "Urteil"} | change
    if change.get("image"):
        values["image"] = make_image()
    if change.get("redacted_at"):
        values["redacted_at"] = database_now() - timedelta(days=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=publication.pk).update(**values)
    assert Publication.objects.get().title == "Meldung"


def test_text_taken_down_never_changes_again():
    article = secret_article()
    publish(article)
    take_down(article)
    for change in ({"title": "Zurück"}, {"redaction_reason": "Anders"}, {"redacted_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Publication.objects.update(**change)


def test_file_of_a_text_that_stays_cannot_be_emptied():
    article = secret_article()
    publish(article)
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicationAttachment.objects.update(title="", file="")
