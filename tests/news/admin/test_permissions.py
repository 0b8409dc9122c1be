"""Every page of the newsroom's admin asks who comes: walked as one without rights, an editor and a publisher.

The addresses come from the admin itself, so a new page is walked too, and fails here until somebody has said
who may see it.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from news.models import Article, Author, Boilerplate, Image, Pin, Publication, Redirect, Review, Topic, Withdrawal
from news.publishing import reviewing
from news.publishing.publications import withdraw
from news.writing import drafting
from sccon.clock import database_now
from tests.factories import make_article, make_author, make_image, make_topic, make_user, publish

pytestmark = pytest.mark.django_db

SECRET = "Streng vertraulich"

# The record is written by publishing, withdrawing, reviewing and pinning alone.
NOBODY = {f"news_{model}_{page}" for model in ("publication", "withdrawal", "review") for page in ("add", "delete")} | {
    "news_pin_add",
    "news_pin_delete",
}
PUBLISHERS = {f"news_article_{page}" for page in ("publish", "withdraw", "return", "plan", "take_down", "pin")}
PUBLISHERS |= {"news_topic_delete", "news_author_delete", "news_boilerplate_delete"}
PUBLISHERS |= {f"news_redirect_{page}" for page in ("add", "import", "delete")}
KEPT = {"news_article_delete", "news_image_delete"}  # what was public, and what is used


def pages() -> Iterator[tuple[str, dict[str, str]]]:
    """The name of every page of the newsroom's admin, and the arguments that its address wants."""
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label == "news":
            for pattern in model_admin.get_urls():
                if pattern.name:
                    yield pattern.name, dict.fromkeys(pattern.pattern.converters, model._meta.model_name)


PAGES = dict(pages())


@pytest.fixture
def addresses() -> dict[str, str]:
    """The address of each page, of something that says the secret."""
    article = make_article(SECRET, lead_de=SECRET, image=make_image(alt_de=SECRET))
    drafting.save(article, version=article.version, by=None)
    publish(article)
    planned = publish(article, at=database_now().replace(year=2031))
    reviewing.ask(article, ["de"], by=None, note=SECRET)
    gone = make_article("Weg")
    publish(gone)
    withdraw(gone, ["de"], by=None, reason=SECRET)
    things: dict[str, Any] = {
        "article": article,
        "publication": planned,
        "withdrawal": Withdrawal.objects.get(),
        "review": Review.objects.get(),
        "pin": Pin.objects.create(article=article),
        "image": article.image,
        "topic": make_topic(f"{SECRET} Thema"),
        "author": make_author(SECRET),
        "redirect": Redirect.objects.create(old_path="/alt", article=article, language="de"),
        "boilerplate": Boilerplate.objects.create(title_de=SECRET),
    }
    assert {type(thing) for thing in things.values()} == {
        *(Article, Publication, Withdrawal, Review, Pin, Image, Topic, Author, Redirect, Boilerplate)
    }

    def argument(name: str, model: str) -> Any:
        return {"language": "de", "number": 1, "publication": planned.pk}.get(name) or things[model].pk

    return {
        page: reverse(f"admin:{page}", kwargs={name: argument(name, model) for name, model in wanted.items()})
        for page, wanted in PAGES.items()
    } | {"autocomplete": reverse("admin:autocomplete") + "?app_label=news&model_name=article&field_name=related"}


def answers(client: Client, address: str) -> list[Any]:
    return [client.get(address), client.post(address, {"_confirmed": "1"})]


def statuses(groups: tuple[str, ...], addresses: dict[str, str]) -> dict[str, set[int]]:
    """What each page answers to looking and to sending."""
    client = Client(raise_request_exception=True)
    client.force_login(make_user(*groups, language="de"))
    return {page: {response.status_code for response in answers(client, url)} for page, url in addresses.items()}


def test_who_is_not_signed_in_is_led_to_the_login(addresses: dict[str, str]) -> None:
    for page, address in addresses.items():
        for response in answers(Client(), address):
            assert response.status_code == 302, page
            assert "/admin/login/" in response.headers["Location"]


def test_who_has_no_rights_reads_nothing_anywhere(addresses: dict[str, str]) -> None:
    client = Client()
    client.force_login(make_user(language="de"))
    for page, address in addresses.items():
        for response in answers(client, address):
            assert response.status_code in {403, 405}, (page, response.status_code)  # 405: looked at, only to be sent
            assert SECRET not in response.text, page


def test_editors_reach_all_but_what_is_the_publishers(addresses: dict[str, str]) -> None:
    found = statuses(("editor",), addresses)
    refused = {page for page, codes in found.items() if codes == {403}}
    assert refused == NOBODY | PUBLISHERS | KEPT
    assert all(max(codes) < 500 for codes in found.values())


def test_publishers_reach_all_but_the_record_itself(addresses: dict[str, str]) -> None:
    found = statuses(("publisher",), addresses)
    refused = {page for page, codes in found.items() if codes == {403}}
    assert refused == NOBODY | KEPT
    assert all(max(codes) < 500 for codes in found.values())


def test_publishers_pages_change_nothing_for_an_editor(addresses: dict[str, str]) -> None:
    before = list(Publication.objects.values()), list(Review.objects.values()), list(Pin.objects.values())
    statuses(("editor",), {page: addresses[page] for page in PUBLISHERS if page in addresses})
    assert before == (list(Publication.objects.values()), list(Review.objects.values()), list(Pin.objects.values()))
