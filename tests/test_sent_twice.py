"""A form of the admin that is sent twice acts once: every address that takes a POST, walked from the URLconf.

What a form does is seen by the rows that are added, changed and removed: sent once (and undone), then twice. A form
that does nothing here fails, too: a new one needs a line that says what is typed into it.
"""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve

from news.models import Article, Author, Boilerplate, Image, Publication, Redirect, Topic
from news.writing import drafting
from newsletter.models import Import, Subscriber
from newsletter.subscribers import subscribing
from sccon import retention
from sccon.clock import database_now
from sccon.models import Job, LoginSession, Mail, SentForm, User
from tests import admin_addresses
from tests.admin_addresses import Address
from tests.at_once import at_once
from tests.drawn_forms import DrawnForm, drawn_forms, filled
from tests.factories import (
    make_article,
    make_author,
    make_image,
    make_topic,
    make_user,
    picture_bytes,
    publish,
    signed_in,
)
from tests.newsletter.lists.lists import as_csv, person
from tests.test_admin_rights import TABLE
from tests.tickets.factories import make_event, make_order, make_product, make_quota, pay
from tickets.models import CounterEntry, Event, History, Order, Payment, Product, Quota, SellerChange

GUARD = "sccon.sent_forms.SentFormMiddleware"

# What the guard itself writes, and what is counted, kept or seen of every request.
ASIDE = re.compile(r"(sccon_sentform|sccon_limit|django_session|sccon_pageversion) .*|sccon_loginsession changed")

OLD, PASSWORD = "alt", "Neun Wale singen 7"
NEW = {"new_password1": PASSWORD, "new_password2": PASSWORD}
MOMENTS = {
    f"{name}_{part}": value
    for name, day in {"starts_at": "1", "ends_at": "3", "sales_start": "1", "sales_end": "2"}.items()
    for part, value in enumerate([f"0{day}.{'01' if 'sales' in name else '10'}.2027", "10:00"])
}
EVENT = {"name_de": "Tag", "name_en": "Day", "venue_de": "Saal", "venue_en": "Hall", **MOMENTS}
SELLER = {
    "seller_name": "GmbH",
    "seller_address": "Weg 1",
    "seller_email": "a@example.org",
    "iban": "DE89370400440532013000",
}


# What is typed into a form, or chosen, so that it does something. What needs no line is sent as it stands.
TYPED: dict[str, dict[str, Any]] = {
    "auth_group_add": {"name": "Presse"},
    "auth_group_changelist": {"action": "delete_selected", "post": "yes"},
    "auth_user_password_change": {"password1": PASSWORD, "password2": PASSWORD, "set-password": "1"},
    "news_article_add": {"title_de": "Neu", "slug_de": "neu", "body_de": "<p>Text.</p>"},
    "news_article_change": {"title_de": "Anders", "body_de": "<p>Text.</p>"},
    "news_article_publish": {"languages": ["de", "en"]},
    "news_article_plan": {"_cancel": "1"},
    "news_article_restore": {},
    "news_article_return": {"answer": "Noch nicht."},
    "news_article_take_down": {"reason": "Urteil", "_confirmed": "1"},
    "news_article_withdraw": {"reason": "Falsch"},
    "news_author_add": {"name": "Ole Brandt", "slug": "ole-brandt"},
    "news_boilerplate_add": {"title_de": "Über alles", "text_de": "<p>Text.</p>"},
    "news_redirect_add": {"old": "/alt-neu", "new": "/de/news/"},
    "news_redirect_changelist": {"action": "delete_selected", "post": "yes"},
    "news_redirect_import": {"text": "/eins;/de/news/\n/zwei;/de/news/", "_confirm": "1"},
    "news_topic_add": {"name_de": "Wald", "name_en": "Wood", "slug_de": "wald", "slug_en": "wood"},
    "newsletter_issue_changelist": {"action": "delete_selected", "post": "yes"},
    "newsletter_issue_correct": {"text": "Es sind drei."},
    "newsletter_issue_redact": {"reason": "Urteil"},
    "newsletter_import_upload": {"text": as_csv(person("zwei@example.org")), "language": "de"},
    "newsletter_subscriber_erase": {"reason": "Bitte"},
    "newsletter_subscriber_lift": {"email": "zorn@example.org", "reason": "Bitte"},
    "newsletter_subscriber_unsubscribe": {"reason": "Bitte"},
    "password_change": {"old_password": OLD, **NEW},
    "sccon_job_changelist": {"action": "run_again"},
    "sccon_mail_changelist": {"action": "send_again"},
    "sccon_user_account": {"first_name": "Ada"},
    "sccon_user_add": {"first_name": "Neu", "last_name": "Mann", "email": "neu@example.org"},
    "sccon_user_changelist": {"action": "delete_selected", "post": "yes"},
    "tickets_event_add": EVENT | SELLER,
    "tickets_event_seller": {"iban": "DE89370400440532013000"},
    "tickets_order_address": {"email": "neu@example.org", "reason": "Anruf"},
    "tickets_order_cancel": {"reason": "Krank"},
    "tickets_order_release": {"kind": "mailbox", "reason": "Missbrauch"},
    "tickets_order_return": {"amount": "10,00", "reason": "Zu viel"},
    "tickets_order_take_back": {"reason": "Vertippt"},
    "tickets_order_send": {"reason": "Verloren"},
    "tickets_product_add": {"name_de": "Tag", "name_en": "Day", "price": "10"},
    "tickets_quota_add": {"name": "Saal", "size": "5"},
    "tickets_sellerchange_change": {"_confirm": ""},
}

