"""Importing a list: it is uploaded, every row is judged and shown, then imported, and can be undone as a whole.

Reading, importing and undoing are the worker's, in batches of one transaction each. A worker that is killed in the midst
has done whole batches; whoever goes on does the others, and the result is the same.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched

from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Now
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from newsletter.lists import meaning
from newsletter.lists.meaning import Reader, Refused
from newsletter.models import Import, ImportRow
from newsletter.subscribers import listed
from newsletter.subscribers.listed import Known
from sccon import spreadsheets
from sccon.clock import database_now
from sccon.jobs import RETRY, app
from sccon.models import User
from sccon.spreadsheets import NoList

Fate, State = ImportRow.Fate, Import.State

BATCH = 1000
MOST_LINES = 300_000
MOST_BYTES = 40 * 1024 * 1024
UNDO_WITHIN = timedelta(days=90)  # for so long it is known which row did what

BROUGHT = (Fate.NEW, Fate.TOPICS)  # what an import does; of all others it leaves everything as it is
OVER = {status: Fate(status) for status in ("bounced", "complained", "erased", "moved")} | {
    "pending": Fate.WAITING,
    "unsubscribed": Fate.LEFT,
}


# --- What staff ask for ------------------------------------------------------------------------


@transaction.atomic
def upload(data: bytes, *, name: str, language: str, by: User | None) -> Import:
    """Takes a list and has its rows judged; nothing is imported. Raises `spreadsheets.NoList`."""
    text = spreadsheets.decoded(data)
    if (lines := text.count("\n") + 1) > MOST_LINES:
        raise NoList(
            _("The list has more than %(most)s lines; please divide it.")
            % {"most": number_format(MOST_LINES, force_grouping=True)}
        )
    columns, rows = meaning.rows(text)
    if next(rows, None) is None:
        raise NoList(_("The list has no rows below the names of its columns."))
    made = Import.objects.create(
        upload=data, name=name[:200], language=language, by=by, lines=lines, unused=list(columns.unused)
    )
    read.defer(import_id=made.pk)
    return made


@transaction.atomic
def begin(of: Import) -> bool:
    """Has the rows imported; False if that was asked before."""
    done = Import.objects.filter(pk=of.pk, state=State.CHECKED).update(state=State.RUNNING, started_at=Now())
    if done:
        run.defer(import_id=of.pk)
    return bool(done)


@transaction.atomic
def undo(of: Import) -> bool:
    """Has everything taken back that the import did to people who were left alone since; False if it cannot be."""
    done = _undoable().filter(pk=of.pk).update(state=State.UNDOING)
    if done:
        revert.defer(import_id=of.pk)
    return bool(done)


def undoable(of: Import) -> bool:
    """Whether it can still be undone: it is known which row did what."""
    return _undoable().filter(pk=of.pk).exists()


def _undoable() -> QuerySet[Import]:
    return Import.objects.filter(state=State.DONE, started_at__gt=Now() - UNDO_WITHIN)


@transaction.atomic
def discard(of: Import) -> bool:
    """Deletes a list of which nothing was imported."""
    if not Import.objects.select_for_update().filter(pk=of.pk, state=State.CHECKED).exists():
        return False
    ImportRow.objects.filter(of=of)._raw_delete(connection.alias)  # nothing hangs on them
    of.delete()
    return True


def progress(of: Import) -> tuple[int, int]:
    """How many rows are done, and how many there are to do."""
    if of.state == State.READING:
        return of.read, max(of.lines, of.read)
    todo = of.rows.filter(fate__in=(*BROUGHT, Fate.UNDONE, Fate.KEPT))
    if of.state == State.UNDOING:
        return todo.exclude(fate__in=BROUGHT).count(), todo.count()
    return todo.filter(done=True).count(), todo.count()


# --- Reading -----------------------------------------------------------------------------------


@app.task(name="newsletter.read_import", queue="slow", retry=RETRY, pass_context=False)
def read(*, import_id: int) -> None:
    """Judges each row of an uploaded list."""
    of = Import.objects.filter(pk=import_id, state=State.READING).first()
    if of is None or of.upload is None:
        return
    text = spreadsheets.decoded(bytes(of.upload))
    columns, rows = meaning.rows(text)
    reader = Reader(columns, of.language, meaning.topics_by_name(), database_now())
    seen: dict[str, Known] = {}  # people further up in the list
    with transaction.atomic():  # from the beginning, whatever a worker had done that was killed
        Import.objects.filter(pk=of.pk).update(read=0)
        ImportRow.objects.filter(of=of)._raw_delete(connection.alias)
    count = 0
    for batch in batched(rows, BATCH):
        with transaction.atomic():
            if not Import.objects.filter(pk=of.pk, read=count).update(read=count + len(batch)):
                return  # another worker has begun anew, for this one was silent
            lines = [_line(reader, row) for row in batch]
            _judge([line for line in lines if line.email], seen, doubles=True)
            _keep(of, lines)
            count += len(lines)
    Import.objects.filter(pk=of.pk, state=State.READING, read=count).update(
        state=State.CHECKED, upload=None, counts=_counts(of)
    )


@dataclass(slots=True)
class Line:
    """A row of the list in hand: what `ImportRow` keeps of it."""

    number: int
    typed: str
    email: str
    language: str
    topics: list[int]
    source: str
    consented_at: datetime | None
    fate: str = Fate.REFUSED
    problem: str = ""
    about: str = ""
    added: list[int] = field(default_factory=list)
    subscriber_id: int | None = None
    pk: int | None = None


def _line(reader: Reader, row: spreadsheets.Row) -> Line:
    typed = reader.columns.cell(row.cells, "email")[:300]
    try:
        meant = reader.meant(row.cells)
    except Refused as refused:
        about = Line(row.number, typed, "", reader.language, [], "", None)
        about.problem, about.about = refused.problem, refused.about
        return about
    return Line(row.number, typed, meant.email, meant.language, list(meant.topics), meant.source, meant.consented_at)


KEPT = ("number", "typed", "email", "language", "topics", "source", "consented_at", "fate", "problem", "about", "added")


def _keep(of: Import, lines: list[Line]) -> None:
    columns = ("of_id", *KEPT)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY newsletter_importrow ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for line in lines:
            copy.write_row((of.pk, *(getattr(line, name) for name in KEPT)))


def _judge(lines: list[Line], seen: dict[str, Known], *, doubles: bool = False) -> None:
    """Sets the fate of each line, as things are now and after the lines before it."""
    known = listed.known([line.email for line in lines])
    for line in lines:
        address = line.email.lower()
        before = seen.get(address)
        whose = before or known.get(address)
        line.added = []
        if whose is None:
            line.fate, line.added = Fate.NEW, line.topics
            seen[address] = Known("active", None, frozenset(line.topics))
        elif whose.status != "active":
            line.fate = OVER[whose.status]
        elif whose.topics and (more := set(line.topics) - whose.topics):  # without topics they get all
            line.fate, line.added = Fate.TOPICS, sorted(more)
            seen[address] = Known("active", whose.pk, whose.topics | more)
        else:
            line.fate = Fate.DOUBLE if doubles and before else Fate.SAME
            seen.setdefault(address, whose)
        line.subscriber_id = whose.pk if whose else None


# --- Importing ---------------------------------------------------------------------------------


@app.task(name="newsletter.run_import", queue="slow", retry=RETRY, pass_context=False)
def run(*, import_id: int) -> None:
    """Imports the rows of a checked list, as far as that is still right when their turn comes."""
    after: int | None = 0
    while after is not None:
        after = _batch(import_id, after)


@transaction.atomic
def _batch(import_id: int, after: int) -> int | None:
    """Imports the next rows behind `after`; the last one's number, or None when all are done. One worker at a time has the
    import in hand."""
    of = Import.objects.select_for_update().filter(pk=import_id, state=State.RUNNING).first()
    if of is None:
        return None
    todo = of.rows.filter(fate__in=BROUGHT, done=False, number__gt=after).order_by("number")
    lines = [Line(**row) for row in todo.values("pk", *KEPT)[:BATCH]]
    if not lines:
        Import.objects.filter(pk=of.pk).update(state=State.DONE, counts=_counts(of))
        return None
    _judge(lines, {})
    made = listed.subscribe([line.pk for line in lines if line.fate == Fate.NEW and line.pk])
    for line in lines:
        if line.fate in BROUGHT:
            line.subscriber_id = line.subscriber_id or made.get(line.email.lower())
            if not line.subscriber_id:  # asked for the newsletter this moment, and has not confirmed
                line.fate, line.added = Fate.WAITING, []
    _write(lines)
    listed.prove([line.pk for line in lines if line.fate in BROUGHT and line.pk], of)
    return lines[-1].number


def _write(lines: list[Line]) -> None:
    """The rows' fates, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE newsletter_importrow AS row SET fate = made.fate, done = true, subscriber_id = made.subscriber,"
            " added = string_to_array(made.added, ',')::integer[]"
            " FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[]) AS made (id, fate, subscriber, added)"
            " WHERE row.id = made.id",
            [
                [line.pk for line in lines],
                [str(line.fate) for line in lines],
                [line.subscriber_id for line in lines],
                [",".join(map(str, line.added)) for line in lines],
            ],
        )


