"""The demo's shop: the edition of 2027, with invented dates and prices, and the orders of the past weeks.

Everything is drawn from a fixed seed, so that two people see the same shop. Only what must be secret is not.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from sccon.clock import database_now
from tickets.admission import codes
from tickets.models import Buyer, Event, History, Order, Payment, Position, Product, ProductQuota, Quota
from tickets.orders import placing, reserving

HERE = Path(__file__).parent
SEED = 2027
ORDERS = 300
WEEKS = 8
SINCE_ISSUE = timedelta(days=12)
TOUR_PLACES = 40
STUDENTS_LEFT = 3
BERLIN = ZoneInfo("Europe/Berlin")

FIRST_NAMES = [
    "Anke",
    "Baran",
    "Carla",
    "Dario",
    "Elif",
    "Frauke",
    "Gregor",
    "Hanna",
    "Ilias",
    "Jana",
    "Kofi",
    "Lena",
    "Mehmet",
    "Nadine",
    "Ole",
    "Petra",
    "Quirin",
    "Rosa",
    "Samuel",
    "Tanja",
    "Ulf",
    "Vera",
    "Wanja",
    "Xenia",
    "Yusuf",
    "Zoe",
]
LAST_NAMES = [
    "Ahrens",
    "Bergner",
    "Celik",
    "Dornbusch",
    "Ehlers",
    "Falkenried",
    "Gerlach",
    "Hinrichs",
    "Ivanov",
    "Jessen",
    "Kranich",
    "Lindemann",
    "Matthes",
    "Nowotny",
    "Okafor",
    "Pohlmann",
    "Quandt",
    "Rüter",
    "Sommerfeld",
    "Thiede",
    "Uhlig",
    "Vossberg",
    "Wetterau",
    "Yildiz",
    "Zander",
]
BODIES = (
    "Stadt Lindenbrück",
    "Landkreis Oberheide",
    "Gemeinde Seedorf an der Aue",
    "Rechenzentrum Nordmark",
    "Ministerium für Verkehr, Musterland",
    "Bezirksamt Westend",
)
COMPANIES = ("Nordlicht IT GmbH", "Rathaus Digital AG", "Kommunalwerk eG", "Klarweg Beratung", "")
# Status of what costs money, with its weight; what is free is complete at once and sometimes cancelled.
FATES = {
    "paid": 52, "pending": 20, "part": 4, "expired": 12, "late": 3, "overpaid": 3, "cancelled": 4, "cancelled_paid": 2,
}  # fmt: skip


@transaction.atomic
def fill() -> int:
    """Adds the event, its products and orders to a shop without events; returns how many orders were added."""
    if Event.objects.exists():
        return 0
    now = database_now()
    event = _event(now)
    products = _products(event)
    lot = Random(SEED)  # noqa: S311 – a drawing, not a secret
    drafts = _drafts(lot, products, now)
    drafts += _tour(lot, products["tour"], now)
    orders = Order.objects.bulk_create([draft.order(event) for draft in drafts])
    Buyer.objects.bulk_create([draft.buyer(order) for draft, order in zip(drafts, orders, strict=True)])
    for draft, order in zip(drafts, orders, strict=True):
        draft.write(order)
    _carts(event, products, now)
    _size_quotas(event, products)
    return len(orders)


def _event(now: datetime) -> Event:
    return Event.objects.create(
        name_de="Smart Country Convention 2027",
        name_en="Smart Country Convention 2027",
        venue_de="Messe Berlin, hub27 und Halle 25",
        venue_en="Messe Berlin, hub27 and hall 25",
        address="Jafféstraße, 14055 Berlin",
        admission_de="täglich ab 8:30 Uhr",
        admission_en="daily from 8:30",
        directions_de="Mit der S-Bahn bis Messe Süd, von dort wenige Minuten zu Fuß. Der Eingang hub27 ist stufenlos.",
        directions_en="By S-Bahn to Messe Süd, then a few minutes on foot. The entrance hub27 has no steps.",
        note_de="Dies ist eine Demo: Termin, Preise und Bankverbindung sind erfunden. Bitte überweisen Sie nichts.",
        note_en="This is a demo: dates, prices and bank account are invented. Please transfer no money.",
        starts_at=datetime(2027, 10, 12, 9, tzinfo=BERLIN),
        ends_at=datetime(2027, 10, 14, 17, tzinfo=BERLIN),
        sales_start=now - timedelta(weeks=WEEKS, days=2),
        sales_end=datetime(2027, 10, 14, 12, tzinfo=BERLIN),
        current=True,
        seller_name="Muster-Messegesellschaft mbH",
        seller_address="Musterdamm 1, 10000 Musterstadt",
        seller_email="tickets@muster-messe.example",
        seller_phone="030 0000-0000",
        tax_number="DE000000000",
        iban="DE02120300000000202051",
        bic="BYLADEM1001",
    )


def _products(event: Event) -> dict[str, Product]:
    """The products of products.toml by their key, with their quotas."""
    sizes = {"hall": ("Kongress und Expo", 1500), "expo": ("Nur Expo", 600), "students": ("Studierende", 1500)}
    sizes["tour"] = ("Rundgang", TOUR_PLACES)
    quotas = {key: Quota.objects.create(event=event, name=name, size=size) for key, (name, size) in sizes.items()}
    products = {}
    for position, (key, fields) in enumerate(tomllib.loads((HERE / "products.toml").read_text()).items()):
        taken_from, price = fields.pop("quotas"), Decimal(fields.pop("price"))
        products[key] = Product.objects.create(event=event, position=position, price=price, **fields)
        ProductQuota.objects.bulk_create(ProductQuota(product=products[key], quota=quotas[name]) for name in taken_from)
    return products


@dataclass
class Draft:
    """An order as it is drawn: who, what, when, and what becomes of it."""

    lot: Random
    number: int
    placed_at: datetime
    now: datetime
    products: list[Product]
    fate: str

    def __post_init__(self) -> None:
        first, last = self.lot.choice(FIRST_NAMES), self.lot.choice(LAST_NAMES)
        self.name = f"{first} {last}"
        self.company = self.lot.choice(BODIES if not self.total else COMPANIES)
        letters = "".join(self.lot.choice(codes.ALPHABET) for _ in range(codes.CODE_LENGTH - 2))
        # The two last letters count, so that no code comes twice.
        self.code = (
            letters
            + codes.ALPHABET[self.number // len(codes.ALPHABET)]
            + codes.ALPHABET[self.number % len(codes.ALPHABET)]
        )
        self.status, self.paid = self._outcome()

    @property
    def total(self) -> Decimal:
        return sum((product.price for product in self.products), Decimal(0))

    def _outcome(self) -> tuple[str, Decimal]:
        if not self.total:
            return ("cancelled" if self.fate.startswith("cancelled") else "paid"), Decimal(0)
        paid = {"paid": self.total, "part": (self.total / 2).quantize(Decimal(1)), "late": self.total}
        paid |= {"overpaid": self.total + 10, "cancelled_paid": self.total}
        status = {"part": "pending", "late": "expired", "overpaid": "paid", "cancelled_paid": "cancelled"}
        return status.get(self.fate, self.fate), paid.get(self.fate, Decimal(0))

    def order(self, event: Event) -> Order:
        due_on = placing.due_date(event, self.placed_at) if self.total else None
        german = self.lot.random() < 0.9
        return Order(
            event=event,
            status=self.status,
            payment_terms=Order.Terms.PREPAY if self.total else Order.Terms.FREE,
            code=self.code,
            secret=codes.new_secret(),
            language="de" if german else "en",
            total=self.total,
            paid=self.paid,
            created_at=self.placed_at - timedelta(minutes=7),
            placed_at=self.placed_at,
            confirmed_at=self.placed_at + timedelta(minutes=4),
            # As links of the newsletter's demo issues carry it.
            source="issue-2" if self.number % 7 == 3 and self.placed_at > self.now - SINCE_ISSUE else "",
            due_on=due_on,
            expires_at=placing.end_of_grace(event, due_on) if due_on else None,
        )

    def buyer(self, order: Order) -> Buyer:
        address = {
            "street": f"Lindenweg {self.number % 90 + 1}",
            "postcode": "10999",
            "city": "Berlin",
            "country": "DE",
        }
        return Buyer(
            order=order,
            email=f"{self.name.lower().replace(' ', '.').translate(PLAIN)}@example.org",
            name=self.name,
            company=self.company,
            **(address if self.total else {}),
        )

    def write(self, order: Order) -> None:
        """What belongs to the order: tickets, money, history."""
        positions = [
            Position(
                order=order,
                product=product,
                **{f"product_name_{code}": getattr(product, f"name_{code}") for code in ("de", "en")},
                **{f"declaration_{code}": getattr(product, f"declaration_{code}") for code in ("de", "en")},
                gross=product.price,
                tax_rate=product.tax_rate,
                tax_category=product.tax_category,
                attendee_name=self.name
                if not number
                else f"{self.lot.choice(FIRST_NAMES)} {self.lot.choice(LAST_NAMES)}",
                attendee_company=self.company,
            )
            for number, product in enumerate(self.products)
        ]
        Position.objects.bulk_create(positions)
        if self.status == "paid" or self.fate == "cancelled_paid":
            placing.issue(order, positions, at=self.paid_at)
        if self.paid:
            Payment.objects.create(
                order=order,
                provider_id=f"demo-{order.code}",
                amount=self.paid,
                received_on=timezone.localdate(self.paid_at),
                recorded_at=self.paid_at,
                note=f"{order.code} {self.name}",
            )
        self._history(order)

    @property
    def paid_at(self) -> datetime:
        later = self.placed_at + (timedelta(days=18) if self.fate == "late" else timedelta(days=2, hours=3))
        return min(later, self.now) if self.total else self.placed_at

    def _history(self, order: Order) -> None:
        What = History.What
        lines: list[tuple[datetime, History.What, str, Decimal | None]] = []
        first = "pending" if self.total else "paid"
        lines.append((self.placed_at, What.PLACED, first, self.total))
        if self.status == "expired" and order.expires_at:
            lines.append((order.expires_at, What.EXPIRED, "expired", None))
        if self.paid:
            before = "expired" if self.fate == "late" else "pending"
            lines.append((self.paid_at, What.PAYMENT, before, self.paid))
        if self.fate == "late":
            lines.append((self.paid_at, What.TOO_LATE, "expired", self.paid))
        if self.total and self.paid >= self.total and self.fate != "late":
            lines.append((self.paid_at, What.PAID, "paid", None))
        if self.fate == "overpaid":
            lines.append((self.paid_at, What.OVERPAID, "paid", Decimal(10)))
        if self.status == "cancelled":
            lines.append((min(self.paid_at + timedelta(days=1), self.now), What.CANCELLED, "cancelled", None))
        History.objects.bulk_create(
            History(
                order=order,
                at=at,
                what=what,
                status=status,
                amount=amount,
                reason="Auf Wunsch storniert" if what == What.CANCELLED else "",
            )
            for at, what, status, amount in lines
        )


PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def _drafts(lot: Random, products: dict[str, Product], now: datetime) -> list[Draft]:
    """The orders of the past weeks: more at the beginning and of late, most free of charge."""
    drafts = []
    for number in range(ORDERS - TOUR_PLACES // 4):
        days = WEEKS * 7 * lot.betavariate(0.8, 1.1)
        key = lot.choices(["public", "business", "students", "expo", "companion"], [55, 20, 10, 12, 3])[0]
        chosen = [products[key]] * (1 if key == "companion" else lot.choices([1, 2, 3, 5], [60, 25, 10, 5])[0])
        fate = lot.choices(list(FATES), list(FATES.values()))[0]
        placed_at = _at(lot, now, days, fate)
        drafts.append(Draft(lot, number, placed_at, now, chosen, fate))
    return drafts


def _at(lot: Random, now: datetime, days: float, fate: str) -> datetime:
    """When an order was placed: what has expired is old enough for it, what still waits is young enough."""
    if fate in {"expired", "late"}:
        days = max(days, 22)
    elif fate in {"pending", "part"}:
        days = min(days, 8 * lot.random())
    elif fate != "cancelled":
        days = max(days, 0.2)
    return now - timedelta(days=days, minutes=lot.randrange(60))


def _tour(lot: Random, tour: Product, now: datetime) -> list[Draft]:
    """The tour sold out within days."""
    return [
        Draft(lot, ORDERS - 1 - number, now - timedelta(days=40 + number), now, [tour] * 4, "paid")
        for number in range(TOUR_PLACES // 4)
    ]


def _carts(event: Event, products: dict[str, Product], now: datetime) -> None:
    """Some who are choosing at this moment."""
    for key in ("public", "business", "expo"):
        order = Order.objects.create(event=event, language="de", expires_at=now + timedelta(minutes=event.cart_minutes))
        reserving.fill(order, {products[key].pk: 1})


def _size_quotas(event: Event, products: dict[str, Product]) -> None:
    """Takes the places of all that is live, and leaves three for students."""
    live = Counter(Position.objects.live().filter(order__event=event).values_list("product_id", flat=True))
    reserving.take(live)
    students = Quota.objects.get(event=event, name="Studierende")
    Quota.objects.filter(pk=students.pk).update(size=live[products["students"].pk] + STUDENTS_LEFT)