# Asked by scripts while somebody writes; each says how things are, as often as it is asked.
SCRIPTS = {
    *("news_article_add_open", "news_article_open", "news_article_add_unsaved", "news_article_unsaved"),
    *("news_article_add_preview", "news_article_preview", "news_article_add_checks", "news_article_checks"),
    *("newsletter_issue_add_unsaved", "newsletter_issue_unsaved", "newsletter_issue_add_preview"),
    *("newsletter_issue_preview", "newsletter_issue_add_checks", "newsletter_issue_checks"),
}
# Each sends a file, as often as it is asked for, and writes into the log that it did.
DOWNLOADS = {"newsletter_subscriber_export"}
# Pages before the login know no user: tests/sccon/accounts. Who has logged out is out.
ELSEWHERE = {"login", "login_code", "login_set_up", "password_forgotten", "password_new", "logout", "sccon_user_app"}
# Need recipients, or stand on a page only once an issue is under way: tests/newsletter.
ELSEWHERE |= {f"newsletter_issue_{name}" for name in ("send", "run", "cancel", "next")} | {
    "newsletter_return_providers",
    "newsletter_mailfinding_look",  # and this only where there is a relay
}
# Asks on a page of its own before it does anything.
ASKS = {"newsletter_subscriber_changelist"}

PICTURES = {"file", "pictures", "replacement", "upload-file"}

# Lists that nothing is done with, and pages that answer a POST as they answer a look.
NO_FORM = re.compile(
    r"app_list_\w+|\w+_(changelist|history)|index|short|news_article_translations|\w+_consent|tickets_order_change|newsletter_import_(progress|rows)"
    r"|newsletter_subscriber_data(_file)?"
)


