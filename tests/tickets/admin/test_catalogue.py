"""Events, products and quotas in the admin, over HTTP."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from tests.tickets.factories import make_cart, make_order, make_product, make_quota, make_shop, pay, taken
from tickets.models import Product, ProductQuota, Quota

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
