"""A visitor asks for the newsletter, chooses, confirms from the mailbox, and is on the list with a proof."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from newsletter import retention
from newsletter.models import Change, Consent, LinkRequest, SignUp, Subscriber
from newsletter.subscribers import asking, subscribing, views, wording
from sccon import limits, tokens
from tests.factories import make_article, make_shown_topic, publish
from tests.newsletter.people import (
    ask,
    ask_links,
    link,
    mails,
    make_subscriber,
    subscribe,
    take_time,
    wait_a_little,
    work,
)
from tests.relay import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def age(**moments: timedelta) -> None:
    """Moves consents into the past; their trigger is off meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for field, by in moments.items():
            cursor.execute(f"UPDATE newsletter_consent SET {field} = {field} - %s", [by])
        cursor.execute("SET session_replication_role = origin")


# --- The way ------------------------------------------------------------------------------------


def test_the_call_stands_on_articles_home_overview_and_its_own_page(client: Client):
    article = publish(make_article())
    for path in (article.get_absolute_url(), "/de/", "/de/news/", "/de/newsletter/"):
        response = client.get(path)
        assert "<form" in response.text, path
        assert 'action="/de/newsletter/" method="post"' in response.text, path
        assert "Abonnieren Sie unseren Newsletter" in response.text, path
        assert response.cookies == {}, path
        assert "csrf" not in response.text, path


def test_the_call_is_the_same_on_every_page_and_for_everybody(client: Client):
    article = publish(make_article())

    def call(path: str, **headers: str) -> str:
        text = client.get(path, headers=headers).text
        return text[text.index('<section class="call newsletter-call') :].partition("</section>")[0]

    assert call(article.get_absolute_url()) == call("/de/") == call("/de/news/", Cookie="sessionid=x")


def test_a_visitor_becomes_a_subscriber(client: Client):
    answer = ask(client)
    assert answer.status_code == 303
    page = client.get(answer["Location"])
    assert "jana@example.org" in page.text
    assert mails() == ["newsletter-confirm"]
    confirm = link("confirm")
    assert "jana@example.org" in client.get(confirm).text
    assert Subscriber.objects.get().status == "pending", "looking at the page confirms nothing"
    welcome = client.post(confirm)
    assert welcome.status_code == 200
    assert "Willkommen" in welcome.text
    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.status, subscriber.language) == ("jana@example.org", "active", "de")
    assert mails() == ["newsletter-confirm", "newsletter-welcome"]
    assert [change.what for change in subscriber.changes.order_by("pk")] == ["requested", "confirmed"]


def test_the_proof_says_what_was_agreed_to_where_and_when(client: Client, settings):
    settings.TRUSTED_PROXIES = 1
    client.post(
        "/de/newsletter/",
        {"email": "jana@example.org"},
        headers={"X-Forwarded-For": "203.0.113.77", "Referer": "http://testserver/de/news/meldung/?utm=1"},
    )
    work()
    client.post(link("confirm"), headers={"X-Forwarded-For": "2001:db8:1:2:3::4"})
    proof = Consent.objects.get()
    assert (proof.email, proof.language, proof.source) == ("jana@example.org", "de", "/de/news/meldung/")
    assert (proof.requested_network, proof.confirmed_network) == ("203.0.113.0/24", "2001:db8:1:2::/64")
    assert (proof.wording, proof.wording_version) == (wording.as_text("de"), wording.VERSION)
    assert timezone.now() - timedelta(minutes=1) < proof.requested_at < proof.confirmed_at < timezone.now()
    for sentence in proof.wording.splitlines():
        assert sentence in client.get("/de/newsletter/").text, "what is kept is what was shown"


def test_in_english_everything_is_english(client: Client):
    subscribe(client, language="en")
    subscriber = Subscriber.objects.get()
    assert subscriber.language == "en"
    assert subscriber.consents.get().wording.startswith("Subscribe to our newsletter")
    assert link("preferences").startswith("/en/newsletter/preferences/")


