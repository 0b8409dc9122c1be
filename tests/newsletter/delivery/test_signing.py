"""DKIM by us: what arrives verifies, whatever stands in it; without a good key nothing leaves."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as elliptic
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.utils import translation

from newsletter.delivery import running, signing
from newsletter.models import Delivery, Issue
from tests.newsletter.issues_factory import HTML, begun
from tests.newsletter.relays import ScriptedRelay
from tests.newsletter.senders import send

pytestmark = pytest.mark.django_db(transaction=True)

DOTS = "<p>Punkte:</p>\n.\n..\n...\n.drei. " + "Wörter und Punkte. " * 40 + "\n. \n" + HTML
MUST_COVER = {
    *("from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post", "feedback-id"),
}

# 512 bits, which no library makes any more.
SHORT = b"""-----BEGIN RSA PRIVATE KEY-----
MIIBPAIBAAJBAOF0s3prdk2EJffo5+ERYChJ0S4O39kKpcr3oG2ozjdf+vTLtj9E
oCUL1E///y51pn6lIcqjMuDvF+G7Ofo8FsMCAwEAAQJBANRKXQ2yzoyjGFVde6oU
AGUvTMZ/vwvR2NdLYEahorvD4aqvk+ukN7ygVleQtq4k7aUOq5/9GzAMAaDUC6jn
M9ECIQD9TGNwhnb2179XcgdiWkrcUBxHdv45rD0zQe6DVbnMpQIhAOPcSnFM4Ifv
zQ905Snp3Xa7XUh7SKp2t2ltxVgDSfFHAiEAoqg8LxVaLbdr+xaRoVoEOqgDEO1b
4eM2RcUwCgyxzLUCIQDGKHPM6JBzZ4YrpPsOYkWo1fSf7icZp7iFxWLT0bhiTQIg
eU8zGGLHUoqmCdUyTkfBhtqiQrTxgsAGZWwgiklw9Ck=
-----END RSA PRIVATE KEY-----
"""


@pytest.fixture(scope="session")
def key() -> RSAPrivateKey:
    return rsa(65537, 2048)


def pem(key: Any, **given: Any) -> bytes:
    how = {"encoding": Encoding.PEM, "format": PrivateFormat.PKCS8, "encryption_algorithm": NoEncryption()}
    return key.private_bytes(**{**how, **given})


@pytest.fixture
def key_file(settings: Any, tmp_path: Path, key: RSAPrivateKey) -> Path:
    settings.NEWSLETTER_DKIM_KEY, settings.NEWSLETTER_DKIM_SELECTOR = str(tmp_path / "dkim.pem"), "news2026"
    (tmp_path / "dkim.pem").write_bytes(pem(key))
    return tmp_path / "dkim.pem"


@pytest.fixture
def verifies(key: RSAPrivateKey) -> Callable[[bytes], bool]:
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])
    names = {b"news2026._domainkey.example.org.": record}
    return lambda mail: dkim.verify(mail, dnsfunc=lambda name, timeout=5: names.get(name))


def is_sent(issue: Issue) -> Callable[[], bool]:
    return lambda: Issue.objects.get(pk=issue.pk).status == "sent"


def rests(issue: Issue) -> Callable[[], bool]:
    """Paused, and in nobody's hands."""
    return lambda: (
        Issue.objects.get(pk=issue.pk).status == "paused" and not Delivery.objects.filter(state="flying").exists()
    )


