"""QR codes: the GiroCode for banking apps (EPC069-12), and the ticket's."""

import segno
from django.utils.safestring import SafeString, mark_safe

from tickets.models import Order

# A fixed mask: trying all eight for the best takes four fifths of the drawing time, a third of the order page. Readers
# accept any, for the code names its mask; 0, a chequerboard, suits text.
MASK = 0


class ForgedLine(Exception):
    """A field of the GiroCode has a line break or another control character: it would say another account."""


def girocode(order: Order) -> segno.QRCode:
    """The GiroCode of the open amount: EPC069-12, version 2, UTF-8."""
    event = order.event
    payee = (event.bic, event.seller_name, event.iban, f"EUR{order.open_amount:.2f}")
    purpose = reference = ""  # structured ones; ours is the code, as text
    lines = ["BCD", "002", "1", "SCT", *payee, purpose, reference, order.code or ""]
    if any(not line.isprintable() for line in lines):  # the database has none; a line too many pays somebody else
        raise ForgedLine(event.pk)
    # The standard wants error correction M. It allows version 13, which holds more than our fields may be long.
    return segno.make_qr("\n".join(lines), error="m", boost_error=False, encoding="utf-8", mask=MASK)


def ticket_qr(ticket_code: str) -> segno.QRCode:
    """The QR code of a ticket, with redundancy for a scratched screen."""
    return segno.make_qr(ticket_code, error="m")


def as_svg(code: segno.QRCode, title: str) -> SafeString:
    """The code as inline SVG: black on white also in dark mode, with its quiet zone."""
    return mark_safe(  # noqa: S308 - segno escapes the title and draws the rest
        code.svg_inline(border=4, light="#fff", dark="#000", omitsize=True, title=title, svgclass="qr", lineclass=None)
    )