def test_topics_and_language_are_asked_after_the_address_and_hold_from_the_confirmation_on(client: Client):
    city, data = make_shown_topic("Smart City"), make_shown_topic("Open Data")
    answer = ask(client)
    take_time()
    chosen = client.post(answer["Location"], {"language": "en", "topics": [city.pk]})
    assert chosen.status_code == 303
    assert "Ihre Auswahl ist gespeichert" in client.get(chosen["Location"]).text
    client.post(link("confirm"))
    subscriber = Subscriber.objects.get()
    assert (subscriber.language, list(subscriber.topics.all())) == ("en", [city])
    assert data not in subscriber.topics.all()


def test_who_chooses_quicker_than_people_is_asked_to_send_it_again_and_loses_nothing(client: Client):
    city = make_shown_topic("Smart City")
    answer = ask(client)
    SignUp.objects.update(created_at=timezone.now() + timedelta(minutes=1))  # so that no slow machine is slow enough
    page = client.post(answer["Location"], {"language": "en", "topics": [city.pk]})
    assert page.status_code == 400
    assert "Das ging sehr schnell" in page.text
    assert page.text.count(" checked") == 2
    assert SignUp.objects.get().topics.count() == 0
    SignUp.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert client.post(answer["Location"], {"language": "en", "topics": [city.pk]}).status_code == 303


# --- Known, used, late --------------------------------------------------------------------------


def test_the_answer_is_the_same_for_new_waiting_and_known_addresses(client: Client):
    make_shown_topic()
    make_subscriber("known@example.org")
    ask(client, "waiting@example.org")
    pages = set()
    for email in ("new@example.org", "waiting@example.org", "known@example.org"):
        answer = ask(client, email)
        page = client.get(answer["Location"])
        token = answer["Location"].split("/")[-2]
        pages.add((answer.status_code, page.status_code, page.text.replace(email, "…").replace(token, "…")))
    assert len(pages) == 1
    assert mails("known@example.org")[-1] == "newsletter-known"
    assert mails("waiting@example.org") == ["newsletter-confirm"] * 2


def test_a_stranger_changes_nothing_for_a_subscriber(client: Client):
    topic = make_shown_topic()
    subscriber = make_subscriber()
    answer = ask(client, language="en")
    take_time()
    assert client.post(answer["Location"], {"language": "en", "topics": [topic.pk]}).status_code == 303
    subscriber.refresh_from_db()
    assert (subscriber.language, list(subscriber.topics.all()), subscriber.status) == ("de", [], "active")


def test_a_link_confirms_once(client: Client):
    ask(client)
    confirm = link("confirm")
    assert client.post(confirm).status_code == 200
    wait_a_little()
    for answer in (client.post(confirm), client.get(confirm)):
        assert answer.status_code == 410
        assert "Dieser Link wurde schon benutzt" in answer.text
    assert Change.objects.filter(what="confirmed").count() == 1


def test_an_expired_link_offers_a_new_one(client: Client):
    ask(client)
    old = link("confirm")
    age(requested_at=timedelta(days=7, seconds=1))
    assert "Dieser Link ist abgelaufen" in client.get(old).text
    assert client.post(old).status_code == 410
    assert Subscriber.objects.get().status == "pending"
    again = client.post(old, {"again": "1"})
    work()
    assert "jana@example.org" in again.text
    assert client.post(link("confirm")).status_code == 200
    assert Subscriber.objects.get().status == "active"


def test_on_the_seventh_day_the_link_holds(client: Client):
    ask(client)
    age(requested_at=timedelta(days=6, hours=23, minutes=59))
    assert client.post(link("confirm")).status_code == 200


def test_a_broken_link_gets_a_friendly_page(client: Client):
    answer = client.get("/de/newsletter/confirm/kaputt/")
    assert answer.status_code == 410
    assert "Wir kennen diesen Link nicht" in answer.text
    assert 'href="/de/newsletter/"' in answer.text


