"""The pages that publish, withdraw and pin, over HTTP."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone, translation

from news.admin.article import outcomes
from news.admin.moments import Ambiguous, in_berlin
from news.models import Article, Pin, Publication, Redirect, Withdrawal
from news.publishing.publications import withdraw
from news.writing import drafting
from tests.factories import make_article, make_user, publish
from tests.news.newsroom import at, client_of, messages, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher() -> Client:
    return client_of("publisher")


def answers(article: Article, **changes: Any) -> dict[str, Any]:
    return {
        "version": article.version,
        "languages": ["de"],
        "when": "now",
        "weight": "small",
        "planned": "keep",
    } | changes


# --- Who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["publish", "withdraw", "pin"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_publishers_reach_these_pages(page: str, method: str) -> None:
    article = make_article()
    publish(article)
    assert getattr(client_of("editor"), method)(url(article, page), answers(article)).status_code == 403
    assert Publication.objects.count() == 1


# --- Publish ----------------------------------------------------------------------------------


def test_looking_publishes_nothing(publisher: Client) -> None:
    article = make_article()
    response = publisher.get(url(article, "publish"))
    assert response.status_code == 200
    assert not Publication.objects.exists()


def test_publishes_the_chosen_language_at_once(publisher: Client) -> None:
    article = make_article()
    response = publisher.post(url(article, "publish"), answers(article), follow=True)
    assert messages(response) == ["German is public now."]
    assert [row.language for row in Publication.objects.public("de")] == ["de"]
    assert Publication.objects.get().published_by.username == response.context["user"].username
    assert Client().get(Publication.objects.get().url).status_code == 200


def test_plans_both_languages_for_the_same_instant(publisher: Client) -> None:
    article = make_article()
    begin = (timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    end = begin + timedelta(days=3)
    given = answers(article, languages=["de", "en"], when="at", **at(begin), **at(end, "until"))
    response = publisher.post(url(article, "publish"), given, follow=True)
    assert {(row.visible.lower, row.visible.upper) for row in Publication.objects.all()} == {(begin, end)}
    assert Publication.objects.count() == 2
    assert messages(response)[0].startswith("German and English is planned for")


def test_what_is_missing_stands_there_before_the_click_and_refuses_it(publisher: Client) -> None:
    article = make_article(body_en=None)
    page = publisher.get(url(article, "publish"))
    assert "The text is missing." in page.text
    assert 'value="en" disabled' in page.text
    refused = publisher.post(url(article, "publish"), answers(article, languages=["de", "en"]))
    assert refused.context["form"].non_field_errors() == ["English: The text is missing."]
    assert not Publication.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"languages": []}, "languages", "Choose at least one language."),
        ({"when": "at"}, "at_date", "Choose the day."),
        ({"when": "at", "at_date": "2030-05-01"}, "at_time", "Choose the hour."),
        ({"when": "at", "at_date": "2020-05-01", "at_time": "9:00"}, "at_date", "That is past."),
        ({"when": "at", "at_date": "31.02.2030", "at_time": "9:00"}, "at_date", "Enter a valid date."),
        ({"when": "at", "at_date": "2027-03-28", "at_time": "02:30"}, "at_time", "The clocks go forward"),
        ({"when": "at", "at_date": "2030-10-27", "at_time": "02:30"}, "at_fold", "The clocks go back"),
        ({"until_date": "2020-05-01", "until_time": "9:00"}, "until_date", "The end is not after the beginning."),
    ],
)
def test_answers_that_make_no_sense_are_refused_beside_their_field(
    publisher: Client, changes: dict[str, Any], field: str, sentence: str
) -> None:
    article = make_article()
    response = publisher.post(url(article, "publish"), answers(article, **changes))
    assert response.context["form"].errors[field][0].startswith(sentence)
    for value in changes.values():
        if isinstance(value, str):
            assert value in response.text
    assert not Publication.objects.exists()


def test_hour_that_comes_twice_is_asked_for_and_then_kept_apart(publisher: Client) -> None:
    article = make_article()
    given = answers(article, when="at", at_date="2030-10-27", at_time="02:30")
    assert 'name="at_fold"' in publisher.post(url(article, "publish"), given).text
    publisher.post(url(article, "publish"), given | {"at_fold": "1"})
    assert Publication.objects.get().visible.lower == datetime(2030, 10, 27, 1, 30, tzinfo=UTC)


def test_hours_in_berlin() -> None:
    assert in_berlin(date(2030, 7, 1), time(9)) == datetime(2030, 7, 1, 7, tzinfo=UTC)
    assert in_berlin(date(2030, 10, 27), time(2, 30), "0") == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
    assert in_berlin(date(2030, 10, 27), time(3)) == datetime(2030, 10, 27, 2, tzinfo=UTC)
    with pytest.raises(Ambiguous):
        in_berlin(date(2030, 10, 27), time(2))
    with translation.override("en"), pytest.raises(ValidationError, match="does not exist"):
        in_berlin(date(2030, 3, 31), time(2))


def test_small_correction_keeps_the_date_and_new_content_shows_it(publisher: Client) -> None:
    article = make_article()
    publish(article)
    publisher.post(url(article, "publish"), answers(article))
    assert Publication.objects.public("de").get().updated_at is None
    publisher.post(url(article, "publish"), answers(article, weight="substantial"))
    current = Publication.objects.public("de").get()
    assert current.updated_at == current.visible.lower


def test_planned_version_stays_or_is_dropped(publisher: Client) -> None:
    article = make_article()
    publish(article, at=timezone.now() + timedelta(days=1))
    publisher.post(url(article, "publish"), answers(article))
    assert Publication.objects.filter(visible__startswith__gt=timezone.now()).count() == 1
    publisher.post(url(article, "publish"), answers(article, planned="replace"))
    assert Publication.objects.filter(visible__startswith__gt=timezone.now()).count() == 0


def test_version_saved_meanwhile_is_not_published_unseen(publisher: Client) -> None:
    article = make_article()
    Article.objects.update(version=7)
    refused = publisher.post(url(article, "publish"), answers(article))
    assert "saved version 7" in refused.context["form"].non_field_errors()[0]
    assert 'name="version" value="7"' in refused.text
    assert not Publication.objects.exists()


def test_the_script_is_told_what_the_answers_would_do(publisher: Client) -> None:
    article = make_article()
    publish(article)
    given = answers(article, when="at", at_date="2030-05-01", at_time="09:00", outcome_of="1")
    told = publisher.get(url(article, "publish"), given).json()
    assert told["sentence"].startswith(
        "On Wednesday, 1\N{NO-BREAK SPACE}May 2030, at 09:00 Berlin time version 0 appears (German)"
    )
    assert "it replaces the text that has been public since" in told["sentence"]
    assert told["sentence"].endswith("English stays as it is.")
    assert told["button"] == "Plan for 1\N{NO-BREAK SPACE}May 2030"
    assert Publication.objects.count() == 1


def test_without_a_script_the_answers_can_be_tried_first(publisher: Client) -> None:
    article = make_article()
    given = answers(article, when="at", at_date="2030-05-01", at_time="09:00", _look="1")
    page = publisher.post(url(article, "publish"), given).text
    assert "On Wednesday, 1\N{NO-BREAK SPACE}May 2030, at 09:00 Berlin time version 0 appears" in page
    assert not Publication.objects.exists()


def tomorrow(days: int = 1) -> datetime:
    return (timezone.now() + timedelta(days=days)).replace(hour=8, minute=0, second=0, microsecond=0)


def proposed(publisher: Client, article: Article, page: str = "publish") -> dict[str, Any]:
    """What Enter alone would send: the form's answers as they stand when it opens."""
    form = publisher.get(url(article, page)).context["form"]
    return {bound.html_name: bound.value() for bound in form if bound.value() not in (None, "", [])}


