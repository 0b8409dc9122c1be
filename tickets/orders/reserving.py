"""Takes places out of quotas and gives them back: the only code that changes `Quota.taken`.

No read before the write: one conditional UPDATE per quota, in id order, under a CHECK that makes overselling
impossible whatever this code does. Quotas are the most contended rows of the shop, so they are locked last in a
transaction, with no mail, template or provider call after them. The UPDATEs are database functions (`reserving.sql`),
so that no quota stays locked while Python computes.

Lock order: order, payment, product (shared), quota. The shared lock on a product keeps its quotas from being
rearranged meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import wraps

from django.db import OperationalError, connection
from psycopg import errors

from tickets.models import Event, Order, Position
from tickets.orders import origins

# `lock_timeout`: how long a transaction waits for a quota before `Busy`.
PATIENCE = "3s"

BEGIN = (
    "SELECT * FROM tickets_open(%s::bigint, %s, %s, %s, %s::bigint[], %s::integer[], %s, %s::bytea[], %s::smallint[],"
    " %s, %s, %s)"
)
BEGIN_ALONE = f"SET LOCAL synchronous_commit = off; {BEGIN}"
# The smallest transaction whose commit waits for the disk; nobody reads the message.
WAIT_FOR_DISK = "SELECT pg_logical_emit_message(true, 'tickets', '')"


class SoldOut(Exception):
    """There are not enough places; `quotas` says in which quotas to look for overdue ones."""

    def __init__(self, quotas: list[int]):
        self.quotas = quotas
        super().__init__("not enough places")


class Busy(Exception):
    """Others hold the quota for longer than `PATIENCE`."""


def take(places: Mapping[int, int], *, also: Iterable[int] = ()) -> None:
    """Takes places, a number per product id, out of the products' quotas (negative: gives them back).

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
    """Gives places back, a number per product id. Call it last in the transaction that ends the positions."""
    take({product_id: -number for product_id, number in places.items()}, also=also)


def begin(
    event: Event, places: Mapping[int, int], *, language: str, until: datetime, networks: Sequence[str] = ()
) -> int:
    """Creates a cart with positions and reserved places, a number per product id, in one statement; returns its id.

    Raises `SoldOut`, or `Refused` if the visitor's `networks` have their fill, and then has changed nothing. Outside a transaction the quotas are unlocked before the cart is
    on disk (`synchronous_commit = off`), and a second, tiny commit waits for the disk: buyers of one quota wait for
    the disk together instead of one after another.
    """
    alone = not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute(
            BEGIN_ALONE if alone else BEGIN,
            [
                *(event.pk, language, event.test_mode, until, list(places), list(places.values()), PATIENCE),
                *origins.keys_of(networks),
                *origins.LIMITS,
            ],
        )
        if alone:
            cursor.nextset()
        cart_id, without_room, refused = cursor.fetchone()
        if refused is not None:
            raise origins.Refused(refused)
        if without_room is not None:
            raise SoldOut(without_room)
        if alone:  # flushes whatever was committed before it
            cursor.execute(WAIT_FOR_DISK)
    return cart_id


def fill(cart: Order, places: Mapping[int, int]) -> None:
    """Adds positions to a cart, a number per product id, with today's names and prices; `take` must follow."""
    if places:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tickets_fill(%s::bigint, %s::bigint[], %s::integer[])",
                [cart.pk, list(places), list(places.values())],
            )


def places_of(orders: Iterable[int]) -> Counter[int]:
    """The number of live positions per product id in these orders."""
    products = Position.objects.filter(order_id__in=list(orders), cancelled_at__isnull=True)
    return Counter(products.values_list("product_id", flat=True))


def told_busy[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Decorator: turns lock timeouts and deadlocks into `Busy`."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except OperationalError as error:
            if isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
                raise Busy from error
            raise

    return wrapper


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
    """Quotas whose counter differs from their live positions: id → (counted, counter)."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT)
        return {quota_id: (counted, taken) for quota_id, counted, taken in cursor.fetchall()}