def test_who_left_comes_back_by_confirming_again(client: Client):
    subscribe(client)
    client.post(link("unsubscribe"))
    assert Subscriber.objects.get().status == "unsubscribed"
    ask(client)
    assert Subscriber.objects.get().status == "unsubscribed", "a request alone changes nothing"
    client.post(link("confirm"))
    subscriber = Subscriber.objects.get()
    assert (subscriber.status, subscriber.ended_at) == ("active", None)
    assert subscriber.consents.count() == 2


def test_letters_large_or_small_are_one_address(client: Client):
    subscribe(client, "jana@example.org")
    ask(client, "Jana@EXAMPLE.org")
    assert Subscriber.objects.count() == 1


# --- Addresses and errors -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  jana@example.org ", "jana@example.org"),
        ("mailto:jana@example.org", "jana@example.org"),
        ("<jana@example.org>", "jana@example.org"),
        ("jana+news@Example.ORG", "jana+news@example.org"),
        ("post@bücher.example", "post@xn--bcher-kva.example"),
        ("post@straße.de", "post@xn--strae-oqa.de"),
        ("info@пример.испытание", "info@xn--e1afmkfd.xn--80akhbyknj4f"),
        (f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.org", f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.org"),
    ],
)
def test_addresses_are_taken_as_people_type_them(client: Client, typed: str, kept: str):
    assert ask(client, typed).status_code == 303
    assert Subscriber.objects.get().email == kept
    assert mails(kept) == ["newsletter-confirm"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Bitte geben Sie Ihre E-Mail-Adresse ein."),
        ("jana", "Eine E-Mail-Adresse hat in der Mitte ein @"),
        ("@example.org", "Eine E-Mail-Adresse hat in der Mitte ein @"),
        ("jänä@example.org", "mit Buchstaben wie ä oder é vor dem @"),
        ("ja..na@example.org", "Bitte prüfen Sie, was vor dem @ steht."),
        ("eins@zwei@example.org", "Bitte prüfen Sie, was vor dem @ steht."),
        (f"{'a' * 65}@example.org", "Bitte prüfen Sie, was vor dem @ steht."),
        ("jana@example", "Bitte prüfen Sie, was nach dem @ steht"),
        ("jana@exa_mple.org", "Bitte prüfen Sie, was nach dem @ steht"),
        ("jana@127.0.0.1", "Bitte prüfen Sie, was nach dem @ steht"),
        ("jana@-x-.org", "Bitte prüfen Sie, was nach dem @ steht"),
        (f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.org", "höchstens 254 Zeichen"),
    ],
)
def test_an_error_is_a_sentence_and_loses_nothing(client: Client, typed: str, sentence: str):
    answer = ask(client, typed)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert f'value="{typed}"' in answer.text or not typed
    assert 'name="source" value="/de/news/meldung/"' in answer.text, "nor the page it came from"
    assert 'aria-invalid="true"' in answer.text
    assert answer["Cache-Control"] == "no-store, private"
    assert Subscriber.objects.count() == 0


def test_the_page_of_the_first_attempt_is_the_one_in_the_proof(client: Client):
    ask(client, "jana", source="/de/news/meldung/")
    client.post(
        "/de/newsletter/",
        {"email": "jana@example.org", "source": "/de/news/meldung/"},
        headers={"Referer": "http://testserver/de/newsletter/"},
    )
    work()
    assert Consent.objects.get().source == "/de/news/meldung/"


def test_a_program_falls_into_the_trap_and_a_person_does_not_stay_in_it(client: Client):
    answer = ask(client, website="https://spam.example")
    assert answer.status_code == 400
    assert SignUp.objects.count() == 0
    assert "spam.example" not in answer.text, "sent once more, the form is fine"
    assert 'value="jana@example.org"' in answer.text


