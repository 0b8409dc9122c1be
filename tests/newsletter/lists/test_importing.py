"""A list is imported as it was shown before: each row has a fate, nobody is brought back, and all of it can be undone."""

import random
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from newsletter import retention
from newsletter.lists import importing
from newsletter.models import Change, Consent, Import, ImportRow, Move, Subscriber, Suppression
from newsletter.subscribers import subscribing, suppressing
from newsletter.subscribers.personal_data import personal_data
from sccon.models import Job
from sccon.spreadsheets import NoList
from tests.factories import make_topic, make_user
from tests.newsletter.lists.lists import (
    HEAD,
    as_csv,
    checked,
    fates,
    imported,
    make_everybody,
    people,
    person,
    undone,
)
from tests.newsletter.people import make_subscriber
from tests.processes import kill, manage, wait_until

pytestmark = pytest.mark.django_db

MAY = datetime(2024, 5, 31, 8, 30, tzinfo=UTC)


# --- What a row means --------------------------------------------------------------------------

SHAPES = {
    "comma": lambda rows: as_csv(*rows, separator=",").encode(),
    "semicolon": lambda rows: as_csv(*rows, separator=";").encode(),
    "tab": lambda rows: as_csv(*rows, separator="\t").encode(),
    "bar": lambda rows: as_csv(*rows, separator="|").encode(),
    "UTF-8 with its mark": lambda rows: as_csv(*rows).encode("utf-8-sig"),
    "UTF-16": lambda rows: as_csv(*rows, separator="\t").encode("utf-16"),
    "UTF-16, big first": lambda rows: b"\xfe\xff" + as_csv(*rows, separator="\t").encode("utf-16-be"),
    "Windows-1252": lambda rows: as_csv(*rows).encode("cp1252"),
    "it says its separator": lambda rows: ("sep=;\r\n" + as_csv(*rows)).encode(),
    "line feeds": lambda rows: as_csv(*rows).replace("\r\n", "\n").encode(),
    "carriage returns": lambda rows: as_csv(*rows).replace("\r\n", "\r").encode(),
    "all quoted": lambda rows: "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in [HEAD, *rows]).encode(),
    "line breaks in cells": lambda rows: as_csv(
        *[(email, language, topics, source.replace(" ", "\n"), date) for email, language, topics, source, date in rows]
    ).encode(),
    "empty lines and columns": lambda rows: as_csv(*rows).replace("\r\n", ";;\r\n\r\n").encode(),
    "heads in English, in another order": lambda rows: as_csv(
        *[(date, source, topics, email, language) for email, language, topics, source, date in rows],
        head=("Date of consent", "Source", "Topics", "E-mail address", "Language"),
    ).encode(),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_program_writes_the_same_list(shape: str):
    forest, sea = make_topic("Wälder", slug_de="w", slug_en="w"), make_topic("Meer, Küste", slug_de="m", slug_en="m")
    rows = [
        ("jana@example.org", "de", "Wälder", "Stand in Köln", "2024-05-31 10:30"),
        ("Mia@bücher.example", "English", "Meer, Küste", "Größte Messe", "31.05.2024 10:30"),
        ("max@example.org", "", "", "Post für Müller", "31.5.2024, 10:30 Uhr"),
    ]
    of = imported(SHAPES[shape](rows), language="de")
    assert of.counts == {"new": 3}
    assert sorted(people()) == [
        ("Mia@xn--bcher-kva.example", "active", "en", [sea.pk], MAY, [("Größte Messe", MAY, "en")]),
        ("jana@example.org", "active", "de", [forest.pk], MAY, [("Stand in Köln", MAY, "de")]),
        ("max@example.org", "active", "de", [], MAY, [("Post für Müller", MAY, "de")]),
    ]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"email": ""}, "missing"),
        ({"email": "jana"}, "no-at"),
        ({"email": "jürgen@example.org"}, "local-part"),
        ({"email": "jana@localhost"}, "domain"),
        ({"source": ""}, "no-source"),
        ({"date": ""}, "no-date"),
        ({"date": "05/06/2024"}, "date"),
        ({"date": "31.4.2024"}, "date"),
        ({"date": "45443"}, "date"),
        ({"date": "31.5.24"}, "date"),
        ({"date": "1970-01-01"}, "date"),
        ({"date": "2999-01-01"}, "future"),
        ({"language": "fr"}, "language"),
        ({"topics": "Wald"}, "topic"),
    ],
)
def test_a_row_that_proves_nothing_or_is_in_doubt_is_refused_and_says_why(values: dict, problem: str):
    row = person("jana@example.org") if "email" not in values else person(values["email"])
    row = person(row[0], **{name: value for name, value in values.items() if name != "email"})
    of = imported(as_csv(row, person("mia@example.org")))
    assert of.counts == {"new": 1, "refused": 1}
    assert of.rows.get(fate="refused").problem == problem
    assert [each.email for each in Subscriber.objects.all()] == ["mia@example.org"]


