"""Nothing in the admin grows faster than what is in it: what the database does for each list of the shop.

Told by the rows and blocks of the plans that were run, not by a clock: ten times the orders, ten times the work.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from tests.tickets.factories import make_event, make_product, make_quota
from tickets.models import Event, Product

pytestmark = pytest.mark.django_db

LISTS = [model._meta.model_name for model in admin.site._registry if model._meta.app_label == "tickets"]

ORDERS = """
    INSERT INTO tickets_order (event_id, status, payment_terms, code, secret, language, test, total, paid, placed_at, due_on, expires_at,
        confirmed_at)
    SELECT %(event)s, CASE number %% 3 WHEN 0 THEN 'paid' ELSE 'pending' END, 'prepay', 'A' || lpad(number::text, 7, '0'),
        'secret-' || number, 'de', false, 119, CASE number %% 3 WHEN 0 THEN 119 ELSE 0 END,
        now() - number * interval '1 minute', current_date, now() + (number %% 2) * interval '1 day' - interval '1 hour',
        now()
    FROM generate_series(1 + (SELECT count(*) FROM tickets_order), %(number)s) AS number;
    INSERT INTO tickets_buyer (order_id, email, name, company, street, postcode, city, country, buyer_reference)
    SELECT id, code || '@example.org', 'Ada', '', '', '', '', '', ''
    FROM tickets_order WHERE id NOT IN (SELECT order_id FROM tickets_buyer);
    INSERT INTO tickets_position (order_id, product_id, product_name_de, product_name_en, gross, tax_rate, tax_category)
    SELECT id, (%(products)s::bigint[])[1 + id %% 8], 'Ticket', 'Ticket', 119, 19, 'S'
    FROM tickets_order WHERE id NOT IN (SELECT order_id FROM tickets_position);
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
    -- the small tables, too: what earlier tests had in them may have been looked at since
    ANALYZE tickets_order, tickets_buyer, tickets_position, tickets_product, tickets_productquota, tickets_quota;
"""


def fill(event: Event, products: list[Product], number: int) -> None:
    """So many orders, each with a ticket: half of those that wait are overdue."""
    with connection.cursor() as cursor:
        values = {"event": event.pk, "number": number, "products": [product.pk for product in products]}
        cursor.execute(ORDERS, values)


def work(ask: Callable[[], Any]) -> tuple[int, int]:
    """The rows and the blocks that the statements of `ask` touched in the database."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith("SELECT"):
            asked.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        ask()
    rows = blocks = 0
    with connection.cursor() as cursor:
        for sql, parameters in asked:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", parameters)
            (found,) = cursor.fetchone()
            plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
            rows += _rows(plan)
            blocks += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return rows, blocks


def _rows(plan: dict[str, Any]) -> int:
    """The rows of every node of `plan`, those it threw away as well."""
    own = plan["Actual Rows"] + sum(value for name, value in plan.items() if name.startswith("Rows Removed by"))
    return round(own * plan["Actual Loops"]) + sum(map(_rows, plan.get("Plans", [])))


def growth(client: Client, sizes: tuple[int, int]) -> dict[str, tuple[float, float]]:
    """How many times more rows and blocks each list takes with so many more orders."""
    event = make_event()
    quotas = [make_quota(event, None) for _number in range(3)]
    products = [make_product(event, *quotas, position=number) for number in range(8)]
    client.force_login(make_user(is_superuser=True))
    measured: dict[str, list[tuple[int, int]]] = {name: [] for name in LISTS}
    for size in sizes:
        fill(event, products, size)
        for name in LISTS:
            address = reverse(f"admin:tickets_{name}_changelist")
            measured[name].append(work(lambda address=address: client.get(address)))  # type: ignore[misc]
    return {name: tuple(after / before for before, after in zip(*pair, strict=True)) for name, pair in measured.items()}


@pytest.mark.parametrize(
    "sizes", [(200, 2_000), pytest.param((2_000, 20_000), marks=pytest.mark.full)], ids=["200-2000", "2000-20000"]
)
def test_ten_times_the_orders_are_at_most_ten_times_the_work(client: Client, sizes: tuple[int, int]):
    for name, times in growth(client, sizes).items():
        assert max(times) < 20, (name, times)  # another plan may cost a little more; quadratic was 77 and 143