def test_what_a_server_received_verifies_and_a_change_of_any_field_breaks_it(
    relay: ScriptedRelay, key_file: Path, verifies: Callable[[bytes], bool]
):
    send(is_sent(begun(5, html=DOTS)), "sent")
    assert len(relay.mails) == 5
    assert all(verifies(mail.content) for mail in relay.mails)
    content = relay.mails[0].content
    head, _, body = content.partition(b"\r\n\r\n")
    assert b"\r\n..\r\n...\r\n.drei." in body
    assert max(map(len, head[: head.index(b"\r\nDate:")].split(b"\r\n"))) <= 76
    unfolded = re.sub(rb"\r\n[ \t]+", b" ", head).decode()
    signature, *fields = unfolded.split("\r\n")
    tags = dict(tag.strip().split("=", 1) for tag in signature.split(":", 1)[1].split(";"))
    assert (tags["d"], tags["s"], tags["a"]) == ("example.org", "news2026", "rsa-sha256")
    covered = {name.strip() for name in tags["h"].split(":")}
    assert covered >= MUST_COVER
    values = dict(field.split(": ", 1) for field in fields)
    assert {name.lower() for name in values} >= MUST_COVER
    for name, value in values.items():
        if name.lower() not in MUST_COVER:
            continue
        changed = unfolded.replace(f"\r\n{name}: {value}", f"\r\n{name}: {value[:-2]}x{value[-2:]}")
        added = unfolded.replace(f"\r\n{name}: ", f"\r\n{name}: x@example.com\r\n{name}: ")
        removed = unfolded.replace(f"\r\n{name}: {value}", "")
        for other in (changed, added, removed):
            assert other != unfolded
            assert not verifies(other.encode() + b"\r\n\r\n" + body), name
    assert verifies(unfolded.encode() + b"\r\n\r\n" + body)  # a relay may fold the fields anew
    assert not verifies(head + b"\r\n\r\n" + body.replace(b"Abmelden", b"Anmelden"))


def test_without_a_key_the_relay_signs(relay: ScriptedRelay, settings: Any):
    settings.NEWSLETTER_DKIM_SELECTOR = "relays"  # for the mail doctor
    send(is_sent(begun(1)), "sent")
    assert b"DKIM-Signature" not in relay.mails[0].content


def test_a_broken_key_says_what_to_do_and_nothing_of_what_it_holds(key_file: Path, key: RSAPrivateKey):
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    broken = {
        b"": signing.NO_KEY,
        b"\0\xff" * 100: signing.NO_KEY,
        pem(key)[:200]: signing.NO_KEY,
        pem(key, encryption_algorithm=BestAvailableEncryption(b"secret")): signing.NO_KEY,
        pem(elliptic(SECP256R1())): signing.NO_KEY,
        public: signing.NO_KEY,
        SHORT: signing.TOO_SHORT,
    }
    for content, words in broken.items():
        key_file.write_bytes(content)
        with pytest.raises(signing.CannotSign) as raised:
            signing.Signer()
        assert str(raised.value) == words
        assert raised.value.__cause__ is None  # which the log would print


def test_with_a_broken_key_it_rests_and_nothing_leaves_until_it_is_mended(
    relay: ScriptedRelay, key_file: Path, key: RSAPrivateKey
):
    issue = begun(5)

    def rests_because_of(words: str) -> None:
        send(rests(issue), "at rest")
        issue.refresh_from_db()
        assert (issue.pause, issue.pause_words) == ("build", words)
        assert "MAIL" not in relay.commands
        assert not Delivery.objects.exclude(state="queued", attempts=0).exists()
        assert running.resume(issue)

    key_file.unlink()
    rests_because_of(signing.MISSING)
    key_file.mkdir()  # as one that may not be read, for root may read all
    rests_because_of(signing.UNREADABLE)
    key_file.rmdir()
    key_file.write_bytes(SHORT)
    rests_because_of(signing.TOO_SHORT)
    key_file.write_bytes(pem(key))
    send(is_sent(issue), "sent")
    assert len(relay.mails) == 5 and all(b"DKIM-Signature" in mail.content for mail in relay.mails)


def test_a_key_that_breaks_while_it_is_sent_stops_whoever_reads_it_anew(
    relay: ScriptedRelay, key_file: Path, verifies: Callable[[bytes], bool]
):
    issue = begun(80)
    relay.slow = 0.005
    send(lambda: len(relay.mails) > 10, "at work")
    key_file.write_bytes(b"-----BEGIN PRIVATE KEY-----\nnothing\n-----END PRIVATE KEY-----\n")
    send(rests(issue), "at rest")
    assert len(relay.mails) < 80 and all(verifies(mail.content) for mail in relay.mails)


def test_why_it_rests_is_read_in_ones_own_language():
    sentences = [signing.MISSING, signing.UNREADABLE, signing.NO_KEY, signing.TOO_SHORT, signing.FAILED]
    with translation.override("de"):
        german = [translation.gettext(each) for each in sentences]
    assert not set(german) & set(sentences)