@pytest.mark.parametrize(
    "date", ["2024-05-31 10:30", "2024-05-31T08:30:00Z", "2024-05-31 10:30:00+02:00", "31.05.2024 10:30:00"]
)
def test_a_date_is_read_as_it_is_written(date: str):
    imported(as_csv(person("jana@example.org", date=date)))
    assert Consent.objects.get().confirmed_at == MAY


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_three_columns_are_enough_and_more_do_no_harm(separator: str):
    make_topic("Wald"), make_topic("Meer")
    sign = ";" if separator == "," else ","
    few = as_csv(("a@example.org", "Stand", "2024-05-31"), head=("Mail", "Quelle", "Datum"), separator=separator)
    row = (
        "1",
        f"Ada{sign} Dr.",
        "b@example.org",
        f"Wald{sign} Meer",
        f"Stand{sign} Halle{sign} 3",
        "2024-05-31",
        f"x{sign}y",
    )
    many = as_csv(row, head=("Nr", "Name", "E-Mail", "Themen", "Quelle", "Datum", "Notiz"), separator=separator)
    assert imported(few).counts == imported(many).counts == {"new": 1}
    assert Consent.objects.get(email="b@example.org").source == f"Stand{sign} Halle{sign} 3"


@pytest.mark.parametrize(
    "text", ["", "\r\n", "jana@example.org\r\n", "E-Mail;Quelle\r\na@example.org;x\r\n", as_csv()], ids=repr
)
def test_what_is_no_list_is_refused_as_a_whole(text: str):
    with pytest.raises(NoList):
        importing.upload(text.encode(), name="", language="de", by=make_user())
    assert not Import.objects.exists()


def test_a_workbook_is_refused_with_what_to_do():
    with pytest.raises(NoList, match="CSV"):
        importing.upload(b"PK\x03\x04...", name="liste.xlsx", language="de", by=make_user())


# --- Who is who --------------------------------------------------------------------------------

ALIKE = [
    "JANA@example.org",
    " jana@example.org ",
    "jana@EXAMPLE.ORG",
    "jana\u200b@example.org",
    "jana@exam\u00adple.org",
    "\ufeffjana@example.org",
    "jana@example.org\u00a0",
    "<jana@example.org>",
    "mailto:jana@example.org",
    "jana@example.org.",
    "ja na@example.org",
    "jana@ｅｘａｍｐｌｅ.org",
]


@pytest.mark.parametrize("typed", ALIKE, ids=ascii)
def test_however_it_is_written_it_is_one_person(typed: str):
    of = imported(as_csv(person("jana@example.org"), person(typed)))
    assert of.counts == {"new": 1, "double": 1}
    make_subscriber("mia@example.org")
    assert imported(as_csv(person(typed))).counts == {"same": 1}
    assert Subscriber.objects.count() == 2


def test_a_domain_is_the_same_in_letters_and_in_punycode():
    rows = [person(email) for email in ("a@bücher.example", "a@BÜCHER.example", "a@xn--bcher-kva.example")]
    assert imported(as_csv(*rows)).counts == {"new": 1, "double": 2}
    assert Subscriber.objects.get().email == "a@xn--bcher-kva.example"


