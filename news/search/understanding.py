"""Parses what was typed into the search field into terms, and expands them.

A word matches itself, longer words that begin with it, its stem, compounds that contain it, and topics and authors with
that name. The result is one `tsquery` with ready lexemes, and one regular expression that finds the same words in a
text, to highlight them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.postgres.search import SearchQuery
from django.db import connection

from news.search.folding import WORD, composed, fold, pattern, spellings

LONGEST, MOST_WORDS = 200, 8  # characters and words; the rest is ignored
BEGINNING, INSIDE = 3, 5  # letters a word needs to match as a prefix, and inside compounds
MOST_COMPOUNDS = 30

QUOTES = '"„“”«»‟'
TYPED = re.compile(
    rf"(?P<minus>(?<!\S)[-−–])?(?:[{QUOTES}](?P<phrase>[^{QUOTES}]*)[{QUOTES}]|(?P<word>[^\s{QUOTES}]+))"
)

REST = r"[\w\u00ad]*"  # of a word; it may contain soft hyphens

# For each word: its stems (none for a stop word), compounds that contain it, and marks of topics and authors with that
# name. Compounds may come from texts that are not public; the search then finds nothing for them.
UNDERSTAND = """
    SELECT
        ARRAY(
            SELECT DISTINCT unnest(tsvector_to_array(news_stems(%(language)s, asked.spellings)))
        ),
        ARRAY(
            SELECT DISTINCT ON (length(key), key) key FROM news_word
            WHERE asked.inside AND language = %(language)s
                AND key LIKE '%%' || asked.key || '%%' AND key NOT LIKE asked.key || '%%'
            ORDER BY length(key), key LIMIT %(compounds)s
        ),
        ARRAY(SELECT '§topic' || id FROM news_topic WHERE ' ' || news_letters(news_fold({name})) || ' ' LIKE asked.name)
        || ARRAY(SELECT '§author' || id FROM news_author WHERE ' ' || news_letters(news_fold(name)) || ' ' LIKE asked.name)
    FROM unnest(%(keys)s::text[], %(spellings)s::text[], %(names)s::text[], %(insides)s::boolean[])
        WITH ORDINALITY AS asked(key, spellings, name, inside, number)
    ORDER BY asked.number
"""


class Lexemes(SearchQuery):
    """A `tsquery` made of ready lexemes: neither parser nor dictionary changes them."""

    template = "(%(expressions)s)::tsquery"


@dataclass(frozen=True)
class Term:
    """A word, or a phrase in quotation marks; `excluded` with a minus before it."""

    words: tuple[str, ...]
    quoted: bool = False
    excluded: bool = False
    stems: tuple[str, ...] = ()
    compounds: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    @property
    def keys(self) -> list[str]:
        return [fold(word) for word in self.words]

    @property
    def tells(self) -> bool:
        """Whether it is no stop word such as "der" or "the"."""
        return self.quoted or bool(self.stems)

    def lexemes(self, *, shortest: int = BEGINNING) -> str:
        """The term as part of a tsquery; it matches as a prefix from `shortest` letters on."""
        if self.quoted or len(self.words) > 1:
            return f"({' <-> '.join(map(_quoted, self.keys))})"
        (key,) = self.keys
        beginning = "" if self.excluded or len(key) < shortest else ":*"
        others = [*self.stems, *(() if self.excluded else (*self.compounds, *self.marks))]
        return f"({' | '.join([_quoted(key) + beginning, *map(_quoted, others)])})"

    def patterns(self) -> list[str]:
        """Regular expressions for the words it matches in a text."""
        if self.quoted or len(self.words) > 1:
            return [rf"\b{r'[\W_]+'.join(map(pattern, self.keys))}\b"]
        (key,) = self.keys
        found = [rf"\b{pattern(key)}{REST if len(key) >= BEGINNING else r'\b'}"]
        found += [rf"\b{pattern(compound)}\b" for compound in self.compounds]
        # A stem with any ending; the English stem of "policy" is "polici".
        found += [rf"\b{pattern(re.sub('i$', '', fold(stem)))}\w{{0,4}}\b" for stem in self.stems if len(stem) > 2]
        return found


@dataclass(frozen=True)
class Query:
    """A search in one language."""

    text: str
    language: str
    terms: tuple[Term, ...] = field(default=())

    @property
    def wanted(self) -> list[Term]:
        """The terms to search for: without stop words, unless there are only stop words."""
        terms = [term for term in self.terms if not term.excluded]
        return [term for term in terms if term.tells] or terms

    @property
    def required(self) -> str:
        """The tsquery that a text must match."""
        excluded = [f"!{term.lexemes()}" for term in self.terms if term.excluded]
        return " & ".join([term.lexemes() for term in self.wanted] + excluded)

    @property
    def weighed(self) -> str:
        """The tsquery for ranking: any of the terms."""
        return " | ".join(term.lexemes() for term in self.wanted)

    @property
    def beginning(self) -> str:
        """The tsquery for suggestions: words may be incomplete from two letters on."""
        return " & ".join(Term(term.words, term.quoted).lexemes(shortest=2) for term in self.wanted)

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(p for term in self.wanted for p in term.patterns()), re.IGNORECASE)


def understand(text: str, language: str) -> Query:
    """`text` as a query in `language`. One database query, whatever was typed."""
    terms = parse(text)
    if not terms:
        return Query(text, language)
    single = [term for term in terms if not term.quoted]
    known = dict(zip(single, _known([term.words[0] for term in single], language), strict=True)) if single else {}
    return Query(text, language, tuple(_with(term, *known[term]) if term in known else term for term in terms))


def parse(text: str) -> list[Term]:
    """The terms of `text`, each once. A phrase in quotation marks is one term; only letters and digits count."""
    terms: dict[Term, None] = {}
    for found in TYPED.finditer(composed(text[:LONGEST].replace("\0", " "))):
        typed, excluded = found["phrase"] or found["word"] or "", bool(found["minus"])
        # Without what folds to nothing, such as an accent alone.
        words = tuple(word for word in WORD.findall(typed) if fold(word))
        if found["phrase"] is not None or (excluded and len(words) > 1):
            terms |= {Term(words, quoted=True, excluded=excluded): None} if words else {}
        else:
            terms |= {Term((word,), excluded=excluded): None for word in words}
    return _as_many_as_fit(terms)


def _as_many_as_fit(terms: Iterable[Term]) -> list[Term]:
    fitting: list[Term] = []
    for term in terms:
        if sum(len(each.words) for each in [*fitting, term]) > MOST_WORDS:
            break
        fitting.append(term)
    return fitting


def _known(words: list[str], language: str) -> list[tuple[list[str], list[str], list[str]]]:
    """For each of `words`: stems, compounds, marks."""
    keys = [fold(word) for word in words]
    with connection.cursor() as cursor:
        cursor.execute(
            UNDERSTAND.format(name={"de": "name_de", "en": "name_en"}[language]),
            {
                "language": language,
                "keys": keys,
                "spellings": [" ".join(sorted(spellings(word))) for word in words],
                "names": [f"% {key}%" if len(key) >= BEGINNING else f"% {key} %" for key in keys],
                "insides": [len(key) >= INSIDE for key in keys],
                "compounds": MOST_COMPOUNDS,
            },
        )
        return cursor.fetchall()


def _with(term: Term, stems: list[str], compounds: list[str], marks: list[str]) -> Term:
    return Term(term.words, term.quoted, term.excluded, tuple(stems), tuple(compounds), tuple(marks))


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
