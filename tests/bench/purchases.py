"""What selling costs: a whole purchase beside a bare Django view, and reserving beside pgbench's TPC-B.

Both are taken in turns, so that what else this machine does meanwhile slows both down alike.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psycopg

from tests import production

ROOT = Path(__file__).resolve().parent.parent.parent
BUYERS, ROUNDS, SECONDS = 8, 5, 3
PAGES = 8  # of a purchase
MOST_REQUESTS, LEAST_TPC_B = 190, 0.2

# An event with four products, each over a quota of its own; the current one of this database.
SHOP = """
    INSERT INTO tickets_event (name_de, name_en, venue_de, venue_en, address, starts_at, ends_at, sales_start, sales_end,
        current, test_mode, seller_name, seller_address, seller_email, seller_phone, tax_number, iban, bic,
        payment_days, grace_days, transfer_days, cart_minutes, cart_minutes_most)
    VALUES ('Kongress', 'Congress', 'Halle 1', 'Hall 1', '', now() + interval '60 days', now() + interval '62 days',
        now() - interval '1 day', now() + interval '60 days', true, false, 'Messe GmbH', 'Platz 1, 10115 Berlin',
        'tickets@example.org', '', '', 'DE02120300000000202051', '', 10, 3, 5, 30, 120);
    INSERT INTO tickets_quota (event_id, name, size, taken)
    SELECT id, 'Plätze ' || n, 100000000, 0 FROM tickets_event, generate_series(1, 4) n;
    INSERT INTO tickets_product (event_id, section, position, name_de, name_en, price, tax_rate, tax_category, active,
        min_per_order, max_per_order)
    SELECT id, 'admission', n, 'Ticket ' || n, 'Ticket ' || n, 100 * n, 19, 'S', true, 1, 10
    FROM tickets_event, generate_series(1, 4) n;
    INSERT INTO tickets_productquota (product_id, quota_id)
    SELECT product.id, quota.id
    FROM tickets_product AS product JOIN tickets_quota AS quota ON quota.name = 'Plätze ' || product.position;
"""

# For wrk: each thread is one buyer after another, with a network, a mail domain and a browser's cookies of their own.
PURCHASE = """
    local PRODUCT = "%(product)s"
    local threads, thread_number = {}, 0
    function setup(thread)
        thread:set("number", thread_number)
        thread_number = thread_number + 1
        table.insert(threads, thread)
    end

    function init()
        buyer, step, pages, wrong = 0, 0, 0, ""
        cookies, token, to, seen = {}, "", "", ""
    end

    local function ask(method, path, typed)
        local all = ""
        for name, value in pairs(cookies) do all = all .. name .. "=" .. value .. "; " end
        return wrk.format(method, path, {
            ["Cookie"] = all, ["X-Forwarded-For"] = "10." .. number .. "." .. buyer %% 250 .. ".7",
            ["Content-Type"] = "application/x-www-form-urlencoded", ["Sec-Fetch-Site"] = "same-origin"
        }, typed)
    end

    local function request_of(step)
        if step == 0 then return ask("GET", "/de/tickets/") end
        if step == 1 then return ask("POST", "/de/tickets/cart/add/", "product-" .. PRODUCT .. "=1") end
        if step == 2 then return ask("GET", "/de/tickets/cart/") end
        if step == 3 then return ask("GET", "/de/tickets/checkout/") end
        if step == 4 then return ask("POST", "/de/tickets/checkout/", "csrfmiddlewaretoken=" .. token ..
            "&name=Ada+Lovelace&email=ada%%40b" .. buyer .. "-" .. number .. "-%(run)s.example.org&street=Am+Markt+1&postcode=16225&city=Eberswalde&country=DE") end
        if step == 5 then return ask("GET", "/de/tickets/checkout/summary/") end
        if step == 6 then return ask("POST", "/de/tickets/checkout/place/", "csrfmiddlewaretoken=" .. token .. seen) end
        return ask("GET", to)
    end
    local STATUS = {[0] = 200, 302, 200, 200, 302, 200, 302, 200}

    function request() return request_of(step) end

    function response(status, headers, body)
        if status ~= STATUS[step] and wrong == "" then wrong = "step " .. step .. " answered " .. status end
        for name, value in pairs(headers) do
            if string.lower(name) == "set-cookie" then
                local key, content = string.match(value, "^([^=]+)=([^;]*)")
                cookies[key] = content
            elseif string.lower(name) == "location" then
                to = value
            end
        end
        token = string.match(body, 'name="csrfmiddlewaretoken" value="([^"]+)"') or token
        if step == 5 then
            seen = ""
            for name, value in string.gmatch(body, 'name="(%%a+)" value="([^"]+)"') do
                if name == "total" or name == "positions" then seen = seen .. "&" .. name .. "=" .. value end
            end
        end
        step, pages = step + 1, pages + 1
        if step == 8 then
            buyer, step, cookies = buyer + 1, 0, {}
        end
    end

    function done(summary)
        local pages, wrong = 0, ""
        for _, thread in ipairs(threads) do
            pages = pages + thread:get("pages")
            wrong = wrong .. thread:get("wrong")
        end
        print("Pages: " .. pages .. " in " .. summary.duration .. " microseconds " .. wrong)
    end
