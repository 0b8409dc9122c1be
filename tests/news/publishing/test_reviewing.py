"""A review from the request to the decision, over the functions and over HTTP."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import translation

from news.models import Article, Publication, Review
from news.publishing import publications, reviewing
from news.publishing.states import state
from news.writing import drafting
from sccon import mail
from sccon.clock import database_now
from sccon.models import Mail, User
from tests.at_once import at_once, kinds
from tests.factories import make_article, make_user, publish, signed_in

pytestmark = pytest.mark.django_db


def person(*groups: str, **fields: Any) -> User:
    user = make_user(*groups, **{"language": "en", **fields})
    user.email = user.email or f"{user.username}@example.org"
    user.save()
    return user


def url(article: Article, page: str) -> str:
    return f"/admin/news/article/{article.pk}/{page}/"


def mails() -> list[tuple[str, str]]:
    """Template and recipient of what the outbox holds, in the order of writing."""
    return list(Mail.objects.order_by("pk").values_list("template", "recipient"))


def outcomes() -> list[tuple[str, str]]:
    return list(Review.objects.order_by("pk").values_list("language", "decision"))


# --- What happens -----------------------------------------------------------------------------


def test_a_text_goes_to_review_is_returned_goes_again_and_is_published():
    editor, publisher, article = person("editor"), person("publisher"), make_article("Titel")
    [first] = reviewing.ask(article, ["de"], by=editor, note="Bitte noch heute")
    assert state(article, "de", database_now()).review == first
    assert state(article, "en", database_now()).review is None
    reviewing.give_back(article, ["de"], by=publisher, answer="Woher kommt die Zahl?")
    assert state(article, "de", database_now()).returned == first
    reviewing.ask(article, ["de"], by=editor)
    publish(article, by=publisher)
    assert outcomes() == [("de", "returned"), ("de", "published")]
    now = state(article, "de", database_now())
    assert (now.review, now.returned, now.word) == (None, None, "live")
    assert mails() == [
        ("review-asked", publisher.email),
        ("review-returned", editor.email),
        ("review-asked", publisher.email),
        ("review-published", editor.email),
    ]


def test_both_languages_are_asked_in_one_mail_and_decided_one_by_one():
    editor, publisher, article = person("editor"), person("publisher"), make_article()
    reviewing.ask(article, ["de", "en"], by=editor)
    assert Mail.objects.get().context["languages"] == ["German", "English"]
    publish(article, "en", by=publisher)
    assert outcomes() == [("de", ""), ("en", "published")]


def test_publishing_settles_the_review_or_leaves_it_when_it_fails():
    editor, article = person("editor"), make_article(body_de=None)
    reviewing.ask(article, ["de"], by=editor)
    with pytest.raises(publications.NotPublishable):
        publish(article)
    assert outcomes() == [("de", "")]


def test_planning_approves_and_the_mail_names_the_moment():
    editor, publisher, article = person("editor"), person("publisher"), make_article()
    reviewing.ask(article, ["de"], by=editor)
    at = database_now().replace(year=2031, month=7, day=1, hour=7, minute=0)
    publish(article, by=publisher, at=at)
    sent = mail.render(Mail.objects.get(template="review-published"))
    assert "Tuesday, 1\N{NO-BREAK SPACE}July 2031, at 09:00, Berlin time" in sent.text
    assert sent.subject.startswith("Planned: ")


def test_article_changed_afterwards_is_changed_since_asked():
    editor, article = person("editor"), make_article()
    reviewing.ask(article, ["de"], by=editor)
    assert not state(article, "de", database_now()).review.outdated
    article.lead_de = "Anders."
    drafting.save(article, version=article.version, by=editor)
    assert state(article, "de", database_now()).review.outdated


@pytest.mark.parametrize("language", ["de", "en"])
def test_review_is_asked_once_and_only_of_a_text(language: str):
    article = make_article(title_en=None, lead_en=None, body_en=None)
    reviewing.ask(article, ["de"], by=None)
    with pytest.raises(reviewing.NotReviewable):
        reviewing.ask(article, [language], by=None)
    assert outcomes() == [("de", "")]


def test_database_itself_refuses_a_second_open_review():
    [review] = reviewing.ask(make_article(), ["de"], by=None)
    with pytest.raises(IntegrityError, match="one_open_review_a_language"), transaction.atomic():
        Review.objects.create(article=review.article, language="de", version=1)


def test_request_taken_back_can_be_asked_anew():
    editor, article = person("editor"), make_article()
    reviewing.ask(article, ["de"], by=editor)
    reviewing.take_back(article, ["de"], by=editor)
    reviewing.ask(article, ["de"], by=editor)
    assert outcomes() == [("de", "taken_back"), ("de", "")]


def test_what_is_decided_says_by_whom():
    publisher, article = person("publisher", first_name="Jana", last_name="Kessler"), make_article()
    reviewing.ask(article, ["de"], by=None)
    reviewing.give_back(article, ["de"], by=publisher, answer="Bitte kürzen")
    with translation.override("en"), pytest.raises(reviewing.NotReviewable) as refused:
        reviewing.give_back(article, ["de"], by=None, answer="Zu lang")
    assert str(refused.value) == "The review of German is decided already: returned by Jana Kessler."
    assert Review.objects.get().answer == "Bitte kürzen"


# --- Mails ------------------------------------------------------------------------------------


def test_mails_reach_those_concerned_in_their_language_and_nobody_who_wants_none():
    editor, writer = person("editor"), person("editor", language="de")
    silent = person("publisher", mail_on_review=False)
    person("publisher", is_active=False)
    person("editor")
    publisher = person("publisher")
    article = make_article(saved_by=writer)
    reviewing.ask(article, ["de"], by=editor)
    assert mails() == [("review-asked", publisher.email)]
    reviewing.give_back(article, ["de"], by=silent, answer="Bitte kürzen")
    found = dict(Mail.objects.filter(template="review-returned").values_list("recipient", "language"))
    assert found == {editor.email: "en", writer.email: "de"}


def test_publisher_who_asks_hears_of_it_only_from_others():
    publisher, other, article = person("publisher"), person("publisher"), make_article()
    reviewing.ask(article, ["de"], by=publisher)
    publish(article, by=publisher)
    assert mails() == [("review-asked", other.email)]


@pytest.mark.parametrize("language", ["de", "en"])
def test_mails_read_well_and_lead_to_the_article(language: str):
    editor, article = person("editor", language=language), make_article("Größe & Wert")
    publisher = person("publisher", language=language, first_name="Jana")
    reviewing.ask(article, ["de"], by=editor, note="Bitte <heute>\nnoch")
    reviewing.give_back(article, ["de"], by=publisher, answer="Woher?")
    reviewing.ask(article, ["de"], by=editor)
    publish(article, by=publisher)
    for sent in map(mail.render, Mail.objects.all()):
        assert f"/admin/news/article/{article.pk}/change/" in sent.html
        assert "/admin/sccon/user/me/" in sent.text
        assert "Größe & Wert" in sent.subject
    asked = mail.render(Mail.objects.filter(template="review-asked").order_by("pk").first())
    assert "Bitte &lt;heute&gt;<br>noch" in asked.html


# --- The pages --------------------------------------------------------------------------------


def test_editor_saves_and_asks_from_the_form_and_a_publisher_returns():
    editor, publisher, article = person("editor"), person("publisher"), make_article("Titel")
    page = signed_in(editor).get(url(article, "change"))
    assert 'name="_ask"' in page.text
    asked = signed_in(editor).post(
        url(article, "review/ask"), {"languages": ["de"], "note": "Bitte noch heute"}, follow=True
    )
    assert [str(message) for message in asked.context["messages"]] == ["German waits for a review now."]
    page = signed_in(publisher).get(url(article, "change")).text
    assert "Bitte noch heute" in page
    assert "Approve and publish …" in page
    assert "Return with a note …" in page
    refused = signed_in(publisher).post(url(article, "review/return"), {"languages": ["de"], "answer": " "})
    assert refused.context["form"].errors == {"answer": ["Say what is to be done."]}
    signed_in(publisher).post(url(article, "review/return"), {"languages": ["de"], "answer": "Woher die Zahl?"})
    page = signed_in(editor).get(url(article, "change")).text
    assert "Woher die Zahl?" in page
    assert outcomes() == [("de", "returned")]


def test_looking_at_the_pages_changes_nothing_and_posting_nothing_says_so():
    publisher, article = person("publisher"), make_article()
    reviewing.ask(article, ["de"], by=None)
    for page in ("ask", "return", "take-back"):
        assert signed_in(publisher).get(url(article, f"review/{page}")).status_code == 200
        refused = signed_in(publisher).post(url(article, f"review/{page}"), {"x": "1"})
        assert "Choose at least one language." in refused.text
    assert outcomes() == [("de", "")]


def test_language_that_waits_cannot_be_forged_into_a_second_request():
    editor, article = person("editor"), make_article()
    reviewing.ask(article, ["de"], by=editor)
    refused = signed_in(editor).post(url(article, "review/ask"), {"languages": ["de"]})
    assert "languages" in refused.context["form"].errors
    assert outcomes() == [("de", "")]


def test_editor_takes_back_and_cannot_return():
    editor, article = person("editor"), make_article()
    reviewing.ask(article, ["de"], by=editor)
    assert signed_in(editor).post(url(article, "review/return"), {"languages": ["de"]}).status_code == 403
    signed_in(editor).post(url(article, "review/take-back"), {"languages": ["de"]})
    assert outcomes() == [("de", "taken_back")]


def test_list_shows_what_waits_longest_first_with_the_note():
    first, second, third = make_article("Erste"), make_article("Zweite"), make_article("Dritte")
    for article in (first, second, third):
        reviewing.ask(article, ["de"], by=None, note=f"Zu {article.title_de}")
    reviewing.take_back(first, ["de"], by=None)
    page = signed_in(person("editor")).get("/admin/news/review/")
    found = [review.article.title_de for review in page.context["cl"].result_list]
    assert found == ["Zweite", "Dritte", "Erste"]
    assert "Zu Zweite" in page.text
    waiting = signed_in(person("editor")).get("/admin/news/review/?state=open")
    assert [review.article.title_de for review in waiting.context["cl"].result_list] == ["Zweite", "Dritte"]


# --- At once ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_review_decided_by_several_at_once_is_decided_once():
    article = make_article()
    reviewing.ask(article, ["de"], by=None)
    acts = [lambda n=n: reviewing.give_back(article, ["de"], by=None, answer=f"Antwort {n}") for n in range(4)]
    assert kinds(at_once(*acts)) == {"list": 1, "NotReviewable": 3}
    assert outcomes() == [("de", "returned")]


@pytest.mark.django_db(transaction=True)
def test_the_same_with_read_then_write_is_decided_several_times(monkeypatch: pytest.MonkeyPatch):
    article = make_article()
    [review] = reviewing.ask(article, ["de"], by=None)
    looked = threading.Barrier(3)  # a connection each, and the pool has five

    def naive(*_args: Any, **_options: Any) -> Review:
        found = Review.objects.get(pk=review.pk)
        looked.wait(30)
        if found.decided_at is not None:
            raise reviewing.NotReviewable
        Review.objects.filter(pk=review.pk).update(decision="returned", decided_at=Now())
        return found

    monkeypatch.setattr(reviewing, "_decide", naive)
    acts = [lambda: reviewing.give_back(article, ["de"], by=None, answer="Antwort")] * 3
    assert kinds(at_once(*acts)) == {"list": 3}


@pytest.mark.django_db(transaction=True)
def test_returning_while_publishing_ends_in_one_of_the_two():
    for _round in range(5):
        article = make_article()
        reviewing.ask(article, ["de"], by=None)
        results = kinds(
            at_once(
                lambda article=article: publish(article),
                lambda article=article: reviewing.give_back(article, ["de"], by=None, answer="Nein"),
            )
        )
        last = article.reviews.get().decision
        assert last in {"published", "returned"}
        assert results["NotReviewable"] == (1 if last == "published" else 0)
        assert Publication.objects.filter(article=article).count() == 1