def test_a_tag_is_somebody_of_their_own():
    assert imported(as_csv(person("jana@example.org"), person("jana+news@example.org"))).counts == {"new": 2}


def test_two_rows_of_one_person_add_up():
    one, two = make_topic("Eins"), make_topic("Zwei")
    rows = [person("jana@example.org", topics=name) for name in ("Eins", "Zwei", "Eins")]
    of = imported(as_csv(*rows))
    assert [row.fate for row in of.rows.order_by("number")] == ["new", "topics", "double"]
    assert set(Subscriber.objects.get().topics.all()) == {one, two}


# --- Who is there already ----------------------------------------------------------------------


def test_nobody_is_brought_back_and_those_who_subscribe_stay_as_they_are():
    ended = make_everybody()
    consents, hashes = Consent.objects.count(), Suppression.objects.count()
    before = people()
    names = ("left", "bounced", "complained", "erased", "waiting", "active", "neu")
    of = checked(as_csv(*[person(f"{name.upper()}@example.org", language="en", topics="") for name in names]))
    shown = dict(zip(names, fates(of).values(), strict=True))
    assert shown == {name: name for name in names} | {"active": "same", "neu": "new"}
    assert people() == before, "the check writes nothing"
    imported(of)
    assert dict(zip(names, fates(of).values(), strict=True)) == shown
    assert [each for each in people() if not each[0].startswith("NEU")] == before
    assert {each.email: each.ended_at for each in Subscriber.objects.exclude(email__startswith="NEU")} == ended
    assert (Consent.objects.count(), Suppression.objects.count()) == (consents + 1, hashes)


def test_a_complaint_of_an_address_we_no_longer_know_counts():
    subscribing.complain("zorn@example.org", source="provider")
    assert imported(as_csv(person("Zorn@example.org"))).counts == {"complained": 1}
    assert not Subscriber.objects.exists()


def test_who_moved_away_is_not_mailed_at_the_old_address():
    reader = make_subscriber("neu@example.org")
    asked = Consent.objects.create(
        subscriber=reader, kind="address", email="neu@example.org", language="de", wording="", wording_version="1"
    )
    Move.objects.create(consent=asked, before="Alt@example.org", done_at=asked.requested_at)
    assert imported(as_csv(person("alt@example.org"))).counts == {"moved": 1}


def test_an_erased_person_is_known_through_a_change_of_the_key(settings):
    subscribing.erase(make_subscriber("jana@example.org"))
    settings.SUPPRESSION_KEY, settings.SUPPRESSION_KEY_FALLBACKS = "neu", [settings.SUPPRESSION_KEY]
    assert suppressing.among(["jana@example.org", "mia@example.org"]) == {"jana@example.org": "erased"}
    assert checked(as_csv(person("Jana@example.org"), person("mia@example.org"))).counts == {"erased": 1, "new": 1}


def test_a_subscriber_gets_topics_and_loses_none():
    one, two = make_topic("Eins"), make_topic("Zwei")
    some, all_of_them = make_subscriber("jana@example.org"), make_subscriber("mia@example.org")
    some.topics.set([one])
    of = imported(
        as_csv(person("jana@example.org", topics="zwei", language="en"), person("mia@example.org", topics="Eins"))
    )
    assert list(fates(of).values()) == ["topics", "same"]
    assert set(some.topics.all()) == {one, two}
    assert not all_of_them.topics.exists(), "who has chosen none gets all"
    some.refresh_from_db()
    assert some.language == "de"
    assert imported(as_csv(person("jana@example.org", topics=""))).counts == {"same": 1}


def test_what_happens_between_the_check_and_the_import_counts():
    of = checked(as_csv(person("jana@example.org"), person("mia@example.org"), person("max@example.org")))
    subscribing.unsubscribe(make_subscriber("jana@example.org"), source="link")
    subscribing.erase(make_subscriber("mia@example.org"))
    subscribing.handle(subscribing.request("max@example.org", language="de", source="/de/", network=""))
    assert imported(of).counts == {"left": 1, "waiting": 1}, "an erased person's row went with all else"
    assert not Subscriber.objects.active().exists()


