"""The call, the line and the facts that other pages show."""

from datetime import timedelta

import pytest
from django.template import Context, Template

from sccon.clock import database_now
from tests.tickets.factories import make_event, make_product
from tickets.models import Event

pytestmark = pytest.mark.django_db


def show(tag: str) -> str:
    source = "{% load tickets %}{% " + tag + " %}"
    return Template(source).render(Context({"site": {"short": "SCCON"}})).strip()


def test_the_call_names_price_and_dates_and_leads_to_the_shop():
    event = make_event()
    make_product(event, price="690.00")
    make_product(event, price="45.00")
    make_product(event, price="0.00")
    make_product(event, price="15.00", section="extra")
    html = show("ticket_call")
    for said in (
        "Sichern Sie sich jetzt Ihr SCCON Ticket!",
        "ab 45,00",
        event.dates,
        'href="/de/tickets/"',
        "Zum Ticketshop",
    ):
        assert said in html


def test_nothing_is_called_for_while_nothing_is_sold():
    event = make_event()
    Event.objects.update(sales_start=database_now() + timedelta(days=1))
    assert show("ticket_call") == ""
    assert event.dates in show("event_line")
    assert "Tickets sichern" not in show("event_line")


def test_an_event_that_is_over_leaves_no_trace():
    make_event()
    Event.objects.update(
        starts_at=database_now() - timedelta(days=3),
        ends_at=database_now() - timedelta(days=1),
        sales_end=database_now() - timedelta(hours=30),
        sales_start=database_now() - timedelta(days=30),
    )
    assert [show(tag) for tag in ("ticket_call", "event_line", "event_facts")] == ["", "", ""]


def test_without_an_event_pages_stay_whole():
    assert [show(tag) for tag in ("ticket_call", "event_line", "event_facts")] == ["", "", ""]
