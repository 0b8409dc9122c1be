"""The demo's mailbox, as who tries the site reads it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.processes import wait_until


def follow(page: Page, site: Site, subject: str, link: str) -> None:
    """Opens the newest mail with `subject` once it is there, and follows `link` in its HTML part."""

    def arrived() -> bool:
        page.goto(f"{site.url}/demo/mailbox/")
        return page.get_by_role("link", name=subject).count() > 0

    wait_until(arrived, f"in the mailbox: {subject}")
    page.get_by_role("link", name=subject).first.click()
    page.wait_for_url("**/mailbox/*/")
    # By keyboard: the frame is another process, which does not draw what is out of sight. Scrolled to a moment ago, it
    # may, on a busy machine, not be known yet to lie there, and a click lands on the page around it.
    page.frame_locator("iframe").get_by_role("link", name=link).press("Enter")
    expect(page).not_to_have_url(re.compile("/demo/mailbox/"))
