"""Mails to buyers that do not arrive, over a real SMTP server."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from sccon import mail
from sccon.models import Mail
from sccon.settings import relay
from tests.factories import make_user
from tests.relay import Relay, run_jobs
from tests.tickets.buyers import click, text
from tests.tickets.factories import let_expire, make_cart, make_order, make_shop, pay, place
from tests.tickets.records import mails, story
from tickets.models import Buyer, History, Order
from tickets.orders import cancelling, expiring, reaching

pytestmark = pytest.mark.django_db(transaction=True)

REFUSED = "550 5.1.1 No such user"


@pytest.fixture
def smtp(settings) -> Iterator[Relay]:
    with Relay() as server:
        settings.SMTP_URL = server.url
        settings.MAILERS = {"default": relay(server.url, timeout=5)}
        yield server


def staff(language: str = "de") -> Client:
    client = Client()
    client.force_login(make_user("tickets", language=language))
    return client


def page(client: Client, order: Order) -> str:
    return text(client.get(reverse("admin:tickets_order_change", args=[order.pk])))


def in_every_state() -> dict[str, Order]:
    """An order in each state, its first mails sent."""
    _event, _quota, product = make_shop(size=50)
    made = {name: make_order(product) for name in ("pending", "paid", "expired", "cancelled")}
    made |= {name: place(make_cart(product)) for name in ("unconfirmed", "never confirmed")}
    pay(made["paid"])
    let_expire(made["expired"], made["never confirmed"])
    expiring.expire_overdue()
    cancelling.cancel(made["cancelled"], by=make_user(), reason="Auf Wunsch")
    run_jobs()
    for order in made.values():
        order.refresh_from_db()
    return made


def test_no_page_says_that_a_mail_was_sent_which_does_not_get_through(smtp: Relay, client: Client):
    made = in_every_state()
    late = {name: made[name] for name in ("unconfirmed", "paid")}
    for again in (False, True):
        for order in late.values():
            assert "geschickt" in text(client.get(order.get_absolute_url()))
            if again:
                reaching.send_again(order, by=make_user(), reason="Liegt nicht im Postfach")
        if not again:
            Mail.objects.filter(status="sent").update(status="queued", sent_at=None)
            for waiting in Mail.objects.all():
                mail.deliver.defer(mail_id=waiting.pk)
        smtp.answers = ["451 4.7.1 Try again later"] * 20
        run_jobs()
        held_up = {*late} if again else {*late, "never confirmed"}
        for name, order in made.items():
            said = text(client.get(order.get_absolute_url()))
            assert ("kommt im Moment nicht durch" in said) == (name in held_up), name
            assert name not in late or "geschickt" not in said, name
        Mail.objects.update(status="sent", error="")  # the relay is back


def test_a_refused_address_is_said_to_the_buyer_in_the_admin_and_on_the_desk(smtp: Relay, client: Client):
    _event, _quota, product = make_shop()
    order = place(make_cart(product), email="jana@exmaple.org")
    assert "Wir haben einen Link an jana@exmaple.org geschickt" in text(client.get(order.get_absolute_url()))
    smtp.answers = [REFUSED]
    run_jobs()
    said = text(client.get(order.get_absolute_url()))
    assert "Unsere Mail an jana@exmaple.org ist nicht angekommen" in said
    assert "geschickt" not in said
    assert "Unsere Mail an jana@exmaple.org ist nicht angekommen" in page(staff(), order)
    assert "Mail nicht angekommen" in text(staff().get("/admin/tickets/order/?status=unreachable"))
    desk = text(staff().get("/admin/"))
    assert order.code in desk.partition("Unsere Mails erreichen")[2][:200]
    assert story(order) == ["placed", "unreachable"]


def test_a_refused_ticket_mail_does_not_count_as_delivered(smtp: Relay, client: Client):
    _event, _quota, product = make_shop()
    order = make_order(product)
    run_jobs()
    pay(order)
    smtp.answers = [REFUSED]
    run_jobs()
    assert "nicht angekommen" in text(client.get(order.get_absolute_url()))
    assert "auch an" not in text(client.get(order.get_absolute_url()))
    said = page(staff(), order)
    assert "Alles ist erledigt" not in said
    assert "nicht angekommen" in said


def test_staff_correct_the_address_with_a_reason_and_the_mail_goes_there(smtp: Relay, client: Client):
    _event, _quota, product = make_shop()
    order = place(make_cart(product), email="jana@exmaple.org")
    smtp.answers = [REFUSED]
    run_jobs()
    url = reverse("admin:tickets_order_address", args=[order.pk])
    for wrong in ({"email": "jana@example.org"}, {"email": "jana@", "reason": "x"}, {"email": "jana@exmaple.org"}):
        assert staff().post(url, wrong).status_code == 200
    answer = staff().post(url, {"email": " jana@example.org", "reason": "Rief an"}, follow=True)
    assert "Die Adresse ist berichtigt" in text(answer)
    run_jobs()
    (message,) = smtp.messages
    assert message["To"] == "jana@example.org"
    assert "confirm/" in message.get_body(("plain",)).get_content()
    assert "nicht angekommen" not in text(client.get(order.get_absolute_url()))
    line = History.objects.get(what="address")
    assert line.reason == "jana@exmaple.org → jana@example.org: Rief an"
    assert line.by is not None
    assert "Rief an" in page(staff(), order)
    assert set(Mail.objects.values_list("recipient", "status")) == {
        ("jana@exmaple.org", "closed"),
        ("jana@example.org", "sent"),
    }


@pytest.mark.parametrize("state", ["unconfirmed", "never confirmed", "pending", "paid", "expired", "cancelled"])
def test_in_every_state_sending_again_sends_what_the_state_has_to_say(smtp: Relay, state: str):
    order = in_every_state()[state]
    before = len(smtp.messages)
    url = reverse("admin:tickets_order_send", args=[order.pk])
    answer = staff().post(url, {"reason": "Nicht gefunden"}, follow=True)
    assert "ist unterwegs" in text(answer)
    run_jobs()
    (message,) = smtp.messages[before:]
    said = message["Subject"]
    words = {
        "unconfirmed": "bestätigen",
        "never confirmed": "bestätigen",
        "pending": "Ihre Bestellung",
        "paid": "Ihre Tickets",
        "expired": "abgelaufen",
        "cancelled": "storniert",
    }
    assert words[state] in said


def test_a_late_link_in_a_mail_sent_again_takes_the_places_anew(smtp: Relay, client: Client):
    order = in_every_state()["never confirmed"]
    reaching.send_again(order, by=make_user(), reason="Zu spät gelesen")
    again = Mail.objects.latest("pk")
    assert again.context["order"]["confirm_until"] == ""
    click(client, order)
    order.refresh_from_db()
    assert order.status == "pending"
    assert order.confirmed


def test_nobody_is_told_of_a_mail_that_was_not_queued(smtp: Relay):
    order = in_every_state()["paid"]
    Buyer.objects.filter(pk=order.pk).update(email="", forgotten_at=order.placed_at)
    before = (len(mails()), story(order))
    for action, typed in (("send", {}), ("address", {"email": "neu@example.org"})):
        url = reverse(f"admin:tickets_order_{action}", args=[order.pk])
        said = text(staff().post(url, {"reason": "Bitte", **typed}, follow=True))
        assert "Es ist keine Mail" in said
        assert "unterwegs" not in said
    assert (len(mails()), story(order)) == before
    assert Buyer.objects.get(pk=order.pk).email == ""


def test_a_mail_that_staff_send_again_from_the_list_counts_as_on_its_way(smtp: Relay):
    _event, _quota, product = make_shop()
    order = place(make_cart(product))
    smtp.answers = [REFUSED]
    run_jobs()
    assert Buyer.objects.get().unreachable_since
    client = Client()
    client.force_login(make_user(is_superuser=True))
    client.post("/admin/sccon/mail/", {"action": "send_again", "_selected_action": [Mail.objects.get().pk]})
    assert Buyer.objects.get().unreachable_since is None
    smtp.answers = [REFUSED]
    run_jobs()
    assert Buyer.objects.get().unreachable_since
    assert story(order) == ["placed", "unreachable", "unreachable"]