"""


def open_shop(database: str) -> int:
    """Fills the database; the id of one of its products."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SHOP)
        row = connection.execute("SELECT min(id) FROM tickets_product").fetchone()
        assert row is not None
        return row[0]


def measure(address: str, database: str) -> None:
    """Prints both figures of the site at `address`, whose `database` sells nothing yet."""
    product = open_shop(database)
    purchases(address, product)
    reserving(database)


def purchases(address: str, product: int) -> None:
    """Whole purchases, several buyers at a time: how many requests to a bare view one of them costs."""
    shops = [PURCHASE % {"product": product, "run": run} for run in range(ROUNDS + 1)]
    run_wrk(address, shops.pop())  # the processes have read their code and templates
    rounds = [(run_wrk(f"{address}/bare/", ""), run_wrk(address, shop)) for shop in shops]
    cost = statistics.median(requests / bought for requests, bought in rounds)
    rate = statistics.median(bought for _requests, bought in rounds)
    print(
        f"a whole purchase        {rate:8.1f} a second   as {cost:.0f} requests to the bare view (most: {MOST_REQUESTS})"
    )


def run_wrk(address: str, script: str) -> float:
    """How many requests, or with a script purchases, a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script)
        lua.flush()
        command = ["wrk", f"-t{BUYERS}", f"-c{BUYERS}", f"-d{SECONDS}s", *(["-s", lua.name] if script else []), address]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if script:
        found = re.search(r"Pages: (\d+) in (\d+) microseconds $", said, re.MULTILINE)
        rate = int(found[1]) / PAGES / int(found[2]) * 1e6 if found else 0
    else:
        found = re.search(r"Requests/sec:\s+([\d.]+)", said)
        rate = float(found[1]) if found else 0
    if not rate or "Non-2xx" in said or "Socket errors" in said:
        sys.exit(f"{address} failed under load:\n{said}")
    return rate


def reserving(database: str) -> None:
    """New carts of four products over four quotas from as many threads, beside pgbench on the same database."""
    pgbench = shutil.which("pgbench", path=f"{os.environ.get('PG_BIN', '')}:{os.environ.get('PATH', '')}")
    if pgbench is None:
        print(
            "pgbench is missing, and with it the measure for reserving: on Debian, apt-get install postgresql-contrib."
        )
        return
    subprocess.run([pgbench, "--initialize", "--scale", "10", "--quiet", database], check=True, capture_output=True)
    environment = os.environ | production.SETTINGS | {"DATABASE_URL": database, "WEB_THREADS": str(BUYERS)}
    command = [sys.executable, "-m", "tests.bench.purchases"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as shop:
        assert shop.stdin
        assert shop.stdout
        rounds = []
        for _round in range(ROUNDS):
            shop.stdin.write("\n")
            shop.stdin.flush()
            carts = float(shop.stdout.readline())
            rounds.append((tpc_b(pgbench, database), carts))
        shop.stdin.close()
    ratio = statistics.median(carts / tpc_b for tpc_b, carts in rounds)
    rate = statistics.median(carts for _tpc_b, carts in rounds)
    print(f"reserving four products {rate:8.0f} a second   {ratio:.2f} of pgbench's TPC-B (least: {LEAST_TPC_B})")


def tpc_b(pgbench: str, database: str) -> float:
    """Transactions a second of pgbench's own kind."""
    command = [pgbench, "--client", str(BUYERS), "--jobs", "2", "--time", str(SECONDS), database]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"tps = ([\d.]+)", said)
    if found is None:
        sys.exit(f"pgbench said:\n{said}")
    return float(found[1])


def fill_carts() -> None:
    """For each line of the input: makes carts for a while, and says how many a second."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sccon.settings")
    import django

    django.setup()
    from django.db import connection

    from tickets.models import Product
    from tickets.orders import carts

    products = dict.fromkeys(Product.objects.values_list("pk", flat=True), 1)

    def buy(made: list[int], until: float) -> None:
        while time.monotonic() < until:
            made.append(carts.choose(None, products, language="de").pk)
        connection.close()

    for _line in sys.stdin:
        made: list[int] = []
        began = time.monotonic()
        buyers = [threading.Thread(target=buy, args=(made, began + SECONDS)) for _ in range(BUYERS)]
        for buyer in buyers:
            buyer.start()
        for buyer in buyers:
            buyer.join()
        print(len(made) / (time.monotonic() - began), flush=True)


if __name__ == "__main__":
    fill_carts()
