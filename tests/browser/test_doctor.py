"""The mail doctor's page in a real browser: at both widths, light and dark, in both languages, and while the worker looks."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, expect

from newsletter.doctor import keeping
from newsletter.models import MailFinding
from tests.browser.nu import complaints
from tests.browser.watching import cut_off, findings, overflow
from tests.factories import make_user
from tests.newsletter.doctor.world import DKIM, DMARC, OTHER, SPF, known_world, published
from tests.relay import run_jobs

expect.set_options(timeout=60_000)  # it only catches a hang, also on a busy machine

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_wrong_stands_on_the_page_and_is_looked_at_again(
    live_server: Any, new_context: Callable[..., BrowserContext], settings: Any, tmp_path: Path
):
    with known_world(settings) as nameserver:
        nameserver.zone |= {
            DMARC: [],
            SPF: ["v=spf1 ip4:9.9.9.9 -all", "v=spf1 mx ~all"],
            DKIM: [published(OTHER, "t=y; ")],
        }
        settings.SITE_URL = "http://www.a-name-that-is-long-and-has-no-place-to-break-in-it.example"
        keeping.look()
        for width, scheme, language in ((390, "dark", "de"), (1280, "light", "en")):
            client = Client()
            client.force_login(make_user("newsletter", "newsletter-send", language=language))
            context = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            context.set_default_timeout(60_000)
            cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
            context.add_cookies([cookie])
            page = context.new_page()
            said: list[str] = []
            page.on("console", lambda message, said=said: said.append(message.text))
            page.goto(f"{live_server.url}/admin/newsletter/mailfinding/")
            assert (overflow(page), cut_off(page), findings(page), said) == ([], [], [], [])
            if shots := os.environ.get("SHOTS"):
                page.screenshot(path=f"{shots}/doctor-{width}-{scheme}.png", full_page=True)
            (tmp_path / f"{language}.html").write_bytes(client.get("/admin/newsletter/mailfinding/").content)
        assert complaints(tmp_path) == []
        nameserver.zone |= {DMARC: ["v=DMARC1; p=none"]}
        page.get_by_role("button", name="Look again now").click()
        expect(page.get_by_text("It is being looked at")).to_be_visible()
        assert findings(page) == []
        run_jobs()
        expect(page.get_by_role("button", name="Look again now")).to_be_visible()  # the page learns it by itself
        assert MailFinding.objects.get(about="dmarc").verdict == "good"
