"""What a production machine must set: for the checks, the bench and the tests that need one."""

import secrets

SETTINGS = {
    "DEBUG": "0",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "SITE_URL": "https://www.example.org",
    "SMTP_URL": "smtp://post:s%40fe@mail.example.org",
    "SITE_MAIL_FROM": "SCCON <mail@example.org>",
    "SITE_IMPRINT": "Messe GmbH, Platz 1, 10115 Berlin",
    "TRUSTED_PROXIES": "127.0.0.1/32",
    "LINK_KEY": secrets.token_hex(32),
    "SUPPRESSION_KEY": secrets.token_hex(32),
    "TICKET_KEY": secrets.token_hex(32),
}
