"""The calendar entry of a ticket."""

from django.utils.translation import gettext as _
from icalendar import Calendar
from icalendar import Event as Entry

from sccon.clock import database_now
from tickets.models import Event, Position


def calendar(position: Position, event: Event, url: str) -> bytes:
    """The event as an .ics file, in the active language."""
    entry = Entry()
    entry.add("uid", f"ticket-{position.pk}-event-{event.pk}@{url.split('/')[2]}")
    entry.add("dtstamp", database_now())
    entry.add("dtstart", event.starts_at)
    entry.add("dtend", event.ends_at)
    entry.add("summary", f"{_('Test')}: {event.name}" if position.order.test else event.name)
    entry.add("location", ", ".join(filter(None, (event.venue, event.address))))
    entry.add("description", f"{position.product_name}\n{url}")
    entry.add("url", url)
    file = Calendar()
    file.add("prodid", "-//sccon//tickets//")
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    file.add_component(entry)
    return file.to_ical()
