"""What becomes of who a mail came back from: the only place where a verdict reaches a delivery and a person.

A delivery is found by what only we can make – the envelope sender's token, else the Message-ID –, never by an address in
a text. One provider's bad hour ends nobody's newsletter: when very many of its mailboxes are said to be dead within a
day, none of them counts until staff decide (`Hold`).
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, Max, Min, Q, QuerySet
from django.db.models.functions import Now

from newsletter import links
from newsletter.models import Delivery, Hold, Issue, Return, Subscriber
from newsletter.returns import judging
from newsletter.subscribers import subscribing
from sccon.clock import database_now
from sccon.models import User

Verdict = Return.Verdict

# The brake: more than one in so many of a provider's recipients of an issue, and so many at least, within a day.
ONE_IN, AT_LEAST, WITHIN = 20, 20, timedelta(days=1)

# Full or slow, so many times in the last so many issues, over this time at least.
SOFT_TIMES, SOFT_ISSUES, SOFT_OVER = 3, 5, timedelta(days=14)

MARKS = {Verdict.DEAD, Verdict.SOFT, Verdict.OURS}


def find(senders: Sequence[str], message_ids: Sequence[str]) -> tuple[Delivery | None, bool]:
    """The delivery that something is about, and whether one of its tokens is forged: then it is about none."""
    try:
        numbers = [links.of_envelope_sender(text.strip("<> ")) for text in senders]
        numbers += [links.of_message_id(text) for text in message_ids]
    except links.Forged:
        return None, True
    number = next((number for number in numbers if number is not None), None)
    return Delivery.objects.filter(pk=number).first() if number is not None else None, False


def answered(delivery_id: int, code: int, text: str, *, stage: str = "rcpt") -> Return.Verdict:
    """What a server's last word on a delivery means; called when a delivery has failed, after that was written.

    `stage` is what was said before the answer: connect, ehlo, auth, mail, rcpt or data. Not for answers after which the
    mail is tried again. The same answer counts once.
    """
    verdict = judging.answer(code, text, stage)
    if verdict == Verdict.NOTHING:
        return verdict
    with transaction.atomic():
        event = f"{delivery_id}:{code}"
        made = Return.objects.bulk_create(
            [
                Return(
                    way=Return.Way.DIALOGUE,
                    event=event,
                    raw=b"",
                    judged_at=database_now(),
                    verdict=verdict,
                    code=judging.enhanced(text) or str(code),
                    words=" ".join(text.replace("\0", "").split())[:500],
                    delivery_id=delivery_id,
                )
            ],
            ignore_conflicts=True,
        )
        if made:
            follow(verdict, Delivery.objects.get(pk=delivery_id))
    return verdict


@transaction.atomic
def follow(verdict: str, delivery: Delivery, *, words: str = "") -> None:
    """Marks the delivery, and does to its subscriber what the verdict says."""
    if verdict == Verdict.COMPLAINT:
        _complained(delivery)
        return
    if verdict in MARKS and delivery.state == Delivery.State.SENT:
        said = f"{Verdict(verdict).value}: {words}"[:200]
        Delivery.objects.filter(pk=delivery.pk, bounced_at=None).update(bounced_at=Now(), bounce=said)
    if verdict == Verdict.DEAD:
        _dead(delivery)
    elif verdict == Verdict.SOFT and delivery.subscriber_id and _soft_for_long(delivery.subscriber_id):
        subscribing.bounce(_still_theirs(delivery), source=f"soft:{delivery.issue_id}")


def _still_theirs(*deliveries: Delivery) -> QuerySet[Subscriber]:
    """Their subscribers, but for whom the newsletter has moved or who has confirmed anew since: what comes back is of a
    mailbox that is no longer asked about, and whoever owns it is somebody else."""
    return _subscribers(Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]))


def _subscribers(deliveries: QuerySet[Delivery]) -> QuerySet[Subscriber]:
    sent_before = Q(sent_at=None) | Q(sent_at__gte=F("subscriber__confirmed_at"))
    stays = Q(subscriber__moved_at=None) | Q(sent_at=None) | Q(sent_at__gte=F("subscriber__moved_at"))
    return Subscriber.objects.filter(pk__in=deliveries.filter(sent_before, stays).values("subscriber"))


def _complained(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk, complained_at=None).update(complained_at=Now())
    for subscriber in _still_theirs(delivery):
        if subscriber.status != Subscriber.Status.COMPLAINED:
            subscribing.complain(subscriber.email, source="feedback")


# --- Dead mailboxes, and the brake ---------------------------------------------------------------


def _source(issue_id: int, provider: str) -> str:
    return f"issue {issue_id}, {provider}"


def _dead(delivery: Delivery) -> None:
    _one_after_another(delivery.issue_id, delivery.provider)
    hold = Hold.objects.filter(issue=delivery.issue_id, provider=delivery.provider).first()
    if hold:
        if hold.counts:
            subscribing.bounce(_still_theirs(delivery), source=_source(delivery.issue_id, delivery.provider))
        else:
            Hold.objects.filter(pk=hold.pk).update(dead=F("dead") + 1)
        return
    subscribing.bounce(_still_theirs(delivery), source=_source(delivery.issue_id, delivery.provider))
    dead = of_provider(delivery.issue_id, delivery.provider).filter(received_at__gt=Now() - WITHIN)
    number = dead.values("delivery").distinct().count()
    if number < AT_LEAST or not delivery.provider:
        return
    # So many recipients are enough for the provider to be trusted: a large one's are not all counted each time.
    enough = Delivery.objects.filter(issue=delivery.issue_id, provider=delivery.provider).exclude(
        state__in=[Delivery.State.SUPPRESSED, Delivery.State.CANCELLED]
    )
    recipients = enough.values("pk")[: number * ONE_IN].count()
    if number * ONE_IN > recipients:
        Hold.objects.create(issue_id=delivery.issue_id, provider=delivery.provider, dead=number, recipients=recipients)
        _undo(delivery.issue_id, delivery.provider, by=None)


def of_provider(issue_id: int, provider: str) -> QuerySet[Return]:
    """What says that mailboxes of a provider are dead, after an issue."""
    return Return.objects.filter(verdict=Verdict.DEAD, delivery__issue=issue_id, delivery__provider=provider)


@transaction.atomic
def decide(hold: Hold, *, counts: bool, by: User) -> int:
    """Staff say whether what a provider sent back counts, once; returns of how many persons the newsletter ends."""
    decided = Hold.objects.filter(pk=hold.pk, counts=None)
    if not decided.update(counts=counts, decided_at=Now(), decided_by=by) or not counts:
        return 0
    _one_after_another(hold.issue_id, hold.provider)
    dead = Delivery.objects.filter(pk__in=of_provider(hold.issue_id, hold.provider).values("delivery"))
    return subscribing.bounce(_subscribers(dead), source=_source(hold.issue_id, hold.provider))


@transaction.atomic
def undo(issue: Issue, provider: str, *, by: User) -> int:
    """Takes back what an issue's bounces of a provider did, and lets no more of them count; returns to how many persons
    the newsletter goes again."""
    _one_after_another(issue.pk, provider)
    number = of_provider(issue.pk, provider).values("delivery").distinct().count()
    Hold.objects.update_or_create(
        issue=issue,
        provider=provider,
        defaults={"counts": False, "decided_at": database_now(), "decided_by": by},
        create_defaults={
            "counts": False,
            "decided_at": database_now(),
            "decided_by": by,
            "dead": number,
            "recipients": number,
        },
    )
    return _undo(issue.pk, provider, by=by)


def _undo(issue_id: int, provider: str, *, by: User | None) -> int:
    ended = Delivery.objects.filter(pk__in=of_provider(issue_id, provider).values("delivery"))
    persons = Subscriber.objects.filter(pk__in=ended.values("subscriber"))
    return subscribing.unbounce(persons, source=_source(issue_id, provider), by=by)


def _one_after_another(issue_id: int, provider: str) -> None:
    """Until the transaction ends nobody else judges what this provider sent back of this issue: else two would each count
    to just below the brake."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"newsletter.returns {issue_id} {provider}"]
        )


# --- Full or slow --------------------------------------------------------------------------------


def _soft_for_long(subscriber_id: int) -> bool:
    """Whether enough of the last issues came back as full or slow. One that was taken and did not come back starts anew."""
    last = Delivery.objects.filter(
        subscriber=subscriber_id, state__in=[Delivery.State.SENT, Delivery.State.FAILED]
    ).order_by("-pk")[:SOFT_ISSUES]
    soft = set(
        Return.objects.filter(delivery__in=[each.pk for each in last], verdict=Verdict.SOFT).values_list(
            "delivery", flat=True
        )
    )
    came_back = []
    for each in last:
        if each.pk in soft:
            came_back.append(each)
        elif each.state == Delivery.State.SENT and not each.bounced_at:
            break
    if len(came_back) < SOFT_TIMES:
        return False
    back = Return.objects.filter(delivery__in=[each.pk for each in came_back], verdict=Verdict.SOFT)
    times = back.aggregate(first=Min("received_at"), last=Max("received_at"))
    return times["last"] - times["first"] >= SOFT_OVER
