"""Who sells and where the money goes: a superuser changes it, or two of the group `finance`, and all of them are told."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import translation

from sccon import mail
from sccon.models import User
from tickets.models import Event, SellerChange
from tickets.models.events import SELLER


class NothingChanges(Exception):
    """What is proposed stands there already."""


class NotDecidable(Exception):
    """It was decided meanwhile, the event says something else by now, or it is one's own."""


def differing(event: Event, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """The fields of `values` that the event has otherwise: old and new."""
    return {name: [getattr(event, name), values[name]] for name in SELLER if values[name] != getattr(event, name)}


@transaction.atomic
def propose(event: Event, values: Mapping[str, Any], *, by: User) -> SellerChange:
    """Keeps what `by` wants the event to say, until somebody else confirms it. Raises `NothingChanges`."""
    changes = differing(event, values)
    if not changes:
        raise NothingChanges
    change = SellerChange.objects.create(event=event, values=changes, proposed_by=by)
    _tell("proposed", change, by=by)
    return change


@transaction.atomic
def confirm(change: SellerChange, *, by: User) -> None:
    """Writes what was proposed into the event. Raises `NotDecidable`."""
    if by.pk == change.proposed_by_id:
        raise NotDecidable
    _decide(change, SellerChange.Outcome.CONFIRMED, by=by)
    before = {name: old for name, (old, _new) in change.values.items()}
    after = {name: new for name, (_old, new) in change.values.items()}
    if not Event.objects.filter(pk=change.event_id, **before).update(**after):
        raise NotDecidable
    _tell("confirmed", change, by=by)


@transaction.atomic
def reject(change: SellerChange, *, by: User) -> None:
    """Nothing changes; also for who proposed it. Raises `NotDecidable`."""
    _decide(change, SellerChange.Outcome.REJECTED, by=by)
    _tell("rejected", change, by=by)


@transaction.atomic
def record(event: Event, changes: Mapping[str, list[str]], *, by: User) -> None:
    """A superuser has changed the event alone: kept as what nobody proposed, and told like the others."""
    change = SellerChange.objects.create(
        event=event, values=dict(changes), decided_by=by, decided_at=Now(), outcome=SellerChange.Outcome.CONFIRMED
    )
    _tell("changed", change, by=by)


def _decide(change: SellerChange, outcome: SellerChange.Outcome, *, by: User) -> None:
    still_open = SellerChange.objects.filter(pk=change.pk, outcome="")
    if not still_open.update(outcome=outcome, decided_by=by, decided_at=Now()):
        raise NotDecidable


def told() -> list[User]:
    """Everybody of `finance` and all superusers, who did it as well: a stolen account does not read their mail."""
    people = User.objects.filter(Q(groups__name="finance") | Q(is_superuser=True), is_active=True).exclude(email="")
    return list(people.distinct())


def _tell(what: str, change: SellerChange, *, by: User) -> None:
    for person in told():
        language = person.language or settings.LANGUAGE_CODE
        with translation.override(language):
            context = {"what": what, "by": str(by), "event": str(change.event), "lines": change.lines}
        context["url"] = mail.address("admin:tickets_sellerchange_change", change.pk, language=language)
        mail.queue("seller-change", to=person.email, language=language, occasion=f"{change.pk}:{what}", context=context)
