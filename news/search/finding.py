"""Search over what is public in one language at one instant.

The index (migrations 0001_functions, 0006_compatible_letters) holds each word as it stands and its stem, the title above the lead above the text,
and marks of topics and author. One statement counts what matches by topic and year, one ranks the newest of it.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from functools import lru_cache, partial
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, Func, OuterRef, Q, QuerySet, Subquery

from news.models import ArticleIndex, ArticleTopic, Publication, Topic, Word
from news.models.publications import PublicationQuerySet, address_of
from news.reading import queries
from news.search.folding import WORD, composed, fold
from news.search.indexing import AUTHOR, TOPIC, marked, topic_mark
from news.search.understanding import Lexemes, Query, understand
from sccon.jobs import app
from sccon.pagecache import remembered
from sccon.statements import fetch
from sccon.translated import LANGUAGES

PAGE_SIZE = 10
RANKED = 200
KEPT = 100  # searches cached per generation
MOST_PAGES = 100  # nobody pages further: filters by topic and year narrow the list
SUGGESTED_TITLES, SUGGESTED_TOPICS = 6, 3
LIKE_ENOUGH = 0.8  # similarity at which a word is taken for a misspelling of another
WEIGHTS = "{0.05, 0.3, 0.4, 1}"  # body, files, lead, title

# The number of matches by topic (told by the marks) and year.
COUNT = """
    SELECT topic_id, year, sum(number)::int
    FROM (
        SELECT year, search_marks, count(*) AS number FROM ({matched}) AS matched GROUP BY year, search_marks
    ) AS filed, LATERAL (
        SELECT NULL AS topic_id
        UNION ALL
        SELECT substring(mark FROM '^§topic([0-9]+)')::bigint FROM string_to_table(search_marks, ' ') AS mark
        WHERE mark LIKE '§topic%%'
    ) AS topics
    GROUP BY topic_id, year
"""
# As `news.models.words` collects them.
WORDS_OF = """
    SELECT DISTINCT language, news_fold(word)
    FROM news_publication, string_to_table(
        news_letters(news_seen(concat_ws(' ', title, lead, search_files, news_text(body)))), ' '
    ) AS word
    WHERE id = ANY(%s)
"""
# Ranking reads the whole vector of each text. So only the newest are ranked; matches in titles come first.
RANK = """
    WITH titled AS ({titled}), newest AS ({newest}),
    best AS (
        SELECT *, true AS in_title FROM titled
        UNION ALL
        SELECT *, false FROM newest WHERE id NOT IN (SELECT id FROM titled)
        ORDER BY in_title DESC, first_published_at DESC, article_id DESC LIMIT %(ranked)s
    )
    SELECT ARRAY(
        SELECT id FROM best JOIN news_publication USING (id)
        ORDER BY ts_rank(%(weights)s, search, (%(weighed)s)::tsquery) DESC,
            best.first_published_at DESC, best.article_id DESC
    ), (SELECT count(*) FROM newest)
"""
# For words that most texts have: searches the matches among the newest texts only.
LATEST = """
    SELECT id, article_id, first_published_at FROM ({latest}) AS latest
    WHERE search @@ (%(required)s)::tsquery LIMIT %(ranked)s
