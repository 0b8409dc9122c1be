"""Sign-ups of the past weeks and what was sent to them, drawn from a fixed seed, so that lists and curves look alive."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate

from news.models import Publication, Topic
from newsletter.delivery import planning
from newsletter.issues import composing, freezing
from newsletter.lists import importing
from newsletter.models import (
    ArchiveViews,
    Change,
    Consent,
    Delivery,
    Edition,
    Import,
    Issue,
    IssueItem,
    Return,
    Subscriber,
)
from newsletter.subscribers import wording
from sccon.clock import database_now
from sccon.models import User
from sccon.translated import LANGUAGES

State = Delivery.State

SEED = 2027
PEOPLE = 340
WEEKS = 12

FIRST = """
anna ayse bernd carla david elif emma felix hanna ida jan jana jonas karim katja lars lea leon lina lukas maja marek
maria max mia mila nina noah olga omar paul pia rosa sara sven tara tim tom yara zoe
"""
LAST = """
albers bach behrens celik claasen dietz ebert fischer graf haas hartung ibrahim jung kaya keller kowalski lang lorenz
maurer nowak ott petersen quast reuter sahin schulte seidel thoma ulrich vogt wagner weiss yilmaz ziegler
"""
SOURCES = ("/{language}/", "/{language}/news/", "/{language}/newsletter/")


@transaction.atomic
def fill() -> int:
    """Adds the demo's subscribers to an empty list; returns how many. Their addresses lead nowhere (example.org)."""
    if Subscriber.objects.exists():
        return 0
    chance = random.Random(SEED)  # noqa: S311 – it shall be the same every time
    now = database_now()
    names = [f"{first}.{last}@example.org" for first in FIRST.split() for last in LAST.split()]
    people = [_person(chance, email, now) for email in chance.sample(names, PEOPLE)]
    Subscriber.objects.bulk_create(people)
    consents = [_consent(chance, subscriber) for subscriber in people]
    Consent.objects.bulk_create(consents)
    Change.objects.bulk_create(line for consent in consents for line in _history(consent))
    topics = list(Topic.objects.order_by("pk"))
    through = Subscriber.topics.through
    through.objects.bulk_create(
        through(subscriber=subscriber, topic=topic)
        for subscriber in people
        if topics and chance.random() < 0.55
        for topic in chance.sample(topics, min(len(topics), chance.randint(1, 3)))
    )
    return len(people)


def _person(chance: random.Random, email: str, now: datetime) -> Subscriber:
    """A subscriber: more of them lately than at first; some never confirmed, some have left."""
    asked = now - timedelta(weeks=WEEKS) * (1 - chance.random() ** 0.7) - timedelta(hours=1)
    confirmed = asked + timedelta(minutes=chance.choice((1, 2, 3, 5, 9, 14, 40)), seconds=chance.randrange(60))
    language = "en" if chance.random() < 0.18 else "de"
    fate = chance.random()
    if fate < 0.07:
        return Subscriber(email=email, language=language, created_at=asked)
    subscriber = Subscriber(
        email=email, language=language, created_at=asked, confirmed_at=confirmed, status=Subscriber.Status.ACTIVE
    )
    if fate < 0.15:
        subscriber.status = Subscriber.Status.UNSUBSCRIBED if fate < 0.135 else Subscriber.Status.BOUNCED
        subscriber.ended_at = confirmed + (now - confirmed) * chance.random()
    return subscriber


def _consent(chance: random.Random, subscriber: Subscriber) -> Consent:
    network = f"{chance.choice(('192.0.2', '198.51.100', '203.0.113'))}.0/24"
    return Consent(
        subscriber=subscriber,
        kind=Consent.Kind.SIGN_UP,
        email=subscriber.email,
        language=subscriber.language,
        wording=wording.as_text(subscriber.language),
        wording_version=wording.VERSION,
        source=chance.choice(SOURCES).format(language=subscriber.language),
        requested_at=subscriber.created_at,
        requested_network=network,
        confirmed_at=subscriber.confirmed_at,
        confirmed_network=network if subscriber.confirmed_at else "",
    )


def _history(consent: Consent) -> list[Change]:
    subscriber = consent.subscriber
    lines: list[tuple[str, datetime, str]] = [(Change.What.REQUESTED, consent.requested_at, consent.source)]
    if consent.confirmed_at:
        lines.append((Change.What.CONFIRMED, consent.confirmed_at, "link"))
    if subscriber.status == Subscriber.Status.UNSUBSCRIBED and subscriber.ended_at:
        lines.append((Change.What.UNSUBSCRIBED, subscriber.ended_at, "link"))
    return [Change(subscriber=subscriber, what=what, at=at, source=source) for what, at, source in lines]


# --- Lists -------------------------------------------------------------------------------------

HEADS = ("E-Mail", "Sprache", "Themen", "Quelle der Einwilligung", "Datum der Einwilligung")
FAIR, DESK = "Messestand auf dem Fachtag, Liste mit Unterschrift", "Anmeldung am Empfang, Formular"


