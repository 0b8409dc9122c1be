"""What a mail that came back does: to whom it went, and to nobody else."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from newsletter import links
from newsletter.models import Delivery, Hold, Return, Subscriber
from newsletter.returns import consequences, receiving
from newsletter.subscribers import subscribing, suppressing
from tests.at_once import at_once
from tests.factories import make_user
from tests.newsletter.people import make_subscriber
from tests.newsletter.returns.corpus import CORPUS
from tests.newsletter.returns.sent import came_back, make_crowd, make_delivery, sent_issue, take

pytestmark = pytest.mark.django_db(transaction=True)

DEAD, FULL, POLICY = "postfix: unknown user", "exchange 2016: full", "365: not authenticated"


@pytest.fixture(autouse=True)
def _bounce_domain(settings) -> None:
    settings.NEWSLETTER_BOUNCE_DOMAIN = "bounces.example.org"


def status(subscriber: Subscriber) -> str:
    return Subscriber.objects.values_list("status", flat=True).get(pk=subscriber.pk)


# --- Whom it is about ----------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["sender", "message-id"])
@pytest.mark.parametrize(
    ("shape", "becomes"),
    [
        (DEAD, "bounced"),
        ("exim: unknown", "bounced"),
        ("rfc 6533: unknown", "bounced"),
        (FULL, "active"),
        (POLICY, "active"),
        ("postfix: delayed", "active"),
        ("arf: redacted recipient", "complained"),
    ],
)
def test_what_came_back_reaches_who_got_the_mail(shape: str, becomes: str, by: str):
    reader, other = make_subscriber(), make_subscriber("jana@empfaenger.example")
    delivery = make_delivery(reader)
    returned = take(came_back(shape, delivery, by=by))
    assert (returned.delivery, returned.verdict, returned.forged) == (delivery, CORPUS[shape][1], False)
    assert (status(reader), status(other)) == (becomes, "active"), "never by an address in the text"
    delivery.refresh_from_db()
    assert bool(delivery.bounced_at) == (returned.verdict in {"dead", "soft", "ours"})
    assert bool(delivery.complained_at) == (becomes == "complained")
    assert suppressing.complained(reader.email) == (becomes == "complained")


def test_the_address_that_the_mail_server_names_is_enough():
    delivery = make_delivery(make_subscriber())
    raw = CORPUS["domino"][0].replace(b"b+17.0123456789abcdef0123@bounces", b"news@www").replace(b"<d.17.", b"<x.17.")
    assert take(raw, envelope_to=links.envelope_sender(delivery.pk)).delivery == delivery


@pytest.mark.parametrize("shape", [DEAD, FULL, POLICY, "arf: abuse", "exim: unknown", "gmx: unavailable"])
def test_a_forged_token_changes_nobody_whatever_else_is_there(shape: str):
    reader = make_subscriber()
    delivery = make_delivery(reader)
    mine = links.envelope_sender(delivery.pk)
    forged = f"{mine[: mine.index('.') + 1]}{'0' * 20}@bounces.example.org"
    raw = came_back(shape, delivery).replace(mine.encode(), forged.encode())
    returned = take(raw.replace(b"<other@relay.example>", links.message_id(delivery.pk).encode()))
    assert (returned.forged, returned.delivery) == (True, None)
    assert (status(reader), Delivery.objects.get().bounced_at) == ("active", None)


def test_without_a_token_it_is_kept_and_changes_nobody():
    reader = make_subscriber("jana@empfaenger.example")
    make_delivery(reader)
    for shape, (raw, verdict) in list(CORPUS.items())[::6]:
        returned = take(raw.replace(b"b+17.0123456789abcdef0123", b"news").replace(b"<d.17.", b"<x.17."))
        assert (returned.delivery, returned.verdict) == (None, verdict), shape
    assert status(reader) == "active"


def test_who_moved_or_confirmed_since_stays_untouched():
    moved, again, gone = (make_subscriber(f"{name}@example.org") for name in ("moved", "again", "gone"))
    issue = sent_issue()
    deliveries = [make_delivery(each, issue) for each in (moved, again, gone)]
    Subscriber.objects.filter(pk=moved.pk).update(moved_at=timezone.now(), email="neu@example.org")
    owner = make_subscriber("moved@example.org")  # the old address is somebody else's now
    Subscriber.objects.filter(pk=again.pk).update(confirmed_at=timezone.now())
    subscribing.erase(gone)
    for delivery in deliveries:
        for shape in (DEAD, "arf: abuse"):
            assert take(came_back(shape, delivery)).delivery == delivery
    assert [status(each) for each in (moved, again, owner)] == ["active", "active", "active"]
    assert Delivery.objects.exclude(complained_at=None).count() == 3, "the issue counts it all the same"


def test_an_event_counts_once_however_often_it_arrives():
    reader = make_subscriber()
    raw = came_back(DEAD, make_delivery(reader))
    take(raw)
    Subscriber.objects.update(status="active", ended_at=None)
    for again in (raw, b"Received: from relay by us\n" + raw, raw.replace(b"\n", b"\r\n")):
        assert receiving.take_mail(again) is False
    receiving.judge(return_id=Return.objects.get().pk)
    assert (Return.objects.count(), status(reader)) == (1, "active")


def test_the_answer_in_the_dialogue_is_judged_alike_and_counts_once():
    gone, full, ours = (make_subscriber(f"{name}@example.org") for name in ("gone", "full", "ours"))
    issue = sent_issue()
    failed = [make_delivery(each, issue, state="failed", sent_at=None) for each in (gone, full, ours)]
    assert consequences.answered(failed[0].pk, 550, "5.1.1 User unknown") == "dead"
    assert consequences.answered(failed[0].pk, 550, "5.1.1 User unknown") == "dead"
    assert consequences.answered(failed[1].pk, 552, "5.2.2 Full") == "soft"
    assert consequences.answered(failed[2].pk, 550, "5.1.1 Go away", stage="mail") == "ours"
    assert consequences.answered(failed[2].pk, 250, "OK") == "nothing"
    assert [status(each) for each in (gone, full, ours)] == ["bounced", "active", "active"]
    assert list(Return.objects.order_by("pk").values_list("way", "verdict")) == [
        ("dialogue", "dead"),
        ("dialogue", "soft"),
        ("dialogue", "ours"),
    ]


# --- Full or slow --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "outcomes", "becomes"),
    [
        ([21, 10, 0], "fff", "bounced"),
        ([13, 6, 0], "fff", "active"),  # within less than two weeks
        ([21, 0], "ff", "active"),
        ([30, 21, 10, 0], "faff", "active"),  # one arrived: that starts anew
        ([40, 30, 20, 10, 0], "ffaff", "active"),
        ([40, 30, 20, 10, 0], "fxxff", "bounced"),  # what never left says nothing
        ([60, 50, 40, 30, 20, 0], "fxxxff", "active"),  # of the last five, two
        ([21, 10, 0], "ppp", "active"),  # about us
    ],
)
def test_full_or_slow_counts_when_it_lasts(days: list[int], outcomes: str, becomes: str):
    reader = make_subscriber()
    Subscriber.objects.update(confirmed_at=timezone.now() - timedelta(days=400))
    for ago, outcome in zip(days, outcomes, strict=True):
        at = timezone.now() - timedelta(days=ago)
        state = {"state": "failed", "sent_at": None} if outcome == "x" else {"sent_at": at}
        delivery = make_delivery(reader, sent_issue(ago), **state)
        if outcome in "fp":
            shape = FULL if outcome == "f" else POLICY
            receiving.take_mail(came_back(shape, delivery))
            Return.objects.filter(judged_at=None).update(received_at=at)
            receiving.judge(return_id=Return.objects.latest("pk").pk)
    assert status(reader) == becomes


# --- The brake -----------------------------------------------------------------------------------


def die(delivery: Delivery) -> None:
    consequences.answered(delivery.pk, 550, "5.1.1 User unknown")


def bounced() -> int:
    return Subscriber.objects.filter(status="bounced").count()


def test_a_providers_bad_hour_ends_nobodys_newsletter_until_staff_decide():
    """As on 14 December 2020, when a large provider said of living mailboxes that they do not exist."""
    issue, staff = sent_issue(), make_user()
    crowd = make_crowd(issue, 60)
    small = make_crowd(issue, 3, "klein.example")
    for delivery in crowd[:19]:
        die(delivery)
    die(small[0])
    assert (bounced(), Hold.objects.count()) == (20, 0), "19 are too few, and another provider is another matter"
    die(crowd[19])
    hold = Hold.objects.get()
    assert (bounced(), hold.provider, hold.dead, hold.counts) == (1, "gross.example", 20, None)
    for delivery in crowd[20:25]:
        die(delivery)
    assert (bounced(), Hold.objects.get().dead) == (1, 25)
    assert consequences.decide(hold, counts=True, by=staff) == 25
    assert consequences.decide(hold, counts=False, by=staff) == 0, "once"
    die(crowd[25])
    assert bounced() == 27
    assert consequences.undo(issue, "gross.example", by=staff) == 26
    die(crowd[26])
    assert (bounced(), Hold.objects.get().counts) == (1, False)
    assert Subscriber.objects.active().count() == 62


def test_one_in_twenty_is_no_bad_hour_and_old_ones_do_not_count():
    issue = sent_issue()
    crowd = make_crowd(issue, 420)
    for delivery in crowd[:21]:
        die(delivery)
    assert (bounced(), Hold.objects.count()) == (21, 0), "21 of 420 are one in twenty"
    Return.objects.update(received_at=F("received_at") - timedelta(hours=25))
    for delivery in crowd[21:42]:
        die(delivery)
    assert (bounced(), Hold.objects.count()) == (42, 0)
    die(crowd[42])
    assert (bounced(), Hold.objects.get().dead) == (0, 22)


def test_two_who_judge_at_once_count_together():
    issue = sent_issue()
    crowd = make_crowd(issue, 40)
    for delivery in crowd[:18]:
        die(delivery)
    at_once(*(lambda delivery=delivery: die(delivery) for delivery in crowd[18:20]))
    assert (bounced(), Hold.objects.count()) == (0, 1)


def test_undoing_brings_back_only_whom_the_issue_ended():
    issue, staff = sent_issue(), make_user()
    here, left, elsewhere = make_crowd(issue, 3)
    for delivery in (here, left, elsewhere):
        die(delivery)
    subscribing.unsubscribe(left.subscriber, source="link")
    Subscriber.objects.filter(pk=elsewhere.subscriber_id).update(status="active", ended_at=None)
    die(make_delivery(elsewhere.subscriber, sent_issue()))
    assert consequences.undo(issue, "gross.example", by=staff) == 1
    assert [status(each.subscriber) for each in (here, left, elsewhere)] == ["active", "unsubscribed", "bounced"]


# --- Leaving by the link of a delivery, and keys that live long ------------------------------------


def test_the_link_of_a_mail_leaves_and_the_mail_says_so(client: Client):
    reader = make_subscriber()
    delivery = make_delivery(reader)
    address = f"/de/newsletter/unsubscribe/{links.leave_token(delivery.pk)}/"
    assert "j…@…" in client.get(address).text
    assert Delivery.objects.get().left_at is None
    for _twice in range(2):
        assert client.post(address, headers={"Origin": "null"}).status_code == 200
    assert (status(reader), Delivery.objects.get().left_at is not None) == ("unsubscribed", True)
    subscribing.erase(reader)
    assert client.post(address).status_code == 200
    assert client.get(address).status_code == 410


def test_what_a_mail_carries_and_who_must_not_be_mailed_outlive_a_change_of_keys(client: Client, settings):
    reader, other = make_subscriber(), make_subscriber("mia@example.org")
    issue = sent_issue()
    delivery, second = make_delivery(reader, issue), make_delivery(other, issue)
    raw, address = came_back(DEAD, delivery), f"/de/newsletter/unsubscribe/{links.leave_token(second.pk)}/"
    by_id = came_back("exim: unknown", second, by="message-id")
    subscribing.complain("weg@example.org", source="test")
    subscribing.erase(make_subscriber("fort@example.org"))
    link_key, suppression_key = settings.LINK_KEY, settings.SUPPRESSION_KEY
    settings.LINK_KEY, settings.LINK_KEY_FALLBACKS = "n" * 64, ["z" * 64, link_key]
    settings.SUPPRESSION_KEY, settings.SUPPRESSION_KEY_FALLBACKS = "m" * 64, ["y" * 64, suppression_key]
    assert take(raw).delivery == delivery
    assert take(by_id).delivery == second
    assert suppressing.complained("weg@example.org")
    assert suppressing.of("fort@example.org").exists()
    Subscriber.objects.update(status="active", ended_at=None)
    assert client.post(address).status_code == 200
    assert status(other) == "unsubscribed"
    settings.LINK_KEY_FALLBACKS, settings.SUPPRESSION_KEY_FALLBACKS = [], []
    assert client.post(address).status_code == 410, "without the former key nothing of it holds"
    assert not suppressing.of("fort@example.org").exists()
