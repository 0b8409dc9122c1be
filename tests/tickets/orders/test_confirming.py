"""The click in an order's first mail, through the mail and the pages."""

from datetime import timedelta

import pytest
from django.test import Client

from sccon import mail
from sccon.clock import database_now
from sccon.models import Mail
from tests.at_once import at_once, kinds
from tests.tickets.buyers import click, confirm_address, order, text
from tests.tickets.factories import let_expire, make_cart, make_shop, pay, place, taken
from tests.tickets.records import mails, story
from tickets.models import Order, Product
from tickets.orders import confirming, expiring, placing, reminding, reserving

pytestmark = pytest.mark.django_db


def test_a_free_order_waits_an_hour_for_the_click_and_has_no_ticket_before(client: Client):
    _event, quota, product = make_shop(price="0.00")
    page = order(client, product, 2)
    made = Order.objects.get()
    assert (made.status, made.confirmed_at, taken(quota)) == ("pending", None, [2])
    assert abs(made.expires_at - database_now() - timedelta(hours=1)) < timedelta(minutes=1)
    assert not made.positions.exclude(ticket_code=None).exists()
    assert "Ein Klick fehlt noch" in text(page)
    address = confirm_address(made)
    assert address not in page.text
    assert address.split("/")[-2] not in made.get_absolute_url()

    asked = client.get(address)
    assert (asked.status_code, "Bestellung bestätigen" in text(asked)) == (200, True)
    assert client.head(address).status_code == 200
    made.refresh_from_db()
    assert made.status == "pending", "a scanner of mails that follows links confirms nothing"

    done = click(client, made)
    made.refresh_from_db()
    assert (made.status, made.expires_at, story(made)) == ("paid", None, ["placed", "confirmed"])
    assert "Ihre Tickets sind da" in text(done)
    assert mails() == ["order-received", "order-paid"]
    assert click(client, made).status_code == 200, "a second click leads to the order"
    assert mails() == ["order-received", "order-paid"]


def test_an_order_by_transfer_shows_its_account_before_the_click_and_waits_for_the_money_after_it(client: Client):
    _event, _quota, product = make_shop()
    page = order(client, product)
    made = Order.objects.get()
    assert "DE02 1203 0000 0000 2020 51" in text(page)
    assert "GiroCode" in text(page)
    rendered = mail.render(Mail.objects.get())
    assert "DE02 1203 0000 0000 2020 51" in rendered.text
    assert confirm_address(made) in rendered.text
    done = click(client, made)
    made.refresh_from_db()
    assert (made.status, made.expires_at) == ("pending", placing.end_of_grace(made.event, made.due_on))
    assert "die Überweisung" in text(done)
    assert reminding.remind(made.pk), "who confirmed is reminded"


def test_what_nobody_confirmed_ends_after_an_hour_without_a_further_mail():
    _event, quota, product = make_shop()
    made = place(make_cart(product))
    let_expire(made)
    expiring.expire_orders(timestamp=0)
    made.refresh_from_db()
    assert (made.status, taken(quota), mails()) == ("expired", [0], ["order-received"])


def test_a_click_after_the_hour_takes_the_places_again_while_there_are_some(client: Client):
    _event, quota, product = make_shop(size=1, price="0.00")
    order(client, product)
    made = Order.objects.get()
    let_expire(made)
    other = make_cart(product)
    gone = click(client, made)
    assert (gone.status_code, taken(quota)) == (409, [1])
    assert "Die Plätze sind vergeben" in text(gone)
    let_expire(other)
    assert "Ihre Tickets sind da" in text(click(client, made))
    made.refresh_from_db()
    assert (made.status, taken(quota), reserving.recount()) == ("paid", [1], {})


def test_a_late_click_on_a_transfer_gives_new_days_to_pay():
    _event, quota, product = make_shop()
    made = place(make_cart(product))
    Order.objects.filter(pk=made.pk).update(
        due_on=made.due_on - timedelta(days=30), expires_at=database_now() - timedelta(days=29)
    )
    expiring.expire_overdue()
    again = confirming.confirm(made.pk)
    assert (again.status, again.due_on, taken(quota)) == ("pending", made.due_on, [1])


def test_a_late_click_renews_no_old_price(client: Client):
    """Before, an order at the early price could be laid up, and confirmed months later."""
    _event, quota, product = make_shop()
    order(client, product)
    made = Order.objects.get()
    let_expire(made)
    expiring.expire_overdue()
    Product.objects.update(price="200.00")
    page = click(client, made)
    assert (page.status_code, taken(quota)) == (409, [0])
    assert "Der Preis hat sich seit Ihrer Bestellung geändert." in text(page)


def test_a_late_click_that_a_limit_refuses_says_why(client: Client):
    _event, quota, product = make_shop(size=200, price="0.00", max_per_order=100)
    order(client, product, 60)
    made = Order.objects.get()
    let_expire(made)
    expiring.expire_overdue()
    Order.objects.update(created_at=database_now() - timedelta(days=2))
    place(make_cart(product, number=60), email=made.buyer.email)
    page = click(client, made)
    assert (page.status_code, page["Retry-After"], taken(quota)) == (429, "600", [60])
    assert "Mit dieser E-Mail-Adresse wurden heute viele Tickets bestellt" in text(page)


@pytest.mark.parametrize(("amount", "status"), [("119.00", "paid"), ("19.00", "pending")])
def test_money_is_worth_the_click(amount: str, status: str):
    _event, _quota, product = make_shop()
    made = pay(place(make_cart(product)), amount).order
    made.refresh_from_db()
    assert (made.status, made.confirmed) == (status, True)
    if status == "pending":
        assert made.expires_at == placing.end_of_grace(made.event, made.due_on)


def test_a_mailbox_that_confirmed_before_confirms_the_next_order_too(client: Client):
    _event, _quota, product = make_shop(price="0.00")
    order(client, product)
    click(client, Order.objects.get())
    order(client, product)
    assert Order.objects.latest("pk").status == "pending"


@pytest.mark.parametrize("token", ["x", "eyJ4IjoxfQ:1abc:zzz", "%00", "😀", "x" * 3000])
def test_a_link_that_broke_off_says_so(client: Client, token: str):
    make_shop()
    for answer in (client.get(f"/de/tickets/confirm/{token}/"), client.post(f"/de/tickets/confirm/{token}/")):
        assert answer.status_code == 404


def test_the_link_of_one_order_confirms_no_other():
    from sccon import tokens
    from tickets import mails as queued

    _event, _quota, product = make_shop()
    made = place(make_cart(product))
    link = Mail.objects.get().context["order"]["confirm_url"]
    assert tokens.read(queued.CONFIRM, link.split("/")[-2]) == made.pk
    with pytest.raises(tokens.BadToken):
        tokens.read("newsletter.confirm", link.split("/")[-2])


@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_issue_the_tickets_once():
    _event, quota, product = make_shop(price="0.00")
    made = place(make_cart(product, number=2))
    assert kinds(at_once(*[lambda: confirming.confirm(made.pk)] * 8)) == {"Order": 8}
    assert (mails(), story(made)) == (["order-received", "order-paid"], ["placed", "confirmed"])
    let = place(make_cart(product))
    let_expire(let)
    results = at_once(*[lambda: confirming.confirm(let.pk), expiring.expire_overdue] * 4)
    assert "Order" in kinds(results)
    assert (Order.objects.get(pk=let.pk).status, taken(quota), reserving.recount()) == ("paid", [3], {})
