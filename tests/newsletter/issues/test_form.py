"""The form of an issue: what is written, checked, seen and tried before anybody gets it."""

import re
from typing import Any

import pytest
from django.test import Client

from newsletter.issues import checks, composing, trying
from newsletter.models import Issue
from tests.factories import make_article, make_image, make_topic, make_user, publish
from tests.newsletter.issues.made import add, freeze, make_issue

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/admin/newsletter/issue/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_user("newsletter", language="de"))
    return client


def posted(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """What a browser would send of the form at `url`."""
    context = client.get(url).context
    data: dict[str, Any] = {}
    formset = context["inline_admin_formsets"][0].formset
    for form in (context["adminform"].form, formset.management_form, *formset.forms):
        for bound in form:
            value = bound.value()
            if value is not None and value is not False and value not in ("", []):
                data[bound.html_name] = "on" if value is True else value
    return {name: value for name, value in (data | changes).items() if value is not None}


def test_an_issue_is_written_ordered_and_changed_without_javascript(staff: Client):
    article = make_article("Amt öffnet")
    publish(article)
    page = staff.get(f"{URL}add/")
    assert "Amt öffnet" in page.text
    data = posted(staff, f"{URL}add/", subject_de="Mai", subject_en="May")
    data |= {"items-0-position": 2, "items-0-article": article.pk}
    data |= {"items-1-position": 1, "items-1-heading_de": "Zuerst", "items-1-text_de": "<p>Ja</p><figure></figure>"}
    saved = staff.post(f"{URL}add/", data, follow=True)
    issue = Issue.objects.get()
    assert "Gespeichert." in saved.text
    assert [str(item) for item in issue.items.all()] == ["Zuerst", "Amt öffnet"]
    assert (issue.version, issue.items.first().text_de) == (1, "<p>Ja</p>")
    change = f"{URL}{issue.pk}/change/"
    data = posted(staff, change, **{"items-0-DELETE": "on"})
    staff.post(change, data)
    assert [str(item) for item in issue.items.all()] == ["Amt öffnet"]
    assert "„Zuerst“" not in staff.get(change).text


def test_two_who_write_at_once_lose_nothing(staff: Client):
    issue = make_issue()
    change = f"{URL}{issue.pk}/change/"
    mine, theirs = posted(staff, change, subject_de="Meins"), posted(staff, change, subject_de="Ihres")
    assert staff.post(change, theirs).status_code == 302
    answer = staff.post(change, mine)
    assert answer.status_code == 200
    assert "Meins" in answer.text
    assert "Gespeichert ist: Ihres" in answer.text
    issue.refresh_from_db()
    assert issue.subject_de == "Ihres"
    with pytest.raises(composing.Conflict):
        composing.save(issue, [], version=0, by=make_user())


def test_an_issue_is_filled_with_the_articles_since_the_last_and_makes_the_next(staff: Client):
    old = make_article("Alt")
    publish(old)
    first = make_issue()
    freeze(first)
    new = make_article("Neu")
    publish(new)
    change = f"{URL}{first.pk}/change/"
    staff.post(change, posted(staff, change, _fill="1"))
    assert [item.article for item in first.items.all()] == [None, new]
    Issue.objects.filter(pk=first.pk).update(
        status="sent",
        begin_at="2027-01-01T00:00Z",
        ordered_at="2027-01-01T00:00Z",
        started_at="2027-01-01T00:00Z",
        ended_at="2027-01-01T00:00Z",
    )
    read = staff.get(change).text
    assert "/newsletter/issues/neues-im-mai/" in read
    assert 'name="subject_de"' not in read
    assert staff.post(change, {"subject_de": "x"}).status_code == 200
    made = staff.post(f"{URL}{first.pk}/next/")
    following = Issue.objects.exclude(pk=first.pk).get()
    assert made["Location"] == f"{URL}{following.pk}/change/"
    assert [str(item) for item in following.items.all()] == ["Ein Block"]
    assert following.status == "draft"


@pytest.mark.parametrize("mode", ["light", "dark", "inverted", "blocked", "bare", "text"])
def test_the_preview_shows_what_is_typed(staff: Client, mode: str):
    issue = make_issue()
    add(issue, heading_de="Bild", image=make_image())
    data = posted(staff, f"{URL}{issue.pk}/change/", subject_de="Getippt")
    page = staff.post(f"{URL}{issue.pk}/preview/de/{mode}/", data)
    assert page.status_code == 200
    assert "Getippt" in page.text
    assert "script-src" not in page["Content-Security-Policy"]
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert ("<style" in page.text) == (mode not in {"bare", "text"})
    assert ("/admin/newsletter/issue/picture/" in page.text) == (mode not in {"blocked", "text"})
    if found := re.search(r"/admin/newsletter/issue/picture/[^\"]+", page.text):
        assert staff.get(found[0])["Content-Type"] in {"image/png", "image/jpeg"}
    issue.refresh_from_db()
    assert issue.subject_de == "Neues im Mai"


def keys(issue: Issue, *, stops: bool) -> set[str]:
    found = checks.findings(issue, list(issue.items.all()))
    return {each.key.split("-")[0] for each in found if each.stops == stops}


FAULTS: list[tuple[dict[str, Any], dict[str, Any], str, bool]] = [
    ({"subject_de": None}, {}, "subject", True),
    ({"subject_en": None}, {}, "subject", True),
    ({"subject_de": "x" * 71}, {}, "long", False),
    ({"subject_de": "x" * 151}, {}, "long", True),
    ({"preheader_en": None}, {}, "preheader", False),
    ({"to_all": False}, {}, "topics", True),
    ({}, {"heading_de": "Nur deutsch"}, "left", False),
    ({}, {"heading_de": "A", "heading_en": "B", "button_label_de": "Los"}, "button", True),
    (
        {},
        {"heading_de": "A", "heading_en": "B", "text_de": '<p><a href="/de/news/gibt-es-nicht/">x</a></p>'},
        "link",
        True,
    ),
    ({}, {"heading_de": "A", "heading_en": "B", "text_de": '<p><a href="/de/nirgends/wo/">x</a></p>'}, "link", True),
    ({}, {"heading_de": "A", "heading_en": "B", "text_de": '<p><a href="https://kaputt">x</a></p>'}, "link", True),
    ({}, {"heading_de": "A", "heading_en": "B", "text_de": f"<p>{'wort ' * 8_000}</p>"}, "weight", False),
    ({}, {"heading_de": "A", "heading_en": "B", "text_de": f"<p>{'wort ' * 23_000}</p>"}, "weight", True),
    ({}, {"heading_de": "A", "heading_en": "B", "text_de": '<p><a href="/de/tickets/">x</a></p>'}, "commercial", False),
]


@pytest.mark.parametrize(("words", "item", "key", "stops"), FAULTS)
def test_each_fault_is_found(words: dict[str, Any], item: dict[str, Any], key: str, stops: bool):
    issue = make_issue(**words)
    if item:
        add(issue, **item)
    assert key in keys(issue, stops=stops)


def test_what_is_right_is_not_found():
    issue = make_issue(to_all=False)
    issue.topics.add(make_topic())
    article = make_article("Gut", image=make_image())
    publish(article, "de", "en")
    add(issue, article=article)
    add(
        issue,
        heading_de="A",
        heading_en="B",
        text_de=f'<p><a href="{article.publications.get(language="de").url}">x</a></p>',
    )
    assert checks.findings(issue, list(issue.items.all())) == []
    assert checks.blocking(issue) == []


def test_pictures_and_articles_are_checked():
    issue = make_issue()
    add(issue, heading_de="A", heading_en="B", image=make_image(alt_de=None))
    add(issue, article=make_article("Entwurf"))
    german = make_article("Nur deutsch")
    publish(german, "de")
    add(issue, article=german)
    assert keys(issue, stops=True) == {"alt", "article"}
    assert keys(issue, stops=False) == {"left"}
    heavy = make_issue()
    add(heavy, heading_de="A", heading_en="B", text_de=f"<p>{'wort ' * 23_000}</p>")
    assert [each.key for each in checks.blocking(heavy)] == ["weight-de"]
    assert checks.blocking(heavy, confirmed=["weight-de"]) == []


def test_a_test_mail_is_the_mail_and_its_leave_link_removes_nobody(client: Client):
    issue = make_issue()
    message = trying.message(issue, "de", "jana@example.org")
    assert message.subject == "[Test] Neues im Mai"
    edition = freeze(issue)["de"]
    text = str(message.body)
    assert re.sub(r"http\S+/unsubscribe/test/", "X", text).replace("/issues/test/", "/issues/neues-im-mai/") == re.sub(
        rf"{edition.mark}-\w+", "X", edition.text
    )
    leave = re.search(r"http://127.0.0.1:8000(/\S+/unsubscribe/test/)", text)
    assert leave
    assert client.get(leave[1]).status_code == 200
    assert client.post(leave[1], {"List-Unsubscribe": "One-Click"}).status_code == 200
