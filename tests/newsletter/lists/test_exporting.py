"""A segment of the subscribers leaves as a list: by a right of its own, logged, without a cell that a program computes."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from newsletter.models import Consent, Subscriber
from newsletter.subscribers import subscribing
from tests.factories import make_topic, make_user
from tests.newsletter.lists.lists import as_csv, imported, people, person
from tests.newsletter.people import make_subscriber

pytestmark = pytest.mark.django_db

EXPORT = "/admin/newsletter/subscriber/export/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_user("newsletter-lists", language="de"))
    return client


def exported(client: Client, **segment: str) -> list[list[str]]:
    answer = client.post(f"{EXPORT}?" + "&".join(f"{name}={value}" for name, value in segment.items()))
    assert answer["Content-Type"].startswith("text/csv") and answer.streaming
    text = answer.getvalue().decode("utf-8-sig")
    return [line.split(";") for line in text.splitlines()]


def test_what_the_list_shows_is_exported_and_logged(staff: Client):
    topic = make_topic("Wald")
    make_subscriber("jana@example.org").topics.set([topic])
    make_subscriber("mia@example.org", language="en")
    subscribing.unsubscribe(make_subscriber("left@example.org"), source="link")
    head, *rows = exported(staff)
    assert head[:4] == ["E-Mail-Adresse", "Status", "Sprache", "Themen"]
    assert [row[:4] for row in rows] == [
        ["jana@example.org", "angemeldet", "de", "Wald"],
        ["mia@example.org", "angemeldet", "en", ""],
        ["left@example.org", "abgemeldet", "de", ""],
    ]
    assert [row[0] for row in exported(staff, status__exact="active", language__exact="en")[1:]] == ["mia@example.org"]
    assert [row[0] for row in exported(staff, topics__id__exact=str(topic.pk))[1:]] == ["jana@example.org"]
    assert [row[0] for row in exported(staff, q="left@")[1:]] == ["left@example.org"]
    said = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert (
        said[0].startswith("3 Abonnenten") and "Englisch" in said[1] and "angemeldet" in said[1] and "Wald" in said[2]
    )
    assert said[3].startswith("1 Abonnent:") and "left@" not in said[3], "the log names no address"


def test_the_page_says_how_many_before_anything_leaves(staff: Client):
    make_subscriber()
    shown = staff.get(f"{EXPORT}?status__exact=active").text
    assert "1 Abonnent: " in shown
    assert not LogEntry.objects.exists()
    assert f"{EXPORT}?status__exact=active" in staff.get("/admin/newsletter/subscriber/?status__exact=active").text


@pytest.mark.parametrize("group", ["newsletter", "newsletter-send", "publisher"])
def test_others_export_nothing(client: Client, group: str):
    client.force_login(make_user(group))
    assert client.get(EXPORT).status_code == client.post(EXPORT).status_code == 403
    assert "/export/" not in client.get("/admin/newsletter/subscriber/").text


FORMULAS = ["=cmd|x@example.org", "+49@example.org", "-2+3@example.org"]


def test_no_cell_is_a_formula(staff: Client):
    imported(as_csv(*[person(email, source=f"{sign}1") for email, sign in zip(FORMULAS, "=@+", strict=True)]))
    for row in exported(staff)[1:]:
        assert row[0][0] == row[4][0] == "'", row


def test_an_exported_list_can_be_imported_and_is_the_same(staff: Client):
    topics = [make_topic("Wald"), make_topic("Meer")]
    for email in (*FORMULAS, "jana@bücher.example", "mia@example.org"):
        imported(as_csv(person(email, topics="Meer,Wald", language="en", source="-Stand; „Wald“")))
    before = people()
    assert before[0][3] == sorted(topic.pk for topic in topics)
    file = staff.post(EXPORT).getvalue()
    for subscriber in Subscriber.objects.all():
        subscribing.erase(subscriber, suppress=False)
    assert not Consent.objects.exists()
    of = imported(file)
    assert of.counts == {"new": len(before)} and people() == before


def test_an_exported_list_costs_the_same_queries_however_long(staff: Client, django_assert_max_num_queries):
    imported(as_csv(*[person(f"leser{number}@example.org") for number in range(300)]))
    with django_assert_max_num_queries(20):
        assert len(exported(staff)) == 301
