"""A subscriber changes, leaves, sees and deletes what we know – without a login, by the links in our mails."""

import json
from datetime import timedelta

import pytest
from django.core import signing
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from newsletter import retention
from newsletter.models import Change, Consent, SignUp, Subscriber, Suppression
from newsletter.subscribers import subscribing, suppressing
from sccon import mail
from sccon.models import Mail
from tests.factories import make_shown_topic
from tests.newsletter.people import ask, ask_links, link, mails, make_subscriber, subscribe, take_time

pytestmark = pytest.mark.django_db(transaction=True)


# --- Preferences --------------------------------------------------------------------------------


def test_topics_and_language_are_changed_by_the_link(client: Client):
    city, data = make_shown_topic("Smart City"), make_shown_topic("Open Data")
    subscriber = subscribe(client)
    preferences = link("preferences")
    assert "jana@example.org" in client.get(preferences).text
    answer = client.post(preferences, {"action": "choose", "language": "en", "topics": [data.pk, city.pk]})
    assert answer.status_code == 303
    assert "Ihre Auswahl ist gespeichert" in client.get(answer["Location"]).text
    subscriber.refresh_from_db()
    assert (subscriber.language, set(subscriber.topics.all())) == ("en", {city, data})


def test_a_wrong_choice_is_a_400_beside_the_field(client: Client):
    subscribe(client)
    answer = client.post(link("preferences"), {"action": "choose", "language": "fr", "topics": ["999"]})
    assert answer.status_code == 400
    assert Subscriber.objects.get().language == "de"


def test_a_wrong_new_address_stays_in_the_field(client: Client):
    subscribe(client)
    answer = client.post(link("preferences"), {"action": "address", "email": "neu@"})
    assert answer.status_code == 400
    assert 'value="neu@"' in answer.text
    assert "Bitte prüfen Sie, was nach dem @ steht" in answer.text


# --- Leaving ------------------------------------------------------------------------------------


def test_looking_at_the_page_unsubscribes_nobody(client: Client):
    subscribe(client)
    assert "Newsletter abbestellen?" in client.get(link("unsubscribe")).text
    assert Subscriber.objects.get().status == "active"


def test_one_click_in_the_mail_program_unsubscribes(client: Client):
    subscribe(client)
    headers = mail.message(Mail.objects.get(template="newsletter-welcome")).message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
    answer = Client().post(address, {"List-Unsubscribe": "One-Click"})  # RFC 8058: no cookie, no Origin
    assert answer.status_code == 200
    assert answer.cookies == {}
    subscriber = Subscriber.objects.get()
    assert subscriber.status == "unsubscribed"
    assert subscriber.ended_at is not None
    assert Client().post(address).status_code == 200, "twice does no harm"
    assert Change.objects.filter(what="unsubscribed").count() == 1


def test_who_left_is_told_so_by_the_old_links(client: Client):
    subscribe(client)
    preferences, leave = link("preferences"), link("unsubscribe")
    client.post(leave)
    assert "Sie sind abgemeldet" in client.get(leave).text
    assert "Sie haben den Newsletter nicht abonniert" in client.get(preferences).text


def test_a_link_for_one_thing_does_nothing_else(client: Client):
    subscribe(client)
    token = link("unsubscribe").split("/")[-2]
    assert client.get(f"/de/newsletter/preferences/{token}/").status_code == 410
    assert client.post(f"/de/newsletter/data/{token}/", {"sure": "1"}).status_code == 410
    assert Subscriber.objects.count() == 1


# --- One's own data -----------------------------------------------------------------------------


def test_the_links_are_mailed_to_who_is_known_and_the_answer_is_the_same(client: Client):
    subscribe(client)
    known, unknown = ask_links(client), ask_links(client, "nobody@example.org")
    assert known.text.replace("jana@", "…") == unknown.text.replace("nobody@", "…")
    assert (mails()[-1], mails("nobody@example.org")) == ("newsletter-links", [])


def data_link(client: Client) -> str:
    ask_links(client)
    return link("data")


