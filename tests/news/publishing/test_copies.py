"""Where an article's words can stand, named field by field; and that a take-down leaves them in none of these places."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, models
from django.test import Client
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from news.admin.desk import desk
from news.admin.standing import marks
from news.models import Article, Attachment, Boilerplate, Publication, Review, SharePicture, Withdrawal, Word
from news.models.images import secret_path
from news.pictures import share_pictures
from news.publishing import reviewing, states, take_down
from news.publishing.publications import withdraw
from news.retention import ARTICLES_WORDS_NEVER_IN, ARTICLES_WORDS_STAND_IN
from news.writing import drafting, preview_links
from sccon import mail
from sccon.clock import database_now
from sccon.models import JobError, Mail, SentForm
from tests.factories import make_article, make_image, make_user, publish

WORD = "Geheimwort"
SAYS_NOTHING = (
    *(models.AutoField, models.IntegerField, models.DecimalField, models.FloatField, models.BooleanField),
    *(models.DateField, models.TimeField, models.DurationField, models.UUIDField, models.ForeignKey),
)


def fields() -> Iterator[tuple[str, models.Field]]:
    """Everything in which words can stand, in every model that is installed; translated ones by one name."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if not (model._meta.proxy or isinstance(field, SAYS_NOTHING) or field.choices):
                name = field.name.removesuffix("_de").removesuffix("_en")
                yield f"{model._meta.app_label}.{model.__name__}.{name}", field


def named(name: str, names: frozenset[str]) -> bool:
    """Whether `names` have the field itself, its model, or its app."""
    app, model, _field = name.split(".")
    return bool({name, f"{app}.{model}", app} & names)


def test_of_every_field_is_said_whether_an_articles_words_can_stand_in_it() -> None:
    there = {name for name, _field in fields()}
    both = {name for name in there if name in ARTICLES_WORDS_STAND_IN and named(name, ARTICLES_WORDS_NEVER_IN)}
    neither = {
        name for name in there if name not in ARTICLES_WORDS_STAND_IN and not named(name, ARTICLES_WORDS_NEVER_IN)
    }
    assert not neither, "Say in news/retention.py whether a copy of an article's words can stand there."
    assert not both
    assert there >= ARTICLES_WORDS_STAND_IN
    parts = there | {name.rpartition(".")[0] for name in there} | {name.partition(".")[0] for name in there}
    assert parts >= ARTICLES_WORDS_NEVER_IN


def saying(word: str) -> set[str]:
    """The fields in which `word` stands in any row, in whatever case, as text or as bytes."""
    found = set()
    patterns = [f"%{form}%" for form in (word, word.encode().hex(), word.lower().encode().hex())]
    with connection.cursor() as cursor:
        for name, field in fields():
            table, column = (connection.ops.quote_name(each) for each in (field.model._meta.db_table, field.column))
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table} WHERE {column}::text ILIKE ANY(%s))", [patterns])
            if cursor.fetchone()[0]:
                found.add(name)
    return found


def filled(name: str) -> bool:
    """Whether any row has something in the field at all."""
    app, model, field = name.split(".")
    return any(apps.get_model(app, model)._default_manager.values_list(field, flat=True))