"""
TEXTS = "SELECT id, title, lead, body, language, kind, path FROM news_publication WHERE id = ANY(%s)"

# Words of public texts that are similar to a misspelt one, most similar first.
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
class Text:
    """The columns of a text that a result shows."""

    pk: int
    title: str
    lead: str
    body: str
    url: str


@dataclass(frozen=True)
class Found:
    """A page of results, and the counts for its filters."""

    total: int
    texts: Sequence[Text]
    topics: Mapping[int, int]  # number by topic, in the chosen year
    years: Mapping[int, int]  # number by year, of the chosen topic


class Answers:
    """Caches the latest searches of a generation: people page through one and filter it."""

    def __init__(self, at: datetime):
        self.count = lru_cache(KEPT)(partial(_count, at))
        self.rank = lru_cache(KEPT)(partial(_rank, at))


def find(query: Query, at: datetime, *, topic: int | None = None, year: int | None = None, page: int = 1) -> Found:
    """The results of `query`, best first, of `topic` and `year` if given."""
    answers = remembered("searches", lambda: Answers(at))
    counted = answers.count(query)
    years = {of: number for (under, of), number in counted.items() if under == topic}
    topics: Counter[int] = Counter()
    for (under, of), number in counted.items():
        if under is not None and year in {None, of}:
            topics[under] += number
    total = years.get(year, 0) if year else sum(years.values())
    offset = (page - 1) * PAGE_SIZE
    if offset < RANKED:
        ids = answers.rank(query, topic, year, total)[offset : offset + PAGE_SIZE] if total else []
    else:
        ids = _older(query, at, topic, year, offset)
    return Found(total, _texts(ids), topics, years)


# (topic, year) → number; topic None counts all of that year.
type Counts = dict[tuple[int | None, int], int]


def _count(at: datetime, query: Query) -> Counts:
    matched = _matched(query, at, None, None).annotate(year=queries.FirstYear()).values("year", "search_marks")
    return {(topic, year): number for topic, year, number in _run(COUNT, {}, matched=matched)}


def _rank(at: datetime, query: Query, topic: int | None, year: int | None, total: int) -> list[int]:
    """Ids of the matches, best first, up to `RANKED`."""
    columns = ("id", "article_id", "first_published_at")
    matched = _matched(query, at, topic, year)
    titled = matched.filter(search_title=Lexemes(query.required)).newest_first().values(*columns)[:RANKED]
    asked = {"required": query.required, "weighed": query.weighed, "weights": WEIGHTS, "ranked": RANKED}
    everything = sum(number for _year, number in queries.year_counts(query.language, at))
    if topic is None and year is None and total > max(RANKED, everything / 2):
        latest = _public(query.language, at).newest_first().values(*columns, "search")[: 3 * RANKED]
        ((ids, found),) = _run(RANK.replace("{newest}", LATEST), asked, titled=titled, latest=latest)
        if found == RANKED:
            return ids
    # The addition keeps PostgreSQL from scanning the index by date, which reads many large vectors if few texts match.
    by_date = (F("first_published_at") + timedelta(0)).desc()
    newest = matched.order_by(by_date, "-article_id").values(*columns)[:RANKED]
    ((ids, _found),) = _run(RANK, asked, titled=titled, newest=newest)
    return ids


def _older(query: Query, at: datetime, topic: int | None, year: int | None, offset: int) -> list[int]:
    """A page of matches beyond the ranked ones: matches in titles first, then by date."""
    in_title = ExpressionWrapper(Q(search_title=Lexemes(query.required)), output_field=BooleanField())
    ordered = _matched(query, at, topic, year).order_by(in_title.desc(), "-first_published_at", "-article_id")
    return [pk for (pk,) in _run("{older}", {}, older=ordered.values("id")[offset : offset + PAGE_SIZE])]


def _matched(query: Query, at: datetime, topic: int | None, year: int | None) -> PublicationQuerySet:
    found = _public(query.language, at).filter(search=Lexemes(query.required))
    if topic is not None:
        found = found.filter(search_title=Lexemes(f"'{topic_mark(topic)}'"))
    return found.filter(first_published_at__year=year) if year else found


def _texts(ids: Sequence[int]) -> list[Text]:
    found = {
        pk: Text(pk, title, lead, body, address_of(language, kind, path))
        for pk, title, lead, body, language, kind, path in (fetch(TEXTS, [ids]) if ids else [])
    }
    return [found[pk] for pk in ids if pk in found]


def corrected(query: Query, at: datetime) -> str | None:
    """Spelling correction: `query` with words of public texts in place of words that none has; None if impossible."""
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
    """Suggestions while somebody types: topics and titles that are public."""
    if not query.wanted:
        return [], []
    public = _public(query.language, at)
    keys = [key for term in query.wanted for key in term.keys]
    named = [topic for topic in Topic.objects.all() if topic.slug and _begins(str(topic), keys)]
    first = public.filter(publication_topics__topic=OuterRef("pk")).values("pk")[:1]  # one story per topic is enough
    topics = Topic.objects.filter(pk__in=[topic.pk for topic in named]).annotate(first=Subquery(first))
    with_texts = {topic.pk for topic in topics if topic.first} if named else set()
    titles = public.filter(search_title=Lexemes(query.beginning)).newest_first()
    return (
        [topic for topic in named if topic.pk in with_texts][:SUGGESTED_TOPICS],
        list(titles.only("title", "kind", "path", "language")[:SUGGESTED_TITLES]),
    )


def drafts(text: str) -> Q:
    """For the newsroom: articles whose draft, in either language, has the words of `text`, public or not.

    Names of topics and authors count, too.
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
    """Whether each of `keys` is a prefix of a word of `name`."""
    words = [fold(word) for word in WORD.findall(composed(name))]
    return all(any(word.startswith(key) for word in words) for key in keys)


