"""The two calls at the foot of an article, in a real browser without JavaScript, to their end: newsletter and ticket."""

from collections.abc import Callable
from io import BytesIO

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import LazySettings
from PIL import Image as Picture
from playwright.sync_api import BrowserContext, Locator, Page, expect

from newsletter.models import Subscriber
from tests.browser.conftest import TICKET_KEY, Site
from tests.browser.mailbox import follow
from tests.browser.watching import PHONE
from tests.factories import make_article, make_topic, make_user, publish
from tests.newsletter.people import take_time
from tests.tickets.factories import make_shop, taken
from tickets.admission import codes
from tickets.models import Order

pytestmark = pytest.mark.django_db(transaction=True)


def scan(code: Locator) -> str:
    """What a phone reads that is held before the screen."""
    barcode = zxingcpp.read_barcode(Picture.open(BytesIO(code.screenshot())).convert("L"))
    assert barcode is not None
    return barcode.text


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()


@pytest.mark.browser_context_args(java_script_enabled=False, locale="de-DE")
def test_a_visitor_subscribes_buys_and_holds_a_ticket(
    page: Page, site: Site, new_context: Callable[[], BrowserContext], settings: LazySettings
):
    topic = make_topic()
    article = publish(make_article(topics=[topic]))
    _event, quota, _product = make_shop()
    page.goto(site.url + article.get_absolute_url())
    subscribe(page, site)
    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.status, list(subscriber.topics.all())) == (
        "jana@example.org",
        "active",
        [topic],
    )
    assert subscriber.consents.get().source == article.get_absolute_url()
    assert page.context.cookies() == []

    page.goto(site.url + article.get_absolute_url())
    page.get_by_role("region", name="Sichern Sie sich jetzt").get_by_role("link", name="Zum Ticketshop").click()
    assert page.context.cookies() == []
    order = buy_two(page, site)
    assert [cookie["name"] for cookie in page.context.cookies()] == ["sessionid", "csrftoken"]
    assert taken(quota) == [2]
    girocode = scan(page.get_by_role("img", name="GiroCode für Ihre Banking-App")).split("\n")
    assert (girocode[0], girocode[6], girocode[7]) == ("BCD", "DE02120300000000202051", "EUR238.00")
    assert order.code in girocode

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]  # as the site has it
    record_payment(new_context().new_page(), site, order)

    page.set_viewport_size({"width": PHONE, "height": 800})
    page.emulate_media(color_scheme="dark")
    follow(page, site, "Ihre Tickets für Kongress", "Nils Rüter, Kongressticket")
    expect(page.get_by_role("heading", level=1, name="Nils Rüter")).to_be_visible()
    ticket = order.positions.get(attendee_name="Nils Rüter")
    assert scan(page.get_by_role("img", name="QR-Code des Tickets")) == ticket.ticket_code
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(TICKET_KEY)).public_key().public_bytes_raw()
    assert codes.read(ticket.ticket_code or "", key).product == ticket.product_id


def subscribe(page: Page, site: Site) -> None:
    """From the call at the foot of the article, with one wrong key, to the welcome."""
    call = page.get_by_role("region", name="Abonnieren Sie unseren Newsletter")
    call.get_by_label("E-Mail-Adresse").fill("jana@")
    call.get_by_role("button", name="Newsletter abonnieren").click()
    expect(page.locator(".error-summary")).to_be_focused()
    field = page.get_by_label("E-Mail-Adresse")
    expect(field).to_have_value("jana@")
    field.fill("jana@example.org")
    press(page, "Newsletter abonnieren")
    page.get_by_label("Open Data").check()
    take_time()
    press(page, "Auswahl speichern")
    expect(page.get_by_role("heading", name="Ihre Auswahl ist gespeichert")).to_be_visible()
    follow(page, site, "Bitte bestätigen Sie Ihre Anmeldung", "Anmeldung bestätigen")
    press(page, "Ja, Newsletter abonnieren")
    expect(page.get_by_role("heading", name="Willkommen!")).to_be_visible()


def buy_two(page: Page, site: Site) -> Order:
    """From the shop to the page of the order, with one field forgotten, and the click in the mail."""
    page.get_by_label("Anzahl Kongressticket").select_option("2")
    press(page, "Reservieren und weiter")
    for label, typed in {
        "E-Mail-Adresse": "jana@example.org",
        "Straße und Hausnummer": "Am Markt 1",
        "Postleitzahl": "16225",
        "Ort": "Eberswalde",
    }.items():
        page.get_by_label(label, exact=True).fill(typed)
    names = page.get_by_label("Vor- und Nachname")
    names.nth(0).fill("Jana Wetterau")
    press(page, "Weiter zur Übersicht")
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="Bitte nennen Sie, wer mit Ticket 2 kommt.").click()
    expect(names.nth(0)).to_have_value("Jana Wetterau")
    names.nth(2).fill("Nils Rüter")
    press(page, "Weiter zur Übersicht")
    press(page, "Zahlungspflichtig bestellen")
    expect(page.get_by_role("heading", level=1, name="Ein Klick fehlt noch")).to_be_visible()
    follow(page, site, "Bitte bestätigen Sie Ihre Bestellung", "Diese Bestellung bestätigen")
    press(page, "Diese Bestellung bestätigen")
    expect(page.get_by_role("heading", level=1, name="Jetzt fehlt nur noch die Überweisung")).to_be_visible()
    return Order.objects.get()


def record_payment(page: Page, site: Site, order: Order) -> None:
    """Staff sees the money on the account."""
    user = make_user("tickets", language="de")
    page.goto(f"{site.url}/admin/tickets/order/{order.pk}/change/")
    page.get_by_label("Benutzername").fill(user.username)
    page.get_by_label("Passwort").fill("secret")
    press(page, "Anmelden")
    page.get_by_role("link", name="Zahlung eintragen").click()
    press(page, "Zahlung eintragen")
    expect(page.get_by_text("Die Bestellung ist bezahlt")).to_be_visible()
