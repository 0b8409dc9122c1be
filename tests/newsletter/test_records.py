"""What was sent is a record: editions do not change, deliveries are counted as they go, and people are forgotten in time."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Now
from django.template.loader import render_to_string

from newsletter import links, retention
from newsletter.models import Delivery, Edition, EditionPicture, Issue, Return, Subscriber, Tally
from newsletter.subscribers.personal_data import personal_data
from sccon.clock import database_now
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def make_edition(*, ended: timedelta | None = None) -> Edition:
    """An issue of which German mails leave, or left so long ago."""
    now = database_now()
    issue = Issue.objects.create(
        subject_de="Auftakt",
        status="sent" if ended else "sending",
        ordered_by=make_user(),
        **dict.fromkeys(("ordered_at", "begin_at", "started_at"), now),
        ended_at=now - ended if ended else None,
    )
    return Edition.objects.create(
        issue=issue,
        language="de",
        slug=f"auftakt-{issue.pk}",
        sender="news@example.org",
        subject="Auftakt",
        items=[],
        html="<p>Guten Tag</p>",
        text="Guten Tag",
        mark="m",
        archived=True,
    )


def deliver(edition: Edition, **values: object) -> Delivery:
    number = Subscriber.objects.count()
    reader = Subscriber.objects.create(email=f"jana{number}@example.org", language="de")
    return Delivery.objects.create(
        issue=edition.issue, edition=edition, subscriber=reader, place=number, provider="example.org", **values
    )


def counted(issue: Issue) -> dict[str, int]:
    sums = Tally.objects.filter(issue=issue).values_list("state").annotate(Sum("count"))
    return {state: count for state, count in sums if count}


def test_the_counts_follow_whatever_becomes_of_deliveries():
    edition = make_edition()
    rows = [deliver(edition) for _ in range(6)]
    other = deliver(make_edition())
    Delivery.objects.filter(pk__in=[row.pk for row in rows[:4]]).update(state="flying", lease_until=Now())
    Delivery.objects.filter(state="flying", pk=rows[0].pk).update(state="sent", sent_at=Now())
    Delivery.objects.filter(pk__in=[rows[1].pk, rows[5].pk]).update(state="cancelled")
    rows[2].subscriber.delete()  # forgotten, and still one of those it was planned for
    expected = Counter(Delivery.objects.filter(issue=edition.issue).values_list("state", flat=True))
    assert (
        counted(edition.issue)
        == {**expected, "planned": 6}
        == {"planned": 6, "flying": 2, "sent": 1, "cancelled": 2, "queued": 1}
    )
    assert counted(other.issue) == {"planned": 1, "queued": 1}


@pytest.mark.parametrize(
    "change", [{"subject": "Anders"}, {"html": ""}, {"archived": False}, {"made_at": Now()}, {"redacted_at": Now()}]
)
def test_an_edition_does_not_change(change: dict):
    edition = make_edition()
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        edition.delete()


def test_an_edition_is_emptied_once_and_only_then_loses_its_pictures():
    edition = make_edition()
    picture = EditionPicture.objects.create(edition=edition, file="a/b.jpg", width=600, height=400)
    with pytest.raises(IntegrityError), transaction.atomic():
        picture.delete()
    empty = {"subject": "", "preheader": "", "intro": "", "items": [], "html": "", "text": ""}
    Edition.objects.filter(pk=edition.pk).update(
        **empty, redacted_at=Now(), redacted_by=make_user(), redaction_reason="x"
    )
    picture.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(redaction_reason="anders")


def test_a_delivery_is_of_an_edition_of_its_issue_and_stays_so():
    edition, other = make_edition(), make_edition()
    delivery = deliver(edition)
    strangers = [
        Delivery(issue=edition.issue, edition=other, place=1),
        Delivery(issue=edition.issue, edition_id=other.pk + 1, place=1),
        Delivery(issue_id=other.issue_id + 1, edition_id=other.pk, place=1),
    ]
    for stranger in strangers:
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.bulk_create([Delivery(issue=edition.issue, edition=edition, place=1), stranger])
    for change in ({"edition": other}, {"issue": other.issue}, {"issue": other.issue, "edition": other}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.filter(pk=delivery.pk).update(**change)
    with pytest.raises(IntegrityError), connection.cursor() as cursor, transaction.atomic():
        cursor.execute("DELETE FROM newsletter_issue; SET CONSTRAINTS ALL IMMEDIATE")
    assert counted(edition.issue) == {"planned": 1, "queued": 1}


def test_who_got_what_is_forgotten_after_two_years_and_the_sums_stay():
    for days in (729, 731):
        edition = make_edition(ended=timedelta(days=days))
        deliver(edition, state="sent", sent_at=Now(), answer="250 queued as 4F2", bounced_at=Now(), bounce="5.1.1")
        Return.objects.create(way="mail", event=str(days), raw=b"x")
    Return.objects.filter(event="731").update(received_at=F("received_at") - timedelta(days=91))
    retention.forget(timestamp=0)
    young, old = Delivery.objects.order_by("pk")
    assert young.subscriber and young.answer and young.provider
    assert (old.subscriber, old.answer, old.provider, old.bounce, old.state) == (None, "", "", "", "sent")
    assert old.bounced_at and counted(old.issue) == {"planned": 1, "sent": 1}
    assert [row.event for row in Return.objects.all()] == ["729"]


def test_how_long_who_got_what_is_kept_is_a_setting_and_stands_in_the_readers_data(settings):
    settings.NEWSLETTER_DELIVERY_MONTHS = 6
    for days in (181, 183):
        deliver(make_edition(ended=timedelta(days=days)), state="sent", sent_at=Now())
    young, old = Delivery.objects.order_by("pk")
    [issue] = personal_data(young.subscriber)["issues"]
    assert issue["kept_until"] == young.issue.ended_at + timedelta(days=182)
    page = render_to_string("newsletter/data_parts.html", {"data": personal_data(young.subscriber)})
    assert "6 Monate lang" in page
    retention.forget(timestamp=0)
    young.refresh_from_db()
    old.refresh_from_db()
    assert young.subscriber and not old.subscriber


def test_what_a_mail_carries_of_its_delivery_cannot_be_made_up_and_outlives_a_new_key(settings):
    settings.NEWSLETTER_BOUNCE_DOMAIN = "bounce.example.org"
    message, sender = links.message_id(12), links.envelope_sender(12)
    settings.LINK_KEY, settings.LINK_KEY_FALLBACKS = "x" * 50, [settings.LINK_KEY]
    assert (
        links.of_message_id(message)
        == links.of_envelope_sender(sender)
        == links.of_envelope_sender(sender.upper())
        == 12
    )
    assert links.message_id(12) != message
    for text in ("<hallo@example.org>", "b+12@bounce.example.org", ""):
        assert links.of_message_id(text) is links.of_envelope_sender(text) is None
    with pytest.raises(links.Forged):
        links.of_message_id(message.replace("d.12.", "d.13."))
    with pytest.raises(links.Forged):
        links.of_envelope_sender(links.envelope_sender(13).replace("b+13", "b+12"))