def _counts(of: Import) -> dict[str, int]:
    """Rows by fate."""
    return dict(of.rows.order_by().values_list("fate").annotate(Count("pk")))


# --- Undoing -----------------------------------------------------------------------------------


@app.task(name="newsletter.undo_import", queue="slow", retry=RETRY, pass_context=False)
def revert(*, import_id: int) -> None:
    """Takes back what an import did, but for people who have done something since, or with whom somebody has."""
    for fate in BROUGHT:  # new people first: with them goes what other rows of the list added to them
        after: int | None = 0
        while after is not None:
            after = _undo_batch(import_id, fate, after)


@transaction.atomic
def _undo_batch(import_id: int, fate: str, after: int) -> int | None:
    of = Import.objects.select_for_update().filter(pk=import_id, state=State.UNDOING).first()
    if of is None:
        return None
    rows = list(of.rows.filter(fate=fate, done=True, number__gt=after).order_by("number")[:BATCH])
    if not rows:
        if fate == BROUGHT[-1]:
            Import.objects.filter(pk=of.pk).update(state=State.UNDONE, undone_at=Now(), counts=_counts(of))
        return None
    alone = listed.untouched({row.subscriber_id for row in rows if row.subscriber_id}, of)
    for row in rows:
        # Nobody is there any more: a new one that another row has undone, or who had all data deleted.
        taken = row.subscriber_id is None or row.subscriber_id in alone
        row.fate = row.fate if taken else Fate.KEPT
    listed.forget([row.subscriber_id for row in rows if row.fate == Fate.NEW and row.subscriber_id], of)
    listed.take_back([row for row in rows if row.fate == Fate.TOPICS and row.subscriber_id], of)
    ImportRow.objects.filter(pk__in=[row.pk for row in rows if row.fate == Fate.KEPT]).update(fate=Fate.KEPT)
    ImportRow.objects.filter(pk__in=[row.pk for row in rows if row.fate != Fate.KEPT]).update(fate=Fate.UNDONE)
    return rows[-1].number