def corrected(article: Article, **fields: str) -> Article:
    """The article with a typo corrected after it was planned."""
    for name, value in (fields or {"title_de": "Ohne Tippfehler"}).items():
        setattr(article, name, value)
    return drafting.save(article, version=article.version, by=None)


@pytest.mark.parametrize("before", ["nothing", "public", "another plan"])
@pytest.mark.parametrize("ends", [False, True])
def test_enter_after_a_correction_takes_it_over_into_the_plan(publisher: Client, before: str, ends: bool) -> None:
    article = make_article()
    if before != "nothing":
        publish(article, **({"at": tomorrow()} if before == "another plan" else {}))
    begin, end = tomorrow(3), tomorrow(9) if ends else None
    publish(article, "de", "en", at=begin, until=end)
    article = corrected(article, title_de="Ohne Tippfehler", title_en="No typo")
    given = proposed(publisher, article)
    response = publisher.post(url(article, "publish"), given, follow=True)
    assert "is planned for" in messages(response)[0]
    rows = Publication.objects.filter(visible__startswith=begin)
    assert {(row.title, row.visible.upper) for row in rows} == {("Ohne Tippfehler", end), ("No typo", end)}
    assert not Publication.objects.filter(title="Ohne Tippfehler").exclude(visible__startswith=begin).exists()
    assert not Publication.objects.filter(visible__startswith__gt=begin).exists()


