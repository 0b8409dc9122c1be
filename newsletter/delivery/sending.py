"""A sender: a process with some connections to the relay, each in a thread that claims, sends and writes what became of it."""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.db import OperationalError
from django.db import connections as django_connections
from procrastinate.contrib.django.utils import connector_params

from newsletter import links
from newsletter.models import Edition, Issue

from . import claims, pace, running, signing
from .claims import Claim, Outcome
from .connections import Accepted, Ended, Kept, NeedsUtf8, Refused, Session, Trouble, Unknown
from .letters import Letter

logger = logging.getLogger("newsletter.delivery")

# After a passing refusal or a lost answer, each up to a tenth later. With the last one failed it is over, within 11 hours.
WAITS = [timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=45), timedelta(hours=2), timedelta(hours=6)]

ALIKE = 20  # different recipients refused in the same words, one after another: that is about us
FREE = 3  # times that a session may end at the same mail and cost it nothing
PATIENCE = 5.0  # seconds in which a relay may be away without pausing anything
IDLE = 5.0  # seconds without anything to do, after which a sender ends
LOOK = 0.5  # seconds between two looks for something to do


def connect() -> psycopg.Connection[Any]:
    """A connection of one's own to the database, each statement a transaction."""
    given = connector_params()
    return psycopg.connect(**{name: value for name, value in given.items() if name != "pool"}, autocommit=True)


