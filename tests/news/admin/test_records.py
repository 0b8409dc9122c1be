"""What is planned, what stood where, and what must go: the pages for it, over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from news.models import Article, Publication
from news.publishing import publications, take_down
from news.reading import as_of
from sccon import moments
from sccon.clock import database_now
from tests.factories import make_article, make_user, publish
from tests.news.newsroom import at, client_of, messages, url

pytestmark = pytest.mark.django_db

AT = "/admin/news/publication/at/"


@pytest.fixture
def publisher() -> Client:
    return client_of("publisher")


def soon(**delta: float) -> datetime:
    return (timezone.now() + timedelta(**delta)).replace(second=0, microsecond=0)


# --- Plans ------------------------------------------------------------------------------------


def planned(*languages: str) -> tuple[Article, datetime, str]:
    """An article planned for tomorrow, the instant, and the address of the page to change that."""
    article, begin = make_article("Morgen"), soon(days=1)
    row = publish(article, *languages, at=begin)
    return article, begin, url(article, f"plan/{row.pk}")


def test_both_languages_of_a_plan_get_another_time_at_once(publisher: Client) -> None:
    article, _begin, page = planned("de", "en")
    assert page in publisher.get(url(article, "change")).text
    moved, end = soon(days=3), soon(days=4)
    given = {"languages": ["de", "en"], "_move": "1", **at(moved), **at(end, "until")}
    done = publisher.post(page, given, follow=True)
    assert messages(done)[0].startswith("German and English is planned for")
    assert {(row.visible.lower, row.visible.upper) for row in Publication.objects.all()} == {(moved, end)}


def test_form_of_a_plan_holds_its_times(publisher: Client) -> None:
    article, begin, end = make_article(), soon(days=1), soon(days=2)
    row = publish(article, at=begin, until=end)
    page = publisher.get(url(article, f"plan/{row.pk}"))
    assert "Which of the two?" not in page.text
    form = page.context["form"]
    assert form["at_date"].value() == timezone.localtime(begin).date()
    assert form["until_time"].value() == timezone.localtime(end).time()


def test_plan_is_given_up_for_one_language(publisher: Client) -> None:
    _article, _begin, page = planned("de", "en")
    done = publisher.post(page, {"languages": ["en"], "_cancel": "1"}, follow=True)
    assert messages(done) == ["English is planned no more."]
    assert [row.language for row in Publication.objects.all()] == ["de"]


def test_page_says_what_stays_when_the_plan_is_given_up(publisher: Client) -> None:
    article = make_article("Heute")
    publish(article)
    row = publish(article, "de", "en", at=soon(days=1))
    page = publisher.get(url(article, f"plan/{row.pk}")).text
    assert "German: “Heute” stays in its place." in page
    assert "English: nothing appears; the text stays a draft." in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"languages": []}, "languages"),
        ({"at_date": "2020-05-01"}, "at_date"),
        ({"at_date": ""}, "at_date"),
        ({"at_date": "2027-03-28", "at_time": "02:30"}, "at_time"),
        ({"at_date": "2027-10-31", "at_time": "02:30"}, "at_fold"),
        ({"until_date": "2020-05-01", "until_time": "09:00"}, "until_date"),
    ],
)
def test_senseless_changes_of_a_plan_are_refused_beside_their_field(
    publisher: Client, changes: dict[str, Any], field: str
) -> None:
    _article, begin, page = planned("de")
    refused = publisher.post(page, {"languages": ["de"], "_move": "1", **at(begin), **changes})
    assert field in refused.context["form"].errors
    assert Publication.objects.get().visible.lower == begin


def test_plan_that_has_become_public_says_so(publisher: Client) -> None:
    article = make_article()
    row = publish(article)
    page = url(article, f"plan/{row.pk}")
    assert "it is no plan any more" in publisher.get(page).text
    publisher.post(page, {"languages": ["de"], "_cancel": "1"})
    assert Publication.objects.public("de").exists()


def test_hour_that_comes_twice_is_named_wherever_it_is_shown() -> None:
    first, second = datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    with translation.override("en"):
        assert moments.weekday(first) == "Sunday, 31\N{NO-BREAK SPACE}October 2027, at 02:30 (summer time)"
        assert moments.full(second).endswith("(winter time)")
        assert (
            moments.weekday(datetime(2027, 10, 31, 2, 30, tzinfo=UTC))
            == "Sunday, 31\N{NO-BREAK SPACE}October 2027, at 03:30"
        )


# --- What stood here at … ---------------------------------------------------------------------


def asked(address: str, moment: datetime) -> dict[str, str]:
    local = timezone.localtime(moment)
    return {"address": address, "at_date": local.strftime("%Y-%m-%d"), "at_time": local.strftime("%H:%M:%S")}


def page_at(client: Client, row: Publication, moment: datetime) -> Any:
    query = {"language": row.language, "path": row.path, "at": moment.isoformat()}
    return client.get(f"{AT}page/", query)


def test_page_is_shown_as_it_stood_at_any_instant(publisher: Client) -> None:
    article = make_article("Erste Fassung")
    first = publish(article, by=make_user("publisher", first_name="Jana", last_name="Kessler"))
    Article.objects.update(title_de="Zweite Fassung")
    second = publish(article)
    before = page_at(publisher, first, second.visible.lower - timedelta(microseconds=1))
    assert "<h1>Erste Fassung</h1>" in before.text.replace("\u00ad", "")
    assert "Jana Kessler" in before.text
    after = page_at(publisher, first, second.visible.lower)
    assert "<h1>Zweite Fassung</h1>" in after.text.replace("\u00ad", "")
    assert "no-store" in after.headers["Cache-Control"]
    assert after.headers["X-Robots-Tag"] == "noindex"
    assert page_at(publisher, first, first.visible.lower - timedelta(seconds=1)).status_code == 404


def test_neighbours_on_the_page_are_those_of_then(publisher: Client) -> None:
    other = make_article("Damals daneben")
    publish(other)
    row = publish(make_article("Text"))
    then = database_now()
    publications.withdraw(other, ["de"], by=None, reason="Weg")
    assert "Damals daneben" in page_at(publisher, row, then).text.replace("\u00ad", "")
    assert "Damals daneben" not in page_at(publisher, row, database_now()).text.replace("\u00ad", "")


def test_terms_are_shown_as_they_stood(publisher: Client) -> None:
    terms = make_article("Bedingungen", kind="page", role="terms", slug_de="agb", lead_de=None)
    row = publish(terms)
    then = database_now()
    Article.objects.update(body_de="<p>Neue Bedingungen</p>")
    publish(terms)
    assert "Der Text." in page_at(publisher, row, then).text


@pytest.mark.parametrize("form", ["{path}", "{site}{path}", "{path}?utm=1"])
def test_address_is_taken_as_a_browser_shows_it(publisher: Client, form: str, settings: Any) -> None:
    address = form.format(path="/de/news/titel/", site=settings.SITE_URL)
    found = publisher.get(AT, asked(address, timezone.now() - timedelta(days=1)))
    assert (found.context["form"].errors, found.context["address"]) == ({}, "/de/news/titel/")


def test_every_answer_of_an_address_is_told() -> None:
    article, successor = make_article(), make_article("Neu")
    row = publish(article)
    publish(successor)
    publications.withdraw(article, ["de"], by=None, reason="Zusammengelegt", outcome="replaced", target=successor)
    replaced = database_now()
    publications.withdraw(successor, ["de"], by=None, reason="Weg")

    def status(moment: datetime) -> int:
        return as_of.answer("de", row.path, moment).status

    assert status(row.visible.lower - timedelta(seconds=1)) == 404
    assert status(row.visible.lower) == 200
    assert status(replaced) == 301
    assert status(database_now()) == 410


def test_address_without_a_text_is_said_to_have_none(publisher: Client) -> None:
    found = publisher.get(AT, asked("/de/news/nie-dagewesen/", timezone.now() - timedelta(seconds=1)))
    assert "no text had stood here yet" in found.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": ""}, "address"),
        ({"address": "https://anderswo.example/de/news/x/"}, "address"),
        ({"address": "/fr/news/x/"}, "address"),
        ({"address": "http://[::1"}, "address"),
        ({"at_date": "2999-01-01"}, "at_date"),
        ({"at_date": "gestern"}, "at_date"),
        ({"at_date": "2027-03-28", "at_time": "02:30"}, "at_time"),
    ],
)
def test_senseless_questions_are_refused_beside_their_field(
    publisher: Client, changes: dict[str, str], field: str
) -> None:
    response = publisher.get(AT, {**asked("/de/news/x/", timezone.now()), **changes})
    assert response.status_code == 200
    assert field in response.context["form"].errors


@pytest.mark.parametrize(
    "query", ["", "?language=de&path=news/x&at=gestern", "?language=de&path=../x&at=2026-01-01T00:00:00Z"]
)
def test_page_of_no_text_is_not_found(publisher: Client, query: str) -> None:
    assert publisher.get(f"{AT}page/{query}").status_code == 404


# --- Take-down --------------------------------------------------------------------------------


def test_take_down_says_first_what_cannot_be_undone(publisher: Client) -> None:
    article = make_article("Geheim")
    row = publish(article)
    page = url(article, "take-down")
    assert "withdraw it instead" in publisher.get(page).text
    given = {"texts": [row.pk], "reason": "Urteil vom 1. März", "drafts": "on"}
    sure = publisher.post(page, given)
    assert "This cannot be undone" in sure.text
    assert "For ever unreadable: 1 text." in sure.text
    assert Publication.objects.get().title == "Geheim"
    done = publisher.post(page, {**given, "_confirmed": "1"}, follow=True)
    assert messages(done) == ["Taken down: 1 text."]
    assert Publication.objects.get().title == ""
    assert "Geheim" not in publisher.get("/admin/news/publication/").text
    detail = publisher.get(f"/admin/news/publication/{row.pk}/change/").text
    assert "Urteil vom 1. März" in detail
    assert as_of.answer("de", row.path, row.visible.lower).publication.redacted_at
    assert page_at(publisher, row, row.visible.lower).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"), [({"reason": " "}, "reason"), ({"texts": []}, "texts"), ({"texts": ["7777"]}, "texts")]
)
def test_take_down_without_what_it_needs_is_refused(publisher: Client, changes: dict[str, Any], field: str) -> None:
    article = make_article()
    row = publish(article)
    given = {"texts": [row.pk], "reason": "Urteil", "_confirmed": "1", **changes}
    refused = publisher.post(url(article, "take-down"), given)
    assert field in refused.context["form"].errors
    assert Publication.objects.get().title == "Meldung"


def test_texts_of_another_article_cannot_be_forged_into_a_take_down(publisher: Client) -> None:
    other = publish(make_article("Andere"))
    article = make_article()
    publish(article)
    publisher.post(url(article, "take-down"), {"texts": [other.pk], "reason": "Urteil", "_confirmed": "1"})
    assert Publication.objects.get(pk=other.pk).title == "Andere"


def test_legal_page_is_not_taken_down_while_public(publisher: Client) -> None:
    page = make_article("Impressum", kind="page", role="imprint", slug_de="impressum", lead_de=None)
    row = publish(page)
    refused = publisher.post(url(page, "take-down"), {"texts": [row.pk], "reason": "Urteil"})
    assert "publish a new text instead" in refused.context["form"].non_field_errors()[0]


def test_nothing_left_to_take_down_is_said(publisher: Client) -> None:
    article = make_article()
    publish(article)
    take_down.take_down(article, take_down.readable(article), reason="Urteil", by=None, drafts=True)
    page = publisher.get(url(article, "take-down")).text
    assert "No text of this article can be taken down" in page
    assert "1 text of this article was taken down before." in page