def test_plans_of_different_times_and_ends_are_not_thrown_together(publisher: Client) -> None:
    article = make_article()
    publish(article, "de", at=tomorrow(2), until=tomorrow(5))
    publish(article, "en", at=tomorrow(2), until=tomorrow(6))
    publisher.post(url(article, "publish"), proposed(publisher, corrected(article)))
    ends = {row.language: row.visible.upper for row in Publication.objects.all()}
    assert ends == {"de": tomorrow(5), "en": tomorrow(6)}


def test_enter_keeps_the_end_of_a_public_text(publisher: Client) -> None:
    article = make_article()
    publish(article, until=tomorrow(5))
    publisher.post(url(article, "publish"), proposed(publisher, corrected(article)))
    assert Publication.objects.public("de").get().visible.upper == tomorrow(5)


def test_a_plan_that_was_dropped_meanwhile_is_not_taken_for_another(publisher: Client) -> None:
    article = make_article()
    row = publish(article, at=tomorrow())
    given = proposed(publisher, corrected(article))
    row.delete()
    refused = publisher.post(url(article, "publish"), given)
    assert refused.context["form"].errors["when"] == ["This plan is not there any more. Please choose again."]
    assert not Publication.objects.exists()


def told(publisher: Client, article: Article, page: str, **given: Any) -> dict[str, Any]:
    """What the page says above its button with these answers: told to the script, and shown without it."""
    said = publisher.get(url(article, page), given | {"outcome_of": "1"}).json()
    shown = publisher.post(url(article, page), given | {"_look": "1"}).context["outcome"]
    assert {name: shown[name] for name in said} == said
    return said


def test_the_sentence_follows_every_answer_before_publishing(publisher: Client) -> None:
    article = make_article()
    publish(article, until=tomorrow(9))
    publish(article, "de", at=tomorrow(2))
    article = corrected(article)
    plan = f"plan {tomorrow(2).astimezone(UTC).isoformat()}"
    into = told(publisher, article, "publish", **answers(article, when=plan))
    assert "it takes the place of the version planned for" in into["sentence"]
    assert into["button"].startswith("Take it over, for ")
    assert into["hidden"] == ["planned"]
    same = told(publisher, article, "publish", **answers(article, when="at", **at(tomorrow(2))))
    assert (same["hidden"], "takes the place" in same["sentence"]) == (["planned"], True)
    assert "follows then" in told(publisher, article, "publish", **answers(article))["sentence"]
    assert "is dropped" in told(publisher, article, "publish", **answers(article, planned="replace"))["sentence"]
    later = told(publisher, article, "publish", **answers(article, when="at", **at(tomorrow(4))))
    assert "appears before, until then" in later["sentence"]
    past = told(publisher, article, "publish", **answers(article, when="at", **at(tomorrow(-3))))
    assert past == {
        "sentence": "That is past. Choose a later time, or “At once”.",
        "button": "Plan",
        "hidden": past["hidden"],
    }
    english = told(publisher, article, "publish", **answers(article, languages=["en"], weight="substantial"))
    assert "Readers see the date" not in english["sentence"]
    end = told(publisher, article, "publish", **answers(article, **at(tomorrow(-3), "until")))
    assert end["sentence"] == "The end is not after the beginning."


