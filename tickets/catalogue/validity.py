"""Whether a choice may be bought: one check for adding to a cart, extending it and placing the order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.models import Event, Product


@dataclass(frozen=True)
class Problem:
    """Why it cannot be bought, as a sentence, and the product it concerns (None: the whole order)."""

    sentence: str
    product: Product | None = None


class NotValid(Exception):
    """It may not be bought; `problems` says why."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__("; ".join(problem.sentence for problem in problems))

    @property
    def sentences(self) -> list[str]:
        """The reasons, each with the product that it is about."""
        return [
            f"{problem.product.name}: {problem.sentence}" if problem.product else problem.sentence
            for problem in self.problems
        ]


def judge(
    event: Event,
    wanted: Mapping[Product, int],
    *,
    at: datetime,
    declared: Iterable[int] | None = None,
) -> None:
    """Raises `NotValid` unless this number of each product may be bought together at the instant `at`.

    `declared`: ids of the products whose declaration the buyer has given; None while nobody was asked yet.
    """
    problems = [*_event_problems(event, wanted, at)]
    if not problems:
        for product, number in wanted.items():
            problems += [Problem(sentence, product) for sentence in _product_problems(product, number, at)]
            if declared is not None and product.declaration and product.pk not in declared:
                problems.append(Problem(_("Please confirm: “%s”") % product.declaration, product))
    if problems:
        raise NotValid(problems)


def last_for_transfers(event: Event) -> datetime:
    """The last instant at which a transfer still arrives before the event."""
    return event.starts_at - timedelta(days=event.transfer_days)


def end_of_sale(event: Event, products: Iterable[Product]) -> datetime:
    """The instant from which these products can no longer be bought together: no reservation lasts longer."""
    there = list(products)
    ends = [event.sales_end, *[product.available_until for product in there if product.available_until]]
    return min([*ends, last_for_transfers(event)] if any(product.price for product in there) else ends)


def _event_problems(event: Event, wanted: Mapping[Product, int], at: datetime) -> Iterable[Problem]:
    if not any(wanted.values()):
        yield Problem(_("Please choose at least one ticket."))
    if at < event.sales_start:
        yield Problem(_("Sales begin on %s.") % moment(event.sales_start))
    elif at >= event.sales_end:
        yield Problem(_("Sales ended on %s.") % moment(event.sales_end))
    elif at >= last_for_transfers(event) and any(product.price for product in wanted):
        yield Problem(
            _(
                "A bank transfer would no longer arrive before the event. Tickets that cost money are no longer sold here."
            )
        )


def _product_problems(product: Product, number: int, at: datetime) -> Iterable[str]:
    if not product.active:
        yield _("This ticket is not on sale.")
    elif product.available_from and at < product.available_from:
        yield _("On sale from %s.") % moment(product.available_from)
    elif product.available_until and at >= product.available_until:
        yield _("On sale until %s.") % moment(product.available_until)
    elif number < product.min_per_order:
        yield ngettext(
            "Please choose at least %(number)d of these tickets.",
            "Please choose at least %(number)d of these tickets.",
            product.min_per_order,
        ) % {"number": product.min_per_order}
    elif number > product.max_per_order:
        yield ngettext(
            "At most %(number)d of these tickets per order.",
            "At most %(number)d of these tickets per order.",
            product.max_per_order,
        ) % {"number": product.max_per_order}


def moment(at: datetime) -> str:
    """An instant as text, in the active language."""
    return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")
