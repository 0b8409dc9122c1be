"""Search over what is public in one language at one instant.

The index (migration 0009_search) holds each word as it stands and its stem, the title above the lead above the text,
and marks of topics and author. One statement finds, counts and ranks; only the newest of very many are ranked, those
with the words in their title first, for ranking reads each of them whole.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, Func, OuterRef, Q, QuerySet, Subquery, Value

from news import reading
from news.folding import WORD, fold
from news.indexing import AUTHOR, TOPIC, marked, topic_mark
from news.models import ArticleIndex, ArticleTopic, Publication, Topic, Word
from news.models.publications import PublicationQuerySet
from news.queries import Lexemes, Query, understand
from sccon.jobs import app
from sccon.translated import LANGUAGES

PAGE_SIZE = 10
RANKED = 200
MOST_PAGES = 100  # of a thousand texts nobody leafs further: topics and years narrow them
SUGGESTED_TITLES, SUGGESTED_TOPICS = 6, 3
LIKE_ENOUGH = 0.8  # for a word to be taken for another, mistyped one
WEIGHTS = "{0.05, 0.3, 0.4, 1}"  # text, files, lead, title

# Everything that matches is looked at once, but only what stands in the row itself.
FIND = """
    WITH matched AS MATERIALIZED ({matched}),
    chosen AS (SELECT * FROM matched WHERE in_topic AND in_year),
    page AS ({page})
    SELECT
        ARRAY(SELECT id FROM page),
        (SELECT jsonb_object_agg(topic_id, number) FROM (
            SELECT substring(mark FROM '^§topic([0-9]+)') AS topic_id, sum(times) AS number
            FROM (
                SELECT search_marks, count(*) AS times FROM matched WHERE in_year GROUP BY search_marks
            ) AS filed, string_to_table(search_marks, ' ') AS mark
            WHERE mark LIKE '§topic%%' GROUP BY mark
        ) AS topics),
        (SELECT jsonb_object_agg(year, number) FROM (
            SELECT year, count(*) AS number FROM matched WHERE in_topic GROUP BY year
        ) AS years)
"""
RANKED_PAGE = """
    SELECT id
    FROM (
        SELECT * FROM chosen ORDER BY in_title DESC, first_published_at DESC, article_id DESC LIMIT %(ranked)s
    ) AS newest JOIN news_publication USING (id)
    ORDER BY ts_rank(%(weights)s, search, (%(weighed)s)::tsquery) DESC,
        newest.first_published_at DESC, newest.article_id DESC
    LIMIT %(size)s OFFSET %(offset)s
"""
OLDER_PAGE = """
    SELECT id FROM chosen ORDER BY in_title DESC, first_published_at DESC, article_id DESC
    LIMIT %(size)s OFFSET %(offset)s
"""

# Words like a mistyped one, those most like it first. What no public text has is none of them.
LIKE = """
    SELECT asked.number, found.shown
    FROM unnest(%(keys)s::text[]) WITH ORDINALITY AS asked(key, number), LATERAL (
        SELECT key, min(shown) AS shown FROM news_word
        WHERE language = %(language)s AND (key %% asked.key OR asked.key <%% key)
        GROUP BY key
        ORDER BY greatest(similarity(key, asked.key), 0.9 * word_similarity(asked.key, key)) DESC, key
        LIMIT 8
    ) AS found
    WHERE EXISTS (SELECT FROM ({public}) AS text WHERE text.search @@ quote_literal(found.key)::tsquery)
    ORDER BY asked.number, similarity(found.key, asked.key) DESC
