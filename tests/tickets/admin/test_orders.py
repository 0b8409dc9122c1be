"""The catalogue and the orders in the admin, over HTTP."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from sccon.models import Mail
from tests.factories import make_user
from tests.tickets.factories import let_expire, make_cart, make_order, make_product, make_quota, make_shop, pay, taken
from tickets.models import Order, Payment, Product, ProductQuota, Quota, Refund
from tickets.orders import expiring

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(make_user("tickets", language="en"))
    return client


def act(client: Client, order: Order, action: str, **typed: object):
    """The action's page, sent with what it proposes and `typed`."""
    url = reverse(f"admin:tickets_order_{action}", args=[order.pk])
    form = client.get(url).context["form"]
    proposed = {field.html_name: field.value() or "" for field in form}
    return client.post(url, proposed | typed, follow=True)


def test_an_editor_of_the_news_sees_no_orders():
    client = Client()
    client.force_login(make_user("editor"))
    assert client.get(reverse("admin:tickets_order_changelist")).status_code == 403


def test_the_list_shows_orders_and_no_carts(staff: Client):
    _event, _quota, product = make_shop()
    order = make_order(product)
    make_cart(product)
    response = staff.get(reverse("admin:tickets_order_changelist"))
    assert list(response.context["cl"].queryset) == [order]


def test_orders_are_found_by_code_name_and_attendee(staff: Client):
    _event, _quota, product = make_shop()
    order = make_order(product, number=2)
    for words in (order.code, "Oldenburg", "henriette@"):
        response = staff.get(reverse("admin:tickets_order_changelist"), {"q": words})
        assert [found.number for found in response.context["cl"].queryset] == [2]


def test_money_to_return_is_a_list(staff: Client):
    _event, _quota, product = make_shop()
    make_order(product)
    over = pay(make_order(product), "200.00").order
    response = staff.get(reverse("admin:tickets_order_changelist"), {"money": "return"})
    assert list(response.context["cl"].queryset) == [over]


@pytest.mark.parametrize("state", ["pending", "paid", "expired", "cancelled", "free"])
def test_the_page_of_an_order_opens_in_every_state_and_says_how_it_stands(staff: Client, state: str):
    _event, _quota, product = make_shop(price="0.00" if state == "free" else "119.00")
    order = make_order(product)
    if state == "paid":
        pay(order)
    elif state == "expired":
        let_expire(order)
        expiring.expire_overdue()
    elif state == "cancelled":
        act(staff, order, "cancel", reason="Auf Wunsch")
    response = staff.get(reverse("admin:tickets_order_change", args=[order.pk]))
    assert response.status_code == 200
    assert response.context["sentence"]
    assert b"<select" not in response.content  # no raw status field


def test_staff_record_a_payment_and_hear_what_came_of_it(staff: Client):
    _event, _quota, product = make_shop()
    order = make_order(product)
    page = act(staff, order, "payment", amount="19.00", note="Teilzahlung")
    assert [str(message) for message in page.context["messages"]] == [
        "Recorded as a part payment; the order still waits for the rest. €100.00 still open."
    ]
    page = act(staff, order, "payment")
    assert [str(message) for message in page.context["messages"]] == [
        "The order is paid; the tickets are on their way to the buyer."
    ]
    order.refresh_from_db()
    assert (order.status, Payment.objects.count(), order.history.last().by is not None) == ("paid", 2, True)


def test_a_payment_sent_twice_is_recorded_once(staff: Client):
    _event, _quota, product = make_shop()
    order = make_order(product)
    for _twice in range(2):
        page = act(staff, order, "payment", amount="10.00", token="a" * 32)
    assert "recorded already" in str(next(iter(page.context["messages"])))
    assert Payment.objects.count() == 1


def test_a_payment_of_nothing_or_of_tomorrow_is_refused_beside_the_field(staff: Client):
    _event, _quota, product = make_shop()
    order = make_order(product)
    response = act(staff, order, "payment", amount="0", received_on="2199-01-01")
    assert set(response.context["form"].errors) == {"amount", "received_on"}
    assert not Payment.objects.exists()


def test_a_late_payment_without_places_is_returned(staff: Client):
    _event, _quota, product = make_shop(size=1)
    order = make_order(product)
    let_expire(order)
    make_cart(product)
    page = act(staff, order, "payment", amount="119.00")
    assert "no place for it any more" in str(next(iter(page.context["messages"])))
    response = act(staff, order, "return", amount="119.01", reason="Zu spät")
    assert "amount" in response.context["form"].errors
    act(staff, order, "return", reason="Zu spät")
    order.refresh_from_db()
    assert (Refund.objects.get().amount, order.money_to_return) == (Decimal("119.00"), 0)


def test_cancelling_needs_a_reason(staff: Client):
    _event, quota, product = make_shop()
    order = make_order(product)
    assert "reason" in act(staff, order, "cancel", reason=" ").context["form"].errors
    act(staff, order, "cancel", reason="Doppelt bestellt")
    order.refresh_from_db()
    assert (order.status, taken(quota)) == ("cancelled", [0])


