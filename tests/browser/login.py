"""The login page, as staff meets it."""

from playwright.sync_api import Page, expect

from sccon.models import User
from tests.browser.conftest import Site


def sign_in(page: Page, site: Site, user: User) -> None:
    """Types name and password, in German."""
    page.goto(f"{site.url}/admin/")
    page.locator("#id_username").fill(user.username)
    page.locator("#id_password").fill("secret")
    page.get_by_role("button", name="Anmelden").click()
    expect(page).to_have_url(f"{site.url}/admin/")
