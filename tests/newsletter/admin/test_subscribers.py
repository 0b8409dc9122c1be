"""Staff find subscribers, print the proof, unsubscribe and erase with a reason – and can do no more."""

from datetime import datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models.functions import Now
from django.test import Client

from newsletter.models import Consent, Delivery, Subscriber, Suppression
from newsletter.subscribers import subscribing
from tests.factories import make_user
from tests.newsletter.people import make_subscriber
from tests.newsletter.test_records import make_edition

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/newsletter/subscriber/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_user("newsletter", language="de"))
    return client


def test_subscribers_are_found_by_address_and_status(staff: Client):
    make_subscriber("jana@example.org")
    make_subscriber("post@xn--bcher-kva.example")
    subscribing.unsubscribe(make_subscriber("mia@example.org"), source="link")
    assert "jana@example.org" in (found := staff.get(LIST, {"q": "JANA"}).text)
    assert "mia@example.org" not in found
    assert "post@bücher.example" in staff.get(LIST).text
    assert "mia@example.org" in (left := staff.get(LIST, {"status__exact": "unsubscribed"}).text)
    assert "jana@example.org" not in left


def test_nobody_is_added_changed_or_deleted_by_hand(staff: Client):
    subscriber = make_subscriber()
    assert staff.get(f"{LIST}add/").status_code == 403
    assert staff.post(f"{LIST}{subscriber.pk}/change/", {"email": "x@example.org"}).status_code == 403
    assert staff.post(f"{LIST}{subscriber.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in staff.get(LIST).text
    assert Subscriber.objects.get().email == "jana@example.org"


def test_the_proof_of_consent_is_one_page(staff: Client):
    subscriber = make_subscriber()
    proof = Consent.objects.get()
    page = staff.get(f"{LIST}{subscriber.pk}/consent/").text
    for fact in ("jana@example.org", "/de/newsletter/", "203.0.113.0/24", "198.51.100.0/24", proof.wording_version):
        assert fact in page
    for sentence in proof.wording.splitlines():
        assert sentence in page
    assert f"{LIST}{subscriber.pk}/consent/" in staff.get(f"{LIST}{subscriber.pk}/change/").text


def test_unsubscribing_asks_for_a_reason_that_stays_in_the_history(staff: Client):
    subscriber, other = make_subscriber(), make_subscriber("mia@example.org")
    asked = staff.post(LIST, {"action": "unsubscribe", "_selected_action": [subscriber.pk]})
    question = asked["Location"]
    assert "jana@example.org" in staff.get(question).text
    refused = staff.post(question, {"reason": " "})
    assert "Bitte schreiben Sie, warum." in refused.text
    subscriber.refresh_from_db()
    assert subscriber.status == "active"
    done = staff.post(question, {"reason": "am Telefon gewünscht"}, follow=True)
    assert "1 Abonnent wurde abgemeldet." in done.text
    assert sorted(Subscriber.objects.values_list("email", "status")) == [
        ("jana@example.org", "unsubscribed"),
        ("mia@example.org", "active"),
    ]
    assert "am Telefon gewünscht" in staff.get(f"{LIST}{subscriber.pk}/change/").text
    assert other.changes.filter(what="unsubscribed").count() == 0


def test_erasing_leaves_a_line_without_the_address(staff: Client):
    subscriber = make_subscriber()
    asked = staff.post(LIST, {"action": "erase", "_selected_action": [subscriber.pk]})
    staff.post(asked["Location"], {"reason": "Brief vom 3. Mai"})
    assert (Subscriber.objects.count(), Consent.objects.count(), Suppression.objects.count()) == (0, 0, 1)
    line = LogEntry.objects.get()
    assert (line.object_repr, line.change_message) == (f"Abonnent {subscriber.pk}", "Brief vom 3. Mai")


@pytest.mark.parametrize("groups", [[], ["editor"], ["publisher"]])
def test_others_see_no_subscriber(client: Client, groups: list[str]):
    subscriber = make_subscriber()
    client.force_login(make_user(*groups))
    for path in ("", f"{subscriber.pk}/change/", f"{subscriber.pk}/consent/", "unsubscribe/?of=1", "erase/?of=1"):
        assert client.get(LIST + path).status_code == 403, path


def test_a_visitor_is_sent_to_the_login(client: Client):
    subscriber = make_subscriber()
    assert client.get(f"{LIST}{subscriber.pk}/consent/").status_code == 302


def test_who_asks_for_their_data_gets_all_of_it_from_staff_in_one_step(staff: Client):
    subscriber = make_subscriber()
    edition = make_edition(ended=timedelta(days=1))
    Delivery.objects.create(
        issue=edition.issue,
        edition=edition,
        subscriber=subscriber,
        place=1,
        state="sent",
        sent_at=Now(),
        answer="250 ok",
    )
    form = staff.get(f"{LIST}{subscriber.pk}/change/").text
    assert f"{LIST}{subscriber.pk}/data/" in form and f"{LIST}erase/?of={subscriber.pk}" in form
    page = staff.get(f"{LIST}{subscriber.pk}/data/").text
    for fact in ("jana@example.org", "Auftakt", "vom Mailserver angenommen", "aufbewahrt bis", "203.0.113.0/24"):
        assert fact in page, fact
    file = staff.get(f"{LIST}{subscriber.pk}/data.json")
    assert "attachment" in file["Content-Disposition"]
    [issue] = file.json()["issues"]
    assert (issue["subject"], issue["language"], issue["state"], issue["answer"]) == ("Auftakt", "de", "sent", "250 ok")
    kept = datetime.fromisoformat(issue["kept_until"])
    assert kept.date() == (edition.issue.ended_at + timedelta(days=730)).date()
    # Who looked at whose data stands in the log, without the address.
    staff.get(f"{LIST}{subscriber.pk}/consent/")
    lines = LogEntry.objects.filter(object_id=str(subscriber.pk)).order_by("pk")
    assert list(lines.values_list("change_message", "object_repr", "user__username")) == [
        (words, f"Abonnent {subscriber.pk}", lines[0].user.get_username())
        for words in (
            "Alle Daten angezeigt, zur Auskunft.",
            "Alle Daten heruntergeladen, zur Auskunft.",
            "Einwilligungsnachweis angezeigt.",
        )
    ]


def test_an_issue_sent_to_a_former_address_is_not_told_to_the_new_one(staff: Client):
    subscriber, edition = make_subscriber(), make_edition()
    Delivery.objects.create(
        issue=edition.issue, edition=edition, subscriber=subscriber, place=1, state="sent", sent_at=Now()
    )
    Subscriber.objects.filter(pk=subscriber.pk).update(moved_at=Now() + timedelta(hours=1))
    assert staff.get(f"{LIST}{subscriber.pk}/data.json").json()["issues"] == []
