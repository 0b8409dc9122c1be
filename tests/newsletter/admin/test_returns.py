"""Staff read what came back, and decide about a provider that called very many mailboxes dead."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from newsletter import retention
from newsletter.models import Delivery, Hold, Return, Subscriber
from newsletter.returns import consequences
from newsletter.subscribers import subscribing
from tests.factories import make_user
from tests.newsletter.people import make_subscriber
from tests.newsletter.returns.corpus import CORPUS
from tests.newsletter.returns.sent import came_back, make_crowd, make_delivery, sent_issue, take

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/newsletter/return/"


@pytest.fixture
def staff(client: Client, settings) -> Client:
    settings.NEWSLETTER_BOUNCE_DOMAIN = "bounces.example.org"
    client.force_login(make_user("newsletter", language="en"))
    return client


def test_what_came_back_is_listed_also_what_nobody_knows(staff: Client):
    known = take(came_back("postfix: unknown user", make_delivery(make_subscriber())))
    unknown = take(CORPUS["exim: full"][0].replace(b"b+17.0123456789abcdef0123", b"news").replace(b"<d.17.", b"<x."))
    forged = take(CORPUS["exchange 2016: full"][0])
    page = staff.get(LIST).text
    assert all(said in page for said in ("jana@example.org", "forged token", "full or slow", "no such mailbox"))
    for about, expected in (("known", known), ("unknown", unknown), ("forged", forged)):
        listed = staff.get(f"{LIST}?about={about}").context["cl"].result_list
        assert [each.pk for each in listed] == [expected.pk]
    assert "not yet delivered" not in staff.get(f"{LIST}{unknown.pk}/change/").text
    assert "552 mailbox is full" in staff.get(f"{LIST}{unknown.pk}/change/").text
    assert "<script>" not in staff.get(f"{LIST}{unknown.pk}/change/").text


def test_one_click_keeps_or_undoes_what_a_provider_sent_back(staff: Client):
    issue = sent_issue()
    for delivery in make_crowd(issue, 30)[:20]:
        consequences.answered(delivery.pk, 550, "5.1.1 unknown")
    page = f"{LIST}providers/"
    shown = staff.get(page).text
    assert "held back: please decide" in shown and "gross.example" in shown
    assert "Please press a button" in staff.post(page, {"keep": "99:gross.example"}, follow=True).text
    answer = staff.post(page, {"keep": f"{issue.pk}:gross.example"}, follow=True)
    assert "It counts: 20 persons get no newsletter any more." in answer.text
    assert Subscriber.objects.filter(status="bounced").count() == 20
    answer = staff.post(page, {"undo": f"{issue.pk}:gross.example"}, follow=True)
    assert "Undone: the newsletter goes to 20 persons again." in answer.text
    assert Subscriber.objects.filter(status="bounced").count() == 0
    assert (Hold.objects.get().counts, Hold.objects.get().decided_by is not None) == (False, True)


def test_the_words_that_name_an_address_go_in_time_and_on_request(settings):
    settings.NEWSLETTER_BOUNCE_DOMAIN = "bounces.example.org"
    old, gone = make_subscriber(), make_subscriber("weg@example.org")
    issue = sent_issue()
    take(came_back("exchange 2016: full", make_delivery(old, issue)))
    Return.objects.update(received_at=F("received_at") - retention.KEEP_RETURNS - timedelta(hours=1))
    take(came_back("postfix: unknown user", make_delivery(gone, issue)))
    assert Return.objects.exclude(words="").count() == 2
    retention.forget(timestamp=0)
    assert list(Return.objects.exclude(words="").values_list("verdict", flat=True)) == ["dead"]
    subscribing.erase(gone)
    assert Return.objects.exclude(words="").count() == Return.objects.exclude(raw=b"").count() == 0
    assert Delivery.objects.exclude(bounce="").count() == 0
    assert Delivery.objects.exclude(bounced_at=None).count() == 2, "the numbers stay"
