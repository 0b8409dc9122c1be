"""Sign-ups of the past weeks, drawn from a fixed seed, so that lists and curves look alive."""

import random
from datetime import datetime, timedelta

from django.db import transaction

from news.models import Topic
from newsletter.models import Change, Consent, Subscriber
from newsletter.subscribers import wording
from sccon.clock import database_now

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