def test_a_page_of_another_site_cannot_sign_up(client: Client):
    answer = client.post("/de/newsletter/", {"email": "jana@example.org"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert SignUp.objects.count() == 0


def test_nobodys_mailbox_is_filled(client: Client):
    assert [ask(client).status_code for _ in range(5)] == [303] * 4 + [429]
    assert len(mails()) == 4
    assert ask(client, "jana+x@example.org").status_code == 429
    answer = ask(client, "JANA@example.org")
    assert answer.status_code == 429
    assert "heute schon mehrere Mails" in answer.text
    assert 'value="JANA@example.org"' in answer.text
    assert ask(client, "another@example.org").status_code == 303


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The networks' limits, a hundredth as high."""
    rates = [
        limits.Rate(f"newsletter-network-{width}", times, timedelta(hours=1)) for width, times in enumerate((3, 6, 12))
    ]
    assert [rate.times for rate in views.BY_NETWORK] == [100 * rate.times for rate in rates]
    monkeypatch.setattr(views, "BY_NETWORK", rates)


@pytest.mark.usefixtures("narrow")
def test_one_network_may_not_ask_without_end(client: Client):
    statuses = [ask(client, f"person{number}@example.org").status_code for number in range(4)]
    assert statuses == [303] * 3 + [429]


@pytest.mark.usefixtures("narrow")
def test_whoever_rents_many_ipv6_networks_is_counted_by_the_wider_one(client: Client, settings):
    settings.TRUSTED_PROXIES = 1
    statuses = [
        client.post(
            "/de/newsletter/",
            {"email": f"p{number}@example.org"},
            headers={"X-Forwarded-For": f"2001:db8:1:{number:x}::1"},
        ).status_code
        for number in range(8)
    ]
    assert statuses == [303] * 6 + [429] * 2


def test_a_hall_signs_up_and_each_click_makes_room_for_another(client: Client, monkeypatch: pytest.MonkeyPatch):
    """Before, the 61st person of a congress' wireless network was sent away for an hour."""
    assert {ask(client, f"person{number}@example.org").status_code for number in range(61)} == {303}
    monkeypatch.setattr(views, "BY_NETWORK", [limits.Rate("newsletter-network-test", 3, timedelta(hours=1))])
    for number in range(3):
        ask(client, f"hall{number}@example.org")
    assert ask(client, "fourth@example.org").status_code == 429
    work()
    consent = Consent.objects.get(email="hall1@example.org")
    assert client.post(f"/de/newsletter/confirm/{tokens.make('newsletter.confirm', consent.pk)}/").status_code == 200
    assert ask(client, "fourth@example.org").status_code == 303
    assert ask(client, "fifth@example.org").status_code == 429


def test_strangers_do_not_use_up_the_way_to_ones_own_links(client: Client):
    for _time in range(4):
        ask(client, "jana@example.org")
    assert ask(client, "jana@example.org").status_code == 429
    own = [ask_links(client, "jana@example.org").status_code for _time in range(5)]
    assert own == [200] * 4 + [429]
    assert client.post("/de/newsletter/links/", {"email": "jana+tag@example.org"}).status_code == 429
    assert client.post("/de/newsletter/links/", {"email": "nils@example.org"}).status_code == 200


# --- What is forgotten --------------------------------------------------------------------------


def test_a_request_nobody_confirmed_is_forgotten_after_thirty_days(client: Client):
    subscribe(client, "jana@example.org")
    ask(client, "late@example.org")
    age(requested_at=timedelta(days=31), confirmed_at=timedelta(days=31))
    Subscriber.objects.update(created_at=timezone.now() - timedelta(days=31))
    SignUp.objects.update(created_at=timezone.now() - timedelta(days=31))
    ask(client, "early@example.org")
    retention.forget(timestamp=0)
    assert sorted(Subscriber.objects.values_list("email", flat=True)) == ["early@example.org", "jana@example.org"]
    assert sorted(Consent.objects.values_list("email", flat=True)) == ["early@example.org", "jana@example.org"]
    assert SignUp.objects.get().email == "early@example.org"


def test_pages_with_a_secret_are_kept_by_nobody(client: Client):
    answer = ask(client)
    for path in (answer["Location"], link("confirm"), "/de/newsletter/confirm/kaputt/"):
        page = client.get(path)
        assert page["Cache-Control"] == "no-store, private", path
        assert page["Referrer-Policy"] == "same-origin", path
        assert page["X-Robots-Tag"] == "noindex", path
        assert '<meta name="robots" content="noindex">' in page.text, path
        assert page.cookies == {}, path


@pytest.mark.parametrize("odd", ["\0", "x" * 10_000, "\u202ejana@example\0", "😀@example.org", "jana@😀", "a@[::1]"])
def test_odd_and_huge_input_is_answered_beside_the_field(client: Client, odd: str):
    for path in ("/de/newsletter/", "/de/newsletter/links/"):
        answer = client.post(path, {"email": odd, "source": odd, "website": ""}, headers={"Referer": "http://[odd"})
        assert (answer.status_code, 'id="id_email_error"' in answer.text) == (400, True), path
    assert Subscriber.objects.count() == 0


def test_where_a_form_says_it_stood_is_believed_only_if_it_is_a_path(client: Client):
    for number, source in enumerate(["\0", "javascript:alert(1)", "//example.org/ x", "/" + "x" * 300, "/de/news/a/"]):
        client.post("/de/newsletter/", {"email": f"jana{number}@example.org", "source": source})
    work()
    sources = Consent.objects.order_by("pk").values_list("source", flat=True)
    assert list(sources) == ["/de/newsletter/"] * 4 + ["/de/news/a/"]


# --- Nobody is betrayed by time -----------------------------------------------------------------


def test_the_answer_costs_the_same_for_everyone_for_it_asks_nothing_of_subscribers(client: Client):
    """What is done for an address is the worker's: before, a stranger measured who subscribes."""
    make_subscriber("known@example.org")
    subscribing.erase(make_subscriber("erased@example.org"))
    subscribing.complain("angry@example.org", source="provider")
    link_of_another = urlsplit(
        subscribing.link("preferences", make_subscriber("other@example.org"), language="de")
    ).path
    asked = {}
    for email in ("new@example.org", "known@example.org", "erased@example.org", "angry@example.org"):
        for path in ("/de/newsletter/", "/de/newsletter/links/", link_of_another):
            with CaptureQueriesContext(connection) as queries:
                answer = client.post(path, {"email": email, "action": "address"})
            assert answer.status_code in {200, 303}
            statements = [re.split("VALUES|ARRAY|unnest", query["sql"])[0] for query in queries]
            known = [sql for sql in statements if path != link_of_another or "email" in sql.partition("WHERE")[2]]
            assert not any("newsletter_subscriber" in sql or "newsletter_suppression" in sql for sql in known)
            asked.setdefault(path, set()).add(tuple(re.sub(r"'[^']*'|\d+", "…", sql) for sql in statements))
    assert {path: len(ways) for path, ways in asked.items()} == dict.fromkeys(asked, 1)


def test_the_worker_does_it_and_doing_it_twice_mails_once(client: Client):
    client.post("/de/newsletter/", {"email": "jana@example.org"})
    assert mails() == []
    run_jobs()
    assert mails() == ["newsletter-confirm"]
    asking.handle_sign_up(sign_up_id=SignUp.objects.get().pk)
    assert mails() == ["newsletter-confirm"]
    client.post(link("confirm"))
    client.post("/de/newsletter/links/", {"email": "jana@example.org"})
    run_jobs()
    assert mails()[-1] == "newsletter-links"
    assert LinkRequest.objects.count() == 0


def test_who_was_only_asked_about_is_forgotten_after_two_days(client: Client):
    make_subscriber()
    ask(client)
    client.post("/de/newsletter/links/", {"email": "jana@example.org"})
    before = timezone.now() - timedelta(days=2, hours=1)
    SignUp.objects.update(created_at=before)
    LinkRequest.objects.update(created_at=before)
    retention.forget(timestamp=0)
    assert (SignUp.objects.count(), LinkRequest.objects.count()) == (0, 0)
