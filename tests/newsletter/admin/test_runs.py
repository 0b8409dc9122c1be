"""Sending an issue from the admin: what is asked, what the number on the button promises, and the buttons of a run."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from newsletter.delivery import progress, running, signing
from newsletter.models import ArchiveViews, Delivery, Edition, Issue, Return, Subscriber
from sccon.admin_lists import LongPaginator
from sccon.clock import database_now
from tests.factories import make_topic, make_user
from tests.newsletter.issues.made import make_issue
from tests.newsletter.returns.sent import make_crowd, sent_issue
from tests.tickets.factories import make_order, make_shop
from tickets.models import Order

pytestmark = pytest.mark.django_db

URL = "/admin/newsletter/issue/"


@pytest.fixture
def sender(client: Client) -> Client:
    client.force_login(make_user("newsletter", "newsletter-send", language="de"))
    return client


def people(many: int, language: str = "de", status: str = "active", start: int = 0) -> None:
    Subscriber.objects.bulk_create(
        Subscriber(
            email=f"p{number}-{language}-{status}@example.org",
            language=language,
            status=status,
            confirmed_at=database_now(),
            ended_at=None if status == "active" else database_now(),
        )
        for number in range(start, start + many)
    )


def asked(client: Client, issue: Issue) -> dict[str, str]:
    """What the page that asks would send back."""
    page = client.get(f"{URL}{issue.pk}/send/")
    assert page.status_code == 200
    return dict(re.findall(r'<input type="hidden" name="((?:expected_..|version))" value="(\d+)"', page.text))


def begun(issue: Issue) -> Issue:
    """Its 60 seconds are over."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE newsletter_issue SET begin_at = now() - interval '1 second' WHERE id = %s", [issue.pk])
    running.begin(issue.pk)
    issue.refresh_from_db()
    return issue


def test_from_the_form_to_the_plan(sender: Client):
    people(3)
    people(2, "en")
    people(1, status="unsubscribed")
    issue = make_issue()
    form = sender.get(f"{URL}{issue.pk}/change/")
    assert 'name="_send"' in form.text and "<strong>5</strong> Personen erhalten sie" in form.text
    page = sender.get(f"{URL}{issue.pk}/send/").text
    assert "An 5 Personen senden" in page and "3 Personen auf Deutsch, 2 Personen auf Englisch" in page
    assert "Neues im Mai" in page and "60 Sekunden" in page
    data = asked(sender, issue)
    sender.post(f"{URL}{issue.pk}/send/", data)
    sender.post(f"{URL}{issue.pk}/send/", data)  # two clicks are one run
    issue.refresh_from_db()
    assert (issue.status, issue.expected) == ("scheduled", {"de": 3, "en": 2})
    assert "Zurücknehmen" in sender.get(f"{URL}{issue.pk}/change/").text
    sender.post(f"{URL}{issue.pk}/run/", {"take_back": "1"})
    issue.refresh_from_db()
    assert issue.status == "draft" and not Edition.objects.exists() and not Delivery.objects.exists()
    sender.post(f"{URL}{issue.pk}/send/", asked(sender, issue))
    assert begun(issue).status == "sending"
    stands = progress.of(issue)
    assert stands.planned == 5 == sum(stands.counts.values()) == stands.counts["queued"]
    page = sender.get(f"{URL}{issue.pk}/change/").text
    assert "Anhalten" in page and "Abbrechen" in page
    sender.post(f"{URL}{issue.pk}/run/", {"pause": "1"})
    issue.refresh_from_db()
    assert (issue.status, issue.pause) == ("paused", "staff")
    sender.post(f"{URL}{issue.pk}/run/", {"resume": "1"})
    issue.refresh_from_db()
    assert issue.status == "sending"
    assert "5 E-Mails" in sender.get(f"{URL}{issue.pk}/cancel/").text
    sender.post(f"{URL}{issue.pk}/cancel/")
    issue.refresh_from_db()
    assert (issue.status, progress.of(issue).counts["cancelled"]) == ("cancelled", 5)
    assert "p0-de-active@example.org" in sender.get(f"/admin/newsletter/delivery/?issue={issue.pk}").text


