"""The QR codes: EPC069-12 for the banking app (GiroCode), and the ticket's own."""

import segno
from django.utils.safestring import SafeString, mark_safe

from tickets.models import Order

# Drawing all eight masks to choose the best takes four fifths of the time, and is a third of the order page. Readers
# find the mask named in the code and take any; this one, a chequered pattern, suits what is mostly letters.
MASK = 0


def girocode(order: Order) -> segno.QRCode:
    """What a banking app needs to pay what is open: EPC069-12, version 2, in UTF-8."""
    event = order.event
    payee = (event.bic, event.seller_name, event.iban, f"EUR{order.open_amount:.2f}")
    purpose = reference = ""  # structured ones; ours is the code, as text
    lines = ["BCD", "002", "1", "SCT", *payee, purpose, reference, order.code or ""]
    # The standard wants error correction M. It allows version 13, which holds more than our fields may be long.
    return segno.make_qr("\n".join(lines), error="m", boost_error=False, encoding="utf-8", mask=MASK)


def ticket_qr(ticket_code: str) -> segno.QRCode:
    """The ticket's code, with enough redundancy for a scratched screen."""
    return segno.make_qr(ticket_code, error="m")


def as_svg(code: segno.QRCode, title: str) -> SafeString:
    """The code in black on white whatever the page's colours, with the quiet zone it needs."""
    return mark_safe(  # noqa: S308 - segno escapes the title and draws the rest
        code.svg_inline(border=4, light="#fff", dark="#000", omitsize=True, title=title, svgclass="qr", lineclass=None)
    )
