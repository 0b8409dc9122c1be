"""How much one network, one mailbox and one domain may hold before anything speaks for them; hours pass by moving rows."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from django.db.models import F, Sum

from sccon.clock import database_now
from tests.at_once import at_once, kinds
from tests.tickets.factories import make_event, make_product, make_quota, make_shop, place, taken
from tickets.models import Order, Origin, Position, Product, Quota, Whole
from tickets.orders import carts, confirming, expiring, origins, reserving

pytestmark = pytest.mark.django_db

numbers = count(1)


def begin(product: Product, number: int = 1, *, network: str = "203.0.113.0/24") -> Order:
    return carts.choose(None, {product.pk: number}, language="de", networks=[network])


def hours_pass(hours: float) -> None:
    """All that carts and orders know of time is so long ago, and the minutely job has run."""
    ago = timedelta(hours=hours)
    Order.objects.update(created_at=F("created_at") - ago, expires_at=F("expires_at") - ago)
    Order.objects.filter(placed_at__isnull=False).update(
        placed_at=F("placed_at") - ago, confirmed_at=F("confirmed_at") - ago
    )
    Origin.objects.update(at=F("at") - ago)
    expiring.expire_orders(timestamp=0)


def free_shop(size: int) -> tuple[Quota, Product]:
    _event, quota, product = make_shop(size=size, price="0.00")
    return quota, product


def test_one_visitor_no_longer_takes_what_a_congress_has():
    """Before, 111 orders of ten free places each took 1,110 places in 134 seconds."""
    quota, product = free_shop(1110)
    made = 0
    for _order in range(111):
        with suppress(origins.Refused):
            place(begin(product, 10))
            made += 1
    assert (made, taken(quota)) == (15, [origins.NETWORK])
    hours_pass(1.01)
    assert taken(quota) == [0], "nobody clicked"
    with pytest.raises(origins.Refused):
        begin(product, 10)
    hours_pass(23)
    begin(product, 10)


def test_places_to_be_paid_by_transfer_go_back_after_an_hour_without_a_click():
    """Before, they were held until the due date and its days of grace: fifteen days."""
    _event, quota, product = make_shop(size=50)
    for _order in range(5):
        place(begin(product, 10))
    assert taken(quota) == [50]
    hours_pass(1.01)
    assert taken(quota) == [0]


def test_giving_back_and_taking_again_counts_each_time():
    _event, quota, product = make_shop(size=1000, max_per_order=100)
    cart = begin(product, 60)
    carts.change(cart, {product.pk: 0})
    carts.change(cart, {product.pk: 60})
    assert taken(quota) == [60]
    with pytest.raises(origins.Refused):
        carts.change(cart, {product.pk: 100})
    with pytest.raises(origins.Refused):
        begin(product, 60)
    assert taken(quota) == [60]
    assert reserving.recount() == {}


def test_what_was_taken_out_is_no_part_of_the_order():
    _event, quota, product = make_shop()
    cart = begin(product, 3)
    carts.change(cart, {product.pk: 1})
    order = place(cart)
    confirming.confirm(order.pk)
    whole = Whole.of(order.pk)
    assert whole is not None
    assert ([position.gross for position in whole.positions], taken(quota)) == ([order.total], [1])


@pytest.mark.parametrize("clicks", [False, True])
def test_taking_out_before_ordering_the_rest_does_not_make_a_network_forget(clicks: bool):
    """Before, ten were held for the whole life of a cart, nine taken out, and one ordered: only that one was counted."""
    _quota, product = free_shop(5000)
    reserved = ordered = 0
    with suppress(origins.Refused):
        for each in range(100):
            cart = begin(product, 10)
            reserved += 10
            carts.change(cart, {product.pk: 1})
            order = place(cart, email=f"ada@d{each}.example")
            ordered += 1
            if clicks:
                confirming.confirm(order.pk)
    assert reserved <= origins.NETWORK + (origins.LIFT + 1) * ordered * clicks


def test_again_counts_keeps_the_longest_time_and_takes_todays_price():
    event, quota, product = make_shop(size=1000, max_per_order=100)
    cart = begin(product, 70)
    Order.objects.filter(pk=cart.pk).update(expires_at=database_now())
    Product.objects.filter(pk=product.pk).update(price="200.00")
    again = carts.reserve_again(cart)
    assert again.created_at == Order.objects.get(pk=cart.pk).created_at
    live = Position.objects.filter(order=cart, cancelled_at=None)
    assert (live.count(), live.aggregate(sum=Sum("gross"))["sum"]) == (70, 70 * 200)
    assert taken(quota) == [70]
    Order.objects.filter(pk=cart.pk).update(expires_at=database_now())
    with pytest.raises(origins.Refused):
        carts.reserve_again(cart)
    began = database_now() - timedelta(minutes=event.cart_minutes_most - 1)
    Order.objects.filter(pk=cart.pk).update(created_at=began, expires_at=database_now())
    with pytest.raises(carts.Expired):
        carts.reserve_again(cart)
    assert reserving.recount() == {}


def test_what_was_confirmed_speaks_for_its_network():
    _quota, product = free_shop(2000)
    with suppress(origins.Refused):
        while True:
            order = place(begin(product, 10))
    confirming.confirm(order.pk)
    for _order in range(4):  # thirty more for ten that were confirmed, and the ten themselves
        begin(product, 10)
    with pytest.raises(origins.Refused):
        begin(product, 10)


def test_a_wide_network_has_more_but_not_without_end():
    _event, quota, product = make_shop(size=5000)
    made = 0
    with suppress(origins.Refused):
        for each in range(300):
            widths = [f"2001:db8:0:{each:x}::/64", "2001:db8::/56", "2001:db8::/48"]
            carts.choose(None, {product.pk: 10}, language="de", networks=widths)
            made += 10
    assert (made, taken(quota)) == (2 * origins.NETWORK, [2 * origins.NETWORK])


def test_a_mailbox_orders_few_times_without_a_click_however_it_is_written():
    _event, _quota, product = make_shop(size=1000)
    spellings = [f"Ada+{number}@example.org" for number in range(20)]
    made = []
    for number, email in enumerate(spellings):
        cart = begin(product, network=f"198.51.{number}.0/24")
        with suppress(origins.Refused):
            made.append(place(cart, email=email))
    assert len(made) == origins.MAILBOX_ORDERS
    confirming.confirm(made[0].pk)
    place(cart, email="ada@example.org")


def test_who_clicks_in_every_mail_still_gets_no_more_than_a_mailbox_may():
    _quota, product = free_shop(5000)
    with pytest.raises(origins.Refused) as refused:  # noqa: PT012 – which of them is refused first is the question
        for number in range(200):
            cart = begin(product, 10, network=f"198.51.{number}.0/24")
            confirming.confirm(place(cart, email="ada@example.org").pk)
    assert refused.value.why == "mailbox"
    assert Order.objects.filter(status="paid").count() * 10 == origins.MAILBOX


def test_a_domain_of_ones_own_is_no_way_round_and_a_providers_is_no_fence():
    _quota, product = free_shop(5000)
    for domain, fits in (("example.org", origins.DOMAIN // 10), ("gmx.de", 70)):
        made = 0
        for number in range(70):
            cart = begin(product, 10, network=f"{domain}/{number}")
            with suppress(origins.Refused):
                confirming.confirm(place(cart, email=f"b{number}@{domain}").pk)
                made += 1
        assert made == fits


def order_of(product: Product, number: int, email: str) -> Order:
    """Placed from a network of its own, so that only the mailbox counts."""
    return place(begin(product, number, network=f"other/{next(numbers)}"), email=email)


@pytest.mark.parametrize("behind", ["example.org", "example.co.uk"])
def test_whoever_registered_a_domain_has_no_more_by_all_the_domains_below_it(behind: str):
    """Before, each had a limit of its own."""
    _event, _quota, product = make_shop(size=5000, price="0.00", max_per_order=100)
    with pytest.raises(origins.Refused) as refused:  # noqa: PT012 – the first that is refused
        for number in range(20):
            confirming.confirm(order_of(product, 100, f"ada@d{number}.{behind}").pk)
    assert (refused.value.why, Order.objects.filter(status="paid").count() * 100) == ("domain", 2 * origins.DOMAIN)
    order_of(product, 100, f"ada@{behind}x")


def test_what_waits_for_its_money_counts_also_the_next_day():
    """Before, promised transfers held 100 places more each day, for some fifteen days."""
    _event, quota, product = make_shop(size=1000, max_per_order=100)
    made = order_of(product, origins.MAILBOX, "ada@example.org")
    confirming.confirm(made.pk)
    hours_pass(25)
    assert taken(quota) == [origins.MAILBOX]
    with pytest.raises(origins.Refused):
        order_of(product, 1, "ada@example.org")
    order_of(product, 1, "ben@example.org")


def test_orders_laid_up_over_days_are_not_confirmed_all_at_once():
    _event, quota, product = make_shop(size=1000, price="0.00", max_per_order=100)
    laid_up = []
    for _day in range(3):
        laid_up.append(order_of(product, 60, "ada@example.org"))
        hours_pass(25)
    confirming.confirm(laid_up[0].pk)
    for order in laid_up[1:]:
        with pytest.raises(origins.Refused):
            confirming.confirm(order.pk)
    assert (taken(quota), reserving.recount()) == ([60], {})
    hours_pass(25)
    confirming.confirm(laid_up[1].pk)


def test_an_origin_names_nobody_and_is_gone_after_a_week():
    from tickets import retention

    _event, _quota, product = make_shop()
    order = place(begin(product), email="ada@example.org")
    kept = {origin.kind: bytes(origin.key) for origin in order.origins.all()}
    assert set(kept) == {"network", "mailbox", "domain"}
    assert all(len(key) == 16 for key in kept.values())
    hours_pass(7 * 24 + 1)
    retention.forget_carts(timestamp=0)
    assert not Origin.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_from_one_network_get_no_more_than_it_may():
    _event, quota, product = make_shop(size=1000)
    results = at_once(*[lambda: begin(product, 10)] * 40)
    assert kinds(results) == {"Order": 15, "Refused": 25}
    assert (taken(quota), reserving.recount()) == ([150], {})


# --- The two crowds ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_five_hundred_of_one_ministry_behind_one_address_buy_within_an_hour():
    """A mailbox each, one mail domain, one network; each takes ten minutes, so some eighty are always at it."""
    quota, product = free_shop(1500)
    begun: list[Order] = []
    placed: list[Order] = []

    def click() -> None:
        confirming.confirm(placed.pop(0).pk)

    for number in range(500):
        begun.append(begin(product))
        if len(begun) > 60:
            placed.append(place(begun.pop(0), email=f"a{next(numbers)}@ministry.example"))
        if len(placed) > 20:
            click()
        if number % 8 == 0:
            hours_pass(1 / 60)
    for cart in begun:
        placed.append(place(cart, email=f"a{next(numbers)}@ministry.example"))
    while placed:
        click()
    assert (Order.objects.filter(status="paid").count(), taken(quota)) == (500, [500])
    assert not Quota.objects.get(pk=quota.pk).guarded


class Bot:
    """Wants ten places, for as long as it can, with whatever the shop offers; it has no mailbox."""

    def __init__(self, number: int, networks: int):
        self.number, self.network, self.cart = number, f"bots/{number % networks}", None

    def act(self, product: Product, *, orders: bool) -> None:
        with suppress(origins.Refused, reserving.SoldOut, carts.Expired, reserving.Busy):
            if self.cart is None:
                self._begin(product)
                return
            self.cart.refresh_from_db()
            if self.cart.status == "cart":
                try:
                    carts.extend(self.cart)
                except (origins.Refused, carts.Expired):
                    if orders:
                        place(self.cart, email=f"bot{next(numbers)}@bots{self.number}.example")
            elif self.cart.status == "expired" and self.cart.code is None:
                try:
                    carts.reserve_again(self.cart)
                except (origins.Refused, carts.Expired):
                    self._begin(product)
            elif self.cart.status == "expired":
                self._begin(product)

    def _begin(self, product: Product) -> None:
        self.cart = None  # a fresh cookie
        for size in (10, 1):
            with suppress(origins.Refused, reserving.SoldOut):
                self.cart = begin(product, size, network=self.network)
                return


def attack(bots: int, networks: int, *, step: float, until: float) -> Iterator[tuple[float, int]]:
    """The hours that passed and the places that are held then: every `step` hours each bot does what it can."""
    event = make_event()
    quota = make_quota(event, 1500)
    product = make_product(event, quota, price="0.00")
    crowd = [Bot(number, networks) for number in range(bots)]
    passed = 0.0
    while passed < until:
        for bot in crowd:
            bot.act(product, orders=True)
        yield passed, taken(quota)[0]
        hours_pass(step)
        passed += step
    assert reserving.recount() == {}


def most_after_two_hours(held: dict[float, int]) -> int:
    return max(number for hour, number in held.items() if hour >= 2)


@pytest.mark.django_db(transaction=True)
def test_bots_without_mailboxes_hold_little_from_the_third_hour_on():
    """The small form: fewer bots and networks, five hours."""
    held = dict(attack(160, 80, step=0.25, until=5))
    assert max(held.values()) > 700, "they try"
    assert most_after_two_hours(held) <= 75


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_two_thousand_bots_from_two_hundred_networks_hold_little_until_the_end_of_the_day():
    held = dict(attack(2000, 200, step=0.25, until=24))
    print({round(hour, 1): number for hour, number in held.items()})
    assert max(held.values()) > 1000, "they try"
    assert most_after_two_hours(held) <= 75