def test_nothing_leaves_when_the_number_or_the_text_has_changed(sender: Client):
    people(50)
    issue = make_issue(only="de")
    data = asked(sender, issue)
    people(40, start=50)
    page = sender.post(f"{URL}{issue.pk}/send/", data)
    assert "Es wurde nichts gesendet." in page.text and "An 90 Personen senden" in page.text
    page = sender.post(f"{URL}{issue.pk}/send/", asked(sender, issue) | {"version": "77"})
    assert "inzwischen geändert" in page.text
    issue.subject_de = None
    issue.save()
    page = sender.post(f"{URL}{issue.pk}/send/", asked(sender, issue))
    assert "Betreff" in page.text
    issue.refresh_from_db()
    assert issue.status == "draft"


def test_a_choice_of_topics_left_empty_is_nobody_and_chosen_ones_are_counted_while_they_are_typed(sender: Client):
    people(2)
    topic = make_topic("Digitales")
    chose = Subscriber.objects.create(
        email="t@example.org", language="de", status="active", confirmed_at=database_now()
    )
    chose.topics.add(make_topic("Wald"))
    issue = make_issue(to_all=False)
    assert "nicht gesendet werden" in sender.get(f"{URL}{issue.pk}/send/").text
    typed = {"subject_de": "Neu", "topics": [topic.pk], "items-TOTAL_FORMS": 0, "items-INITIAL_FORMS": 0}
    said = sender.post(f"{URL}{issue.pk}/checks/", typed).text
    assert "<strong>2</strong>" in said and "haben andere Themen gewählt: 1" in said


def test_who_only_writes_sees_no_button_and_may_not_send(client: Client):
    people(1)
    issue = make_issue()
    client.force_login(make_user("newsletter", language="de"))
    assert 'name="_send"' not in client.get(f"{URL}{issue.pk}/change/").text
    for address in ("send", "run", "cancel"):
        assert client.post(f"{URL}{issue.pk}/{address}/", {"pause": "1"}).status_code == 403
    assert client.get(f"{URL}{issue.pk}/progress/").status_code == 200


def test_who_goes_on_after_twenty_answers_alike_says_whether_they_count(sender: Client):
    people(3)
    issue = make_issue(only="de")
    sender.post(f"{URL}{issue.pk}/send/", asked(sender, issue))
    begun(issue)
    running.pause(issue.pk, "relay", words="550 5.1.1 unknown")
    assert 'name="about_them"' not in sender.get(f"{URL}{issue.pk}/change/").text
    assert running.resume(issue)
    running.pause(issue.pk, "alike", words="550 5.1.1 <p1@example.org> unknown")
    page = sender.get(f"{URL}{issue.pk}/change/").text
    assert "Liegt es an diesen Empfängern?" in page and "Weiter mit 3 E-Mails" in page and 'name="about_them"' in page
    sender.post(f"{URL}{issue.pk}/run/", {"about_them": "1"})
    issue.refresh_from_db()
    assert (issue.status, issue.about_them) == ("sending", ["550 5.1.1 … unknown"])
    assert running.is_about_them(issue.pk, "550 5.1.1 <p2@example.org> unknown")
    assert not running.is_about_them(issue.pk, "550 5.7.1 unknown")
    running.pause(issue.pk, "build", words=signing.MISSING)
    assert "nennt eine Datei, die nicht da ist" in sender.get(f"{URL}{issue.pk}/change/").text


def test_a_run_says_why_it_rests_and_what_the_relay_said(sender: Client):
    people(4)
    issue = make_issue(only="de")
    sender.post(f"{URL}{issue.pk}/send/", asked(sender, issue))
    begun(issue)
    failed = Delivery.objects.filter(issue=issue)[:2]
    Delivery.objects.filter(pk__in=[each.pk for each in failed]).update(
        state="failed", answer="550 5.1.1 <p1@example.org> unknown"
    )
    running.pause(issue.pk, "relay", words="535 5.7.8 Wrong password")
    page = sender.get(f"{URL}{issue.pk}/change/").text
    assert (
        "535 5.7.8 Wrong password" in page and "2 × " in page and "p1@example.org" not in page.split("run-refusals")[1]
    )
    assert "Weiter mit 2 E-Mails" in page
    sender.post(f"{URL}{issue.pk}/run/", {"again": "1"})
    assert progress.of(Issue.objects.get(pk=issue.pk)).counts["queued"] == 4