def test_a_text_is_public_since_it_came_back(publisher: Client) -> None:
    article = make_article()
    publish(article)
    withdraw(article, ["de"], by=None, reason="Versehen")
    row = publish(article)
    publish(article)
    assert outcomes.public_since(Publication.objects.public("de").get()) == row.visible.lower


# --- Withdraw ---------------------------------------------------------------------------------


def test_the_sentence_follows_every_answer_before_withdrawing(publisher: Client) -> None:
    article = make_article()
    publish(article)
    publish(article, "en", at=tomorrow())
    given = {"languages": ["de", "en"], "outcome": "gone"}
    gone = told(publisher, article, "withdraw", **given)
    assert "leaves the site at once" in gone["sentence"]
    assert "English was only planned" in gone["sentence"]
    notice = told(publisher, article, "withdraw", **given | {"outcome": "notice"})
    assert "stays readable at its address" in notice["sentence"]
    assert "leaves the site" not in notice["sentence"]
    assert notice["button"] == "Put it under the notice now"
    replaced = told(publisher, article, "withdraw", **given | {"outcome": "replaced"})
    assert "Its address leads to the article you choose." in replaced["sentence"]
    english = told(publisher, article, "withdraw", **given | {"languages": ["en"]})
    assert english["sentence"].startswith("English was only planned")
    assert "German stays as it is." in english["sentence"]
    assert told(publisher, article, "withdraw", outcome="gone")["button"] == "Withdraw"
    assert not Withdrawal.objects.exists()


def test_the_sentence_follows_every_answer_about_a_plan(publisher: Client) -> None:
    article = make_article()
    page = f"plan/{publish(article, 'de', 'en', at=tomorrow()).pk}"
    given = {"languages": ["de", "en"], **at(tomorrow())}
    assert "as planned" in told(publisher, article, page, **given)["sentence"]
    moved = told(publisher, article, page, **given | {"languages": ["de"]} | at(tomorrow(3)))
    assert moved["sentence"].startswith("Instead of on ")
    assert [sentence.split(":")[0] for sentence in moved["instead"]] == ["German"]
    past = told(publisher, article, page, **given | at(tomorrow(-3)))
    assert past["sentence"].startswith("That is past.")
    assert "It ends on" in told(publisher, article, page, **given | at(tomorrow(7), "until"))["sentence"]
    assert told(publisher, article, page, **given | {"languages": []})["instead"] == []


def test_withdrawn_text_is_gone(publisher: Client) -> None:
    article = make_article()
    publication = publish(article)
    given = {"languages": ["de"], "outcome": "gone", "reason": "Falsch"}
    response = publisher.post(url(article, "withdraw"), given, follow=True)
    assert messages(response) == ["German is withdrawn."]
    assert Client().get(publication.url).status_code == 410
    assert Withdrawal.objects.get().reason == "Falsch"


def test_withdrawn_text_is_replaced_by_another(publisher: Client) -> None:
    article, other = make_article("Alt"), make_article("Neu")
    old, new = publish(article), publish(other)
    given = {"languages": ["de"], "outcome": "replaced", "target": [other.pk], "reason": "Zusammengelegt"}
    publisher.post(url(article, "withdraw"), given)
    assert Client().get(old.url).headers["Location"] == new.url


def test_withdrawn_text_stays_under_a_notice(publisher: Client) -> None:
    article = make_article()
    publication = publish(article)
    given = {"languages": ["de"], "outcome": "notice", "notice_de": "Überholt.", "reason": "Neue Zahlen"}
    publisher.post(url(article, "withdraw"), given)
    assert "Überholt." in Client().get(publication.url).text


