"""Deliveries: who got which issue, and what became of it. The one place that says so."""

from datetime import timedelta

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .editions import Edition
from .issues import Issue
from .subscribers import Subscriber


def keep_who_got_what() -> timedelta:
    """For how long after the end of the issue."""
    return timedelta(days=settings.NEWSLETTER_DELIVERY_MONTHS * 365 // 12)


# Triggers: the counts by state follow each statement, so that a sum over a million rows is a sum over a few. A process
# counts in its own row (`slot`): senders that commit at the same time do not wait for each other.
COUNTED = """
    INSERT INTO newsletter_tally AS known (issue_id, state, slot, count)
    SELECT issue_id, state, pg_backend_pid() % 64, sum(change)
    FROM ({changes}) AS changed (issue_id, state, change)
    GROUP BY issue_id, state HAVING sum(change) <> 0
    ORDER BY issue_id, state
    ON CONFLICT (issue_id, state, slot) DO UPDATE SET count = known.count + excluded.count;
    RETURN NULL;
"""
CAME = """
    SELECT issue_id, unnest(ARRAY[state, 'planned']), count FROM (
        SELECT issue_id, state, count(*) AS count FROM new_rows GROUP BY issue_id, state
    ) AS each_state
"""
WENT = "SELECT issue_id, state, -1 FROM old_rows UNION ALL SELECT issue_id, 'planned', -1 FROM old_rows"
MOVED = "SELECT issue_id, state, 1 FROM new_rows UNION ALL SELECT issue_id, state, -1 FROM old_rows"


# Trigger: an edition of that issue is there, and so is the issue. Asked once a statement, which costs nothing; as foreign
# keys it was asked twice a row, and that was a quarter of the time to plan. It is as sure, for no edition is ever deleted
# and none changes its number or its issue (`Edition`), nor does a delivery (`STAYS`).
BELONGS = """
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT issue_id, edition_id FROM new_rows) AS came
        WHERE NOT EXISTS (
            SELECT FROM newsletter_edition AS e WHERE e.id = came.edition_id AND e.issue_id = came.issue_id
        )
    ) THEN
        RAISE EXCEPTION 'A delivery is of an edition of its issue.' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
"""
STAYS = """
    RAISE EXCEPTION 'Delivery % stays what it is.', OLD.id USING ERRCODE = 'integrity_constraint_violation';
"""


def _counted(name: str, operation: pgtrigger.Operation, changes: str, **tables: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(**tables),
        func=COUNTED.format(changes=changes),
    )


class Delivery(models.Model):
    """One issue to one subscriber. Written by `newsletter.delivery`; what came back by `newsletter.returns`."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("delivery", "waiting")
        FLYING = "flying", pgettext_lazy("delivery", "in flight")  # claimed by a sender until `lease_until`
        SENT = "sent", pgettext_lazy("delivery", "accepted by the relay")
        FAILED = "failed", pgettext_lazy("delivery", "failed")
        SUPPRESSED = "suppressed", pgettext_lazy("delivery", "left before it was sent")
        CANCELLED = "cancelled", pgettext_lazy("delivery", "cancelled")

    # Both kept by the trigger `belongs`.
    issue = models.ForeignKey(
        Issue,
        models.PROTECT,
        related_name="deliveries",
        db_index=False,
        db_constraint=False,
        verbose_name=_("issue"),
    )
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    # NULL after erasure, and when the time to keep who got what is over.
    subscriber = models.ForeignKey(Subscriber, models.SET_NULL, null=True, related_name="deliveries")
    provider = models.CharField(max_length=100, blank=True)  # the mailbox's domain when it was planned
    state = models.CharField(_("state"), max_length=10, choices=State, db_default="queued", default=State.QUEUED)
    # Rows go out in the order of this hash, so that each provider gets its share all the time.
    place = models.IntegerField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), db_default=0, default=0)
    next_try_at = models.DateTimeField(_("next attempt"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    answer = models.TextField(_("the relay's answer"), db_default="", blank=True)
    # The relay takes this recipient for good no more: when it is to be judged what that says of them (`claims.UNJUDGED`).
    judge_at = models.DateTimeField(null=True)
    # The answer to a copy that may have arrived was never seen; another one went out under the same Message-ID.
    possibly_twice = models.BooleanField(_("possibly twice"), db_default=False, default=False)
    bounced_at = models.DateTimeField(_("came back at"), null=True)
    bounce = models.CharField(_("why it came back"), max_length=200, db_default="", blank=True)
    complained_at = models.DateTimeField(_("complained at"), null=True)
    left_at = models.DateTimeField(_("left because of it at"), null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "subscriber"], name="one_delivery_an_issue_and_subscriber"),
            models.CheckConstraint(
                condition=~Q(state="flying") | Q(lease_until__isnull=False), name="delivery_flying_has_a_lease"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="delivery_sent_says_when"
            ),
        ]
        # No index holds a row that is sent, but for the questions about what came back.
        indexes = [
            models.Index(
                fields=["issue", "place"], condition=Q(state="queued", next_try_at=None), name="delivery_queued"
            ),
            models.Index(
                fields=["issue", "next_try_at"],
                condition=Q(state="queued", next_try_at__isnull=False),
                name="delivery_waiting",
            ),
            models.Index(fields=["lease_until"], condition=Q(state="flying"), name="delivery_flying"),
            models.Index(
                fields=["issue", "state"], condition=Q(state__in=["failed", "suppressed"]), name="delivery_not_sent"
            ),
            models.Index(fields=["judge_at"], condition=Q(judge_at__isnull=False), name="delivery_to_judge"),
            models.Index(fields=["issue", "provider"], condition=Q(bounced_at__isnull=False), name="delivery_bounced"),
            models.Index(fields=["issue"], condition=Q(possibly_twice=True), name="delivery_possibly_twice"),
            models.Index(
                fields=["issue"],
                condition=Q(left_at__isnull=False) | Q(complained_at__isnull=False),
                name="delivery_lost",
            ),
        ]
        triggers = [
            _counted("came", pgtrigger.Insert, CAME, new="new_rows"),
            _counted("went", pgtrigger.Delete, WENT, old="old_rows"),
            _counted("moved", pgtrigger.Update, MOVED, old="old_rows", new="new_rows"),
            pgtrigger.Trigger(
                name="belongs",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func=BELONGS,
            ),
            pgtrigger.Trigger(
                name="stays",
                operation=pgtrigger.UpdateOf("issue_id", "edition_id"),
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange("issue", "edition"),
                func=STAYS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id}/{self.pk}"

    def of_a_former_address(self, subscriber: Subscriber) -> bool:
        """Whether the newsletter of its `subscriber` has moved since."""
        return bool(subscriber.moved_at and self.sent_at and self.sent_at < subscriber.moved_at)


class Tally(models.Model):
    """How many deliveries of an issue are in a state ("planned": in any). The sum over `slot` counts; triggers write it."""

    pk = models.CompositePrimaryKey("issue_id", "state", "slot")
    issue = models.ForeignKey(Issue, models.CASCADE, related_name="tallies")
    state = models.CharField(max_length=10)
    slot = models.SmallIntegerField()
    count = models.IntegerField()

    class Meta:
        default_permissions = []

    def __str__(self) -> str:
        return f"{self.issue_id} {self.state} {self.count}"


class Slice(models.Model):
    """So many mails a sender was allowed at a time: the limit per hour and the mails a minute are counted by it
    (`newsletter.delivery.pace`)."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="+")
    at = models.DateTimeField(db_index=True)
    mails = models.PositiveIntegerField()

    class Meta:
        default_permissions = []

    def __str__(self) -> str:
        return f"{self.mails}, {self.at}"
