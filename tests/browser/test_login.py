"""Logging in with a passkey, in a browser that has one."""

import re
from typing import Any

import pytest
from django_otp_webauthn.models import WebAuthnCredential
from playwright.sync_api import Page, expect

from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site_url(live_server: Any, settings: Any) -> str:
    """Browsers know no passkeys for an IP address."""
    url = live_server.url.replace("127.0.0.1", "localhost")
    settings.OTP_WEBAUTHN_RP_ID = "localhost"
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [url]
    settings.SECOND_FACTOR_GROUPS = []
    return url


def log_in(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/login/?next=/admin/")
    page.locator("#id_username").fill("jana")
    page.locator("#id_password").fill("secret")
    page.locator("[type=submit]").click()


def test_a_passkey_is_made_and_lets_its_owner_in(site_url: str, page: Page) -> None:
    page.set_default_timeout(60_000)
    refused: list[str] = []
    page.on(
        "console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None
    )
    authenticator = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {**authenticator, "isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    make_user("editor", username="jana", language="de")

    log_in(page, site_url)
    page.goto(f"{site_url}/admin/sccon/user/me/security/")
    page.get_by_label("Name eines neuen Passkeys").fill("Laptop")
    page.get_by_role("button", name="Passkey hinzufügen").click()
    expect(page.get_by_text("Der Passkey ist gespeichert.")).to_be_visible(timeout=60_000)
    assert WebAuthnCredential.objects.get().name == "Laptop"

    page.locator(".me summary").click()
    page.get_by_role("button", name="Abmelden").click()
    log_in(page, site_url)
    expect(page).to_have_url(re.compile("/admin/login/code/$"), timeout=60_000)
    expect(page.locator("[role=alert]")).to_be_hidden()
    page.locator("form[data-passkey] button").click()  # the login speaks the browser's language
    expect(page).to_have_url(re.compile("/admin/$"), timeout=60_000)
    assert refused == []
