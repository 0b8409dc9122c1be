"""QR codes, read back as a phone reads them."""

import re
from decimal import Decimal
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image as Picture

from tests.tickets.factories import make_order, make_shop, pay
from tickets.admission import codes, qr
from tickets.models import Event, Order

pytestmark = pytest.mark.django_db


def scan(code) -> str:
    buffer = BytesIO()
    code.save(buffer, kind="png", scale=4)
    return zxingcpp.read_barcode(Picture.open(buffer).convert("L")).text


@pytest.mark.parametrize(
    "seller", ["Veranstalter GmbH", "Müller & Söhne Veranstaltungsgesellschaft für Kongresse und Messen mbH"]
)
def test_the_girocode_says_recipient_account_amount_and_reference(seller: str):
    event, _quota, product = make_shop()
    type(event).objects.update(seller_name=seller)
    order = make_order(product, number=2)
    pay(order, "38.00")
    order = Order.objects.get(pk=order.pk)
    assert scan(qr.girocode(order)).split("\n") == [
        *("BCD", "002", "1", "SCT", "BYLADEM1001", seller, "DE02120300000000202051", "EUR200.00", "", "", order.code)
    ]


def test_the_longest_girocode_stays_within_what_banking_apps_read():
    event = Event(seller_name="Ö" * 70, iban="X" * 34, bic="X" * 11)
    order = Order(event=event, status=Order.Status.PENDING, total=Decimal("99999999.99"), code="XXXXXXXX")
    assert qr.girocode(order).version <= 13


def test_the_tickets_code_is_read_back_and_verified_with_the_public_key_alone():
    event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    ticket = order.positions.get()
    read = codes.read(scan(qr.ticket_qr(ticket.ticket_code)), codes.public_keys()[0])
    assert (read.event, read.product) == (event.pk, product.pk)
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", read.readable)
    assert ticket.page_secret not in ticket.ticket_code