class Sender:
    """What the threads of a process share."""

    def __init__(self, threads: int, ends: Callable[[], bool]):
        self.threads, self.ends = threads, ends
        self.lock = threading.Lock()
        self.letters: dict[int, Letter] = {}
        self.signer: signing.Signer | None = None
        self.alike: set[int] = set()  # the deliveries last refused, all in the same words
        self.words = ""
        self.final: list[int] = []  # of these, whom the relay does not take at all: judged if it is not about us
        self.ended_at: Counter[int] = Counter()  # how often a session ended at a delivery
        self.good_at = self.worked_at = time.monotonic()
        self.away_since: float | None = None

    def work(self) -> None:
        """Sends until there is nothing to do, or we are to end."""
        threads = [threading.Thread(target=self._thread, daemon=True) for _ in range(self.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(self.alike) < ALIKE and not self.ends():  # nothing is left to do
            self.good()

    @property
    def over(self) -> bool:
        return self.ends() or time.monotonic() - self.worked_at > IDLE

    def _thread(self) -> None:
        try:
            _Connection(self).work()
        except Exception:
            logger.exception("A connection of the newsletter ends.")
        finally:
            django_connections.close_all()

    def letter(self, edition_id: int) -> Letter:
        with self.lock:
            if edition_id not in self.letters:
                edition = Edition.objects.get(pk=edition_id)
                django_connections["default"].close()
                self.letters[edition_id] = Letter(edition)
            return self.letters[edition_id]

    def signed(self, letter: Letter, content: bytes) -> bytes:
        """`content` as it leaves. Raises `signing.CannotSign`."""
        if not settings.NEWSLETTER_DKIM_KEY:  # the relay signs
            return content
        with self.lock:
            self.signer = self.signer or signing.Signer()
        return self.signer.signed(content, letter.domain)

    def good(self) -> None:
        """A mail was taken: what others were answered was about them."""
        with self.lock:
            self.away_since = None
            if self.alike:
                self._about_them()

    def refused(self, claim: Claim, answer: str) -> bool:
        """Counts a refusal; whether so many were refused alike that it is about us."""
        words = claims.nameless(answer)
        with self.lock:
            if words != self.words:
                self._about_them()
                self.words = words
            self.alike.add(claim.id)
            if len(self.alike) < ALIKE:
                return False
            if self._is_about_them(claim.issue_id, words):
                self._about_them()
            return bool(self.alike)

    def failed(self, claim: Claim) -> None:
        """It was written that the relay does not take this recipient at all."""
        with self.lock:
            self.final.append(claim.id)
            if claim.id not in self.alike:  # others were answered otherwise meanwhile
                self._about_them()

    def _is_about_them(self, issue_id: int, words: str) -> bool:
        try:
            return running.is_about_them(issue_id, words)
        finally:
            django_connections["default"].close()

    def _about_them(self) -> None:
        final, self.final, self.alike = self.final, [], set()
        if final:
            with suppress(psycopg.OperationalError), connect() as database:  # else a little later, by itself
                claims.judge_now(database, final)

    def away(self) -> bool:
        """Whether the relay has been away for so long that someone must know."""
        with self.lock:
            now = time.monotonic()
            self.away_since = self.away_since or now
            return now - self.away_since > PATIENCE

    def pause(self, issue_id: int, words: str, why: str = Issue.Pause.RELAY) -> None:
        with self.lock:
            running.pause(issue_id, why, words=words)
            self.away_since = None
            django_connections["default"].close()


class _Connection:
    """One thread: a connection to the database, a session with the relay."""

    def __init__(self, sender: Sender):
        self.sender = sender
        self.database: psycopg.Connection[Any] | None = None
        self.session: Session | Kept = Session() if settings.NEWSLETTER_SMTP_URL else Kept()

    def work(self) -> None:
        while not self.sender.over:
            began = time.monotonic()
            batch, seconds = self._ask(self._claim)
            if batch:
                self._send(batch, began + min(pace.LATEST, seconds))
                self.sender.worked_at = time.monotonic()
            else:
                time.sleep(LOOK)
        self.session.close(politely=True)
        if self.database:
            self.database.close()

    def _claim(self, database: psycopg.Connection[Any]) -> tuple[list[Claim], float]:
        for issue_id, seconds in claims.sendable(database):
            if batch := claims.claim(database, issue_id):
                return batch, float("inf") if seconds is None else seconds
        return [], 0.0

    def _send(self, batch: list[Claim], until: float) -> None:
        """Sends a batch in its order; what may not begin any more (after `until`) is given back."""
        while batch:
            claim, *rest = batch
            if not self._open(claim) or time.monotonic() > until or self.sender.ends():
                return self._release(batch)
            outcome, goes_on = self._outcome(claim)
            if outcome is None:  # it has not begun, and costs nothing
                return self._release(batch)
            following = rest[0] if rest else None
            written = self._ask(lambda database: claims.write(database, claim, outcome, following))  # noqa: B023
            if outcome.final:
                self.sender.failed(claim)
            batch = rest
            if not written or not goes_on:
                return self._release(batch)
        return None

    def _open(self, claim: Claim) -> bool:
        """Whether `claim` may go into an open session: what opens one takes time that the lease of a mail does not have,
        and in which its reader may have left."""
        if self.session.is_open:
            return True
        try:
            self.session.open()
        except Trouble as trouble:
            self._rest(claim, trouble)
            return False
        return self._ask(lambda database: claims.look(database, claim))

    def _rest(self, claim: Claim, trouble: Trouble) -> None:
        if not trouble.passing or self.sender.away():
            self.sender.pause(claim.issue_id, str(trouble))
        else:
            time.sleep(LOOK)

    def _release(self, batch: list[Claim]) -> None:
        self._ask(lambda database: claims.release(database, batch))

    def _outcome(self, claim: Claim) -> tuple[Outcome | None, bool]:
        """What became of a mail, and whether the next one may follow; None: it is to be given back."""
        if not claim.wanted:
            return Outcome("suppressed", "", counts=0), True
        try:
            letter = self.sender.letter(claim.edition_id)
        except OperationalError:  # the database went away, and says so where it is asked again
            return None, False
        except Exception as error:  # it is the same for everybody
            logger.exception("The mails of edition %s cannot be made.", claim.edition_id)
            self.sender.pause(claim.issue_id, f"{type(error).__name__}: {error}"[:1000], why=Issue.Pause.BUILD)
            return None, False
        try:
            content = self.sender.signed(letter, letter.filled(claim.id, claim.subscriber_id, claim.moves, claim.email))
            result = self.session.send(links.envelope_sender(claim.id) or letter.sender, claim.email, content)
        except signing.CannotSign as error:  # nothing leaves unsigned
            self.sender.pause(claim.issue_id, str(error), why=Issue.Pause.BUILD)
            return None, False
        except NeedsUtf8:
            return Outcome("failed", "The relay takes no letters such as ä before the @ (SMTPUTF8).", counts=0), True
        except Trouble as trouble:
            self._rest(claim, trouble)
            return None, False
        except (
            Exception
        ) as error:  # whatever keeps this one from being made keeps no other one, unless it is all the time
            logger.exception("The mail of delivery %s cannot be made.", claim.id)
            outcome = Outcome("failed", f"{type(error).__name__}: {error}"[:1000], counts=0)
            return self._unless_about_us(claim, outcome, why=Issue.Pause.BUILD)
        return self._judge(claim, result)

    def _judge(self, claim: Claim, result: Accepted | Refused | Unknown | Ended) -> tuple[Outcome | None, bool]:
        match result:
            case Accepted(answer):
                self.sender.good()
                return Outcome("sent", answer), True
            case Unknown(answer):
                if self.sender.refused(claim, answer):
                    self.sender.pause(claim.issue_id, answer, why=Issue.Pause.ALIKE)
                return self._later(claim, answer, twice=True), True
            case Ended(answer, here):
                self.sender.ended_at[claim.id] += 1
                if here or self.sender.ended_at[claim.id] > FREE:
                    return self._unless_about_us(claim, self._later(claim, answer))
                if self.sender.ended_at[claim.id] > 1:
                    time.sleep(LOOK)
                return None, False
            case Refused(_code, answer):
                outcome = Outcome("failed", answer, final=True) if result.final else self._later(claim, answer)
                return self._unless_about_us(claim, outcome)

    def _unless_about_us(
        self, claim: Claim, outcome: Outcome, why: str = Issue.Pause.ALIKE
    ) -> tuple[Outcome | None, bool]:
        if not self.sender.refused(claim, outcome.answer):
            return outcome, True
        self.sender.pause(claim.issue_id, outcome.answer, why=why)
        self._ask(lambda database: claims.undo(database, claim.issue_id, outcome.answer))
        return None, False

    def _later(self, claim: Claim, answer: str, *, twice: bool = False) -> Outcome:
        if claim.attempts >= len(WAITS):
            return Outcome("failed", answer, twice=twice)
        wait = WAITS[claim.attempts] * random.uniform(1, 1.1)  # noqa: S311 – that not all come at once
        return Outcome("queued", answer, wait=wait, twice=twice)

    def _ask[T](self, question: Callable[[psycopg.Connection[Any]], T]) -> T:
        """The database's answer; when it went away, as soon as it is back: what the relay said must be written."""
        while True:
            try:
                if self.database is None or self.database.closed:
                    self.database = connect()
                return question(self.database)
            except psycopg.errors.DeadlockDetected:
                continue
            except psycopg.OperationalError:
                if self.database:
                    self.database.close()
                time.sleep(LOOK)
