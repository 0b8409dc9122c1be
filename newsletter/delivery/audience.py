"""Who gets an issue. One condition counts, shows examples and plans, so the number on the button is the number planned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from newsletter.models import Issue, Subscriber

# Each subscriber `s` once, in the language they chose: with one of the topics, or without any, for then they get every issue.
TOPICS = """
    (%(to_all)s
     OR EXISTS (SELECT FROM newsletter_subscriber_topics AS t WHERE t.subscriber_id = s.id AND t.topic_id = ANY(%(topics)s))
     OR NOT EXISTS (SELECT FROM newsletter_subscriber_topics AS t WHERE t.subscriber_id = s.id))
"""
INCLUDED = f"s.status = 'active' AND s.language = ANY(%(languages)s) AND {TOPICS}"

COUNT = f"""
    SELECT CASE WHEN s.status <> 'active' THEN s.status
                WHEN s.language <> ALL(%(languages)s) THEN 'language'
                WHEN NOT {TOPICS} THEN 'topics' ELSE '' END AS reason,
           s.language, count(*)
    FROM newsletter_subscriber AS s GROUP BY 1, 2
"""  # noqa: S608 – put together from constants
SAMPLE = (
    f"SELECT s.email, s.language FROM newsletter_subscriber AS s WHERE {INCLUDED} ORDER BY s.id DESC LIMIT %(many)s"  # noqa: S608
)

OTHER_TOPICS, OTHER_LANGUAGE = "topics", "language"


@dataclass(frozen=True)
class Audience:
    """How many get it in each language, and how many do not, by reason: a status, or other topics or language."""

    languages: Mapping[str, int]
    excluded: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.languages.values())


class NoChoice(Exception):
    """Neither everybody nor a topic was chosen."""


def parameters(issue: Issue, topics: list[int] | None = None) -> dict[str, Any]:
    """What the condition asks of the issue; `topics` in place of those that are stored. Raises `NoChoice`: topics left
    empty never mean everybody."""
    if topics is None:
        topics = list(issue.topics.values_list("pk", flat=True)) if issue.pk else []
    if not issue.to_all and not topics:
        raise NoChoice
    return {"to_all": issue.to_all, "topics": topics, "languages": issue.languages}


def count(issue: Issue, topics: list[int] | None = None) -> Audience:
    """For whom the issue is now."""
    asked = parameters(issue, topics)
    included, excluded = dict.fromkeys(issue.languages, 0), dict.fromkeys(_reasons(), 0)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, asked)
        for reason, language, number in cursor:
            if reason:
                excluded[reason] += number
            else:
                included[language] += number
    return Audience(included, excluded)


def sample(issue: Issue, many: int = 10, *, topics: list[int] | None = None) -> list[tuple[str, str]]:
    """Addresses and languages of the newest of them."""
    with connection.cursor() as cursor:
        cursor.execute(SAMPLE, {**parameters(issue, topics), "many": many})
        return cursor.fetchall()


def differs(expected: int, counted: int) -> bool:
    """Whether so many more or fewer are there that someone must look: more than 1 % and more than 20 persons."""
    return abs(counted - expected) > max(20, expected / 100)


def _reasons() -> Iterable[str]:
    return (*(status for status in Subscriber.Status.values if status != "active"), OTHER_TOPICS, OTHER_LANGUAGE)
