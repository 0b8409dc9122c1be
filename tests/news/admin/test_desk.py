"""The desk's lists: what is in them, for whom, and what they cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from news.admin.desk import Desk, desk
from news.models import Article
from news.publishing import publications, reviewing
from news.writing import drafting
from sccon.clock import database_now
from sccon.models import User
from tests.factories import make_article, make_user, publish

pytestmark = pytest.mark.django_db


def waits(user: User) -> list[tuple[str, str]]:
    return [(each.title, each.note) for each in desk(user).waits.shown]


def in_review(user: User) -> list[str]:
    return [each.title for each in desk(user).in_review.shown]


def test_publishers_wait_longest_first_and_editors_see_what_they_gave():
    editor, publisher = make_user("editor"), make_user("publisher")
    for title in ("Erste", "Zweite"):
        reviewing.ask(make_article(title), ["de"], by=editor, note=f"Zu {title}")
    assert waits(publisher) == [("Erste", "Zu Erste"), ("Zweite", "Zu Zweite")]
    assert (waits(editor), in_review(editor), in_review(publisher)) == ([], ["Erste", "Zweite"], [])


def test_publishers_do_not_wait_for_themselves():
    publisher = make_user("publisher")
    reviewing.ask(make_article("Eigene"), ["de"], by=publisher)
    assert (waits(publisher), in_review(publisher)) == ([], ["Eigene"])


def test_what_came_back_waits_until_it_is_asked_again_or_published():
    editor, publisher = make_user("editor"), make_user("publisher")
    articles = [make_article(f"Nr. {number}") for number in range(3)]
    for article in articles:
        reviewing.ask(article, ["de"], by=editor)
        reviewing.give_back(article, ["de"], by=publisher, answer="Woher?")
    assert waits(editor) == [("Nr. 0", "Woher?"), ("Nr. 1", "Woher?"), ("Nr. 2", "Woher?")]
    assert waits(make_user("editor")) == []
    reviewing.ask(articles[0], ["de"], by=editor)
    assert [title for title, _note in waits(editor)] == ["Nr. 1", "Nr. 2"]


def test_text_changed_since_it_was_asked_for_says_so():
    editor, publisher, article = make_user("editor"), make_user("publisher"), make_article()
    reviewing.ask(article, ["de"], by=editor)
    assert not desk(publisher).waits.shown[0].changed
    article.lead_de = "Anders."
    drafting.save(article, version=article.version, by=editor)
    assert desk(publisher).waits.shown[0].changed


def test_what_ends_within_a_week_is_listed_unless_something_follows():
    now = database_now()
    publish(make_article("Bald"), until=now + timedelta(days=6))
    publish(make_article("Später"), until=now + timedelta(days=8))
    followed = make_article("Ersetzt")
    publish(followed)
    publish(followed, at=now + timedelta(days=1))
    found = desk(make_user("editor"))
    assert [row.title for row in found.ending.shown] == ["Bald"]
    assert [(line.title, line.kind) for line in found.ahead] == [
        ("Ersetzt", "begins"),
        ("Bald", "ends"),
        ("Später", "ends"),
    ]


def test_plan_given_up_is_neither_ahead_nor_ending():
    article, at = make_article(), database_now() + timedelta(days=1)
    publish(article)
    publish(article, at=at)
    publications.cancel_plan(article, ["de"], at)
    found: Desk = desk(make_user("editor"))
    assert (found.ahead, found.ending.shown) == ([], [])


@pytest.mark.parametrize("view", ["review", "returned", "ending"])
def test_each_list_leads_to_all_of_it(view: str):
    editor = make_user("editor", language="en")
    client = Client()
    client.force_login(editor)
    articles = {name: make_article(name) for name in ("review", "returned", "ending", "other")}
    for name in ("review", "returned"):
        reviewing.ask(articles[name], ["de"], by=editor)
    reviewing.give_back(articles["returned"], ["de"], by=None, answer="Woher?")
    publish(articles["ending"], until=database_now() + timedelta(days=3))
    page = client.get("/admin/news/article/", {"view": view})
    assert [article.title_de for article in page.context["cl"].result_list] == [view]


def test_desk_costs_the_same_however_much_there_is():
    editor, publisher = make_user("editor"), make_user("publisher")

    def fill(count: int) -> None:
        for number in range(count):
            article = make_article(f"Nr. {number}")
            reviewing.ask(article, ["en"], by=editor)
            publish(article, until=database_now() + timedelta(days=3))
            Article.objects.filter(pk=article.pk).update(title_de="Anders")
            back = make_article(f"Zurück {number}")
            reviewing.ask(back, ["de"], by=publisher)
            reviewing.give_back(back, ["de"], by=editor, answer="Woher?")

    counts = []
    for count in (1, 4):
        fill(count)
        with CaptureQueriesContext(connection) as queries:
            desk(User.objects.get(pk=publisher.pk))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nothing_waiting_is_said_kindly():
    client = Client()
    client.force_login(make_user("publisher", language="en"))
    page = client.get("/admin/").text
    assert "No text waits for you." in page
    assert "Everything you were asked for is done." in page
