"""The QR codes: EPC069-12 for the banking app (GiroCode), and the ticket's own."""

import segno
from django.utils.safestring import SafeString, mark_safe
from segno.helpers import make_epc_qr

from tickets.models import Order


def girocode(order: Order) -> segno.QRCode:
    """What a banking app needs to pay what is open."""
    event = order.event
    return make_epc_qr(
        name=event.seller_name, iban=event.iban, bic=event.bic or None, amount=order.open_amount, text=order.code
    )


def ticket_qr(ticket_code: str) -> segno.QRCode:
    """The ticket's code, with enough redundancy for a scratched screen."""
    return segno.make_qr(ticket_code, error="m")


def as_svg(code: segno.QRCode, title: str) -> SafeString:
    """The code in black on white whatever the page's colours, with the quiet zone it needs."""
    return mark_safe(  # noqa: S308 - segno escapes the title and draws the rest
        code.svg_inline(border=4, light="#fff", dark="#000", omitsize=True, title=title, svgclass="qr", lineclass=None)
    )
