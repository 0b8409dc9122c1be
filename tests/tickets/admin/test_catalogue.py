"""Events, products and quotas in the admin, over HTTP."""

import re
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from tests.tickets.factories import make_cart, make_event, make_order, make_product, make_quota, make_shop, pay, taken
from tickets.models import Event, Product, ProductQuota, Quota
from tickets.orders import cancelling

pytestmark = pytest.mark.django_db


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
    assert "“Congress ticket” cannot be deleted" in staff.get(url).text
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


def test_an_event_needs_a_real_iban(client: Client):
    client.force_login(make_user(is_superuser=True, language="en"))
    event, _quota, _product = make_shop()
    response = client.get(reverse("admin:tickets_event_change", args=[event.pk]))
    form = response.context["adminform"].form
    data = {f.html_name: f.value() for f in form if f.value() not in (None, False)}
    for name in ("starts_at", "ends_at", "sales_start", "sales_end"):
        data[f"{name}_0"], data[f"{name}_1"] = "2027-10-05", {"s": "09:00:00", "e": "18:00:00"}[name[0]]
    data |= {"sales_start_0": "2027-01-05", "iban": "DE02120300000000202052"}
    for page in ("change", "seller"):
        response = client.post(reverse(f"admin:tickets_event_{page}", args=[event.pk]), data)
        assert "This is not a valid IBAN." in response.text, page


def test_products_without_quota_are_shown(staff: Client):
    event, _quota, _product = make_shop()
    make_product(event, name_de="Rundgang", name_en="Tour")
    assert "Tour" in staff.get(reverse("admin:tickets_product_changelist")).content.decode()


# --- What was sold cannot be moved --------------------------------------------------------------


def another_event() -> tuple[Event, Quota]:
    event = make_event(current=False, name_de="Nächstes Jahr", name_en="Next year")
    return event, make_quota(event, 100)


@pytest.mark.parametrize("held", ["sold", "in a cart", "in a quota", "cancelled"])
def test_a_product_stays_with_its_event_once_something_hangs_on_it(staff: Client, held: str):
    """Before, its tickets vanished from the dashboard and its quotas stayed behind."""
    _event, quota, product = make_shop()
    if held == "in a cart":
        make_cart(product)
    elif held != "in a quota":
        order = make_order(product)
        if held == "cancelled":
            cancelling.cancel(order, by=make_user(), reason="x")
        ProductQuota.objects.filter(product=product).delete()
    other, _quota = another_event()
    data = product_form(staff, product) | {"event": other.pk}
    answer = staff.post(reverse("admin:tickets_product_change", args=[product.pk]), data)
    assert "It stays with its event" in answer.text
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(event=other)
    product.refresh_from_db()
    assert product.event_id == quota.event_id


def test_a_product_that_nobody_bought_can_be_moved(staff: Client):
    event = make_event()
    product = make_product(event)
    other, _quota = another_event()
    staff.post(
        reverse("admin:tickets_product_change", args=[product.pk]),
        product_form(staff, product) | {"event": other.pk},
    )
    product.refresh_from_db()
    assert product.event_id == other.pk


def test_a_quota_stays_with_the_event_of_its_products(staff: Client):
    event, quota, _product = make_shop()
    other, _quota = another_event()
    url = reverse("admin:tickets_quota_change", args=[quota.pk])
    data = {"event": other.pk, "name": quota.name, "size": 10}
    assert "It stays with its event" in staff.post(url, data).text
    with pytest.raises(IntegrityError), transaction.atomic():
        Quota.objects.filter(pk=quota.pk).update(event=other)
    lonely = make_quota(event)
    staff.post(reverse("admin:tickets_quota_change", args=[lonely.pk]), data | {"name": lonely.name})
    lonely.refresh_from_db()
    assert lonely.event_id == other.pk


def test_a_quota_of_another_event_is_neither_offered_nor_taken(staff: Client):
    event, quota, product = make_shop()
    _other, foreign = another_event()
    url = reverse("admin:tickets_product_change", args=[product.pk])
    options = re.findall(r'<option value="(\d+)"', staff.get(url).text.partition('name="product_quotas-')[2])
    assert str(foreign.pk) not in options
    assert str(quota.pk) in options
    data = product_form(staff, product) | {"product_quotas-1-quota": foreign.pk}
    assert staff.post(url, data).status_code == 200
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductQuota.objects.create(product=product, quota=foreign)
    new = product_form(staff, product) | {"product_quotas-INITIAL_FORMS": 0, "product_quotas-0-quota": foreign.pk}
    new["product_quotas-0-id"] = ""
    answer = staff.post(reverse("admin:tickets_product_add"), new | {"event": event.pk, "name_de": "Neu"})
    assert "belongs to Next year" in answer.text
    assert not Product.objects.filter(name_de="Neu").exists()
    assert not ProductQuota.objects.filter(quota=foreign).exists()