def test_everything_we_know_is_shown_and_comes_as_a_file(client: Client):
    topic = make_shown_topic()
    answer = ask(client)
    take_time()
    client.post(answer["Location"], {"language": "de", "topics": [topic.pk]})
    client.post(link("confirm"))
    page = client.get(data_link(client))
    for known in ("jana@example.org", "Open Data", "Abonnieren Sie unseren Newsletter", "127.0.0.0/24"):
        assert known in page.text
    export = json.loads(client.get(link("data") + "export.json").content)
    assert (export["email"], export["topics"], export["status"]) == ("jana@example.org", ["Open Data"], "active")
    assert [consent["page"] for consent in export["consents"]] == ["/de/news/meldung/"]
    assert [line["occasion"] for line in export["mails"]] == [
        "newsletter-confirm",
        "newsletter-welcome",
        "newsletter-links",
    ]


def test_the_export_leaves_out_no_field():
    """A new field of a person must be shown to that person."""
    exported = {"email", "status", "language", "topics", "created_at", "confirmed_at", "ended_at"}
    exported |= {"moves", "moved_at"}  # as changes of the address in the history
    assert {f.name for f in Subscriber._meta.get_fields() if not f.auto_created} - {"id"} == exported
    exported = {"subscriber", "kind", "email", "language", "wording", "wording_version", "source"}
    exported |= {"requested_at", "requested_network", "confirmed_at", "confirmed_network"}
    exported |= {"imported_in"}  # as the source: which list it was
    assert {f.name for f in Consent._meta.get_fields() if not f.auto_created} - {"id"} == exported


def test_the_link_to_the_data_holds_for_a_day(client: Client, monkeypatch: pytest.MonkeyPatch):
    subscribe(client)
    data = data_link(client)
    assert client.get(data).status_code == 200
    made = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: made + 24 * 3600 + 1)
    assert client.get(data).status_code == 410
    assert client.get(data + "export.json").status_code == 404
    assert client.get(link("preferences")).status_code == 200


def test_nothing_is_left_of_who_asks_for_it_but_a_code(client: Client, settings):
    subscribe(client)
    ask(client)
    data = data_link(client)
    assert "Alle Daten löschen?" in client.post(data).text
    assert Subscriber.objects.count() == 1, "one more click"
    assert "Ihre Daten sind gelöscht" in client.post(data, {"sure": "1"}).text
    left = [model.objects.count() for model in (Subscriber, Consent, Change, SignUp, Mail)]
    assert left == [0, 0, 0, 0, 0]
    suppression = Suppression.objects.get()
    assert (bytes(suppression.email_hash), suppression.reason) == (
        suppressing.email_hash("JANA@example.org", settings.SUPPRESSION_KEY),
        "erased",
    )
    assert client.get(data).status_code == 410


def test_only_a_double_opt_in_of_their_own_brings_an_erased_person_back(client: Client):
    subscribing.erase(make_subscriber())
    ask(client)
    assert Suppression.objects.count() == 1, "a request alone lifts nothing"
    client.post(link("confirm"))
    assert Suppression.objects.count() == 0
    assert Subscriber.objects.get().status == "active"


def test_who_left_is_forgotten_when_the_proof_is_no_longer_needed():
    subscriber = make_subscriber()
    stays = make_subscriber("mia@example.org")
    for gone in (subscriber, stays):
        subscribing.unsubscribe(gone, source="link")
    Subscriber.objects.filter(pk=subscriber.pk).update(
        ended_at=timezone.now() - retention.KEEP_PROOF - timedelta(hours=1)
    )
    retention.forget(timestamp=0)
    assert list(Subscriber.objects.values_list("email", flat=True)) == ["mia@example.org"]
    assert Suppression.objects.count() == 0


# --- The proof ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE newsletter_consent SET wording = 'Alles'",
        "UPDATE newsletter_consent SET email = 'andere@example.org'",
        "UPDATE newsletter_consent SET requested_at = now() - interval '1 year'",
        "UPDATE newsletter_consent SET confirmed_at = now()",
        "UPDATE newsletter_consent SET confirmed_at = NULL",
        "DELETE FROM newsletter_consent",
        "TRUNCATE newsletter_consent CASCADE",
        "SELECT set_config('newsletter.erasing', '0', true); DELETE FROM newsletter_consent",
    ],
)
def test_a_proof_cannot_be_changed(attack: str):
    make_subscriber()
    before = list(Consent.objects.values())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert list(Consent.objects.values()) == before