def told_everywhere() -> Article:
    """An article whose words stand wherever they can."""
    publisher, editor = make_user("publisher", email="p@example.org"), make_user("editor", email="e@example.org")
    inside = make_image(f"{WORD}.png", alt_de=WORD, caption_de=WORD, credit=WORD)
    article = make_article(
        WORD,
        lead_de=WORD,
        body_de=f'<p>{WORD}</p><figure data-image="{inside.pk}"></figure>',
        seo_title_de=WORD,
        seo_description_de=WORD,
        image=make_image("oben.png"),
        image_alt_de=WORD,
        boilerplate=Boilerplate.objects.create(title_de="Über uns", text_de=f"<p>{WORD}</p>"),
        title_en="Other",
    )
    path = default_storage.save(secret_path(f"{WORD.lower()}.pdf"), ContentFile(b"%PDF-"))
    Attachment.objects.create(article=article, file=path, size=5, title_de=WORD)
    article = drafting.save(article, version=article.version, by=editor)
    reviewing.ask(article, ["de"], by=editor, note=f"{WORD}: stimmt das?")
    reviewing.give_back(article, ["de"], by=publisher, answer=f"{WORD} nicht")
    publication = publish(article, by=publisher)
    share_pictures.draw_share_picture(publication.pk)
    withdraw(
        article,
        ["de"],
        by=publisher,
        reason="Streit",
        outcome=Withdrawal.Outcome.NOTICE,
        notice={"de": f"Zu {WORD} gibt es Streit."},
    )
    article.refresh_from_db()
    reviewing.ask(article, ["de"], by=editor, note=WORD)
    with translation.override("de"):
        mail.queue(
            "plan-fails",
            to="p@example.org",
            language="de",
            occasion=f"{publication.pk}:1",
            context={
                "title": WORD,
                "url": mail.address("admin:news_article_plan", article.pk, publication.pk, language="de"),
            },
        )
    failed, sent = Mail.objects.order_by("pk")[:2]
    Mail.objects.filter(pk=failed.pk).update(status=Mail.Status.FAILED, error=f"550 {WORD}: no")
    Mail.objects.filter(pk=sent.pk).update(status=Mail.Status.SENT)
    for thing, words in ((article, WORD), (publication, WORD), (Review.objects.first(), f"{WORD} (Deutsch)")):
        LogEntry.objects.create(
            user=publisher,
            action_flag=CHANGE,
            content_type=ContentType.objects.get_for_model(thing),
            object_id=thing.pk,
            object_repr=words,
            change_message=f'[{{"added": {{"name": "Anhang", "object": "{WORD}"}}}}]',
        )
    # Of a thing that is gone by then: only what it was called tells that it was about this.
    pin = ContentType.objects.get(app_label="news", model="pin")
    LogEntry.objects.create(user=publisher, action_flag=CHANGE, content_type=pin, object_id="77", object_repr=WORD)
    SentForm.objects.create(key=b"1", status=201, content_type="text/html", content=f"<p>{WORD}</p>".encode())
    job = ProcrastinateJob.objects.filter(args__publication_id=publication.pk).first()
    JobError.objects.create(job_id=job.pk, attempt=1, error="IntegrityError", traceback=f"Failing row: ({WORD})")
    JobError.objects.create(job_id=0, attempt=1, error=f"DETAIL: {WORD}", traceback="")
    return article


def take_it_down(article: Article, **options: object) -> take_down.TakenDown:
    return take_down.take_down(
        article, take_down.readable(article), **{"reason": "Urteil", "by": None, "drafts": True, **options}
    )


@pytest.mark.django_db(transaction=True)
def test_a_take_down_leaves_no_word_of_it_in_any_place_that_had_it() -> None:
    article = told_everywhere()
    before = saying(WORD)
    marked = {name for name in ARTICLES_WORDS_STAND_IN - before if filled(name)}  # a hash, a picture of the title
    assert before | marked >= ARTICLES_WORDS_STAND_IN, "The test must put the word wherever it can stand."
    gone = take_it_down(article)
    assert saying(WORD) & ARTICLES_WORDS_STAND_IN == set()
    assert {name for name in marked if filled(name)} == set()
    assert saying(WORD) == {"news.Boilerplate.text"}  # that is no article's
    assert not SharePicture.objects.exists()
    assert not Word.objects.filter(key__contains=WORD.lower()).exists()
    assert (gone.texts, gone.reviews, gone.log, gone.mails, gone.technical) == (2, 2, 4, 4, 3)
    # What was not sent yet is not sent any more; a form that comes again does nothing a second time.
    assert not Mail.objects.filter(status=Mail.Status.QUEUED).exists()
    assert not Mail.objects.exclude(emptied_at=None).exclude(context={}).exists()
    form = SentForm.objects.get()
    assert (form.status, form.location, bytes(form.content)) == (303, "/admin/", b"")


@pytest.mark.django_db(transaction=True)
def test_what_others_say_in_the_same_places_stays() -> None:
    other = make_article("Andere", lead_de="Bleibewort")
    publish(other)
    reviewing.ask(other, ["en"], by=make_user("editor"), note="Bleibewort")
    Mail.objects.all().delete()
    make_user("publisher", email="q@example.org")
    reviewing.take_back(other, ["en"], by=None)
    reviewing.ask(other, ["en"], by=None, note="Bleibewort")
    kind = ContentType.objects.get_for_model(Article)
    line = LogEntry.objects.create(
        user=make_user(), action_flag=CHANGE, content_type=kind, object_id=other.pk, object_repr="Geheim: Bleibewort"
    )
    JobError.objects.create(job_id=1, attempt=1, error="Bleibewort", traceback="")
    stays = saying("Bleibewort")
    assert {"sccon.Mail.context", "news.Word.key", "news.Review.note"} <= stays
    article = make_article("Geheim", lead_de="Bleibewort")
    publish(article)
    gone = take_it_down(article)
    assert saying("Bleibewort") == stays
    assert (gone.mails, gone.log, gone.technical) == (0, 0, 0)
    line.refresh_from_db()
    assert line.object_repr == "Geheim: Bleibewort"  # though it begins like the other title


