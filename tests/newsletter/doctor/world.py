"""What the world says of example.org when all is well, and a site that sends from there."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sccon.settings import relay
from tests.newsletter.doctor import servers
from tests.newsletter.doctor.nameserver import Nameserver, Zone


def published(key: rsa.RSAPrivateKey, more: str = "") -> str:
    content = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; {more}p={base64.b64encode(content).decode()}"


KEY, OTHER = (rsa.generate_private_key(65537, 2048) for _each in range(2))

SPF, DKIM, DMARC = ("example.org", "TXT"), ("s1._domainkey.example.org", "TXT"), ("_dmarc.example.org", "TXT")
RELAY, BACK = ("mail.example.org", "A"), ("8.8.8.8.in-addr.arpa", "PTR")

GOOD: Zone = {
    SPF: ["MS=ms123", "v=spf1 a:mail.example.org include:others.example -all"],
    ("others.example", "TXT"): ["v=spf1 ip4:9.9.9.0/24 ip6:2620:fe::/48 ~all"],
    DKIM: [published(KEY)],
    DMARC: ["v=DMARC1; p=reject; rua=mailto:dmarc@example.org"],
    RELAY: ["8.8.8.8"],
    BACK: ["mail.example.org."],
}


@contextmanager
def known_world(settings: Any) -> Iterator[Nameserver]:
    """The nameserver that the site asks; its relay is on this machine."""
    with Nameserver(GOOD) as server, servers.smtp() as port:
        settings.NEWSLETTER_DNS = server.address
        settings.NEWSLETTER_MAIL_FROM = "News <news@example.org>"
        settings.NEWSLETTER_DKIM_SELECTOR = "s1"
        settings.NEWSLETTER_SMTP_URL = f"smtp://localhost:{port}?starttls=0"
        settings.MAILERS = {**settings.MAILERS, "bulk": relay(settings.NEWSLETTER_SMTP_URL)}
        yield server