@transaction.atomic
def fill_lists(*, by: User | None = None) -> int:
    """Adds a list that was imported, with what became of each row, and one that waits for a decision."""
    if Import.objects.exists():
        return 0
    chance = random.Random(SEED)  # noqa: S311 – it shall be the same every time
    day = f"{database_now() - timedelta(days=5):%Y-%m-%d}"
    free = [f"{first}.{last}@example.net" for first in FIRST.split() for last in LAST.split()]
    new = chance.sample(free, 34)
    known = dict(Subscriber.objects.order_by("-status", "-pk").values_list("status", "email"))  # one of each status
    chosen = Subscriber.objects.active().exclude(topics=None).order_by("pk").values_list("email", flat=True).first()
    topics = list(Topic.objects.order_by("pk")[:2])
    named = str(topics[0]) if topics else ""
    fair = [(email, "en" if number % 7 == 3 else "de", "", FAIR, day) for number, email in enumerate(new[:26])]
    fair[4:4] = [(email, "", "", FAIR, day) for email in known.values()]
    fair += [
        (chosen or new[0], "", ", ".join(map(str, topics)), FAIR, day),
        (new[1].title(), "de", "", FAIR, day),
        ("k.unleserlich", "de", "", FAIR, day),
        (new[26], "de", named, "", day),
        (new[27], "de", named, FAIR, ""),
    ]
    waiting = [(email, "de", named, DESK, day) for email in new[28:]]
    waiting += [("info@", "de", "", DESK, day), (new[2], "de", "", DESK, day)]
    for name, rows in (("fachtag.csv", fair), ("empfang.csv", waiting)):
        text = "\r\n".join(";".join(row) for row in (HEADS, *rows))
        of = importing.upload(text.encode(), name=name, language="de", by=by)
        importing.read(import_id=of.pk)
        if rows is fair:
            of.refresh_from_db()
            importing.begin(of)
            importing.run(import_id=of.pk)
    return 2


# --- Issues ------------------------------------------------------------------------------------

# Subject, preheader and intro by language; days since it was sent; which of the newest articles it brings.
ISSUES = (
    (
        {"de": "Wer 2027 auf der Bühne steht", "en": "Who takes the stage in 2027"},
        {
            "de": "Die ersten Namen, der Aufruf für Beiträge und der Plan der Hallen",
            "en": "First names, the call for papers and the map of the halls",
        },
        {
            "de": "<p>Guten Tag,</p><p>das Programm nimmt Form an. Was in den letzten Wochen dazukam, lesen Sie hier in Kürze.</p>",
            "en": "<p>Hello,</p><p>the programme takes shape. Here is, in short, what came in the last weeks.</p>",
        },
        30,
        slice(6, 9),
    ),
    (
        {"de": "Der Vorverkauf läuft", "en": "Tickets are on sale"},
        {
            "de": "Was Behörden zahlen, und bis wann es günstiger ist",
            "en": "What public bodies pay, and until when it is cheaper",
        },
        {
            "de": "<p>Guten Tag,</p><p>seit dieser Woche gibt es Karten. Außerdem: Neues aus den Kommunen.</p>",
            "en": "<p>Hello,</p><p>tickets are on sale since this week. And: news from cities and towns.</p>",
        },
        12,
        slice(3, 6),
    ),
    (
        {"de": "Kurz vor der Messe: Ihr Weg nach Berlin", "en": "Before the fair: your way to Berlin"},
        {"de": "Anreise, Einlass, Garderobe", "en": "Travel, admission, cloakroom"},
        {
            "de": "<p>Guten Tag,</p><p>damit Sie gut ankommen, hier das Wichtigste.</p>",
            "en": "<p>Hello,</p><p>here is what you need to arrive well.</p>",
        },
        0,
        slice(1, 4),
    ),
    (
        {"de": "Rückblick und Ausblick", "en": "Looking back and ahead"},
        {"de": "", "en": ""},
        {"de": "<p>Guten Tag,</p>", "en": "<p>Hello,</p>"},
        None,
        slice(0, 2),
    ),
)
FULL = "552 5.2.2 Mailbox full"
UNKNOWN = "550 5.1.1 No such user here"
POLICY = "550 5.7.1 Message rejected by policy"
CAME_BACK = (
    *((Return.Verdict.DEAD, UNKNOWN),) * 3,
    *((Return.Verdict.SOFT, FULL),) * 2,
    (Return.Verdict.OURS, POLICY),
)
BUSY = "421 4.7.0 Too many connections, try again later"


