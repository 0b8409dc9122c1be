"""The newsletter moves to another address, and whoever was forwarded a newsletter takes nothing over."""

import json
from datetime import timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.utils import timezone

from newsletter.models import Move, Subscriber
from newsletter.subscribers import moving, subscribing
from tests.newsletter.people import ask, ask_links, link, mails, subscribe, wait_a_little, work

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "neu@xn--bcher-kva.example"
THIEF = "thief@example.net"


def wait(**time: float) -> None:
    """Moves the confirmations into the past; their trigger is off meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for field in ("requested_at", "confirmed_at"):
            cursor.execute(f"UPDATE newsletter_consent SET {field} = {field} - %s", [timedelta(**time)])
        cursor.execute("SET session_replication_role = DEFAULT")


def ask_to_move(client: Client, email: str = NEW) -> str:
    """Asks by the preferences' link; returns the path by which the new address confirms."""
    client.post(link("preferences"), {"action": "address", "email": email})
    work()
    return link("confirm", email)


@pytest.mark.parametrize("first", ["old", "new"])
def test_it_moves_at_once_when_both_mailboxes_click(client: Client, first: str):
    subscribe(client)
    answer = client.post(link("preferences"), {"action": "address", "email": "neu@bücher.example"})
    work()
    assert "neu@bücher.example" in answer.text
    confirm, move = link("confirm", NEW), link("move")
    assert "Bitte bestätigen Sie Ihre neue Adresse" in client.get(confirm).text
    for step in (first, "new" if first == "old" else "old"):
        assert Subscriber.objects.get().email == "jana@example.org"
        answer = client.post(confirm) if step == "new" else client.post(move, {"agree": "1"})
        assert answer.status_code == 200
    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.status) == (NEW, "active")
    assert mails()[-1] == "newsletter-address-changed", "the old address is told"
    wait_a_little()
    assert client.post(confirm).status_code == 410
    kinds = list(subscriber.consents.order_by("pk").values_list("kind", "email"))
    assert kinds == [("sign_up", "jana@example.org"), ("address", NEW)]


def test_without_the_old_mailbox_it_moves_three_days_after_the_new_one_confirmed(client: Client):
    subscribe(client)
    confirm = ask_to_move(client)
    wait(days=5)
    moving.move_due(timestamp=0)
    assert Subscriber.objects.get().email == "jana@example.org", "nothing happens unless the new one confirms"
    assert "Ihre neue Adresse ist bestätigt" in client.post(confirm).text
    wait(days=2, hours=23)
    moving.move_due(timestamp=0)
    assert Subscriber.objects.get().email == "jana@example.org"
    wait(hours=1)
    moving.move_due(timestamp=0)
    assert Subscriber.objects.get().email == NEW


def test_whoever_was_forwarded_a_newsletter_does_not_take_it_over(client: Client):
    """Before, one click in the thief's own mailbox moved the newsletter for ever."""
    subscribe(client)
    confirm = ask_to_move(client, THIEF)
    assert client.post(confirm).status_code == 200
    assert Subscriber.objects.get().email == "jana@example.org"
    stop = link("move")
    assert THIEF in client.get(stop).text
    assert Move.objects.open().count() == 1, "looking does nothing"
    assert "Die Änderung ist gestoppt" in client.post(stop, {"stop": "1"}).text
    assert Subscriber.objects.get().changes.first().what == "stopped"
    wait(days=4)
    moving.move_due(timestamp=0)
    client.post(stop, {"agree": "1"})
    assert Subscriber.objects.get().email == "jana@example.org"


def test_a_stopped_move_cannot_be_confirmed_any_more(client: Client):
    subscribe(client)
    confirm = ask_to_move(client)
    client.post(link("move"), {"stop": "1"})
    for answer in (client.get(confirm), client.post(confirm)):
        assert (answer.status_code, "Diese Änderung wurde gestoppt" in answer.text) == (410, True)


