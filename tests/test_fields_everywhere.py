"""Whatever is typed into fields of one line, staff's and strangers', shows nowhere as anything else than a clean line:
from the form to page, feeds, JSON-LD, the mail that the relay gets, ticket and calendar."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import feedparser
import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from news.models import Article, Author, Topic
from sccon import mail
from sccon.models import Mail
from sccon.settings import relay as mailer
from tests.factories import make_article, make_author, make_shown_topic, make_user, publish, signed_in
from tests.news.admin_forms import filled
from tests.odd_text import ODD, is_clean
from tests.relay import Relay
from tests.test_sent_twice import forms_at, sending
from tests.tickets import buyers
from tests.tickets.factories import make_shop, pay
from tickets.models import Event, Order, Position, Product


def sent(odd: str) -> str:
    """As a browser sends it, with a letter in the middle: what is empty is refused where it has to be."""
    return f"{odd}Q{odd[::-1]}".encode(errors="replace").decode()[:70]


LINES = st.lists(ODD.map(sent), min_size=12, max_size=12)
WORST = [
    "\u202eDaten\u00ad\r\nschu\u0308tz\u200b \u0301\u3164",
    "\0Q\x85\u2028Q",
    "\ufeffQ\U000e0041 \u2800Q\u2066",
] * 4

ARTICLE = ("title_de", "lead_de", "seo_title_de", "seo_description_de", "image_alt_de")
BUYER = ("name", "company", "street", "city", "buyer_reference")
Shown = Iterator[tuple[str, str]]


def save(client: Client, url: str, values: dict[str, str]) -> None:
    """Sends the form at `url` as it stands, with `values` in it."""
    answer = sending(client, url, forms_at(client, url)[0], dict(values))()
    assert answer.status_code == 302, (url, answer.text[:5000])


def tags(page: str) -> Shown:
    """What a page says to machines and in its head."""
    head = page[: page.index("</head>")]
    for name, found in re.findall(r"<(title|meta [^>]*?(?=content))(?:>|content=\")([^<\"]*)", head):
        yield f"<{name}", unescape(found)
    for script in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL):
        yield from strings("JSON-LD", json.loads(script))


def strings(where: str, value: Any) -> Shown:
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        for each in value:
            yield from strings(where, each)
    elif isinstance(value, str):
        yield where, value


def feeds(*paths: str) -> Shown:
    for path in paths:
        feed = feedparser.parse(Client().get(path).content)
        assert not feed.bozo, path
        assert feed.entries, path
        for entry in feed.entries:
            yield f"{path} title", entry.title
            yield f"{path} author", entry.get("author", "")


def mails(relay: Relay) -> Shown:
    for row in Mail.objects.order_by("pk"):
        mail.message(row).send()
    for message in relay.messages:
        for name, value in message.items():
            yield f"mail {name}", str(value)
        body = message.get_body(("plain",))
        assert body
        for line in body.get_content().splitlines():
            yield "mail text", re.sub("  +", " ", line.strip())  # some stand in columns


def news_shown(lines: list[str], things: dict[str, Any]) -> Shown:
    """Saves article, topic and author through their forms, and publishes."""
    client = signed_in(make_user(is_superuser=True))
    texts = dict(zip(ARTICLE, lines, strict=False))
    url = f"/admin/news/article/{things['article'].pk}/change/"
    answer = client.post(url, filled(client, url, **texts))
    assert answer.status_code == 302, answer.text[:3000]
    save(client, f"/admin/news/topic/{things['topic'].pk}/change/", {"name_de": lines[5], "description_de": lines[6]})
    save(client, f"/admin/news/author/{things['author'].pk}/change/", {"name": lines[7], "role_de": lines[8]})
    article = Article.objects.get(pk=things["article"].pk)
    public = publish(article)
    topic, author = Topic.objects.get(pk=things["topic"].pk), Author.objects.get(pk=things["author"].pk)
    yield from ((f"stored {name}", getattr(article, name)) for name in ARTICLE)
    yield from (("stored topic", topic.name_de), ("stored author", author.name), ("stored role", author.role_de))
    visitor = Client()
    for path in (
        f"/de/{public.path}/",
        f"/de/news/topics/{topic.slug_de}/",
        f"/de/news/authors/{author.slug}/",
        "/de/news/",
    ):
        page = visitor.get(path)
        assert page.status_code == 200, path
        yield from tags(page.text)
    yield from feeds("/de/news/feed.atom", "/de/news/feed.rss")


def tickets_shown(lines: list[str], things: dict[str, Any], relay: Relay) -> Shown:
    """Saves event and product through their forms, then a stranger buys and pays."""
    client = signed_in(make_user(is_superuser=True))
    event, product = things["event"], things["product"]
    save(client, f"/admin/tickets/event/{event.pk}/change/", dict(zip(("name_de", "venue_de"), lines, strict=False)))
    save(client, f"/admin/tickets/product/{product.pk}/change/", {"name_de": lines[2], "audience_de": lines[3]})
    visitor = Client()
    buyers.order(visitor, Product.objects.get(pk=product.pk), 1, **dict(zip(BUYER, lines[4:], strict=False)))
    order = Order.objects.get()
    buyers.click(visitor, order)
    pay(Order.objects.get())
    position, buyer = Position.objects.get(), Order.objects.get().buyer
    yield from ((f"stored {name}", getattr(buyer, name)) for name in BUYER)
    yield from (("stored event", Event.objects.get().name_de), ("stored product", Product.objects.get().name_de))
    yield "stored attendee", position.attendee_name
    ticket = f"/de/tickets/t/{position.page_secret}/"
    for path in ("/de/tickets/", order.get_absolute_url(), ticket):
        yield from tags(visitor.get(path).text)
    entry = Calendar.from_ical(visitor.get(f"{ticket}calendar.ics").content).walk("VEVENT")[0]
    yield from (("calendar", str(entry[name])) for name in ("summary", "location"))
    yield from mails(relay)


@pytest.fixture
def things() -> dict[str, Any]:
    topic, author = make_shown_topic(), make_author()
    article = make_article(topics=[topic], author=author)
    event, _quota, product = make_shop()
    return {"topic": topic, "author": author, "article": article, "event": event, "product": product}


def property_of(examples: int) -> Any:
    relaxed = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))

    def decorate(act: Any) -> Any:
        return relaxed(example(WORST)(given(LINES)(act)))

    return decorate


def hold(examples: int, things: dict[str, Any], site: Any) -> None:
    @property_of(examples)
    def shows_clean_lines(lines: list[str]) -> None:
        with transaction.atomic(), Relay() as relay:
            site.MAILERS = {"default": mailer(relay.url, timeout=5)}
            shown = [*news_shown(lines, things), *tickets_shown(lines, things, relay)]
            transaction.set_rollback(True)
        assert len(shown) > 60
        assert [(where, line) for where, line in shown if line and not is_clean(line)] == []

    shows_clean_lines()


@pytest.mark.django_db
def test_what_is_typed_shows_everywhere_as_a_clean_line(things: dict[str, Any], settings: Any):
    hold(4, things, settings)


@pytest.mark.full
@pytest.mark.django_db
def test_what_is_typed_shows_everywhere_as_a_clean_line_at_length(things: dict[str, Any], settings: Any):
    hold(60, things, settings)
