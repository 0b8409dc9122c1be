"""How a run stands: where each mail of the plan is, how fast it goes, what the relay said last."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Min, Sum

from newsletter.models import Delivery, Issue, Slice, Tally
from sccon.clock import Clock, database_now

from . import claims

State = Delivery.State
OPEN = (State.QUEUED, State.FLYING)
LATELY = timedelta(minutes=5)  # what the pace is measured over
LOOKED_AT = 500  # of the refusals, so that a page costs the same after a million


@dataclass(frozen=True)
class Progress:
    """`counts` by state add up to `planned` at every instant. `a_minute`: mails that left in a minute lately, 0 if unknown."""

    planned: int
    counts: Mapping[str, int]
    a_minute: int

    @property
    def to_go(self) -> int:
        return sum(self.counts[state] for state in OPEN)

    @property
    def minutes_left(self) -> int | None:
        return math.ceil(self.to_go / self.a_minute) if self.a_minute else None


def of(issue: Issue) -> Progress:
    """How the run stands now, by one query over the counts."""
    sums = Tally.objects.filter(issue=issue).values_list("state").annotate(number=Sum("count"))
    found = dict(sums.order_by())
    counts = {state.value: found.get(state.value, 0) for state in State}
    return Progress(found.get("planned", 0), counts, _a_minute(issue) if issue.status == Issue.Status.SENDING else 0)


def _a_minute(issue: Issue) -> int:
    lately = Slice.objects.filter(issue=issue, at__gt=Clock() - LATELY).aggregate(first=Min("at"), mails=Sum("mails"))
    if not lately["first"]:
        return 0
    seconds = max(10.0, (database_now() - lately["first"]).total_seconds())
    return round(lately["mails"] * 60 / seconds)


def refusals(
    issue: Issue, state: str = State.FAILED, *, among: int = LOOKED_AT, most: int = 5
) -> Sequence[tuple[str, int]]:
    """What the relay said to the last `among` of those in `state`, without names and numbers, and to how many; the most
    frequent first."""
    last = Delivery.objects.filter(issue=issue, state=state).exclude(answer="").order_by("-pk")
    return Counter(map(claims.nameless, last.values_list("answer", flat=True)[:among])).most_common(most)
