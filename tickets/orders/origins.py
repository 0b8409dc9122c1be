"""How much one network may reserve, and one mailbox or mail domain order, before anything speaks for them.

What is counted are places as they stand in the tables, also of carts that are over, so that neither fresh cookies nor
giving back and taking again helps. What speaks for a network is the click in the mail; for a mailbox and its domain it is
money, for who has a mailbox can click in every mail. docs/decisions/abuse.md says what remains possible.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sccon.mailboxes import mailbox, own_domains
from sccon.statements import fetch
from tickets.models import Order, Origin

# Places that one network reserves in 24 hours and nobody confirms. Wider networks (IPv6) may have two and four times it.
NETWORK = 150
# The same while a quota is guarded (see `tickets.orders.watching`).
NETWORK_GUARDED = 4
# For each place that was confirmed, or paid, so many more.
LIFT = 3
# Orders of one mailbox without the click, and places without money, in 24 hours.
MAILBOX_ORDERS, MAILBOX = 5, 100
# Places of one mail domain without money in 24 hours, twice that for all below one that was registered; providers'
# domains, which strangers share, have no limit.
DOMAIN = 600

LIMITS = [NETWORK, NETWORK_GUARDED, LIFT]
MORE = "SELECT * FROM tickets_more_refused(%s::bigint, %s::bigint[], %s::integer[], %s, %s, %s) AS why WHERE why <> ''"
BUYER = "SELECT tickets_buyer_refused(%s::bigint, %s::bytea, %s::bytea[], %s::smallint[], %s, %s, %s, %s, %s)"
DOUBTFUL = """
    SELECT EXISTS (
        SELECT FROM tickets_position AS position
        JOIN tickets_productquota AS link ON link.product_id = position.product_id
        JOIN tickets_quota AS quota ON quota.id = link.quota_id
        WHERE position.order_id = %(cart)s AND quota.guarded
    ) AND EXISTS (SELECT FROM tickets_origin WHERE order_id = %(cart)s) AND NOT EXISTS (
        SELECT FROM tickets_origin AS mine
        JOIN tickets_origin AS other ON other.key = mine.key
        JOIN tickets_order AS good ON good.id = other.order_id
        WHERE mine.order_id = %(cart)s AND mine.factor = 1 AND good.confirmed_at IS NOT NULL
    )
"""


class Why(TextChoices):
    """What stands against it, as a sentence for the buyer; %s is where to write."""

    NETWORK = (
        "network",
        _(
            "Very many tickets were reserved from your network today and not ordered, so that no more can be reserved for"
            " now. Please try again tomorrow, or write to %s: we will gladly help."
        ),
    )
    GUARD = (
        "guard",
        _(
            "At the moment very many tickets are reserved that nobody orders, so we give out only few at a time. Please try"
            " again in some minutes, or write to %s: we will gladly help."
        ),
    )
    MAILBOX = (
        "mailbox",
        _(
            "Many tickets were ordered with this e-mail address today and not confirmed or paid. Please use the link in our"
            " mails first, try again tomorrow, or write to %s: we will gladly help."
        ),
    )
    DOMAIN = (
        "domain",
        _(
            "Very many tickets were ordered with addresses of your organisation today. Please write to %s, so that we know"
            " you are expected: we will gladly help."
        ),
    )
    MAILS = (
        "mails",
        _(
            "We have sent this e-mail address very many mails within a short time, and the order needs one more. Please try"
            " again in an hour, or write to %s: we will gladly help."
        ),
    )


class Refused(Exception):
    """A network, a mailbox or a mail domain has its fill; `why` says which."""

    def __init__(self, why: str):
        self.why = Why(why)
        super().__init__(why)


def keys_of(networks: Sequence[str]) -> tuple[list[bytes], list[int]]:
    """Keys and factors of a visitor's networks, which come from narrow to wide (see `sccon.limits.networks`)."""
    return [key("network", network) for network in networks], [2**place for place in range(len(networks))]


def key(kind: str, name: str) -> bytes:
    """A hash of which nobody without our secret can tell what it stands for."""
    text = f"tickets.origin\n{kind}\n{name}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()[:16]


def allow_more(cart: Order, places: Mapping[int, int]) -> None:
    """Raises `Refused` if the cart's network may not reserve so many of each product id more. Before `reserving.take`."""
    if places and (rows := fetch(MORE, [cart.pk, list(places), list(places.values()), *LIMITS])):
        raise Refused(rows[0][0])


def allow_time(cart: Order) -> None:
    """Raises `Refused` if the cart may not be extended: its quota is guarded, and nothing speaks for its network."""
    ((doubtful,),) = fetch(DOUBTFUL, {"cart": cart.pk})
    if doubtful:
        raise Refused(Why.GUARD)


def allow_buyer(order: Order, email: str, places: int) -> None:
    """Keeps mailbox and domain as origins of the order; raises `Refused` if one of them has its fill.

    Of two orders at once neither sees the other: a mailbox gets so many more as the server has threads.
    """
    name = mailbox(email, any_provider=True)
    domains = [key("domain", domain) for domain in own_domains(name)]
    factors = [2**place for place in range(len(domains))]
    values = [order.pk, key("mailbox", name), domains, factors, places, MAILBOX_ORDERS, MAILBOX, DOMAIN, LIFT]
    ((why,),) = fetch(BUYER, values)
    if why:
        raise Refused(why)


def allow_late_click(order: Order, email: str, places: int) -> None:
    """The same once more for an order whose hour is over: else a mailbox could lay up orders for days, and take all their
    places at once."""
    Origin.objects.filter(order=order).exclude(kind=Origin.Kind.NETWORK).delete()
    allow_buyer(order, email, places)