@transaction.atomic
def fill_issues(*, by: User | None = None) -> int:
    """Adds two issues that were sent, one that rests half way, and a draft; returns how many."""
    if Issue.objects.exists():
        return 0
    chance, now = random.Random(SEED), database_now()  # noqa: S311 – it shall be the same every time
    public = Publication.objects.public("de").news().order_by("-first_published_at", "-pk")
    newest = list(dict.fromkeys(public.values_list("article", flat=True)[:60]))
    sent_at: dict[int, datetime] = {}
    for subjects, preheaders, intros, days, which in ISSUES:
        issue = Issue(only="")
        for code in LANGUAGES:
            setattr(issue, f"subject_{code}", subjects[code])
            setattr(issue, f"preheader_{code}", preheaders[code] or None)
            setattr(issue, f"intro_{code}", intros[code])
        items = [IssueItem(issue=issue, article_id=pk) for pk in newest[which]]
        composing.save(issue, [*items, _tickets(issue)], version=0, by=by)
        if days is not None:
            sent_at[issue.pk] = now - timedelta(days=days, minutes=90)
            _run(chance, issue, sent_at[issue.pk], by, half_way=not days)
    _say_when_they_were_sent(sent_at)
    return len(ISSUES)


def _tickets(issue: Issue) -> IssueItem:
    words = {
        "heading_de": "Sichern Sie sich Ihr Ticket",
        "heading_en": "Get your ticket",
        "text_de": "<p>Für Bund, Länder und Kommunen ist der Eintritt ermäßigt.</p>",
        "text_en": "<p>Public bodies pay a reduced price.</p>",
        "button_label_de": "Zum Ticketshop",
        "button_label_en": "To the ticket shop",
        "button_url_de": "/de/tickets/",
        "button_url_en": "/en/tickets/",
    }
    return IssueItem(issue=issue, **words)


def _run(chance: random.Random, issue: Issue, begun: datetime, by: User | None, *, half_way: bool) -> None:
    """What a run leaves behind: editions, deliveries, what came back and who left."""
    freezing.freeze(issue)
    planning.plan(issue)
    Delivery.objects.filter(issue=issue, subscriber__confirmed_at__gt=begun).delete()  # who came later
    rows = list(Delivery.objects.filter(issue=issue).select_related("edition").order_by("place", "pk"))
    returned: list[Return] = []
    for number, row in enumerate(rows[: len(rows) // 2] if half_way else rows):
        moment = begun + timedelta(seconds=number * 2)
        row.attempts = 1
        if chance.random() < 0.015:
            row.state, row.answer = State.FAILED, chance.choice((UNKNOWN, FULL))
        elif chance.random() < 0.004:
            row.state, row.attempts = State.SUPPRESSED, 0
        else:
            row.state, row.sent_at = State.SENT, moment
            row.answer = f"250 2.0.0 Ok: queued as {chance.randrange(16**10):010X}"
            fate = chance.random()
            if fate < 0.012:
                verdict, words = chance.choice(CAME_BACK)
                back = moment + timedelta(seconds=40)
                row.bounced_at, row.bounce = back, f"{verdict.value}: {words}"
                returned.append(_came_back(row, back, verdict, words))
            elif fate < 0.03:
                row.left_at = moment + timedelta(hours=chance.randint(1, 30))
    names = ("state", "answer", "attempts", "sent_at", "bounced_at", "bounce", "left_at")
    Delivery.objects.bulk_update(rows, names, batch_size=200)
    Return.objects.bulk_create(returned)
    _views(chance, issue, begun)
    expected = {code: sum(row.edition.language == code for row in rows) for code in LANGUAGES}
    run: dict[str, Any] = {
        "ordered_by": by,
        "ordered_at": begun,
        "begin_at": begun,
        "started_at": begun,
        "expected": expected,
    }
    if half_way:
        run |= {"status": Issue.Status.PAUSED, "paused_at": begun + timedelta(minutes=12), "beat_at": begun}
        run |= {"pause": Issue.Pause.RELAY, "pause_words": BUSY}
    else:
        run |= {"status": Issue.Status.SENT, "ended_at": begun + timedelta(seconds=2 * len(rows))}
    Issue.objects.filter(pk=issue.pk).update(**run, created_at=begun - timedelta(days=2))


def _came_back(row: Delivery, at: datetime, verdict: Return.Verdict, words: str) -> Return:
    return Return(
        way=Return.Way.MAIL,
        event=f"demo-{row.pk}",
        received_at=at,
        judged_at=at,
        raw=b"",
        verdict=verdict,
        code=words.split()[1],
        words=words,
        delivery=row,
    )


def _views(chance: random.Random, issue: Issue, begun: datetime) -> None:
    """Views in the archive: most of them on the first days."""
    today = localdate(database_now())
    for edition in Edition.objects.filter(issue=issue):
        first = 60 if edition.language == "de" else 14
        days = [
            (localdate(begun) + timedelta(days=n), round(first * 0.72**n * (0.7 + chance.random()))) for n in range(14)
        ]
        ArchiveViews.objects.bulk_create(
            ArchiveViews(edition=edition, day=day, count=number) for day, number in days if number and day <= today
        )


def _say_when_they_were_sent(moments: Mapping[int, datetime]) -> None:
    """An edition is as old as its transaction, and nothing changes that: but in a demo, which needs a past."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE newsletter_edition DISABLE TRIGGER USER")
        for pk, moment in moments.items():
            cursor.execute("UPDATE newsletter_edition SET made_at = %s WHERE issue_id = %s", [moment, pk])
        cursor.execute("ALTER TABLE newsletter_edition ENABLE TRIGGER USER")
