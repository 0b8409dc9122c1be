"""Where the money goes: changed by a superuser, or by two of `finance`; nobody slips a line into the GiroCode."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from sccon.clock import database_now
from sccon.models import Mail, User
from tests.factories import make_user
from tests.tickets.factories import make_event, make_order, make_shop
from tickets.admission import qr
from tickets.models import Event, SellerChange
from tickets.models.events import SELLER
from tickets.money import seller

pytestmark = pytest.mark.django_db

OTHER = "DE89370400440532013000"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def person(name: str, *groups: str, **fields: object) -> User:
    return make_user(*groups, username=name, email=f"{name}@example.org", language="en", **fields)


def propose(client: Client, event: Event, **values: str) -> SellerChange:
    data = {name: getattr(event, name) for name in SELLER} | values
    client.post(f"/admin/tickets/event/{event.pk}/seller/", data)
    return SellerChange.objects.get(outcome="")


def decide(client: Client, change: SellerChange, button: str = "_confirm") -> int:
    return client.post(f"/admin/tickets/sellerchange/{change.pk}/change/", {button: ""}).status_code


def iban(event: Event) -> str:
    return Event.objects.get(pk=event.pk).iban


def filled(client: Client, event: Event) -> dict[str, str]:
    """The event's form as a browser would send it back."""
    form = client.get(f"/admin/tickets/event/{event.pk}/change/").context["adminform"].form
    data = {}
    for bound in form:
        for widget in bound.subwidgets if hasattr(bound.field.widget, "widgets") else [None]:
            if widget is None:
                value = bound.value()
                data[bound.html_name] = "" if value in (None, False) else str(value)
                continue
            for part in widget.data["subwidgets"]:
                data[part["name"]] = part["value"] or ""
    return data


def test_who_keeps_the_catalogue_cannot_lead_the_money_elsewhere():
    event = make_event()
    client = signed_in(person("kata", "tickets"))
    data = filled(client, event) | {"name_en": "Renamed", "iban": OTHER, "seller_name": "Thief"}
    assert client.post(f"/admin/tickets/event/{event.pk}/change/", data).status_code == 302
    event.refresh_from_db()
    assert (event.name_en, event.iban, event.seller_name) == ("Renamed", "DE02120300000000202051", "Veranstalter GmbH")
    assert client.get(f"/admin/tickets/event/{event.pk}/seller/").status_code == 403


def test_one_of_finance_proposes_and_only_a_second_one_makes_it_true():
    event = make_event()
    ada, bob = person("ada", "finance"), person("bob", "finance")
    change = propose(signed_in(ada), event, iban=OTHER)
    assert iban(event) != OTHER
    decide(signed_in(ada), change)
    assert iban(event) != OTHER, "not by who proposed it"
    assert decide(signed_in(person("kata", "tickets")), change) == 403
    decide(signed_in(bob), change)
    assert iban(event) == OTHER
    change.refresh_from_db()
    assert (change.outcome, change.proposed_by, change.decided_by) == ("confirmed", ada, bob)


def test_finance_and_all_superusers_are_told_of_each_step():
    event = make_event()
    ada = person("ada", "finance")
    chief = person("chief", is_superuser=True)
    person("kata", "tickets")
    change = propose(signed_in(ada), event, iban=OTHER)
    decide(signed_in(chief), change)
    told = sorted(Mail.objects.filter(template="seller-change").values_list("recipient", "context__what"))
    people = ("ada@example.org", "chief@example.org")
    assert told == [(who, what) for who in people for what in ("confirmed", "proposed")]


def test_a_superuser_changes_it_alone_and_that_is_kept_and_told():
    event = make_event()
    chief = person("chief", is_superuser=True)
    data = filled(signed_in(chief), event) | {"iban": OTHER}
    assert signed_in(chief).post(f"/admin/tickets/event/{event.pk}/change/", data).status_code == 302
    assert iban(event) == OTHER
    change = SellerChange.objects.get()
    assert (change.values, change.decided_by) == ({"iban": ["DE02120300000000202051", OTHER]}, chief)
    assert Mail.objects.filter(template="seller-change").count() == 1


def test_a_new_event_begins_with_the_last_ones_seller_and_another_one_is_told():
    event = make_event()
    names = {"name_de": "Nächstes Jahr", "name_en": "Next year", "address": "2031", "current": ""}
    kata = signed_in(person("kata", "tickets"))
    thief = {"iban": OTHER, "seller_name": "Thief"}
    assert kata.post("/admin/tickets/event/add/", filled(kata, event) | names | thief).status_code == 302
    by_kata = Event.objects.exclude(pk=event.pk).get()
    assert (by_kata.iban, by_kata.seller_name) == (event.iban, event.seller_name)
    assert not Mail.objects.filter(template="seller-change").exists()
    chief = signed_in(person("chief", is_superuser=True))
    names |= {"address": "2032"}
    assert chief.post("/admin/tickets/event/add/", filled(chief, event) | names | {"iban": OTHER}).status_code == 302
    assert Event.objects.filter(iban=OTHER).exists()
    assert Mail.objects.filter(template="seller-change", recipient="chief@example.org").exists()


def test_what_was_rejected_or_overtaken_changes_nothing():
    event = make_event()
    ada, bob = person("ada", "finance"), person("bob", "finance")
    rejected = propose(signed_in(ada), event, iban=OTHER)
    decide(signed_in(bob), rejected, "_reject")
    decide(signed_in(bob), rejected)
    assert iban(event) != OTHER
    overtaken = propose(signed_in(ada), event, seller_name="Neu GmbH")
    Event.objects.filter(pk=event.pk).update(seller_name="Anders GmbH")
    with pytest.raises(seller.NotDecidable):
        seller.confirm(overtaken, by=bob)
    assert Event.objects.get().seller_name == "Anders GmbH"
    overtaken.refresh_from_db()
    assert overtaken.outcome == ""


def test_the_database_wants_two():
    ada = person("ada", "finance")
    change = SellerChange.objects.create(event=make_event(), values={}, proposed_by=ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        SellerChange.objects.filter(pk=change.pk).update(outcome="confirmed", decided_by=ada, decided_at=database_now())


def test_no_line_is_slipped_into_the_girocode():
    forged = f"Veranstalter GmbH\n{OTHER}"
    _event, _quota, product = make_shop()
    order = make_order(product)
    chief = signed_in(person("chief", is_superuser=True))
    page = chief.post(
        f"/admin/tickets/event/{order.event_id}/change/", filled(chief, order.event) | {"seller_name": forged}
    )
    order.event.refresh_from_db()
    assert (page.status_code, order.event.seller_name) == (302, forged.replace("\n", " "))
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(pk=order.event_id).update(seller_name=forged)
    order.event.seller_name = forged
    with pytest.raises(qr.ForgedLine):
        qr.girocode(order)
