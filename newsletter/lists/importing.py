"""Importing a list: it is uploaded, every row is judged and shown, then imported, and can be undone as a whole.

Reading, importing and undoing are the worker's, in batches of one transaction each. A worker that is killed in the midst
has done whole batches; whoever goes on does the others, and the result is the same.
"""

from collections.abc import Iterable
from datetime import timedelta
from itertools import batched

from django.db import connection, transaction
from django.db.models import Count
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
def upload(data: bytes, *, name: str, language: str, by: User) -> Import:
    """Takes a list and has its rows judged; nothing is imported. Raises `spreadsheets.NoList`."""
    text = spreadsheets.decoded(data)
    if (lines := text.count("\n") + 1) > MOST_LINES:
        raise NoList(_("The list has more than %(most)s lines; please divide it.") % {"most": number_format(MOST_LINES, force_grouping=True)})
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
    young = Import.objects.filter(pk=of.pk, state=State.DONE, started_at__gt=Now() - UNDO_WITHIN)
    done = young.update(state=State.UNDOING)
    if done:
        revert.defer(import_id=of.pk)
    return bool(done)


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
            made = [_row(of, reader, row) for row in batch]
            _judge([row for row in made if row.email], seen, doubles=True)
            ImportRow.objects.bulk_create(made)
            count += len(made)
    Import.objects.filter(pk=of.pk, state=State.READING, read=count).update(
        state=State.CHECKED, upload=None, counts=_counts(of)
    )


def _row(of: Import, reader: Reader, row: spreadsheets.Row) -> ImportRow:
    made = ImportRow(of=of, number=row.number, language=of.language, fate=Fate.REFUSED)
    made.typed = reader.columns.cell(row.cells, "email")[:300]
    try:
        meant = reader.meant(row.cells)
    except Refused as refused:
        made.problem, made.about = refused.problem, refused.about
        return made
    made.email, made.language, made.topics = meant.email, meant.language, list(meant.topics)
    made.source, made.consented_at = meant.source, meant.consented_at
    return made


def _judge(rows: list[ImportRow], seen: dict[str, Known], *, doubles: bool = False) -> None:
    """Sets the fate of each row, as things are now and after the rows before it."""
    known = listed.known([row.email for row in rows])
    for row in rows:
        address = row.email.lower()
        before = seen.get(address)
        whose = before or known.get(address)
        row.added = []
        if whose is None:
            row.fate = Fate.NEW
            seen[address] = Known("active", None, frozenset(row.topics))
        elif whose.status != "active":
            row.fate = OVER[whose.status]
        elif whose.topics and (more := set(row.topics) - whose.topics):  # without topics they get all
            row.fate, row.added = Fate.TOPICS, sorted(more)
            seen[address] = Known("active", whose.pk, whose.topics | more)
        else:
            row.fate = Fate.DOUBLE if doubles and before else Fate.SAME
            seen.setdefault(address, whose)
        row.subscriber_id = whose.pk if whose else None


# --- Importing ---------------------------------------------------------------------------------


@app.task(name="newsletter.run_import", queue="slow", retry=RETRY, pass_context=False)
def run(*, import_id: int) -> None:
    """Imports the rows of a checked list, as far as that is still right when their turn comes."""
    while _batch(import_id):
        pass


@transaction.atomic
def _batch(import_id: int) -> bool:
    """Imports the next rows; whether there may be more. One worker at a time has the import in hand."""
    of = Import.objects.select_for_update().filter(pk=import_id, state=State.RUNNING).first()
    if of is None:
        return False
    rows = list(of.rows.filter(fate__in=BROUGHT, done=False).order_by("number")[:BATCH])
    if not rows:
        Import.objects.filter(pk=of.pk).update(state=State.DONE, counts=_counts(of))
        return False
    _judge(rows, {})
    new = [row for row in rows if row.fate == Fate.NEW]
    listed.subscribe(new, of)
    pks = {row.email.lower(): row.subscriber_id for row in new}
    more = [row for row in rows if row.fate == Fate.TOPICS]
    for row in more:
        row.subscriber_id = row.subscriber_id or pks.get(row.email.lower())
    for row in (*new, *more):
        if not row.subscriber_id:  # asked for the newsletter this moment, and has not confirmed
            row.fate, row.added = Fate.WAITING, []
    listed.add_topics([row for row in more if row.fate == Fate.TOPICS], of)
    _write(rows)
    return True


def _write(rows: Iterable[ImportRow]) -> None:
    """The rows' fates, in one statement."""
    rows = list(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE newsletter_importrow AS row SET fate = made.fate, done = true, subscriber_id = made.subscriber,"
            " added = string_to_array(made.added, ',')::integer[]"
            " FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[]) AS made (id, fate, subscriber, added)"
            " WHERE row.id = made.id",
            [
                [row.pk for row in rows],
                [str(row.fate) for row in rows],
                [row.subscriber_id for row in rows],
                [",".join(map(str, row.added)) for row in rows],
            ],
        )


def _counts(of: Import) -> dict[str, int]:
    """Rows by fate."""
    return dict(of.rows.order_by().values_list("fate").annotate(Count("pk")))


# --- Undoing -----------------------------------------------------------------------------------


@app.task(name="newsletter.undo_import", queue="slow", retry=RETRY, pass_context=False)
def revert(*, import_id: int) -> None:
    """Takes back what an import did, but for people who have done something since, or with whom somebody has."""
    while _undo_batch(import_id):
        pass


@transaction.atomic
def _undo_batch(import_id: int) -> bool:
    of = Import.objects.select_for_update().filter(pk=import_id, state=State.UNDOING).first()
    if of is None:
        return False
    todo = of.rows.filter(fate__in=BROUGHT, done=True)
    # New people first: with them goes what other rows of the list added to them.
    rows = list(todo.filter(fate=Fate.NEW).order_by("number")[:BATCH]) or list(todo.order_by("number")[:BATCH])
    if not rows:
        Import.objects.filter(pk=of.pk).update(state=State.UNDONE, undone_at=Now(), counts=_counts(of))
        return False
    alone = listed.untouched({row.subscriber_id for row in rows if row.subscriber_id}, of)
    for row in rows:
        # Nobody is there any more: a new one that another row has undone, or who had all data deleted.
        taken = row.subscriber_id is None or row.subscriber_id in alone
        row.fate = row.fate if taken else Fate.KEPT
    listed.forget([row.subscriber_id for row in rows if row.fate == Fate.NEW and row.subscriber_id], of)
    listed.take_back([row for row in rows if row.fate == Fate.TOPICS and row.subscriber_id], of)
    ImportRow.objects.filter(pk__in=[row.pk for row in rows if row.fate == Fate.KEPT]).update(fate=Fate.KEPT)
    ImportRow.objects.filter(pk__in=[row.pk for row in rows if row.fate != Fate.KEPT]).update(fate=Fate.UNDONE)
    return True
