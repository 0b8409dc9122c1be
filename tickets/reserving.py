"""Takes places out of quotas and gives them back: the only code that changes `Quota.taken`.

Nothing is read before it is written: one conditional UPDATE a quota, in the order of their ids, under a CHECK that
makes overselling impossible whatever this code does. The quotas are the busiest rows of the shop, so they come last
in a transaction, with no mail, template or provider call after them; the UPDATEs stand in `reserving.sql`, functions
of the database, so that a quota is not held while Python thinks.

The order of all locks is: order, payment, product (shared), quota. The shared lock on a product keeps its quotas
from being rearranged meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef
from psycopg import errors

from sccon.jobs import app
from tickets import mails
from tickets.models import Event, History, Order, Position

# How long anyone waits for a quota before being told that it is busy.
PATIENCE = "3s"

# So many overdue carts and orders give way at once when a buyer finds no place.
EXPIRE_AT_ONCE = 50

BEGIN = "SELECT * FROM tickets_begin(%s::bigint, %s, %s, %s, %s::bigint[], %s::integer[], %s)"
BEGIN_ALONE = f"SET LOCAL synchronous_commit = off; {BEGIN}"
# The smallest transaction whose commit waits for the disk; nobody reads what it writes.
WAIT_FOR_DISK = "SELECT pg_logical_emit_message(true, 'tickets', '')"


class SoldOut(Exception):
    """There are not enough places; `quotas` says in which quotas to look for overdue ones."""

    def __init__(self, quotas: list[int]):
        self.quotas = quotas
        super().__init__("not enough places")


class Busy(Exception):
    """Others hold the quota for longer than anyone should wait."""


def take(places: Mapping[int, int], *, also: Iterable[int] = ()) -> None:
    """Takes so many places a product id out of the product's quotas (fewer than none: gives them back).

    Call it last in the transaction that inserts the positions, or lets them live again. Raises `SoldOut`; then
    that transaction (or its savepoint) must be rolled back. `also`: quotas that the transaction will need next.
    """
    if not places:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tickets_take(%s::bigint[], %s::integer[], %s::bigint[], %s)",
            [list(places), list(places.values()), list(also), PATIENCE],
        )
        (without_room,) = cursor.fetchone()
    if without_room is not None:
        raise SoldOut(without_room)


def give_back(places: Mapping[int, int], *, also: Iterable[int] = ()) -> None:
    """Gives back so many places a product id. Call it last in the transaction that ends the positions."""
    take({product_id: -number for product_id, number in places.items()}, also=also)


def begin(event: Event, places: Mapping[int, int], *, language: str, until: datetime) -> int:
    """A new cart with so many of each product id and their places, in one statement; returns its id.

    Raises `SoldOut`, and then has changed nothing. Outside a transaction the quotas are let go before the disk has
    the cart: those who wait for them need not wait for the disk one after another, but wait for it together.
    """
    alone = not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute(
            BEGIN_ALONE if alone else BEGIN,
            [event.pk, language, event.test_mode, until, list(places), list(places.values()), PATIENCE],
        )
        if alone:
            cursor.nextset()
        cart_id, without_room = cursor.fetchone()
        if without_room is not None:
            raise SoldOut(without_room)
        if alone:  # whatever was committed before this is on the disk with it
            cursor.execute(WAIT_FOR_DISK)
    return cart_id


def fill(cart: Order, places: Mapping[int, int]) -> None:
    """Adds so many positions of each product id to a cart, with today's names and prices; `take` must follow."""
    if places:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tickets_fill(%s::bigint, %s::bigint[], %s::integer[])",
                [cart.pk, list(places), list(places.values())],
            )


def places_of(orders: Iterable[int]) -> Counter[int]:
    """How many places a product id these orders' positions stand for."""
    products = Position.objects.filter(order_id__in=list(orders), cancelled_at__isnull=True)
    return Counter(products.values_list("product_id", flat=True))


def reserve[R](attempt: Callable[[], R]) -> R:
    """Runs `attempt`, a transaction that ends in `take` or is `begin`; without room, what is overdue gives way, once.

    So selling out needs no worker. Raises `SoldOut` or `Busy`, and then nothing has changed but what was overdue.
    """
    try:
        try:
            return attempt()
        except SoldOut as sold_out:
            if not expire_overdue(quotas=sold_out.quotas):
                raise
        return attempt()
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
            raise Busy from error
        raise


def told_busy[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Lets `function`, a transaction that gives places back, raise `Busy` like `reserve`."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except OperationalError as error:
            if isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
                raise Busy from error
            raise

    return wrapper


@transaction.atomic
def expire_overdue(*, quotas: list[int] | None = None) -> int:
    """Ends carts and unpaid orders whose time is over, some at once, and gives their places back; returns how many.

    `quotas`: only those with places of these quotas. What someone else is just changing is left alone: an order
    placed or paid in the same instant is no longer overdue when they are done.
    """
    overdue = Order.objects.due()
    if quotas is not None:
        held = Position.objects.filter(order=OuterRef("pk"), product__product_quotas__quota__in=quotas)
        overdue = overdue.filter(Exists(held))
    ended = list(
        overdue.select_related("event")
        .order_by("expires_at")
        .select_for_update(of=("self",), skip_locked=True)[:EXPIRE_AT_ONCE]
    )
    if not ended:
        return 0
    for order in ended:
        order.status = Order.Status.EXPIRED
    Order.objects.filter(pk__in=[order.pk for order in ended]).update(status=Order.Status.EXPIRED)
    History.objects.bulk_create(History(order=order, what=History.What.EXPIRED, status=order.status) for order in ended)
    for order in ended:
        if order.code:
            mails.queue_expired(order)
    # The attempt that follows takes `quotas` in the order of their ids: what either needs is locked in one go.
    give_back(places_of(order.pk for order in ended), also=quotas or ())
    return len(ended)


@app.periodic(cron="* * * * *")
@app.task(
    name="tickets.expire_orders",
    aliases=["tickets.reserving.expire_orders"],
    queue="urgent",
    priority=10,
    queueing_lock="tickets.expire_orders",
    pass_context=False,
)
def expire_orders(timestamp: int) -> None:
    """Ends what is overdue. Every minute; only so that the numbers are right, not so that the places can be sold."""
    while expire_overdue() == EXPIRE_AT_ONCE:
        pass


RECOUNT = """
    SELECT quota.id, count("order".id), quota.taken
    FROM tickets_quota AS quota
    LEFT JOIN tickets_productquota AS link ON link.quota_id = quota.id
    LEFT JOIN tickets_position AS position ON position.product_id = link.product_id AND position.cancelled_at IS NULL
    LEFT JOIN tickets_order AS "order"
        ON "order".id = position.order_id AND "order".status IN ('cart', 'pending', 'paid')
    GROUP BY quota.id
    HAVING count("order".id) <> quota.taken
    ORDER BY quota.id
"""


def recount() -> dict[int, tuple[int, int]]:
    """The quotas whose counter differs from their live positions: id to (counted, counter)."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT)
        return {quota_id: (counted, taken) for quota_id, counted, taken in cursor.fetchall()}
