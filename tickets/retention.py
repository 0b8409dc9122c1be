"""How long the shop keeps personal data, and the jobs that erase it.

An order passes three stages: as long as its event matters, everything; a year after the event, whoever paid nothing
is forgotten, of the others stays what a bookkeeper must show; after that time stays what was sold, to nobody.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CharField, Func, Max, Q
from django.db.models.functions import ExtractYear, Now
from django.utils import timezone

from sccon.clock import database_now
from sccon.jobs import app
from sccon.retention import Rule
from sccon.sessions import SessionStore
from tickets.models import Buyer, CounterEntry, Event, History, Order, Origin, Payment, Position, Refund
from tickets.orders import carts
from tickets.shop.session import CART, TYPED

# After the event: questions, certificates, complaints.
KEEP_CONTACT = timedelta(days=365)

# Keyed hashes of networks, mailboxes and mail domains: limits count what was confirmed within the week.
KEEP_ORIGINS = timedelta(days=7)

# From the end of the year of the order: what proves a booking (§ 147 AO).
KEEP_BOOKED = 8

AT_ONCE = 500
FORGOTTEN = "–"


class NewSecret(Func):
    """A new random secret per row, which nobody knows."""

    template = "replace(gen_random_uuid()::text, '-', '')"
    output_field = CharField()


@app.periodic(cron="37 3 * * *")
@app.task(
    name="tickets.forget",
    aliases=["tickets.retention.forget"],
    queue="slow",
    queueing_lock="tickets.forget",
    pass_context=False,
)
def forget(timestamp: int) -> None:
    """Every night: erases contacts and bookings whose time is over."""
    while forget_contacts() == AT_ONCE:
        pass
    while forget_booked() == AT_ONCE:
        pass


@transaction.atomic
def forget_contacts() -> int:
    """A year after the event: erases attendees, e-mail addresses and the secrets of mailed links; of orders without
    money, everything about the buyer. Returns of how many orders."""
    over = Order.objects.placed().filter(buyer__forgotten_at=None, event__ends_at__lt=Now() - KEEP_CONTACT)
    orders = list(over.select_for_update(of=("self",)).values_list("pk", "paid")[:AT_ONCE])
    ids = [pk for pk, _paid in orders]
    Position.objects.filter(order__in=ids).update(attendee_name="", attendee_company="")
    Position.objects.filter(order__in=ids, page_secret__isnull=False).update(page_secret=NewSecret())
    Order.objects.filter(pk__in=ids).update(secret=NewSecret())
    Buyer.objects.filter(pk__in=ids).update(email="", forgotten_at=Now())
    addresses = History.objects.filter(order__in=ids, what=History.What.ADDRESS)  # the old and the new one
    addresses.update(reason=FORGOTTEN)
    _forget_names(pk for pk, paid in orders if not paid)
    return len(ids)


@transaction.atomic
def forget_booked() -> int:
    """After the years that tax law demands: erases the buyer and staff's notes. Returns of how many orders."""
    year = timezone.localdate(database_now()).year
    over = Buyer.objects.alias(year=ExtractYear("order__placed_at")).exclude(name="", company="", street="", city="")
    over = over.filter(forgotten_at__isnull=False, year__lt=year - KEEP_BOOKED)
    ids = list(over.select_for_update(of=("self",)).values_list("pk", flat=True)[:AT_ONCE])
    _forget_names(ids)
    return len(ids)


def _forget_names(orders: Iterable[int]) -> None:
    ids = list(orders)
    Buyer.objects.filter(pk__in=ids).update(**dict.fromkeys(Buyer.BOOKED, ""))
    History.objects.filter(order__in=ids).exclude(reason="").update(reason=FORGOTTEN)
    Payment.objects.filter(order__in=ids).update(note="")
    Refund.objects.filter(payment__order__in=ids).update(reason=FORGOTTEN)
    CounterEntry.objects.filter(payment__order__in=ids).update(reason=FORGOTTEN)


@app.periodic(cron="*/10 * * * *")
@app.task(
    name="tickets.forget_carts",
    aliases=["tickets.retention.forget_carts"],
    queue="normal",
    queueing_lock="tickets.forget_carts",
    pass_context=False,
)
def forget_carts(timestamp: int) -> None:
    """Every ten minutes: deletes expired carts, sessions with what was typed for them, and where both came from."""
    carts.forget()
    Origin.objects.filter(at__lt=Now() - KEEP_ORIGINS).delete()
    SessionStore.clear_expired()
    forget_typed_by_staff()


def forget_typed_by_staff() -> int:
    """Staff keep their session; what they typed for a cart is removed from it. Returns of how many sessions."""
    minutes = Event.objects.aggregate(most=Max("cart_minutes_most"))["most"] or 0
    now = timezone.now()
    longest = now + timedelta(minutes=minutes) + carts.KEEP
    forgotten = 0
    for session in Session.objects.filter(expire_date__gt=longest):  # a buyer's session ends sooner
        kept = session.get_decoded()
        if TYPED not in kept:
            continue
        recent = Q(status=Order.Status.CART) | Q(expires_at__gt=now - carts.KEEP)
        if not Order.objects.filter(recent, pk=kept.get(CART, 0), code=None).exists():
            store = SessionStore(session.session_key)
            store.pop(TYPED, None)
            store.pop(CART, None)
            store.save(must_create=False)
            forgotten += 1
    return forgotten


RULES = (
    Rule(
        ("Position.attendee_name", "Position.attendee_company", "Position.page_secret", "Buyer.email", "Order.secret"),
        "a year after the event: names on tickets, where they were sent, and the links in the mails",
        forget,
    ),
    Rule(
        tuple(f"Buyer.{name}" for name in Buyer.BOOKED),
        "a year after the event; where money came, eight years from the end of the year (§ 147 AO)",
        forget,
    ),
    Rule(("Origin.key",), "a week: keyed hashes of networks, mailboxes and mail domains, for limits", forget_carts),
    Rule(
        ("History.reason", "Payment.note", "Refund.reason", "CounterEntry.reason"),
        "as long as the buyer's name: what staff noted about an order; corrected addresses as long as the address",
        forget,
    ),
)

# Text that says nothing about a person, or nothing once the name is gone: a field, or all fields of a model.
IMPERSONAL = frozenset(
    {
        "Event",  # of the seller, who is public
        "Product",
        "Quota",
        "SellerChange",  # as "Event"
        "Order.code",
        "Order.source",
        "Payment.provider_id",
        "Position.declaration",
        "Position.product_name",
        "Position.ticket_code",
    }
)
