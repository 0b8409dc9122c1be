"""Settings from the environment: what is missing in production is a sentence at start."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import production
from tests.processes import DEADLINE

ROOT = Path(__file__).resolve().parents[2]
COMPLETE: dict[str, str | None] = {**production.SETTINGS, "DATABASE_URL": os.environ["DATABASE_URL"]}
KNOBS = {"SITE_DEMO", "ALLOWED_HOSTS", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE", *COMPLETE}


def manage(*arguments: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    """manage.py as a production machine runs it, with `environment` changed (None: not set)."""
    return python("manage.py", *arguments, **environment)


def python(*arguments: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if name not in KNOBS}
    given = {name: value for name, value in (COMPLETE | environment).items() if value is not None}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=ours | given,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )


def value(name: str, **environment: str | None) -> str:
    """What the settings say, without the site that they are for: that starts in seconds."""
    return python("-c", f"from sccon import settings; print(settings.{name})", **environment).stdout.strip()


@pytest.mark.parametrize("name", sorted(COMPLETE.keys() - {"DEBUG"}))
def test_a_missing_setting_ends_the_start_with_a_sentence_that_says_what_to_set(name: str):
    result = manage("check", **{name: None})
    assert result.returncode != 0
    assert f"{name} is not set. Set it to " in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("SITE_URL", "www.example.org", "SITE_URL is 'www.example.org'; it must look like https://www.example.org."),
        ("SMTP_URL", "mail.example.org:25", "SMTP_URL must look like smtp://user:password@mail.example.org:587."),
        ("DATABASE_URL", "sqlite:///site.db", "DATABASE_URL must name a PostgreSQL database."),
    ],
)
def test_a_wrong_setting_ends_the_start_with_a_sentence(name: str, wrong: str, sentence: str):
    assert manage("check", **{name: wrong}).stderr.splitlines()[-1].endswith(sentence)


SENDERS = [
    "Messe, Berlin <mail@example.org>",
    "SCCON: Messe <mail@example.org>",
    "SCCON @ Berlin <mail@example.org>",
    "Messe; Berlin <mail@example.org>",
    "a@example.org, b@example.org",
    "Messe <mail@example.org>\nBcc: x@example.org",
    "Messe",
    "",
]


@pytest.mark.parametrize("name", ["SITE_MAIL_FROM", "SITE_MAIL_REPLY_TO"])
@pytest.mark.parametrize("wrong", SENDERS)
def test_a_sender_that_is_not_one_address_ends_the_start_and_is_blamed_by_its_own_name(name: str, wrong: str):
    said = python("-c", "from sccon import settings", **{name: wrong}).stderr.splitlines()[-1]
    others = {"SITE_MAIL_FROM", "SITE_MAIL_REPLY_TO", "SECURITY_CONTACT"} - {name}
    assert f"{name} is" in said
    assert not [other for other in others if other in said]


@pytest.mark.parametrize(
    "right",
    [
        "mail@example.org",
        "Messe <mail@example.org>",
        '"Messe, Berlin" <mail@example.org>',
        '"SCCON: @Berlin" <mail@example.org>',
        "Smart Country Convention – Büro <mail@example.org>",
        "Dr. Messe <mail@example.org>",
    ],
)
def test_a_sender_with_a_name_in_quotation_marks_is_taken(right: str):
    assert value("SITE_MAIL_REPLY_TO", SITE_MAIL_FROM=right) == right


def test_umlauts_of_domains_are_read_as_servers_know_them():
    given = {
        "SITE_URL": "https://Bücher.example:8443",
        "SITE_MAIL_FROM": "Bücher – Büro <amt@bücher.example>",
        "SITE_MAIL_REPLY_TO": "antwort@bücher.example",
        "NEWSLETTER_MAIL_FROM": '"Bücher, bücher.example" <news@bücher.example>',
        "NEWSLETTER_MAIL_REPLY_TO": "news@straße.example",
        "NEWSLETTER_BOUNCE_DOMAIN": "rück.example",
    }
    said = python(
        "-c", f"from sccon import settings; print(*(getattr(settings, n) for n in {list(given)}), sep=chr(10))", **given
    )
    assert said.stdout.splitlines() == [
        "https://xn--bcher-kva.example:8443",
        "Bücher – Büro <amt@xn--bcher-kva.example>",
        "antwort@xn--bcher-kva.example",
        '"Bücher, bücher.example" <news@xn--bcher-kva.example>',
        "news@xn--strae-oqa.example",
        "xn--rck-hoa.example",
    ]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"NEWSLETTER_MAIL_FROM": "büro@example.org"}, "few relays take letters such as ä before the @"),
        ({"NEWSLETTER_MAIL_REPLY_TO": "Amt <amt@b\u00fc_cher..example>"}, "which is no domain"),
        ({"NEWSLETTER_DKIM_KEY": "/etc/dkim.pem"}, "NEWSLETTER_DKIM_KEY needs NEWSLETTER_DKIM_SELECTOR"),
        ({"NEWSLETTER_DKIM_SELECTOR": "news._domainkey.example.org."}, "what stands before ._domainkey"),
        ({"NEWSLETTER_DELIVERY_MONTHS": "0"}, "NEWSLETTER_DELIVERY_MONTHS must be 1 or more"),
    ],
)
def test_settings_of_the_newsletter_are_read_at_start(given: dict[str, str], sentence: str):
    assert sentence in python("-c", "from sccon import settings", **given).stderr.splitlines()[-1]


def test_a_sites_name_with_a_comma_is_a_sender_all_the_same():
    said = value("SITE_MAIL_FROM", SITE_NAME="Messe, Berlin", SITE_MAIL_FROM=None, SMTP_URL="", SITE_DEMO="1")
    assert said == '"Messe, Berlin" <mail@example.org>'


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("yes", "TRUSTED_PROXIES has 'yes', which is no network"),
        ("10.0.0.0/33", "TRUSTED_PROXIES has '10.0.0.0/33', which is no network"),
        ("10.0.0.1/8", "10.0.0.1/8 has host bits set"),
        ("127.0.0.1,", "TRUSTED_PROXIES has '', which is no network"),
        ("-1", "TRUSTED_PROXIES has '-1', which is no network"),
        ("0.0.0.0/0", "which is everybody"),
        ("::/0", "which is everybody"),
    ],
)
def test_malformed_proxies_end_the_start_and_the_check_says_why(wrong: str, reason: str):
    result = manage("check", "--deploy", TRUSTED_PROXIES=wrong)
    assert result.returncode != 0
    assert reason in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("given", "read"),
    [("0", "0"), ("2", "2"), ("127.0.0.1", "['127.0.0.1']"), ("10.0.0.0/8, fd00::/8", "['10.0.0.0/8', 'fd00::/8']")],
)
def test_proxies_are_a_number_or_networks(given: str, read: str):
    assert value("TRUSTED_PROXIES", TRUSTED_PROXIES=given) == read


def test_the_deployment_check_finds_nothing():
    result = manage("check", "--deploy", "--fail-level", "WARNING")
    assert (result.returncode, (result.stdout + result.stderr).strip()) == (
        0,
        "System check identified no issues (0 silenced).",
    )


def test_production_answers_only_to_its_own_host_and_keeps_its_cookies_to_it():
    assert value("ALLOWED_HOSTS") == "['www.example.org']"
    assert value("SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE") == "__Host-session True"


def test_more_hosts_can_be_named():
    assert value("ALLOWED_HOSTS", ALLOWED_HOSTS="example.org,example.com") == (
        "['www.example.org', 'example.org', 'example.com']"
    )


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("smtp://post:s%40fe@mail.example.org", ("mail.example.org", 587, "post", "s@fe", False, True)),
        ("smtp://127.0.0.1:25?starttls=0", ("127.0.0.1", 25, "", "", False, False)),
        ("smtps://post:x@mail.example.org", ("mail.example.org", 465, "post", "x", True, False)),
    ],
)
def test_the_relay_is_read_from_its_address(url: str, options: tuple[object, ...]):
    names = ("host", "port", "username", "password", "use_ssl", "use_tls")
    read = value("MAILERS['default']['OPTIONS']", SMTP_URL=url)
    assert tuple(ast.literal_eval(read)[name] for name in names) == options


def test_a_demo_keeps_its_mails():
    assert value("SMTP_URL", SMTP_URL=None, SITE_DEMO="1") == "None"
