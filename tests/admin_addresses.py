"""Every address of the admin, walked from its URLconf, and one of each thing that they are about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.urls import URLPattern, URLResolver

from news.models import Boilerplate, Image, Pin, Publication, Redirect
from news.publishing import reviewing
from news.publishing.publications import withdraw
from news.writing import drafting
from newsletter.models import Delivery, Edition, Return
from sccon.accounts import passwords
from sccon.clock import database_now
from sccon.models import Login, User
from tests.factories import make_article, make_author, make_image, make_topic, make_user, publish
from tests.newsletter.issues.made import freeze, make_issue
from tests.newsletter.lists.lists import as_csv, checked, person
from tests.newsletter.people import make_subscriber
from tests.tickets.factories import make_order, make_shop, pay
from tickets.models import Payment, SellerChange

WORD = re.compile(r"<(?:\w+:)?(\w+)>")  # of an address: <int:pk>


@dataclass(frozen=True)
class Address:
    """One pattern: what it is called, the model it is about, and how it looks."""

    name: str
    model: type[Model] | None
    pattern: str

    @property
    def words(self) -> list[str]:
        return WORD.findall(self.pattern)

    def at(self, words: dict[str, Any]) -> str:
        return "/admin/" + WORD.sub(lambda word: str(words[word[1]]), self.pattern)


def every() -> list[Address]:
    return list(_walk(admin.site.get_urls(), "", None))


def _walk(entries: Any, prefix: str, model: type[Model] | None) -> Iterator[Address]:
    for entry in entries:
        pattern = str(entry.pattern)
        if isinstance(entry, URLResolver):
            label = tuple(pattern.strip("/").split("/"))
            yield from _walk(entry.url_patterns, prefix + pattern, apps.get_model(*label) if len(label) == 2 else model)
        elif isinstance(entry, URLPattern) and pattern.startswith("^"):  # the page of an app
            for label in sorted({each._meta.app_label for each in admin.site._registry}):
                yield Address(f"{entry.name}_{label}", None, f"{label}/")
        elif isinstance(entry, URLPattern):
            pattern = "nothing-like-it/" if pattern.startswith("(") else pattern
            yield Address(entry.name or ("short" if model else "unknown"), model, prefix + pattern)


def things() -> dict[type[Model], Model]:
    """One of each model that the admin shows, in use: public, planned, reviewed, ordered, paid in part."""
    image, topic, author = make_image(), make_topic(), make_author()
    article = make_article(image=image, topics=[topic], author=author)
    drafting.save(article, version=article.version, by=None)
    publish(article)
    planned = publish(article, at=database_now().replace(year=2031))
    reviewing.ask(article, ["de"], by=None, note="")
    issue, edition = make_issue(), freeze(make_issue())["de"]
    gone = make_article("Weg")
    publish(gone)
    withdraw(gone, ["de"], by=None, reason="Weg")
    event, quota, product = make_shop()
    made = [
        image,
        topic,
        author,
        article,
        planned,
        event,
        quota,
        product,
        (order := make_order(product)),
        make_subscriber(),
        checked(as_csv(person("neu@example.org"))),
        make_user(),
    ]
    made += [
        pay(order, "19.00").order.payments.get(),
        Pin.objects.create(article=article),
        Redirect.objects.create(old_path="/alt", article=article, language="de"),
        Boilerplate.objects.create(title_de="Über uns"),
        issue,
        edition,
        Delivery.objects.create(issue=edition.issue, edition=edition, place=1),
        SellerChange.objects.create(event=event, values={"iban": [event.iban, "DE89370400440532013000"]}),
        Return.objects.create(way="mail", event="1", raw=b"550 5.1.1", verdict="dead"),
        Login.objects.create(outcome=Login.Outcome.IN, network="203.0.113.0/24"),
    ]
    found = {type(thing): thing for thing in made}
    for model in admin.site._registry:
        if model not in found and (first := model._default_manager.order_by("pk").first()):
            found[model] = first
    return found


def words_for(address: Address, things: dict[type[Model], Model]) -> dict[str, Any]:
    """The words of `address` that lead to the thing of its model."""
    pk = things[address.model].pk if address.model in things else 1
    special = {"language": "de", "number": 1, "publication": things[Publication].pk, "payment": things[Payment].pk}
    special |= {"mode": "light", "crop": "card"}
    if address.name in {"newsletter_issue_edition", "newsletter_issue_correct", "newsletter_issue_redact"}:
        special["pk"] = things[Edition].pk
    if address.name == "newsletter_issue_picture":
        special["pk"] = things[Image].pk
    special["token"] = passwords.make_token(cast(User, things[User]))
    return {word: special.get(word, pk) for word in address.words}