@pytest.mark.parametrize(
    ("language", "labels"),
    [("de", ["Hinweis, deutsch", "Hinweis, englisch"]), ("en", ["Notice, German", "Notice, English"])],
)
def test_notices_are_asked_for_in_the_publishers_language(language: str, labels: list[str]) -> None:
    article = make_article()
    publish(article)
    client = Client()
    client.force_login(make_user("publisher", language=language))
    page = client.get(url(article, "withdraw")).text
    assert re.findall(r'<label for="id_notice_..">([^<]+)</label>', page) == labels


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"languages": []}, "languages"),
        ({"outcome": "replaced"}, "target"),
        ({"outcome": "notice"}, "notice_de"),
    ],
)
def test_withdrawal_without_what_it_needs_is_refused(publisher: Client, changes: dict[str, Any], field: str) -> None:
    article = make_article()
    publish(article)
    given = {"languages": ["de"], "outcome": "gone", "reason": "Ein guter Grund"} | changes
    response = publisher.post(url(article, "withdraw"), given)
    assert set(response.context["form"].errors) == {field}
    assert Publication.objects.public("de").exists()


def test_page_with_a_role_is_not_withdrawn(publisher: Client) -> None:
    page = make_article("Impressum", kind="page", role="imprint")
    publish(page)
    given = {"languages": ["de"], "outcome": "gone", "reason": "Versehen"}
    response = publisher.post(url(page, "withdraw"), given)
    assert "publish a new text instead" in response.context["form"].non_field_errors()[0]


def test_withdrawal_says_first_who_links_here(publisher: Client) -> None:
    article, related, replaced = make_article("Ziel"), make_article("Verwandt"), make_article("Ersetzt")
    row = publish(article)
    publish(make_article("Verweisend", body_de=f'<p>Siehe <a href="{row.url}">das Ziel</a>.</p>'))
    later = timezone.now() + timedelta(days=1)
    publish(make_article("Geplant", body_de=f'<p>Siehe <a href="{row.url}">das Ziel</a>.</p>'), at=later)
    related.related.set([article])
    publish(related)
    publish(replaced)
    withdraw(replaced, ["de"], by=None, reason="Neu", outcome="replaced", target=article)
    Redirect.objects.create(old_path="/alt/ziel", article=article, language="de")
    Pin.objects.create(article=article, position=2)
    page = publisher.get(url(article, "withdraw"))
    pointing = page.context["pointing"]
    assert {text.title for text in pointing.texts} == {"Verweisend", "Geplant", "Verwandt"}
    for word in ("Verweisend", "Geplant", "Verwandt", "Ersetzt", "/alt/ziel", "position 2"):
        assert word in page.text
    assert Publication.objects.public("de").filter(article=article).exists()


def test_nothing_leading_here_is_said_too(publisher: Client) -> None:
    article = make_article()
    publish(article)
    assert "No public or planned text, no pin and no redirect." in publisher.get(url(article, "withdraw")).text


def test_nothing_to_withdraw_is_said(publisher: Client) -> None:
    assert "nothing to withdraw" in publisher.get(url(make_article(), "withdraw")).text


# --- Pin --------------------------------------------------------------------------------------


def test_article_is_pinned_moved_and_unpinned(publisher: Client) -> None:
    article = make_article()
    publisher.post(url(article, "pin"), {"position": "2"})
    assert list(Pin.objects.values_list("article", "position", "until")) == [(article.pk, 2, None)]
    until = (timezone.now() + timedelta(days=4)).replace(second=0, microsecond=0)
    publisher.post(url(article, "pin"), {"position": "1", **at(until, "until")})
    assert list(Pin.objects.values_list("position", "until")) == [(1, until)]
    assert timezone.localtime(until).strftime("%H:%M") in publisher.get(url(article, "pin")).text
    publisher.post(url(article, "pin"), {"_remove": "1"})
    assert not Pin.objects.exists()


def test_pin_in_the_past_is_refused(publisher: Client) -> None:
    given = {"position": "1", "until_date": "2020-01-01", "until_time": "9:00"}
    response = publisher.post(url(make_article(), "pin"), given)
    assert "until_date" in response.context["form"].errors
