"""What led to the shop: kept by form, session and order, and by nothing else."""

import pytest
from django.test import Client

from tests.tickets.factories import make_shop
from tickets.models import Order

pytestmark = pytest.mark.django_db(transaction=True)

HIDDEN = '<input type="hidden" name="src" value="issue-12">'


def test_a_link_of_an_issue_is_kept_until_the_order(client: Client):
    _event, _quota, product = make_shop()
    page = client.get("/de/tickets/?src=issue-12")
    assert HIDDEN in page.text and not page.cookies
    for odd in ("", "?src=issue-", "?src=Issue-12", "?src=issue-12%00", "?src=a-1234567890", f"?src={'a' * 40}-1"):
        assert 'name="src"' not in client.get(f"/de/tickets/{odd}").text
    refused = client.post("/de/tickets/cart/add/", {f"product-{product.pk}": 0, "src": "issue-12"})
    assert refused.status_code == 409 and HIDDEN in refused.text
    client.post("/de/tickets/cart/add/", {f"product-{product.pk}": 1, "src": "issue-12"})
    client.post("/de/tickets/cart/add/", {f"product-{product.pk}": 2, "src": "press-3"})
    assert Order.objects.get().source == "issue-12", "what led there first stays"


def test_nobody_else_gets_it(client: Client):
    _event, _quota, product = make_shop()
    client.get("/de/tickets/?src=issue-12")
    other = Client()
    other.post("/de/tickets/cart/add/", {f"product-{product.pk}": 1})
    assert Order.objects.get().source == ""
    assert 'name="src"' not in other.get("/de/tickets/").text