def test_the_proof_says_where_it_comes_from_and_stays():
    of = imported(as_csv(person("jana@example.org")))
    reader = Subscriber.objects.get()
    [proof] = personal_data(reader)["consents"]
    assert (proof["page"], proof["confirmed"]) == ("Messestand 2024", MAY)
    assert [(each.what, each.source, each.by) for each in reader.changes.all()] == [
        ("imported", f"import:{of.pk}", of.by)
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        reader.consents.get().delete()
    subscribing.erase(reader)
    assert not ImportRow.objects.exists(), "what the list said of a person goes with the person's data"


# --- Undoing -----------------------------------------------------------------------------------


def test_an_import_is_undone_but_for_those_who_did_something_since():
    one, two = make_topic("Eins"), make_topic("Zwei")
    before = make_subscriber("vorher@example.org")
    before.topics.set([one])
    as_it_was = people()
    names = ("a", "b", "c", "d", "vorher")
    rows = [person(f"{name}@example.org", topics="Eins,Zwei") for name in names]
    of = imported(as_csv(*rows, person("x", date="")))
    b, c, d = (Subscriber.objects.get(email=f"{name}@example.org") for name in "bcd")
    subscribing.unsubscribe(b, source="link")
    subscribing.change(c, language="en", topics=[two], source="link")
    subscribing.complain(d.email, source="provider")
    undone(of)
    assert list(fates(of).values())[:5] == ["undone", "kept", "kept", "kept", "undone"]
    assert [row for row in people() if row[0] not in {each.email for each in (b, c, d)}] == as_it_was
    assert before.changes.first().what == "taken_back"
    assert set(c.topics.all()) == {two}
    assert Consent.objects.filter(imported_in=of).count() == 3
    assert not importing.undo(of), "once"


def test_what_was_undone_can_be_imported_anew():
    undone(imported(as_csv(person("jana@example.org", language="en"))))
    assert (Subscriber.objects.count(), Change.objects.count(), Consent.objects.count()) == (0, 0, 0)
    assert imported(as_csv(person("jana@example.org"))).counts == {"new": 1}


def test_a_later_list_that_adds_to_a_person_keeps_the_earlier_from_being_undone():
    make_topic("Eins"), make_topic("Zwei")
    first = imported(as_csv(person("jana@example.org", topics="Eins")))
    second = imported(as_csv(person("jana@example.org", topics="Zwei")))
    assert undone(first).counts == {"kept": 1}
    assert undone(second).counts == {"undone": 1}
    assert [topic.name for topic in Subscriber.objects.get().topics.all()] == ["Eins"]


def test_an_import_is_begun_and_discarded_once():
    of = checked(as_csv(person("jana@example.org")))
    assert [importing.begin(of), importing.begin(of)] == [True, False]
    assert Job.objects.filter(task_name="newsletter.run_import").count() == 1
    assert not importing.discard(of)
    assert importing.discard(other := checked(as_csv(person("mia@example.org"))))
    assert not Import.objects.filter(pk=other.pk).exists()


def test_the_file_is_kept_until_it_is_read_and_rows_as_long_as_they_can_be_undone():
    waiting = importing.upload(as_csv(person("a@example.org")).encode(), name="", language="de", by=make_user())
    assert waiting.upload
    undecided, young = checked(as_csv(person("b@example.org"))), checked(as_csv(person("b@example.org")))
    assert not Import.objects.filter(upload__isnull=False).exclude(pk=waiting.pk).exists()
    old, done = imported(as_csv(person("c@example.org"))), imported(as_csv(person("d@example.org")))
    Import.objects.filter(pk__in=[waiting.pk, undecided.pk]).update(created_at=F("created_at") - timedelta(days=8))
    Import.objects.filter(pk=old.pk).update(started_at=F("started_at") - timedelta(days=91))
    retention.forget(timestamp=0)
    assert set(Import.objects.values_list("pk", flat=True)) == {young.pk, old.pk, done.pk}
    assert set(ImportRow.objects.values_list("of", flat=True)) == {young.pk, done.pk}
    old.refresh_from_db()
    assert old.counts == {"new": 1}
    assert not importing.undo(old)


# --- Many, and killed --------------------------------------------------------------------------


def many(count: int) -> str:
    """A list in which people stand twice, are refused, and are there already."""
    chance = random.Random(count)  # noqa: S311 – the same list every time
    rows = []
    for number in range(count):
        email = f"leser{number if chance.random() < 0.95 else chance.randrange(count)}@{chance.choice(DOMAINS)}"
        date = "" if chance.random() < 0.01 else f"{2015 + number % 10}-03-{1 + number % 28:02} 12:00"
        rows.append(person(email, topics=chance.choice(["", "Eins", "Zwei", "Eins, Zwei"]), date=date))
    return as_csv(*rows)


DOMAINS = ("example.org", "bücher.example", "example.com", "gmail.com", "web.de")


def expected(text: str) -> int:
    """The number of persons, by hand."""
    rows = [line.split(";") for line in text.splitlines()[1:]]
    return len({row[0].lower() for row in rows if row[4]})


def test_a_long_list_is_imported_and_undone_whole():
    make_topic("Eins"), make_topic("Zwei")
    text = many(2_500)
    of = imported(text)
    assert sum(of.counts.values()) == 2_500 and of.counts["new"] == expected(text) == Subscriber.objects.count()
    undone(of)
    assert (Subscriber.objects.count(), Consent.objects.count(), Change.objects.count()) == (0, 0, 0)
    assert of.rows.filter(fate="undone").count() == sum(of.counts.get(fate, 0) for fate in ("undone",))


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_rows(capsys: pytest.CaptureFixture[str]):
    make_topic("Eins"), make_topic("Zwei")
    text = many(100_000)
    times = [time.monotonic()]
    of = checked(text)
    times.append(time.monotonic())
    imported(of)
    times.append(time.monotonic())
    assert sum(of.counts.values()) == 100_000 and of.counts["new"] == expected(text) == Subscriber.objects.count()
    undone(of)
    times.append(time.monotonic())
    assert not Subscriber.objects.exists()
    check, run, undo = (after - before for before, after in pairwise(times))
    with capsys.disabled():
        print(f"\n100,000 rows: checked in {check:.1f} s, imported in {run:.1f} s, undone in {undo:.1f} s")


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_midst_changes_nothing(tmp_path):
    make_topic("Eins"), make_topic("Zwei")
    text = many(6_000)
    of = importing.upload(text.encode(), name="", language="de", by=make_user())
    steps = {
        "read": lambda: Import.objects.get(pk=of.pk).read > 0,
        "run": lambda: of.rows.filter(done=True).exists(),
        "revert": lambda: of.rows.filter(fate="undone").exists(),
    }
    results = {}
    for name, under_way in steps.items():
        if name != "read":
            assert importing.begin(of) if name == "run" else importing.undo(of)
        code = f"from newsletter.lists import importing; importing.BATCH = 200; importing.{name}(import_id={of.pk})"
        with manage("shell", "--verbosity=0", "-c", code, log=tmp_path / name) as worker:
            wait_until(under_way, f"{name} under way: {(tmp_path / name).read_text()}")
            kill(worker)
        of.refresh_from_db()
        assert of.state in {"reading", "running", "undoing"}, "killed too late"
        getattr(importing, name)(import_id=of.pk)
        of.refresh_from_db()
        results[name] = (of.state, Subscriber.objects.count(), Consent.objects.count(), sum(of.counts.values()))
    persons = expected(text)
    more = ImportRow.objects.filter(of=of, fate="undone").count()
    assert results["read"] == ("checked", 0, 0, 6_000)
    assert results["run"] == ("done", persons, more, 6_000)
    assert results["revert"] == ("undone", 0, 0, 6_000)