def test_a_mail_is_sent_again(staff: Client):
    _event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    act(staff, order, "send", reason="Verlegt")
    assert Mail.objects.filter(template="order-paid").count() == 2


def test_whoever_may_only_look_cannot_act():
    from django.contrib.auth.models import Permission

    _event, _quota, product = make_shop()
    order = make_order(product)
    user = make_user()
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    client = Client()
    client.force_login(user)
    assert client.get(reverse("admin:tickets_order_change", args=[order.pk])).status_code == 200
    for action in ("payment", "return", "cancel", "send"):
        assert client.post(reverse(f"admin:tickets_order_{action}", args=[order.pk])).status_code == 403


# --- Catalogue ---------------------------------------------------------------------------------


def test_quotas_and_products_show_their_numbers(staff: Client):
    _event, _quota, product = make_shop(size=10)
    pay(make_order(product, number=3))
    make_order(product)
    make_cart(product)
    for page in ("tickets_quota_changelist", "tickets_product_changelist"):
        html = staff.get(reverse(f"admin:{page}")).content.decode()
        assert 'aria-label="3 sold, 2 reserved, 5 free"' in html
        assert '<rect class="sold" width="60.0"' in html


def test_a_quota_is_not_made_smaller_than_what_is_taken_and_the_counter_stays(staff: Client):
    event, quota, product = make_shop(size=10)
    make_cart(product, number=4)
    url = reverse("admin:tickets_quota_change", args=[quota.pk])
    data = {"event": event.pk, "name": quota.name, "size": 3}
    assert "4 places are sold or reserved" in staff.post(url, data).content.decode()
    staff.post(url, data | {"size": 4})
    stored = Quota.objects.get(pk=quota.pk)
    assert (stored.size, stored.taken) == (4, 4)


def test_a_sold_product_cannot_be_deleted_and_says_why(staff: Client):
    _event, _quota, product = make_shop()
    make_order(product)
    url = reverse("admin:tickets_product_delete", args=[product.pk])
    assert "would require deleting the following protected related objects" in staff.get(url).content.decode()
    staff.post(url, {"post": "yes"})
    assert Product.objects.exists()


def product_form(client: Client, product: Product) -> dict:
    response = client.get(reverse("admin:tickets_product_change", args=[product.pk]))
    form = response.context["adminform"].form
    data = {}
    for field in form:
        value = field.value()
        if isinstance(value, bool):
            data |= {field.html_name: "on"} if value else {}
        else:
            data[field.html_name] = "" if value is None else value
    for formset in response.context["inline_admin_formsets"]:
        for field in formset.formset.management_form:
            data[field.html_name] = field.value()
        for form in formset.formset.initial_forms:
            data |= {f"{form.prefix}-id": form.instance.pk, f"{form.prefix}-product": product.pk}
    return data


def test_a_product_is_changed_in_both_languages(staff: Client):
    _event, _quota, product = make_shop()
    data = product_form(staff, product) | {"name_de": "Tagesticket", "name_en": "Day ticket", "price": "80.00"}
    response = staff.post(reverse("admin:tickets_product_change", args=[product.pk]), data)
    assert response.status_code == 302
    product.refresh_from_db()
    assert (product.name_de, product.name_en, product.price) == ("Tagesticket", "Day ticket", Decimal("80.00"))
    assert product.description_de is None


def test_a_sold_product_joins_a_quota_with_room_and_is_refused_one_without(staff: Client):
    event, _quota, product = make_shop()
    make_cart(product, number=3)
    small, large = make_quota(event, 2), make_quota(event, 5)
    url = reverse("admin:tickets_product_change", args=[product.pk])
    data = product_form(staff, product)
    refused = staff.post(url, data | {"product_quotas-1-quota": small.pk})
    assert "has 2 places free, but 3 of these tickets are sold" in refused.content.decode()
    staff.post(url, data | {"product_quotas-1-quota": large.pk})
    assert taken(small, large) == [0, 3]
    assert ProductQuota.objects.filter(product=product).count() == 2


def test_an_event_needs_a_real_iban(staff: Client):
    event, _quota, _product = make_shop()
    response = staff.get(reverse("admin:tickets_event_change", args=[event.pk]))
    form = response.context["adminform"].form
    data = {f.html_name: f.value() for f in form if f.value() not in (None, False)}
    for name in ("starts_at", "ends_at", "sales_start", "sales_end"):
        data[f"{name}_0"], data[f"{name}_1"] = "2027-10-05", {"s": "09:00:00", "e": "18:00:00"}[name[0]]
    data |= {"sales_start_0": "2027-01-05", "iban": "DE02120300000000202052"}
    response = staff.post(reverse("admin:tickets_event_change", args=[event.pk]), data)
    assert "This is not a valid IBAN." in response.content.decode()


def test_products_without_quota_are_shown(staff: Client):
    event, _quota, _product = make_shop()
    make_product(event, name_de="Rundgang", name_en="Tour")
    assert "Tour" in staff.get(reverse("admin:tickets_product_changelist")).content.decode()
