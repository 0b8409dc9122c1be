"""What was typed into the search field, understood: which words, phrases, and what they may stand for.

A word is found as it is typed, as the beginning of a longer one, by its stem, inside a compound, and by topics and
authors called so. All of it becomes one `tsquery` whose lexemes are final, and one pattern that finds the same
words again in a text to be marked.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.postgres.search import SearchQuery
from django.db import connection

from news.search.folding import WORD, composed, fold, pattern, spellings

LONGEST, MOST_WORDS = 200, 8  # characters, words: what is typed beyond them is not looked at
BEGINNING, INSIDE = 3, 5  # letters from which on a word is looked for at the beginning of, and inside, others
MOST_COMPOUNDS = 30

QUOTES = '"„“”«»‟'
TYPED = re.compile(
    rf"(?P<minus>(?<!\S)[-−–])?(?:[{QUOTES}](?P<phrase>[^{QUOTES}]*)[{QUOTES}]|(?P<word>[^\s{QUOTES}]+))"
)

REST = r"[\w\u00ad]*"  # of a word, which may have soft hyphens

# For each word: its stems (none: a word that every text has), the compounds it is a part of, and the marks of the
# topics and authors it names. Compounds may come from texts that are not public: they find nothing there.
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
    """A `tsquery` whose lexemes are final: no parser and no dictionary looks at them again."""

    template = "(%(expressions)s)::tsquery"


@dataclass(frozen=True)
class Term:
    """A word, or a phrase in quotation marks; with a minus before it, what must not be there."""

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
        """Whether it narrows anything: "der" and "the" do not."""
        return self.quoted or bool(self.stems)

    def lexemes(self, *, shortest: int = BEGINNING) -> str:
        """What a text must have; a beginning needs `shortest` letters."""
        if self.quoted or len(self.words) > 1:
            return f"({' <-> '.join(map(_quoted, self.keys))})"
        (key,) = self.keys
        beginning = "" if self.excluded or len(key) < shortest else ":*"
        others = [*self.stems, *(() if self.excluded else (*self.compounds, *self.marks))]
        return f"({' | '.join([_quoted(key) + beginning, *map(_quoted, others)])})"

    def patterns(self) -> list[str]:
        """Regular expressions for what of a text it found."""
        if self.quoted or len(self.words) > 1:
            return [rf"\b{r'[\W_]+'.join(map(pattern, self.keys))}\b"]
        (key,) = self.keys
        found = [rf"\b{pattern(key)}{REST if len(key) >= BEGINNING else r'\b'}"]
        found += [rf"\b{pattern(compound)}\b" for compound in self.compounds]
        # A stem and an ending; English has "polici" for "policy".
        found += [rf"\b{pattern(re.sub('i$', '', fold(stem)))}\w{{0,4}}\b" for stem in self.stems if len(stem) > 2]
        return found


@dataclass(frozen=True)
class Query:
    """What someone searches for, in one language."""

    text: str
    language: str
    terms: tuple[Term, ...] = field(default=())

    @property
    def wanted(self) -> list[Term]:
        """The terms that say something; all of them where none does."""
        terms = [term for term in self.terms if not term.excluded]
        return [term for term in terms if term.tells] or terms

    @property
    def required(self) -> str:
        """What a text must have and must not have."""
        excluded = [f"!{term.lexemes()}" for term in self.terms if term.excluded]
        return " & ".join([term.lexemes() for term in self.wanted] + excluded)

    @property
    def weighed(self) -> str:
        """Any of what makes a text a better answer."""
        return " | ".join(term.lexemes() for term in self.wanted)

    @property
    def beginning(self) -> str:
        """What a title must have for someone who is still typing: the last word is the beginning of one."""
        return " & ".join(Term(term.words, term.quoted).lexemes(shortest=2) for term in self.wanted)

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(p for term in self.wanted for p in term.patterns()), re.IGNORECASE)


def understand(text: str, language: str) -> Query:
    """`text` as a query in `language`. One question to the database, whatever was typed."""
    terms = parse(text)
    if not terms:
        return Query(text, language)
    single = [term for term in terms if not term.quoted]
    known = dict(zip(single, _known([term.words[0] for term in single], language), strict=True)) if single else {}
    return Query(text, language, tuple(_with(term, *known[term]) if term in known else term for term in terms))


def parse(text: str) -> list[Term]:
    """The terms of `text`, each once. What is in quotation marks is one; letters and digits alone count."""
    terms: dict[Term, None] = {}
    for found in TYPED.finditer(composed(text[:LONGEST].replace("\0", " "))):
        typed, excluded = found["phrase"] or found["word"] or "", bool(found["minus"])
        # What folds to nothing, such as an accent that stands alone, is no word.
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
