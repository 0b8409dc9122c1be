"""The event with its offers as search engines read it: schema.org's Event as JSON-LD."""

from collections.abc import Iterable

from django.utils.safestring import SafeString

from sccon.json_ld import json_ld
from tickets.catalogue.offers import Offer
from tickets.models import Event


def event_with_offers(event: Event, offers: Iterable[Offer], address: str) -> SafeString:
    """The shop page at the absolute `address`, as the content of an application/ld+json element."""
    data = {
        "@type": "Event",
        "name": event.name,
        "startDate": event.starts_at.isoformat(),
        "endDate": event.ends_at.isoformat(),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "eventStatus": "https://schema.org/EventScheduled",
        "location": {"@type": "Place", "name": event.venue, "address": event.address},
        "organizer": {"@type": "Organization", "name": event.seller_name},
        "offers": [
            {
                "@type": "Offer",
                "name": offer.product.name,
                "price": f"{offer.product.price:.2f}",
                "priceCurrency": "EUR",
                "url": address,
                "availability": f"https://schema.org/{'InStock' if offer.buyable else 'SoldOut'}",
            }
            for offer in offers
        ],
    }
    return json_ld(data)
