"""The pages that send an issue, in a real browser: what is asked, how it goes, at both widths, light and dark."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from newsletter.delivery import running
from newsletter.models import ArchiveViews, Delivery, Subscriber
from sccon.clock import database_now
from tests.browser.watching import findings, overflow
from tests.factories import make_user
from tests.newsletter.issues.made import make_issue

expect.set_options(timeout=60_000)  # it only catches a hang, also on a busy machine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser_context_args(locale="de-DE")]


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_an_issue_is_sent_and_the_page_says_how_it_goes(
    live_server: Any, new_context: Callable[..., BrowserContext], width: int, scheme: Any
):
    Subscriber.objects.bulk_create(
        Subscriber(
            email=f"person-{number}@beispiel-verwaltung-mit-langem-namen.example",
            language="de" if number % 3 else "en",
            status="active",
            confirmed_at=database_now(),
        )
        for number in range(60)
    )
    issue = make_issue()
    client = Client()
    client.force_login(make_user("newsletter", "newsletter-send", language="de"))
    context = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(60_000)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()

    def looks(name: str) -> None:
        page.wait_for_load_state("load")
        expect(page.locator("main, #main, [role=main]").first).to_be_visible()
        assert overflow(page) == []
        assert findings(page) == []
        if shots := os.environ.get("SHOTS"):
            page.screenshot(path=f"{shots}/{name}-{width}.png", full_page=True)

    page.goto(f"{live_server.url}/admin/newsletter/issue/{issue.pk}/change/")
    page.locator(".recipients summary").click()
    looks("form")
    page.get_by_role("button", name="Senden …").click()
    page.locator(".recipients summary").click()
    looks("send")
    page.get_by_role("button", name="An 60 Personen senden").click()
    expect(page.get_by_role("button", name="Zurücknehmen")).to_be_visible()
    looks("ordered")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE newsletter_issue SET begin_at = now() - interval '1 second'")
    running.begin(issue.pk)
    # The page learns it by itself.
    expect(page.get_by_role("button", name="Anhalten")).to_be_visible()
    numbers = list(Delivery.objects.values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=numbers[:30]).update(state="sent", sent_at=database_now(), answer="250 Ok")
    Delivery.objects.filter(pk__in=numbers[30:33]).update(state="failed", answer="550 5.1.1 No such user here")
    expect(page.locator(".run-sum .run-sent dd")).to_have_text("30")
    looks("sending")
    for edition in issue.editions.all():
        ArchiveViews.objects.create(edition=edition, day=timezone.localdate(), count=1234)
    Delivery.objects.filter(pk__in=numbers[3:6]).update(bounced_at=database_now())
    Delivery.objects.filter(pk=numbers[7]).update(left_at=database_now())
    running.pause(issue.pk, "relay", words="535 5.7.8 Error: authentication failed")
    expect(page.get_by_role("button", name="Weiter mit 27 E-Mails")).to_be_visible()
    page.locator(".unknown summary").click()
    looks("paused")
    page.get_by_role("link", name="Abbrechen …").click()
    looks("cancel")
    page.get_by_role("link", name="Zurück zur Ausgabe").click()
    page.get_by_role("link", name="Wer sie erhalten hat").click()
    looks("deliveries")
    page.goto(f"{live_server.url}/admin/")
    page.locator("[aria-labelledby=desk-subscribers] summary").click()
    looks("desk")
