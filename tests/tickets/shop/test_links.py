"""What stands behind a buyer's secret links."""

import pytest
from django.test import Client
from icalendar import Calendar

from tests.tickets.buyers import text
from tests.tickets.factories import let_expire, make_order, make_shop, pay
from tickets.admission import codes
from tickets.orders import expiring

pytestmark = pytest.mark.django_db


def test_secret_pages_are_kept_by_no_cache_and_found_by_no_search_engine(client: Client):
    _event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    for path in (order.get_absolute_url(), f"/de/tickets/t/{order.positions.get().page_secret}/"):
        response = client.get(path)
        assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store, private", "same-origin")
        assert '<meta name="robots" content="noindex">' in response.content.decode()
        assert not response.cookies


def test_a_wrong_secret_finds_nothing(client: Client):
    _event, _quota, product = make_shop()
    order = make_order(product)
    assert client.get(f"/de/tickets/orders/{order.code}/{codes.new_secret()}/").status_code == 404
    assert client.get(f"/de/tickets/t/{codes.new_secret()}/").status_code == 404
    for nonsense in ("%00", "%F0%9F%98%80", "x" * 3000):
        for path in (f"t/{nonsense}/", f"t/{nonsense}/calendar.ics", f"orders/{order.code}/{nonsense}/"):
            assert client.get(f"/de/tickets/{path}").status_code == 404, path


def test_a_new_ticket_key_leaves_every_tickets_page_readable(client: Client, settings):
    _event, _quota, product = make_shop()
    ticket = pay(make_order(product)).order.positions.get()
    page = f"/de/tickets/t/{ticket.page_secret}/"
    number = codes.read(ticket.ticket_code).readable
    settings.TICKET_KEY = "1" * 64  # and nobody has kept the former
    answer = client.get(page)
    assert (answer.status_code, number in answer.text) == (200, True)


@pytest.mark.parametrize("status", ["pending", "part", "paid", "expired", "cancelled"])
def test_the_order_page_says_how_things_stand(client: Client, status: str):
    from tests.factories import make_user
    from tickets.orders import cancelling

    _event, _quota, product = make_shop()
    order = make_order(product)
    if status == "part":
        pay(order, "19.00")
    elif status == "paid":
        pay(order)
    elif status == "expired":
        let_expire(order)
        expiring.expire_overdue()
    elif status == "cancelled":
        cancelling.cancel(order, by=make_user(), reason="Auf Wunsch")
    said = {
        "pending": "Bitte überweisen Sie 119,00",
        "part": "noch offen sind 100,00",
        "paid": "Ihre Tickets sind da",
        "expired": "Diese Bestellung ist abgelaufen",
        "cancelled": "Diese Bestellung wurde storniert",
    }[status]
    assert said in text(client.get(order.get_absolute_url()))


def test_a_cancelled_ticket_says_so_and_shows_no_code(client: Client):
    from tests.factories import make_user
    from tickets.orders import cancelling

    _event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    secret = order.positions.get().page_secret
    cancelling.cancel(order, by=make_user(), reason="Auf Wunsch")
    page = client.get(f"/de/tickets/t/{secret}/")
    assert "Nicht gültig" in text(page)
    assert 'class="qr"' not in page.content.decode()


def test_the_calendar_knows_when_and_where(client: Client):
    event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    response = client.get(f"/de/tickets/t/{order.positions.get().page_secret}/calendar.ics")
    entry = Calendar.from_ical(response.content).walk("VEVENT")[0]
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert (entry.decoded("dtstart"), str(entry["location"])) == (event.starts_at.replace(microsecond=0), "Halle 25")
