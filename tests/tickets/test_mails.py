"""What buyers get by mail, in both languages."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from sccon import mail
from sccon.clock import database_now
from sccon.models import Mail
from tests.factories import make_user
from tests.tickets.factories import let_expire, make_cart, make_order, make_product, make_shop, pay, place
from tickets.models import Order
from tickets.money import taking_back
from tickets.orders import cancelling, confirming, expiring, origins, reminding

pytestmark = pytest.mark.django_db

LANGUAGES = ("de", "en")


def all_mails() -> list[Mail]:
    """One of each kind in each language, as one shop's life brings them."""
    _event, _quota, product = make_shop()
    for language in LANGUAGES:
        cart = make_cart(product)
        waiting = place(cart)
        confirming.confirm(waiting.pk)
        Order.objects.filter(pk=waiting.pk).update(language=language)
        mails = Mail.objects.filter(occasion__endswith=f":{waiting.pk}")
        mails.update(language=language)
        Order.objects.filter(pk=waiting.pk).update(due_on=timezone.localdate(database_now()) + timedelta(days=1))
        reminding.remind(waiting.pk)
        let_expire(waiting)
        expiring.expire_overdue()
        pay(waiting, "200.00")
        taking_back.take_back(waiting.payments.get(), by=make_user(), reason="Vertippt")
        waiting.refresh_from_db()
        cancelling.cancel(waiting, by=make_user(), reason="Auf Wunsch")
    return list(Mail.objects.all())


def test_every_mail_is_whole_in_both_languages():
    found = all_mails()
    assert {(each.template, each.language) for each in found} == {
        (f"order-{kind}", language)
        for kind in ("received", "reminder", "expired", "paid", "taken-back", "cancelled")
        for language in LANGUAGES
    }
    for each in found:
        rendered = mail.render(each)
        order = each.context["order"]
        assert order["code"] in rendered.subject
        assert order["url"] in rendered.html
        assert order["url"] in rendered.text
        greeting = {"de": "Guten Tag", "en": "Hello"}[each.language]
        confirmed = each.template != "order-received"
        assert (f"{greeting} Henriette Oldenburg," if confirmed else f"{greeting},") in rendered.text
        assert "{{" not in rendered.html


def test_the_first_mail_says_how_to_pay_and_the_last_brings_the_tickets():
    _event, _quota, product = make_shop()
    order = make_order(product)
    first = mail.render(Mail.objects.get())
    for said in (order.code, "DE02 1203 0000 0000 2020 51", "119,00", "Widerrufsrecht"):
        assert said in first.text
    pay(order)
    last = mail.render(Mail.objects.get(template="order-paid"))
    assert f"/de/tickets/t/{order.positions.get().page_secret}/" in last.text


def test_a_cart_that_expires_mails_nobody():
    _event, _quota, product = make_shop()
    let_expire(make_cart(product))
    expiring.expire_overdue()
    assert not Mail.objects.exists()


def test_nothing_typed_reaches_a_mailbox_that_has_not_confirmed_itself():
    """Before, a stranger's name and ten attendees came by our mail to whomever he liked: 62 in a minute to one mailbox."""
    event, quota, product = make_shop()
    free = make_product(event, quota, price="0.00", name_de="Gast", name_en="Guest")
    typed = "Sie haben gewonnen"
    for costs in (product, free):
        place(make_cart(costs, number=2), name=typed)  # who comes is, unless said otherwise, who orders
    for each in Mail.objects.all():
        assert typed not in str(each.context)
        rendered = mail.render(each)
        assert typed not in rendered.subject + rendered.text + rendered.html
        assert str(each.context["tickets"][0]["product"]) in rendered.text, "what was ordered is said"


def test_one_mailbox_gets_so_many_mails_and_no_more_however_it_is_written():
    _event, _quota, product = make_shop(size=100)
    orders = []
    for number in range(62):
        with suppress(origins.Refused):
            orders.append(place(make_cart(product), email=f"ada+{number}@example.org"))
    assert Mail.objects.count() == len(orders) == origins.MAILBOX_ORDERS
    for each in orders:
        pay(each)
    assert Mail.objects.filter(template="order-paid").count() == len(orders), "what was paid for comes at any rate"
    with pytest.raises(origins.Refused) as refused:  # noqa: PT012 – which of them is refused first is the question
        for _number in range(62):
            pay(place(make_cart(product), email="ada@example.org"))
    assert (refused.value.why, Mail.objects.filter(template="order-received").count()) == ("mails", 10)
    assert mail.render(Mail.objects.filter(recipient=place(make_cart(product)).buyer.email).get()).subject