def test_an_issue_that_went_out_shows_its_figures_with_charts_and_tables(sender: Client, client: Client):
    issue = sent_issue()
    rows = make_crowd(issue, 1000)
    now = database_now()
    for number, verdict in enumerate(("dead", "dead", "soft", "ours")):
        Return.objects.create(way="mail", event=str(number), raw=b"", verdict=verdict, delivery=rows[number])
    Delivery.objects.filter(pk__in=[row.pk for row in rows[:4]]).update(bounced_at=now)
    Delivery.objects.filter(pk__in=[row.pk for row in rows[4:9]]).update(left_at=now)
    Delivery.objects.filter(pk=rows[9].pk).update(complained_at=now)
    Delivery.objects.filter(pk__in=[row.pk for row in rows[10:13]]).update(
        state="failed", sent_at=None, answer="550 5.1.1 <p1@gross.example> unknown"
    )
    edition = issue.editions.get()
    ArchiveViews.objects.create(edition=edition, day=timezone.localdate(edition.made_at), count=41)
    _event, _quota, product = make_shop()
    Order.objects.filter(pk=make_order(product).pk).update(source=f"issue-{issue.pk}", confirmed_at=now)
    page = sender.get(f"{URL}{issue.pk}/change/").text
    table = {
        name: (number, share)
        for name, number, share in re.findall(
            r'<th scope="row">([^<]*)</th><td>([^<]*)</td><td>([^<]*)</td></tr>', page
        )
    }
    assert {name: cells for name, cells in table.items() if "." not in name} == {
        "vom Mailserver angenommen": ("997", "99,7\xa0%"),
        "gescheitert": ("3", "0,3\xa0%"),
        "zurückgekommen: Postfach gibt es nicht": ("2", "0,2\xa0%"),
        "zurückgekommen: voll oder langsam": ("1", "0,1\xa0%"),
        "zurückgekommen: betrifft uns": ("1", "0,1\xa0%"),
        "haben sich daraufhin abgemeldet": ("5", "0,5\xa0%"),
        "haben sich beschwert": ("1", "0,1\xa0%"),
        "vielleicht doppelt": ("0", "0,0\xa0%"),
        "Ticketbestellungen, die darüber kamen": ("1", "–"),
    }
    figures = page.split("figures-heading")[-1]
    assert "gross.example" not in figures.split("Die E-Mail, wie sie gesendet wurde")[0]
    assert "550 5.1.1 … unknown" in figures
    assert "41 <small>" in figures and "Gmail" in figures
    bars = [float(width) for width in re.findall(r'<rect class="bar" width="([\d.]+)"', figures)]
    assert max(bars) == 360 and len(bars) == 6
    desk = sender.get("/admin/").text
    assert str(issue) in desk and "<dd>997</dd>" in desk and "<dd>7</dd>" in desk and "<dd>41</dd>" in desk
    client.force_login(make_user("newsletter-lists", language="de"))
    assert str(issue) not in client.get("/admin/").text


def test_the_list_of_who_got_it_counts_no_further_than_it_shows(sender: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(LongPaginator, "MOST", 120)
    make_crowd(sent_issue(), 121)
    issue = sent_issue()
    make_crowd(issue, 7, "klein.example")
    with CaptureQueriesContext(connection) as asked:
        page = sender.get("/admin/newsletter/delivery/").text
    assert "mehr als 120 Zustellungen" in page
    counts = [query["sql"] for query in asked if "COUNT(*)" in query["sql"] and "newsletter_delivery" in query["sql"]]
    assert len(counts) == 1 and "LIMIT 121" in counts[0]
    assert "7 Zustellungen" in sender.get(f"/admin/newsletter/delivery/?issue={issue.pk}").text
    assert sender.get("/admin/newsletter/delivery/?p=3").status_code == 200
