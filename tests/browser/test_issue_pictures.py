"""The pictures of docs/newsletter.md, an issue of the demo as mailboxes show it. Drawn anew by
`PICTURES=docs/newsletter ./dev test tests/browser/test_issue_pictures.py`, and only then."""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from PIL import Image
from playwright.sync_api import Page

from news import demo as news_demo
from newsletter import demo
from newsletter.issues.preview import MODES, _seen
from newsletter.models import Edition
from tests.browser.watching import overflow

FOLDER = os.environ.get("PICTURES", "")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not FOLDER, reason="Draws pictures into the folder that PICTURES names."),
]


def test_an_issue_is_drawn_in_every_way_it_is_shown(live_server: Any, page: Page, settings: LazySettings):
    news_demo.fill()
    demo.fill()
    demo.fill_issues()
    edition = Edition.objects.filter(language="de", issue__status="sent").latest("made_at")
    html = edition.html.replace(f"{settings.SITE_URL}/media", f"{live_server.url}/media")
    html = html.replace(settings.SITE_URL, "https://www.example.org")
    folder = Path(FOLDER)
    folder.mkdir(exist_ok=True)
    for mode in MODES:
        if mode == "text":
            continue
        for width in (360, 640):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{live_server.url}/robots.txt")  # an address from which the pictures may be fetched
            page.set_content(_seen(html, mode), wait_until="networkidle")
            assert overflow(page) == [], (mode, width)
            drawn = Image.open(BytesIO(page.screenshot(full_page=True)))
            drawn.convert("RGB").save(folder / f"{width}-{mode}.webp", quality=72, method=6)