def rows() -> Counter[str]:
    """How many rows of each table were added, changed and removed in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables")
        found = cursor.fetchall()
    return Counter(
        {
            what: number
            for table, *numbers in found
            for deed, number in zip(("added", "changed", "removed"), numbers, strict=True)
            if not ASIDE.fullmatch(what := f"{table} {deed}")
        }
    )


def effect(act: Callable[[], Any]) -> tuple[Any, dict[str, int]]:
    """What `act` returned, and the rows it touched; all of it is undone."""
    before = rows()
    with transaction.atomic():
        answer = act()
        after = rows()
        transaction.set_rollback(True)
    after.subtract(before)
    return answer, {name: number for name, number in after.items() if number}


def picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("neu.png", picture_bytes(50, 50), "image/png")


# --- What must be so before a form can do something ----------------------------------------------


def prepare(address: Address, things: dict[type[Model], Model], user: User) -> tuple[str, dict[str, Any]]:
    """Where the form of `address` stands and what is typed into it, once all is as it needs it."""
    typed, query = dict(TYPED.get(address.name, {})), ""
    match address.name:
        case "news_article_delete":
            things = things | {Article: make_article("Entwurf")}
        case "news_article_publish":
            article = Article.objects.get(pk=things[Article].pk)
            drafting.save(article, version=article.version, by=None)
        case "news_article_restore":
            article = Article.objects.get(pk=things[Article].pk)
            article.title_de = "Neuer"
            drafting.save(article, version=article.version, by=None)
        case "news_author_delete":
            things = things | {Author: make_author("Niemand")}
        case "news_image_delete":
            things = things | {Image: make_image()}
        case "news_topic_delete":
            things = things | {Topic: make_topic("Leer")}
        case "password_change":
            user.set_password(OLD)
            user.save()
        case "newsletter_subscriber_lift":
            subscribing.complain("zorn@example.org", source="provider")
        case "newsletter_subscriber_erase" | "newsletter_subscriber_unsubscribe":
            query = f"?of={things[Subscriber].pk}"
        case "sccon_job_changelist":
            Job.objects.update(status="failed")
        case "sccon_mail_changelist":
            Mail.objects.update(status=Mail.Status.FAILED)
        case "sccon_user_change" | "sccon_user_delete" | "sccon_user_changelist" | "auth_user_password_change":
            things = things | {User: make_user(email="neu@example.org")}  # may be invited
        case "sccon_user_security":
            LoginSession.objects.create(user=user, words="Firefox", network="203.0.113.0/24")
        case "tickets_order_cancel" | "tickets_order_payment" | "tickets_order_release":
            things = things | {Order: make_order(cast(Product, things[Product]))}
        case "tickets_order_return":
            pay(Order.objects.get(pk=things[Order].pk), "200.00", received_on=database_now().date())
        case "tickets_order_send":
            pay(Order.objects.get(pk=things[Order].pk))
        case "tickets_quota_add" | "tickets_product_add":
            typed["event"] = things[Event].pk
        case "tickets_quota_delete":
            things = things | {Quota: make_quota(cast(Event, things[Event]))}
        case "tickets_product_delete":
            things = things | {Product: make_product(cast(Event, things[Event]))}
    if "action" in typed and address.model:
        typed["_selected_action"] = [things[address.model].pk]
    return address.at(admin_addresses.words_for(address, things)) + query, typed


def forms_at(client: Client, url: str) -> list[DrawnForm]:
    """The forms of a page that its buttons send by POST."""
    page = client.get(url)
    if page.status_code != 200 or not page.headers["Content-Type"].startswith("text/html"):
        return []
    forms = [form for form in drawn_forms(page.text) if form.method == "post" and form.buttons]
    # Leaving, and the language, stand at the head of every page.
    return [form for form in forms if not form.action.startswith(("/admin/logout/", "/i18n/"))]


def sending(client: Client, url: str, form: DrawnForm, typed: dict[str, Any]) -> Callable[[], HttpResponse]:
    """Sends the form with what is typed, as a browser does."""
    data = filled(form, typed)
    name, value = form.buttons[0]
    if name and not {name for name, _value in form.buttons} & data.keys():
        data[name] = value
    pictures = [name for name in form.files if name in PICTURES and "text" not in data]  # a list may be pasted

    def send() -> HttpResponse:
        return client.post(form.action or url, data | {name: picture() for name in pictures})

    return send


def same(one: HttpResponse, two: HttpResponse) -> bool:
    """Whether the second answer is the first's: it leads to the same place, or says the same."""
    return (one.status_code, one.headers.get("Location")) == (two.status_code, two.headers.get("Location"))


def errors(answer: HttpResponse) -> list[str]:
    lists = re.findall(r'<ul class="errorlist.*?</ul>', answer.text, re.DOTALL)
    return [re.sub(r"(<[^>]*>|\s)+", " ", one) for one in lists]


@pytest.mark.django_db
def test_every_form_of_the_admin_that_is_sent_twice_acts_once():
    things, user = admin_addresses.things(), make_user(is_superuser=True, email="ada@example.org")
    acts = {line.split()[0] for line in TABLE.strip().splitlines() if line.split()[2] != "nobody"}
    wrong: dict[str, Any] = {}
    sent: set[str | None] = set()
    for address in admin_addresses.every():
        user.refresh_from_db()  # what the last one did is undone
        if address.name in {"short"} | ELSEWHERE | DOWNLOADS:
            continue
        with transaction.atomic():
            url, typed = prepare(address, things, user)
            client = signed_in(user)
            for number, form in enumerate(forms_at(client, url)):
                send = sending(client, url, form, typed)
                sent.add(resolve(urlsplit(form.action or url).path).url_name)
                cookies = client.cookies.copy()
                (first,), once = effect(lambda send=send: [send()])
                client.cookies = cookies
                (one, two), twice = effect(lambda send=send: [send(), send()])
                if not (once or address.name in ASKS) or once != twice or not same(one, two):
                    wrong[f"{address.name} {number}"] = (first.status_code, once, twice, errors(first))
            transaction.set_rollback(True)
    assert not wrong, "\n".join(["", *(f"{name}: {how}" for name, how in wrong.items())])
    unsent = acts - SCRIPTS - ELSEWHERE - DOWNLOADS - sent
    assert sorted(name for name in unsent if not NO_FORM.fullmatch(name)) == []