def test_of_several_wishes_the_last_counts(client: Client):
    subscribe(client)
    first = ask_to_move(client, "erste@example.org")
    second = ask_to_move(client)
    assert client.post(first).status_code == 410
    assert client.post(second).status_code == 200


def test_links_of_the_old_address_show_and_change_nothing_after_a_move_but_can_leave(client: Client):
    subscribe(client)
    ask_links(client)
    preferences, data, leave = link("preferences"), link("data"), link("unsubscribe")
    confirm = ask_to_move(client)
    client.post(link("move"), {"agree": "1"})
    client.post(confirm)
    for page in (preferences, data):
        assert client.get(page).status_code == 410
    assert client.post(data, {"sure": "1"}).status_code == 410
    assert client.get(data + "export.json").status_code == 404
    page = client.get(leave).text
    assert "neu@" not in page, "whoever has the old link does not learn the new address"
    assert Subscriber.objects.get().status == "active"
    assert "neu@" not in client.post(leave).text
    assert Subscriber.objects.get().status == "unsubscribed"


def test_links_from_before_they_named_their_address_live_until_a_move(client: Client):
    subscriber = subscribe(client)
    old = signing.dumps(subscriber.pk, salt="sccon.tokens.newsletter.preferences")
    assert client.get(f"/de/newsletter/preferences/{old}/").status_code == 200
    Subscriber.objects.update(moved_at=timezone.now() + timedelta(minutes=1))
    assert client.get(f"/de/newsletter/preferences/{old}/").status_code == 410
    Subscriber.objects.update(moved_at=timezone.now() - timedelta(minutes=1))
    assert client.get(f"/de/newsletter/preferences/{old}/").status_code == 200


def test_the_new_owner_sees_nothing_of_the_time_before(client: Client):
    subscriber = subscribe(client)
    subscribing.change(subscriber, language="de", topics=[], source="link")
    confirm = ask_to_move(client)
    client.post(link("move"), {"agree": "1"})
    client.post(confirm)
    ask_links(client, NEW)
    page = client.get(link("data", NEW)).text
    assert "jana@example.org" not in page
    export = json.loads(client.get(link("data", NEW) + "export.json").content)
    assert [line["what"] for line in export["history"]] == ["address"]
    assert [consent["to"] for consent in export["consents"]] == ["address"]
    assert "jana" not in json.dumps(export)
    subscriber.refresh_from_db()
    assert export["first_request"] == export["subscribed_since"]


# --- Whose address it is ------------------------------------------------------------------------


def test_another_subscribers_address_cannot_be_taken(client: Client):
    subscribe(client)
    other = subscribe(client, "mia@example.org")
    answer = client.post(link("preferences"), {"action": "address", "email": "mia@example.org"})
    work()
    free = client.post(link("preferences"), {"action": "address", "email": "new@example.org"})
    work()
    assert answer.text.replace("mia@", "…") == free.text.replace("new@", "…"), "the answer tells nothing"
    assert mails("mia@example.org")[-1] == "newsletter-known"
    other.refresh_from_db()
    assert other.email == "mia@example.org"


def test_who_subscribed_meanwhile_keeps_the_address(client: Client):
    subscribe(client)
    client.post(link("preferences"), {"action": "address", "email": "mia@example.org"})
    work()
    move = link("confirm", "mia@example.org")
    ask(client, "mia@example.org")
    client.post(link("confirm", "mia@example.org"))
    answer = client.post(move)
    assert answer.status_code == 410
    assert "Diese Adresse ist vergeben" in answer.text
    assert sorted(Subscriber.objects.values_list("email", flat=True)) == ["jana@example.org", "mia@example.org"]


def test_an_unconfirmed_request_of_the_same_person_does_not_stand_in_the_way(client: Client):
    ask(client, "neu@example.org")
    subscribe(client)
    client.post(link("preferences"), {"action": "address", "email": "neu@example.org"})
    work()
    client.post(link("move"), {"agree": "1"})
    assert client.post(link("confirm", "neu@example.org")).status_code == 200
    assert Subscriber.objects.get().email == "neu@example.org"
