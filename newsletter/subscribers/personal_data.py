"""A subscriber's personal data, complete (Art. 15 and 20 GDPR)."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import JsonResponse

from newsletter.models import Delivery, SignUp, Subscriber
from newsletter.models.deliveries import keep_who_got_what
from sccon import mail
from sccon.addresses import shown
from sccon.models import Mail


def personal_data(subscriber: Subscriber) -> dict[str, Any]:
    """All data of the time under the subscriber's address, in JSON's types and datetimes.

    What was before a move belongs to another mailbox, whose owner may be somebody else.
    """
    since = subscriber.moved_at
    changes = subscriber.changes.filter(at__gte=since) if since else subscriber.changes.all()
    return {
        "email": shown(subscriber.email),
        "status": subscriber.status,
        "language": subscriber.language,
        "topics": [str(topic) for topic in subscriber.topics.all()],
        "first_request": max(subscriber.created_at, since or subscriber.created_at),
        "subscribed_since": subscriber.confirmed_at and max(subscriber.confirmed_at, since or subscriber.confirmed_at),
        "ended": subscriber.ended_at,
        "consents": [
            {
                "to": consent.kind,
                "email": shown(consent.email),
                "wording": consent.wording,
                "version": consent.wording_version,
                "language": consent.language,
                "page": consent.source,
                "requested": consent.requested_at,
                "requested_network": consent.requested_network,
                "confirmed": consent.confirmed_at,
                "confirmed_network": consent.confirmed_network,
            }
            for consent in subscriber.consents.filter(email__iexact=subscriber.email)
        ],
        "history": [
            {
                "at": change.at,
                "what": change.what,
                "named": change.get_what_display(),
                "through": change.source,
                "reason": change.reason,
            }
            for change in changes
        ],
        "requests": [
            {"at": sign_up.created_at, "language": sign_up.language, "topics": [str(t) for t in sign_up.topics.all()]}
            for sign_up in SignUp.objects.filter(email__iexact=subscriber.email).order_by("created_at")
        ],
        "issues": [
            {
                "subject": delivery.edition.subject,
                "language": delivery.edition.language,
                "state": delivery.state,
                "named": delivery.get_state_display(),
                "sent": delivery.sent_at,
                "answer": delivery.answer,
                "came_back": delivery.bounced_at,
                "complained": delivery.complained_at,
                "possibly_twice": delivery.possibly_twice,
                "kept_until": delivery.issue.ended_at and delivery.issue.ended_at + keep_who_got_what(),
            }
            for delivery in _deliveries(subscriber)
        ],
        "issues_kept_months": settings.NEWSLETTER_DELIVERY_MONTHS,
        "mails": [
            {
                "occasion": row.template,
                "subject": mail.subject(row),
                "status": row.status,
                "queued": row.created_at,
                "sent": row.sent_at,
            }
            for row in Mail.objects.filter(
                recipient__iexact=subscriber.email, template__startswith="newsletter-"
            ).order_by("created_at")
        ],
    }


def as_file(subscriber: Subscriber) -> JsonResponse:
    """All of it as a file for machines."""
    response = JsonResponse(personal_data(subscriber), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="newsletter.json"'
    return response


def _deliveries(subscriber: Subscriber) -> Iterable[Delivery]:
    """Every issue that went to the address of now, or is to go there."""
    rows = subscriber.deliveries.select_related("edition", "issue").order_by("issue__started_at", "pk")
    if not subscriber.moved_at:
        return rows
    # What was refused says so in words that may name the mailbox of then.
    refused_before = Q(state=Delivery.State.FAILED, issue__started_at__lt=subscriber.moved_at)
    return rows.exclude(Q(sent_at__lt=subscriber.moved_at) | refused_before)
