"""Looks every minute how a quota's places go: an alarm for staff, and a guard against who reserves and never orders.

A quota is guarded while much more was reserved in 24 hours than confirmed; see `tickets_network_refused` in `origins.sql`.
"""

import logging
from datetime import datetime

from sccon.clock import database_now
from sccon.statements import fetch
from tickets.models import Quota

logger = logging.getLogger("tickets.quotas")

# Doubtful is what had the time for an order and a click, and has none. Half of what was confirmed is an honest share of
# those who change their mind; beside it at most 4 % of the places, or ten.
LOOK = """
    SELECT quota.id, quota.name, quota.guarded, quota.fast_since,
        counted.doubtful > greatest(10, quota.size * 4 / 100) + counted.confirmed / 2,
        counted.lately >= greatest(10, quota.size * event.alarm_percent / 100), counted.lately
    FROM tickets_quota AS quota
    JOIN tickets_event AS event ON event.id = quota.event_id AND event.current
    CROSS JOIN LATERAL (
        SELECT
            count(*) FILTER (WHERE "order".confirmed_at IS NULL
                AND "order".created_at < clock_timestamp() - event.cart_minutes * interval '1 minute') AS doubtful,
            count(*) FILTER (WHERE "order".confirmed_at IS NOT NULL AND position.cancelled_at IS NULL) AS confirmed,
            count(*) FILTER (WHERE "order".created_at > clock_timestamp() - interval '1 hour'
                AND "order".status IN ('cart', 'pending', 'paid') AND position.cancelled_at IS NULL) AS lately
        FROM tickets_productquota AS link
        JOIN tickets_position AS position ON position.product_id = link.product_id
        JOIN tickets_order AS "order" ON "order".id = position.order_id
        WHERE link.quota_id = quota.id AND "order".created_at > clock_timestamp() - interval '24 hours'
    ) AS counted
    WHERE quota.size IS NOT NULL
"""


def watch() -> None:
    """Sets `Quota.guarded` and `Quota.fast_since` of the current event where they have changed, and says so in the log."""
    for pk, name, guarded, fast_since, doubtful, fast, lately in fetch(LOOK, []):
        if doubtful != guarded:
            _guard(pk, name, guarded=doubtful)
        if fast != (fast_since is not None):
            _alarm(pk, name, lately, since=database_now() if fast else None)


def _guard(pk: int, name: str, *, guarded: bool) -> None:
    Quota.objects.filter(pk=pk).update(guarded=guarded)
    if guarded:
        logger.error(
            "Quota “%s”: much is reserved and never ordered. Unknown networks share a small part of it now.", name
        )
    else:
        logger.warning("Quota “%s”: it is no longer guarded.", name)


def _alarm(pk: int, name: str, lately: int, *, since: datetime | None) -> None:
    Quota.objects.filter(pk=pk).update(fast_since=since)
    if since:
        logger.error("Quota “%s” falls fast: %d places within an hour.", name, lately)