# --- At once ------------------------------------------------------------------------------------

MADE: dict[str, dict[type[Model], int]] = {
    "news_article_add": {Article: 1},
    "news_article_publish": {Publication: 2},
    "news_boilerplate_add": {Boilerplate: 1},
    "news_image_add": {Image: 1},
    "news_image_add_many": {Image: 1},
    "news_redirect_import": {Redirect: 2},
    "news_topic_add": {Topic: 1},
    "newsletter_import_change": {Job: 1},
    "newsletter_import_upload": {Import: 1},
    "tickets_event_seller": {SellerChange: 1},
    "tickets_order_cancel": {Mail: 1, History: 1},
    "tickets_order_payment": {Mail: 1, Payment: 1},
    "tickets_order_take_back": {CounterEntry: 1},
    "tickets_order_send": {Mail: 1},
}


def sent_at_once(name: str) -> tuple[list[Any], dict[type[Model], int]]:
    """What two clicks are answered that arrive together, and how many rows of each model of MADE they added."""
    things, user = admin_addresses.things(), make_user(is_superuser=True)
    address = next(address for address in admin_addresses.every() if address.name == name)
    url, typed = prepare(address, things, user)
    client = signed_in(user)
    form = forms_at(client, url)[0]
    before = {model: model._default_manager.count() for model in MADE[name]}
    clicks = [sending(copied(client), url, form, typed) for _ in range(2)]
    answers = at_once(*clicks)
    return answers, {model: model._default_manager.count() - number for model, number in before.items()}


def copied(client: Client) -> Client:
    """Another tab of the same browser."""
    other = Client(raise_request_exception=False)
    other.cookies = client.cookies.copy()
    return other


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", MADE)
def test_two_clicks_at_once_are_one(name: str):
    answers, made = sent_at_once(name)
    assert made == MADE[name]
    assert same(*answers) and answers[0].status_code in {201, 302}, answers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["news_article_add", "news_boilerplate_add", "news_image_add"])
def test_without_the_guard_two_clicks_are_two(name: str, settings: LazySettings):
    settings.MIDDLEWARE = [middleware for middleware in settings.MIDDLEWARE if middleware != GUARD]
    assert sent_at_once(name)[1] == {model: 2 * number for model, number in MADE[name].items()}


@pytest.mark.django_db
def test_the_second_click_is_told_so_and_a_form_drawn_anew_acts_anew():
    client = signed_in(make_user("editor"))
    url = "/admin/news/boilerplate/add/"
    form = forms_at(client, url)[0]
    sending(client, url, form, TYPED["news_boilerplate_add"])()
    assert "war schon abgeschickt" not in client.get("/admin/").text
    sending(client, url, form, TYPED["news_boilerplate_add"])()
    assert "war schon abgeschickt" in client.get("/admin/").text
    sending(client, url, forms_at(client, url)[0], TYPED["news_boilerplate_add"])()
    sending(client, url, form, TYPED["news_boilerplate_add"] | {"title_de": "Anderes"})()  # typed after the first click
    assert [*Boilerplate.objects.order_by("pk").values_list("title_de", flat=True)] == [
        *["Über alles"] * 2,
        "Anderes",
    ]


@pytest.mark.django_db
def test_a_small_window_that_adds_acts_once():
    client, url = signed_in(make_user(is_superuser=True)), "/admin/tickets/quota/add/?_popup=1"
    form = forms_at(client, url)[0]
    send = sending(client, url, form, {"event": make_event().pk, "name": "Saal", "size": "5"})
    one, two = send(), send()
    assert Quota.objects.count() == 1
    assert one.content == two.content
    assert "popup" in one.text


@pytest.mark.django_db
def test_what_was_refused_is_judged_again():
    client = signed_in(make_user("publisher"))
    article = make_article("Neu", slug_de="neu")
    url = "/admin/news/redirect/add/"
    form = forms_at(client, url)[0]
    send = sending(client, url, form, {"old": "/alt", "new": "/de/news/neu/"})
    assert send().status_code == 200
    publish(article)
    assert send().status_code == 302


@pytest.mark.django_db
def test_what_came_of_a_form_is_forgotten_after_a_day():
    SentForm.objects.create(key=b"old", sent_at=database_now() - timedelta(days=2), status=302, content=b"")
    SentForm.objects.create(key=b"new", status=302, content=b"")
    retention.forget(0)
    assert bytes(SentForm.objects.get().key) == b"new"