def _public(language: str, at: datetime) -> PublicationQuerySet:
    return Publication.objects.public(language, at).news().order_by()


def _like(keys: list[str], language: str, public: PublicationQuerySet) -> dict[int, str]:
    """The most similar word of public texts for each of `keys`, by its position; without those that have none."""
    rows = _run(LIKE, {"keys": keys, "language": language}, public=public.values("search"))
    best: dict[int, tuple[float, str]] = {}
    for number, shown in rows:
        likeness = SequenceMatcher(None, keys[number - 1], fold(shown)).ratio()
        if likeness >= LIKE_ENOUGH and likeness > best.get(number - 1, (0, ""))[0]:
            best[number - 1] = (likeness, shown)
    return {place: shown for place, (_likeness, shown) in best.items()}


def _run(sql: str, parameters: dict[str, Any], **parts: QuerySet[Any, Any]) -> list[tuple]:
    """Runs `sql`, in which each `{name}` is replaced by the SQL of the queryset `name`."""
    for name, part in parts.items():
        text, values = part.query.sql_with_params()
        parameters |= {f"{name}{number}": value for number, value in enumerate(values)}
        sql = sql.replace(f"{{{name}}}", text % tuple(f"%({name}{number})s" for number in range(len(values))))
    with connection.cursor() as cursor:
        # The planner underestimates the cost of reading large vectors and would prefer a sequential scan to the index.
        # Sent as one string, both statements are one transaction.
        cursor.execute(f"SET LOCAL enable_seqscan = off; {sql}", parameters)
        cursor.nextset()
        return cursor.fetchall()


@app.periodic(cron="41 3 * * *")
@app.task(
    name="news.forget_words",
    aliases=["news.search.forget_words"],
    queue="slow",
    queueing_lock="news.forget_words",
    pass_context=False,
)
def forget_words(timestamp: int) -> None:
    """Deletes words that no text has any more, e.g. those of a plan given up. Every night."""
    for language in LANGUAGES:
        _unused(language).delete()


def words_of(publications: QuerySet[Publication]) -> dict[str, set[str]]:
    """The words that the texts brought into the vocabulary, by language, before they are taken down."""
    found: dict[str, set[str]] = {language: set() for language in LANGUAGES}
    for language, key in fetch(WORDS_OF, [list(publications.values_list("pk", flat=True))]):
        found[language].add(key)
    return found


def forget_unused(words: Mapping[str, Collection[str]]) -> None:
    """Deletes those of `words` that no text has any more, at once: a name says enough."""
    for language, keys in words.items():
        _unused(language).filter(key__in=keys).delete()


def _unused(language: str) -> QuerySet[Word]:
    """Words of the vocabulary that no text has."""
    having = (
        Publication.objects.filter(language=language)
        .news()
        .filter(search=Lexemes(Func(OuterRef("key"), function="quote_literal")))
    )
    return Word.objects.filter(~Exists(having), language=language)