@pytest.mark.django_db(transaction=True)
def test_while_the_draft_stays_its_reviews_stay_and_the_texts_mails_go() -> None:
    article = told_everywhere()
    gone = take_it_down(article, drafts=False)
    assert (gone.reviews, gone.mails) == (0, 4)
    assert article.reviews.open().get().note == WORD
    assert {"sccon.Mail.context", "admin.LogEntry.object_repr"}.isdisjoint(saying(WORD))


@pytest.mark.django_db(transaction=True)
def test_desks_and_lists_say_what_happened_and_nothing_without_a_title() -> None:
    publisher = make_user("publisher")
    editor = make_user("editor")
    article = make_article("Nur deutsch", title_en=None, slug_en=None, lead_en=None, body_en=None)
    article = drafting.save(article, version=article.version, by=publisher)
    publish(article)
    reviewing.ask(article, ["de"], by=editor)
    returned = make_article("Zurückgegeben", title_en=None, slug_en=None, lead_en=None, body_en=None)
    publish(returned)
    reviewing.ask(returned, ["de"], by=editor)
    reviewing.give_back(returned, ["de"], by=publisher, answer="Bitte kürzen")
    for each in (article, returned):
        each.refresh_from_db()
        take_it_down(each, by=publisher)
        state = states.state(each, "de", database_now())
        assert (state.word, state.review, state.returned) == ("taken-down", None, None)
        with translation.override("de"):
            assert [mark.words for mark in marks(state)] == ["rechtlich gelöscht"]
    assert not article.reviews.open().exists()
    assert article.reviews.get().decided_by == publisher
    for user in (publisher, editor):
        seen = desk(user)
        assert (seen.waits.count, seen.in_review.count, seen.last, seen.drafts.count) == (0, 0, None, 0)
        client = Client(headers={"accept-language": "de"})
        client.force_login(user)
        assert "ohne Titel" not in client.get("/admin/").text
        listed = client.get("/admin/news/article/").text
        assert "ohne Titel" not in listed
        assert "rechtlich gelöscht" in listed
        for view in ("review", "returned"):
            assert "rechtlich gelöscht" not in client.get(f"/admin/news/article/?view={view}").text


@pytest.mark.django_db(transaction=True)
def test_a_text_that_ended_after_another_was_taken_down_has_ended() -> None:
    article = make_article("Alt")
    publish(article)
    article.refresh_from_db()
    article.title_de = "Neu"
    drafting.save(article, version=article.version, by=None)
    current = publish(article)
    old = article.publications.filter(language="de").exclude(pk=current.pk).get()
    take_down.take_down(article, [old], reason="Urteil", by=None, drafts=False)
    assert states.state(article, "de", database_now()).word == "live"
    withdraw(article, ["de"], by=None, reason="Veraltet")
    assert states.state(article, "de", database_now()).word == "withdrawn"


@pytest.mark.django_db(transaction=True)
def test_links_to_its_drafts_lead_nowhere() -> None:
    article = make_article("Geheim")
    publish(article)
    german, english = (
        preview_links.make(article, language, days=7, pinned=False, by=make_user("editor")) for language in ("de", "en")
    )
    take_it_down(article)
    german.refresh_from_db()
    english.refresh_from_db()
    assert (bool(german.revoked_at), bool(english.revoked_at)) == (True, False)


@pytest.mark.django_db(transaction=True)
def test_the_pages_before_say_all_that_goes_and_what_is_not_reached() -> None:
    article = told_everywhere()
    client = Client(headers={"accept-language": "de"})
    client.force_login(make_user("publisher"))
    page = f"/admin/news/article/{article.pk}/take-down/"
    given = {"texts": [row.pk for row in take_down.readable(article)], "reason": "Urteil", "drafts": "on"}
    sure = client.post(page, given).text
    for words in ("2 Texte", "2 Prüfungen", "4 Mails", "4 Zeilen im Protokoll der Verwaltung", "3 technische Kopien"):
        assert words in sure
    for place in (
        "Suchmaschinen",
        "Feed-Reader",
        "Postfächer",
        "ungespeicherte Texte",
        "Sicherungen",
        "andere Artikel",
    ):
        assert place in sure
    assert saying(WORD) >= {"sccon.Mail.context"}  # only asked so far
    done = client.post(page, {**given, "_confirmed": "1"}, follow=True).text
    assert "4 Mails" in done
    assert Publication.objects.exclude(redacted_at=None).count() == 2
