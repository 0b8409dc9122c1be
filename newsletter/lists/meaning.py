"""What a row of a list means: which column is which, and the person, choice and consent that stand in its cells.

German and English lists are read alike. What can be read in two ways is refused with a sentence, never guessed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from news.models import Topic
from sccon import spreadsheets
from sccon.addresses import clean_address
from sccon.characters import one_line
from sccon.spreadsheets import NoList

# By letters and digits alone, in lower case.
HEADS = {
    "email": "email emailaddress emailadresse mail mailadresse mailaddress address adresse emails",
    "language": "language languages sprache lang locale",
    "topics": "topics topic themen thema interessen interests",
    "source": "source quelle herkunft origin consentsource sourceofconsent sourceoftheconsent quelledereinwilligung"
    " herkunftdereinwilligung einwilligungquelle optinsource",
    "date": "date datum consentdate dateofconsent dateoftheconsent datumdereinwilligung einwilligungam eingewilligtam"
    " einwilligungsdatum einwilligungdatum consentedat optindate optinat optindatum optin",
}
COLUMNS = {head: name for name, heads in HEADS.items() for head in heads.split()}
DEMANDED = {
    "email": pgettext_lazy("column", "e-mail address"),
    "source": pgettext_lazy("column", "source of the consent"),
    "date": pgettext_lazy("column", "date of the consent"),
}

LANGUAGES = {
    **dict.fromkeys(("de", "deu", "ger", "deutsch", "german"), "de"),
    **dict.fromkeys(("en", "eng", "englisch", "english"), "en"),
}
GERMAN = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?:,?\s+(?:um )?(\d{1,2})[:.](\d{2})(?::(\d{2}))?(?: Uhr)?)?")
ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?")
ADDRESS = re.compile(r"[^\t;,|@]+@[^\t;,|@]+")
EARLIEST = 1990  # nobody agreed to a newsletter before; 1900 and 1970 are what programs make of nothing

PROBLEMS = {
    "missing": gettext_lazy("There is no address in this row."),
    "no-at": gettext_lazy("This is no e-mail address: it has no @ in its middle."),
    "local-part": gettext_lazy("This is no e-mail address that we can send to: see what stands before the @."),
    "domain": gettext_lazy("This is no e-mail address: see what stands after the @."),
    "too-long": gettext_lazy("This is too long for an e-mail address."),
    "language": gettext_lazy("“%(about)s” is no language of the newsletter: please write de or en."),
    "topic": gettext_lazy("There is no topic “%(about)s”."),
    "no-source": gettext_lazy("It does not say where the person agreed: without a source there is no proof."),
    "no-date": gettext_lazy("It does not say when the person agreed: without a date there is no proof."),
    "date": gettext_lazy("“%(about)s” is no date of which we are sure: please write 2024-05-31 or 31.5.2024."),
    "future": gettext_lazy("“%(about)s” is no date in the past."),
}


class Refused(Exception):
    """The row is not imported; `problem` is one of PROBLEMS, `about` the word it is about."""

    def __init__(self, problem: str, about: str = ""):
        self.problem, self.about = problem, about[:100]
        super().__init__(problem)


def sentence(problem: str, about: str) -> str:
    """Why a row was refused."""
    return PROBLEMS[problem] % {"about": about} if problem else ""


@dataclass(frozen=True)
class Columns:
    """Which column is which."""

    places: dict[str, int]
    unused: tuple[str, ...]

    def cell(self, cells: tuple[str, ...], name: str) -> str:
        place = self.places.get(name)
        return one_line(cells[place]) if place is not None and place < len(cells) else ""


@dataclass(frozen=True)
class Meant:
    """A person, what they chose, and their consent."""

    email: str
    language: str
    topics: tuple[int, ...]
    source: str
    consented_at: datetime


def rows(text: str) -> tuple[Columns, Iterator[spreadsheets.Row]]:
    """The columns of a list, and its rows below the heads. Raises `NoList` if it lacks a column, or rows."""
    found = spreadsheets.rows(text, fits=_fits, columns=len(HEADS))
    head = next(found, None)
    if head is None:
        raise NoList(_("The list is empty."))
    columns = _columns(head.cells)
    if lacking := [str(words) for name, words in DEMANDED.items() if name not in columns.places]:
        raise NoList(
            _("The first row must name the columns. Missing: %(names)s. Please look at the example.")
            % {"names": ", ".join(lacking)}
        )
    return columns, found


def _fits(cells: tuple[str, ...]) -> bool:
    """Whether it looks like a row: several heads that we know, or an address and more."""
    if len(cells) < 2:
        return False
    return any(map(ADDRESS.fullmatch, cells)) or sum(_plain(cell) in COLUMNS for cell in cells) > 1


def _plain(head: str) -> str:
    return re.sub(r"[\W_]", "", one_line(head).lower())


def _columns(heads: tuple[str, ...]) -> Columns:
    places: dict[str, int] = {}
    unused = []
    for place, head in enumerate(heads):
        name = COLUMNS.get(_plain(head))
        if name and name not in places:
            places[name] = place
        elif head:
            unused.append(one_line(head)[:100])
    return Columns(places, tuple(unused))


@dataclass(frozen=True)
class Reader:
    """What the cells of a list's rows mean, its languages and topics looked up once."""

    columns: Columns
    language: str  # of rows that name none
    topics: dict[str, int]
    now: datetime

    def meant(self, cells: tuple[str, ...]) -> Meant:
        """Raises `Refused`."""
        cell = self.columns.cell
        try:
            email = clean_address(cell(cells, "email"))
        except ValidationError as error:
            raise Refused(str(error.code)) from None
        source, date = cell(cells, "source")[:200], cell(cells, "date")
        if not source:
            raise Refused("no-source")
        if not date:
            raise Refused("no-date")
        return Meant(
            email=email,
            language=self._language(cell(cells, "language")),
            topics=self._topics(cell(cells, "topics")),
            source=source,
            consented_at=self._moment(date),
        )

    def _language(self, word: str) -> str:
        if not word:
            return self.language
        if language := LANGUAGES.get(re.split("[-_]", word.lower())[0]):
            return language
        raise Refused("language", word)

    def _topics(self, words: str) -> tuple[int, ...]:
        if not words:
            return ()
        if topic := self.topics.get(words.lower()):  # one with a comma in its name
            return (topic,)
        chosen = set()
        for word in filter(None, map(str.strip, re.split("[,;|]", words))):
            if word.lower() in {"all", "alle"}:
                continue
            if not (topic := self.topics.get(word.lower())):
                raise Refused("topic", word)
            chosen.add(topic)
        return tuple(sorted(chosen))

    def _moment(self, word: str) -> datetime:
        try:
            moment = _moment(word)
        except (ValueError, OverflowError):
            moment = None
        if moment is None:
            raise Refused("date", word)
        if not (moment.year >= EARLIEST and moment <= self.now):
            raise Refused("future" if moment > self.now else "date", word)
        return moment


def _moment(word: str) -> datetime | None:
    if found := GERMAN.fullmatch(word):
        day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
        return timezone.make_aware(datetime(year, month, day, hour, minute, second))
    if ISO.fullmatch(word):
        parsed = parse_datetime(word.replace(" UTC", "Z") if len(word) > 10 else f"{word} 00:00")
        return timezone.make_aware(parsed) if parsed and timezone.is_naive(parsed) else parsed
    return None


def topics_by_name() -> dict[str, int]:
    """Topics by their names and addresses in either language."""
    names: dict[str, int] = {}
    for topic in Topic.objects.order_by("pk"):
        for name in (topic.name_de, topic.name_en, topic.slug_de, topic.slug_en):
            if name:
                names.setdefault(name.lower(), topic.pk)
    return names
