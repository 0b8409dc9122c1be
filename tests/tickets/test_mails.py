"""What buyers get by mail, in both languages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sccon import mail
from sccon.clock import database_now
from sccon.models import Mail
from tests.factories import make_user
from tests.tickets.factories import let_expire, make_cart, make_order, make_shop, pay
from tickets.models import Order
from tickets.orders import cancelling, expiring, reminding

pytestmark = pytest.mark.django_db

LANGUAGES = ("de", "en")


def all_mails() -> list[Mail]:
    """One of each kind in each language, as one shop's life brings them."""
    _event, _quota, product = make_shop()
    for language in LANGUAGES:
        waiting = make_order(product)
        Order.objects.filter(pk=waiting.pk).update(language=language)
        mails = Mail.objects.filter(occasion__endswith=f":{waiting.pk}")
        mails.update(language=language)
        Order.objects.filter(pk=waiting.pk).update(due_on=timezone.localdate(database_now()) + timedelta(days=1))
        reminding.remind(waiting.pk)
        let_expire(waiting)
        expiring.expire_overdue()
        pay(waiting, "200.00")
        waiting.refresh_from_db()
        cancelling.cancel(waiting, by=make_user(), reason="Auf Wunsch")
    return list(Mail.objects.all())


def test_every_mail_is_whole_in_both_languages():
    found = all_mails()
    assert {(each.template, each.language) for each in found} == {
        (f"order-{kind}", language)
        for kind in ("received", "reminder", "expired", "paid", "cancelled")
        for language in LANGUAGES
    }
    for each in found:
        rendered = mail.render(each)
        order = each.context["order"]
        assert order["code"] in rendered.subject
        assert order["url"] in rendered.html
        assert order["url"] in rendered.text
        greeting = {"de": "Guten Tag Henriette Oldenburg", "en": "Hello Henriette Oldenburg"}[each.language]
        assert greeting in rendered.text
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