"""


@dataclass(frozen=True)
class Found:
    """A page of what was found, and how it could be narrowed."""

    total: int
    stories: Sequence[Publication]
    topics: Mapping[int, int]  # how many by topic, of the chosen year
    years: Mapping[int, int]  # how many by year, of the chosen topic


def find(query: Query, at: datetime, *, topic: int | None = None, year: int | None = None, page: int = 1) -> Found:
    """What `query` finds, the best first: of `topic` and `year`, where these are given."""
    matched = _public(query.language, at).filter(search=Lexemes(query.required))
    matched = matched.annotate(
        year=reading.first_year(),
        in_title=_whether(Q(search_title=Lexemes(query.required))),
        in_topic=_whether(Q(search_title=Lexemes(f"'{topic_mark(topic)}'")) if topic is not None else None),
        in_year=_whether(Q(first_published_at__year=year) if year else None),
    )
    offset = (page - 1) * PAGE_SIZE
    ids, topics, years = _run(
        FIND.replace("{page}", RANKED_PAGE if offset < RANKED else OLDER_PAGE),
        {"weighed": query.weighed, "weights": WEIGHTS, "ranked": RANKED, "size": PAGE_SIZE, "offset": offset},
        matched=matched.values(
            "id", "article_id", "first_published_at", "year", "in_title", "in_topic", "in_year", "search_marks"
        ),
    )[0]
    rows = reading.stories(query.language, at).defer(None).in_bulk(ids)
    stories = reading.load_cards(rows[pk] for pk in ids if pk in rows)
    by_year = _numbers(years)
    total = by_year.get(year, 0) if year else sum(by_year.values())
    return Found(total, stories, _numbers(topics), by_year)


def corrected(query: Query, at: datetime) -> str | None:
    """The text of `query` with words that public texts have, in place of those that none has; None without any."""
    public = _public(query.language, at)
    alone = [term for term in query.wanted if not term.quoted]
    unknown = [term for term in alone if not public.filter(search=Lexemes(term.lexemes())).exists()]
    if not unknown:
        return None
    like = _like([term.keys[0] for term in unknown], query.language, public)
    if len(like) < len(unknown):
        return None
    text = query.text
    for number, term in enumerate(unknown):
        text = re.sub(rf"(?<!\w){re.escape(term.words[0])}(?!\w)", like[number], text)
    return text


def suggested(query: Query, at: datetime) -> tuple[list[Topic], list[Publication]]:
    """Topics and titles, public now, for someone who is still typing."""
    if not query.wanted:
        return [], []
    public = _public(query.language, at)
    keys = [key for term in query.wanted for key in term.keys]
    named = [topic for topic in Topic.objects.all() if topic.slug and _begins(str(topic), keys)]
    first = public.filter(publication_topics__topic=OuterRef("pk")).values("pk")[:1]  # one is enough, of each
    topics = Topic.objects.filter(pk__in=[topic.pk for topic in named]).annotate(first=Subquery(first))
    with_texts = {topic.pk for topic in topics if topic.first} if named else set()
    titles = public.filter(search_title=Lexemes(query.beginning)).newest_first()
    return (
        [topic for topic in named if topic.pk in with_texts][:SUGGESTED_TOPICS],
        list(titles.only("title", "kind", "path", "language")[:SUGGESTED_TITLES]),
    )


def drafts(text: str) -> Q:
    """Articles, whatever of them is public, whose draft in either language has the words of `text`.

    Their topics and author are found by name, too.
    """
    found = Q()
    terms = zip(*(understand(text, language).terms for language in LANGUAGES), strict=True)
    for spoken in terms:
        if not any(term.tells for term in spoken):
            continue
        having = ArticleIndex.objects.filter(search=Lexemes(" | ".join(term.lexemes() for term in spoken)))
        has = Q(pk__in=having.values("article"))
        if spoken[0].excluded:
            found &= ~has
            continue
        marks = {mark for term in spoken for mark in term.marks}
        filed = ArticleTopic.objects.filter(topic__in=marked(marks, TOPIC)).values("article")
        found &= has | Q(pk__in=filed) | Q(author__in=marked(marks, AUTHOR))
    return found


def _begins(name: str, keys: list[str]) -> bool:
    """Whether each of `keys` is the beginning of a word of `name`."""
    words = [fold(word) for word in WORD.findall(name)]
    return all(any(word.startswith(key) for word in words) for key in keys)


def _public(language: str, at: datetime) -> PublicationQuerySet:
    return Publication.objects.public(language, at).news().order_by()


def _whether(condition: Q | None) -> ExpressionWrapper | Value:
    return ExpressionWrapper(condition, output_field=BooleanField()) if condition else Value(True)


def _like(keys: list[str], language: str, public: PublicationQuerySet) -> dict[int, str]:
    """For the places in `keys` a word like it that a public text has."""
    rows = _run(LIKE, {"keys": keys, "language": language}, public=public.values("search"))
    best: dict[int, tuple[float, str]] = {}
    for number, shown in rows:
        likeness = SequenceMatcher(None, keys[number - 1], fold(shown)).ratio()
        if likeness >= LIKE_ENOUGH and likeness > best.get(number - 1, (0, ""))[0]:
            best[number - 1] = (likeness, shown)
    return {place: shown for place, (_likeness, shown) in best.items()}


def _run(sql: str, parameters: dict[str, Any], **parts: QuerySet[Any, Any]) -> list[tuple]:
    """The rows of `sql`, in which querysets stand by their names in braces."""
    for name, part in parts.items():
        text, values = part.query.sql_with_params()
        parameters |= {f"{name}{number}": value for number, value in enumerate(values)}
        sql = sql.replace(f"{{{name}}}", text % tuple(f"%({name}{number})s" for number in range(len(values))))
    with transaction.atomic(), connection.cursor() as cursor:
        # Postgres does not know what it costs to read a large vector, and would rather compare each than ask the index.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _numbers(counted: str | dict[str, int] | None) -> dict[int, int]:
    counts = json.loads(counted) if isinstance(counted, str) else counted
    return {int(key): number for key, number in (counts or {}).items()}


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="forget_words", pass_context=False)
def forget_words(timestamp: int) -> None:
    """Forgets words that no text has any more, such as those of a text taken down. Every night."""
    for language in LANGUAGES:
        having = (
            Publication.objects.filter(language=language)
            .news()
            .filter(search=Lexemes(Func(OuterRef("key"), function="quote_literal")))
        )
        Word.objects.filter(~Exists(having), language=language).delete()
