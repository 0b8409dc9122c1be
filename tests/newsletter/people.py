"""What the newsletter's tests do as a visitor with a mailbox."""

import re
from datetime import timedelta

from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve

from newsletter.models import Consent, LinkRequest, MoveRequest, SignUp, Subscriber
from newsletter.subscribers import asking, subscribing
from sccon import mail
from sccon.models import Mail, SentForm


def ask(client: Client, email: str = "jana@example.org", *, language: str = "de", **extra: object) -> HttpResponse:
    """Sends the form at the foot of an article; the worker does its part."""
    fields = {"email": email, "website": "", **extra}
    wait_a_little()
    answer = client.post(
        f"/{language}/newsletter/", fields, headers={"Referer": f"http://testserver/{language}/news/meldung/"}
    )
    work()
    return answer


def ask_links(client: Client, email: str = "jana@example.org") -> HttpResponse:
    """Asks for the links to preferences and data."""
    wait_a_little()
    answer = client.post("/de/newsletter/links/", {"email": email})
    work()
    return answer


def wait_a_little() -> None:
    """So long that the same form is no second click."""
    SentForm.objects.all().delete()


def work() -> None:
    """What the worker does with requests; the mails stay where they are."""
    for sign_up in SignUp.objects.filter(handled_at=None).order_by("pk"):
        asking.handle_sign_up(sign_up_id=sign_up.pk)
    for asked in LinkRequest.objects.order_by("pk"):
        asking.handle_links(request_id=asked.pk)
    for wanted in MoveRequest.objects.order_by("pk"):
        asking.handle_move(request_id=wanted.pk)


def take_time() -> None:
    """Reads the second page as people do: slower than a program."""
    SignUp.objects.update(created_at=F("created_at") - timedelta(seconds=5))


def mails(email: str = "jana@example.org") -> list[str]:
    """The templates of the mails to `email`, oldest first."""
    return list(Mail.objects.filter(recipient=email).order_by("pk").values_list("template", flat=True))


def link(name: str, email: str = "jana@example.org") -> str:
    """The path behind the newest link called `name` in the mails to `email`."""
    for row in Mail.objects.filter(recipient=email).order_by("-pk"):
        for address in re.findall(r"https?://[^/\s]+(/[^\s>]+)", mail.render(row).text):
            if resolve(address).url_name == name:
                return address
    raise AssertionError(f"no mail to {email} has a link to {name}")


def subscribe(client: Client, email: str = "jana@example.org", **extra: object) -> Subscriber:
    """Asks and confirms."""
    ask(client, email, **extra)
    assert client.post(link("confirm", email)).status_code == 200
    return Subscriber.objects.get(email=email)


def make_subscriber(email: str = "jana@example.org", language: str = "de") -> Subscriber:
    """A subscriber who has confirmed, without the pages."""
    made = subscribing.request(email, language=language, source="/de/newsletter/", network="203.0.113.0/24")
    subscribing.handle(made)
    made.refresh_from_db()
    consent = made.consent
    assert isinstance(consent, Consent)
    return subscribing.confirm(consent, network="198.51.100.0/24")
