"""Takes places out of quotas and gives them back: the only code that changes `Quota.taken`.

Nothing is read before it is written: one conditional UPDATE a quota, in the order of their ids, under a CHECK that
makes overselling impossible whatever this code does. The quotas are the busiest rows of the shop, so they come last
in a transaction, with no mail, template or provider call after them.

The order of all locks is: order, payment, product (shared), quota. The shared lock on a product keeps its quotas
from being rearranged meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import wraps

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from psycopg import errors

from sccon.jobs import app
from tickets import mails
from tickets.models import History, Order, Position, Quota

# How long anyone waits for a quota before being told that it is busy.
PATIENCE = "3s"

# So many overdue carts and orders give way at once when a buyer finds no place.
EXPIRE_AT_ONCE = 50


class SoldOut(Exception):
    """There are not enough places; `quotas` says in which quotas to look for overdue ones."""

    def __init__(self, quotas: list[int]):
        self.quotas = quotas
        super().__init__("not enough places")


class Busy(Exception):
    """Others hold the quota for longer than anyone should wait."""


def take(places: Mapping[int, int]) -> None:
    """Takes so many places a product id out of the product's quotas (fewer than none: gives them back).

    Call it last in the transaction that inserts the positions, or lets them live again. Raises `SoldOut`; then
    that transaction (or its savepoint) must be rolled back.
    """
    wanted = _by_quota(places)
    for quota_id, number in wanted.items():
        with_room = Q(size=None) | Q(size__gte=F("taken") + number) if number > 0 else Q()
        if not Quota.objects.filter(with_room, pk=quota_id).update(taken=F("taken") + number):
            raise SoldOut(list(wanted))


def give_back(places: Mapping[int, int]) -> None:
    """Gives back so many places a product id. Call it last in the transaction that ends the positions."""
    take({product_id: -number for product_id, number in places.items()})


def places_of(orders: Iterable[int]) -> Counter[int]:
    """How many places a product id these orders' positions stand for."""
    products = Position.objects.filter(order_id__in=list(orders), cancelled_at__isnull=True)
    return Counter(products.values_list("product_id", flat=True))


def _by_quota(places: Mapping[int, int]) -> dict[int, int]:
    """`places` a quota id, in the order of the ids. From here on the products' quotas stay as they are."""
    if not places:
        return {}
    wanted: Counter[int] = Counter()
    ids = ", ".join(str(int(product_id)) for product_id in places)
    with connection.cursor() as cursor:
        # Three statements on one way: without parameters psycopg sends them together. The last one has a snapshot of
        # its own, and so sees an arrangement that changed while the second waited.
        cursor.execute(
            f"SET LOCAL lock_timeout = '{PATIENCE}';"  # noqa: S608 – nothing but numbers
            f"SELECT FROM tickets_product WHERE id IN ({ids}) ORDER BY id FOR KEY SHARE;"
            f"SELECT product_id, quota_id FROM tickets_productquota WHERE product_id IN ({ids})"
        )
        cursor.nextset()
        cursor.nextset()
        for product_id, quota_id in cursor.fetchall():
            wanted[quota_id] += places[product_id]
    return dict(sorted(wanted.items()))


def reserve[R](attempt: Callable[[], R]) -> R:
    """Runs `attempt`, a transaction that ends in `take`; without room, overdue carts and orders give way, once.

    So selling out needs no worker. Raises `SoldOut` or `Busy`, and then nothing has changed but what was overdue.
    """
    try:
        try:
            with transaction.atomic():
                return attempt()
        except SoldOut as sold_out:
            if not expire_overdue(quotas=sold_out.quotas):
                raise
        with transaction.atomic():
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
    places = places_of(order.pk for order in ended)
    if quotas is not None:
        # The attempt that follows takes these quotas in the order of their ids: lock what either needs in one go.
        _lock({*quotas, *_by_quota(places)})
    give_back(places)
    return len(ended)


def _lock(quotas: Iterable[int]) -> None:
    list(Quota.objects.filter(pk__in=list(quotas)).order_by("pk").select_for_update().values_list("pk", flat=True))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="expire_orders", pass_context=False)
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
