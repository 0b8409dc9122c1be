"""Headers as the bytes that a real mail server got: what Python shows again when it reads them is another matter."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sccon import mail, mail_headers
from sccon.models import Mail
from sccon.settings import relay
from tests.relay import Relay

ENCODED_WORD = re.compile(rb"=\?[^?\s]+\?[bq]\?[^?\s]*\?=", re.IGNORECASE)
ONE_CLICK = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click"

LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,40}[a-z0-9])?", fullmatch=True)
HOSTS = st.lists(LABEL, min_size=2, max_size=5).map(".".join)
TOKENS = st.from_regex(r"[A-Za-z0-9:_-]{1,400}", fullmatch=True)
WORDS = st.sampled_from(
    ["Größe", "&", "der", "Stadt", "😀", "👩‍👩‍👧", "=?utf-8?q?=20?=", "x" * 90, "ß" * 60, "„Smart“", ",", "  "]
)
SUBJECTS = st.one_of(
    st.lists(WORDS, max_size=60).map(" ".join),
    st.text(st.characters(exclude_categories=["C", "Z"]), max_size=300),
    st.sampled_from(["😀" * 300, "ä" * 300, "x" * 300, "x" * 1200, "a" * 70 + " ü " + "b" * 90, "Große " * 60]),
)
NAMES = st.text(st.characters(exclude_characters='"\\<>', exclude_categories=["C", "Z"]), min_size=1, max_size=150)
LOCAL = st.from_regex(r"[a-z0-9+_-]{1,64}", fullmatch=True)


@pytest.fixture(scope="module")
def smtp() -> Iterator[Relay]:
    with Relay() as server:
        yield server


def fields(content: bytes) -> dict[bytes, list[bytes]]:
    """The header fields of a mail with the lines that each takes, as they came."""
    found: dict[bytes, list[bytes]] = {}
    name = b""
    for line in content.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        if not line[:1].isspace():
            name = line.partition(b":")[0].lower()
        found.setdefault(name, []).append(line)
    return found


@given(
    host=HOSTS,
    language=st.sampled_from(["de", "en"]),
    token=TOKENS,
    subject=SUBJECTS,
    sender=NAMES,
    to=LOCAL,
    lead=st.sampled_from(["", "y" * 4000, "https://www.example.org/" + "a" * 3000, "😀 " * 900, "ü" * 2000]),
)
@hypothesis_settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_header_reaches_the_relay_as_the_mailboxes_want_it(
    settings, smtp, host, language, token, subject, sender, to, lead
):
    settings.MAILERS = {"default": relay(smtp.url, timeout=5)}
    settings.SITE_MAIL_FROM = f'"{sender}" <post@{host}>'
    settings.SITE_MAIL_REPLY_TO = f'"Größe, {sender}" <antwort@{host}>'
    address = f"https://{host}/{language}/newsletter/unsubscribe/{token}/"
    identity = f"<{'d' * 60}@{host}>"
    row = Mail(
        recipient=f"{to}@{host}",
        language=language,
        template="newsletter-welcome",
        context={"preferences_url": f"https://{host}/?{lead}", "unsubscribe_url": address},
        headers={**mail_headers.one_click(address), "List-Id": mail_headers.list_id(sender, f"newsletter.{host}")},
        attachments=[{"maker": "tests.relay.attached", "arguments": {"name": subject[:80].replace("/", "") + ".ics"}}],
        message_id=identity,
    )
    message = mail.message(row)
    message.subject = " ".join(subject.split())
    smtp.envelopes.clear()
    message.send(using="default")
    content = smtp.envelopes.pop().content
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    head = fields(content)
    assert head[b"list-unsubscribe"] == [f"List-Unsubscribe: <{address}>".encode()]
    assert head[b"list-unsubscribe-post"] == [ONE_CLICK]
    assert head[b"message-id"] == [f"Message-ID: {identity}".encode()]
    (list_id,) = head[b"list-id"]
    assert list_id.isascii() and b"=?" not in list_id and list_id.endswith(f"<newsletter.{host}>".encode())
    assert [word for lines in head.values() for word in ENCODED_WORD.findall(b"\n".join(lines)) if len(word) > 75] == []
    for name in (b"subject", b"from", b"reply-to"):
        assert all(len(line) <= 76 for line in head[name] if b"=?" in line), "RFC 2047, 2"
    read = message_from_bytes(content, policy=policy.default)
    assert read["Subject"] == " ".join(subject.split())
    assert [(each.display_name, each.addr_spec) for each in read["From"].addresses] == [(sender, f"post@{host}")]
    assert read["Reply-To"].addresses[0].display_name == f"Größe, {sender}"
    assert read["To"].addresses[0].addr_spec == f"{to}@{host}"
