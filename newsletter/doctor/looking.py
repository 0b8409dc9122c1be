"""The checks: what DNS, relay and our own address say of the mails that are to leave. Writes nothing.

Red is only what was answered definitely. Where nobody answers, or not in time, the finding is "unknown" and blocks nothing.
"""

import ipaddress
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from . import reaching, records
from .resolving import Asker, Silent, is_outside, resolver
from .spf import MOST_VOID, Broken, Policy, Reading, records_of, together, with_relay

logger = logging.getLogger("newsletter.doctor")

SECONDS = 25.0  # the whole look
DNS_SECONDS = 20.0  # of them for all questions to the DNS
MOST_ADDRESSES = 8  # of a relay
INSIDE = (".local", ".internal", ".lan", ".home.arpa")  # names that only a network of one's own knows

GOOD, HINT, RED, UNKNOWN = "good", "hint", "red", "unknown"

# Every sentence (`telling.SENTENCES`), and what it means for sending.
VERDICTS = {
    **dict.fromkeys(
        (
            *("spf-good", "dkim-good", "dmarc-good", "alignment-good", "host-good"),
            *("tls-good", "tls-here", "links-good"),
        ),
        GOOD,
    ),
    **dict.fromkeys(
        (
            *("spf-everybody", "spf-relay", "spf-void", "dkim-unasked", "dkim-weak", "dkim-testing"),
            *("alignment-dkim", "host-some", "tls-ends", "links-ends"),
        ),
        HINT,
    ),
    **dict.fromkeys(
        (
            *("spf-missing", "spf-several", "spf-broken", "spf-lookups", "spf-loop", "spf-include", "spf-nobody"),
            *("dkim-unreadable", "dkim-selector", "dkim-missing", "dkim-several", "dkim-broken", "dkim-revoked"),
            *("dkim-other", "dkim-short", "dmarc-missing", "dmarc-several", "dmarc-broken", "alignment-none"),
            *("host-missing", "host-back", "tls-off", "tls-not-offered", "tls-certificate", "tls-broken"),
            *("tls-refused", "links-http", "links-certificate", "links-broken", "links-refused", "links-nowhere"),
            "links-status",
        ),
        RED,
    ),
    **dict.fromkeys(
        (
            *("host-inside", "tls-nowhere", "tls-later", "links-trial", "links-later", "links-busy"),
            *("dns-silent", "no-time"),
        ),
        UNKNOWN,
    ),
}


@dataclass(frozen=True)
class Setup:
    """What is looked at."""

    sender: str  # domain
    envelope: str  # domain of the envelope sender
    relay: dict[str, Any] | None
    selector: str
    key: str  # path
    url: str
    path: str
    servers: str


@dataclass(frozen=True)
class Finding:
    """What one check found. `publish`: records for the DNS, each with name, type and value."""

    about: str
    subject: str
    says: str
    words: dict[str, Any] = field(default_factory=dict)
    publish: list[dict[str, str]] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        return VERDICTS[self.says]


def setup() -> Setup:
    """As the settings have it."""
    relay: Any = settings.MAILERS["bulk"]["OPTIONS"] if settings.NEWSLETTER_SMTP_URL else None
    sender = parseaddr(settings.NEWSLETTER_MAIL_FROM)[1].rpartition("@")[2].lower()
    return Setup(
        sender=sender,
        envelope=settings.NEWSLETTER_BOUNCE_DOMAIN or sender,
        relay=relay,
        selector=settings.NEWSLETTER_DKIM_SELECTOR,
        key=settings.NEWSLETTER_DKIM_KEY,
        url=settings.SITE_URL,
        path=f"/{settings.LANGUAGE_CODE}/",
        servers=settings.NEWSLETTER_DNS,
    )


def subjects(of: Setup) -> dict[str, str]:
    """What each check looks at; none without a relay, for then nothing leaves."""
    if of.relay is None:
        return {}
    return {
        "spf": of.envelope,
        "dkim": f"{of.selector}._domainkey.{of.sender}" if of.selector else of.sender,
        "dmarc": of.sender,
        "alignment": " / ".join(dict.fromkeys([of.sender, of.envelope])),
        "host": of.relay["host"],
        "tls": f"{of.relay['host']}:{of.relay['port']}",
        "links": of.url,
    }


def look(of: Setup) -> list[Finding]:
    """A finding for each check, within `SECONDS`."""
    if of.relay is None:
        return []
    end = time.monotonic() + SECONDS
    asker = Asker(partial(resolver, of.servers), seconds=DNS_SECONDS)
    found: dict[str, Finding] = {}
    whose = subjects(of)

    def go(findings: Callable[[], Iterator[Finding]]) -> None:
        try:
            for finding in findings():
                found[finding.about] = finding
        except Exception:
            logger.exception("The mail doctor cannot look.")

    # The system's own look-up of a host takes as long as it likes: what does not come in time is not waited for.
    parts = (partial(in_the_dns, of, asker), partial(_at_the_relay, of), partial(_at_home, of, asker))
    threads = [threading.Thread(target=go, args=(part,), daemon=True) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    seen = dict(found)
    return [seen.get(about) or Finding(about, subject, "no-time") for about, subject in whose.items()]


# --- In the DNS --------------------------------------------------------------------------------


def in_the_dns(of: Setup, asker: Asker) -> Iterator[Finding]:
    """What others publish about our domains, and about the relay."""
    whose = subjects(of)
    checks: dict[str, Callable[[Setup, Asker], Finding]] = {
        "spf": _spf,
        "dkim": _dkim,
        "dmarc": _dmarc,
        "alignment": _alignment,
        "host": _host,
    }
    for about, check in checks.items():
        try:
            yield check(of, asker)
        except Silent as silent:
            yield Finding(about, whose[about], "dns-silent", {"words": str(silent)[:300]})


def _finding(of: Setup, says: str, words: dict[str, Any], publish: tuple[str, str] | None = None) -> Finding:
    """`publish`: name and value of a TXT record."""
    about = says.partition("-")[0]
    records_ = [{"name": publish[0], "type": "TXT", "value": publish[1]}] if publish else []
    return Finding(about, subjects(of)[about], says, words, records_)


def _spf(of: Setup, asker: Asker) -> Finding:
    domain, words = of.envelope, dict[str, Any]({"domain": of.envelope})
    reading, term = Reading(asker), _relay_term(of)
    try:
        record, policy = reading.read(domain)
    except Broken as broken:
        words |= broken.words | {"of": broken.words.get("domain", domain)} | {"domain": domain}
        value = ""
        if broken.says == "spf-missing":
            value = f"v=spf1 {term} ~all"
        elif broken.says == "spf-several":
            value = together(records_of(asker.texts(domain)))
        return _finding(of, broken.says, words, (domain, value) if value else None)
    words |= {"record": record[:500], "lookups": reading.lookups}
    if policy.allows_everybody():
        return _finding(of, "spf-everybody", words)
    allowed = (domain, with_relay(record, term))
    if not policy.allows_anybody():
        return _finding(of, "spf-nobody", words, (domain, f"v=spf1 {term} ~all"))
    if missing := _not_allowed(of, asker, policy):
        return _finding(of, "spf-relay", words | {"addresses": ", ".join(missing)}, allowed)
    if reading.void > MOST_VOID:
        return _finding(of, "spf-void", words | {"void": reading.void})
    return _finding(of, "spf-good", words)


def _not_allowed(of: Setup, asker: Asker, policy: Policy) -> list[str]:
    """The relay's addresses that the policy does not name."""
    try:
        return [each for each in _outside(of, asker) if policy.of(each) not in {"pass", "unknown"}]
    except Silent:
        return []


def _relay_term(of: Setup) -> str:
    """How a record of SPF would allow the relay; one on this machine leaves by the site's own address."""
    host = of.relay["host"] if of.relay else ""
    literal = _literal(host)
    if literal and is_outside(literal):
        return f"ip{ipaddress.ip_address(literal).version}:{literal}"
    return f"a:{urlsplit(of.url).hostname if _is_inside(host) else host}"


def _dkim(of: Setup, asker: Asker) -> Finding:
    words: dict[str, Any] = {"domain": of.sender, "selector": of.selector}
    own = None
    if of.key:
        try:
            own = records.own_key(of.key)
        except (ValueError, OSError) as error:
            return _finding(of, "dkim-unreadable", words | {"words": getattr(error, "strerror", None) or str(error)})
    if not of.selector:
        return _finding(of, "dkim-selector" if own else "dkim-unasked", words)
    name = f"{of.selector}._domainkey.{of.sender}"
    publish = (name, own[1]) if own else None
    # The relay may sign for the whole organisation, which agrees with the sender as well.
    places = [name] if own else [name, f"{of.selector}._domainkey.{records.organisation(of.sender)}"]
    for place in dict.fromkeys(places):
        words["name"] = place
        if found := [text for text in asker.texts(place) if records.is_key(text)]:
            break
    else:
        return _finding(of, "dkim-missing", words | {"name": name}, publish)
    words["record"] = found[0][:500]
    if len(found) > 1:
        return _finding(of, "dkim-several", words | {"number": len(found)}, publish)
    try:
        key = records.key(found[0])
    except records.NoRecord:
        return _finding(of, "dkim-broken", words, publish)
    words["bits"] = key.bits
    if key.revoked:
        return _finding(of, "dkim-revoked", words, publish)
    if own and key.numbers != own[0]:
        return _finding(of, "dkim-other", words, publish)
    if 0 < key.bits < records.GOOD_BITS:
        return _finding(of, "dkim-short" if key.bits < records.LEAST_BITS else "dkim-weak", words)
    return _finding(of, "dkim-testing" if key.testing else "dkim-good", words)


def _dmarc_records(of: Setup, asker: Asker) -> tuple[str, list[str]]:
    """Where the record is, or should be: at the sender's domain, else at its organisation's."""
    places = [f"_dmarc.{domain}" for domain in dict.fromkeys([of.sender, records.organisation(of.sender)])]
    for place in places:
        if found := [text for text in asker.texts(place) if records.is_dmarc(text)]:
            return place, found
    return places[-1], []


def _dmarc(of: Setup, asker: Asker) -> Finding:
    place, found = _dmarc_records(of, asker)
    words: dict[str, Any] = {"domain": of.sender, "name": place}
    publish = (place, "v=DMARC1; p=none")
    if not found:
        return _finding(of, "dmarc-missing", words, publish)
    words["record"] = found[0][:500]
    if len(found) > 1:
        return _finding(of, "dmarc-several", words | {"number": len(found)})
    try:
        policy = records.dmarc(found[0]).policy
    except records.NoRecord:
        return _finding(of, "dmarc-broken", words, publish)
    return _finding(of, "dmarc-good", words | {"policy": policy})


def _alignment(of: Setup, asker: Asker) -> Finding:
    """Whether one of SPF and DKIM is about the domain that the reader sees. It needs no answer but for strictness."""
    strict = False
    try:
        _place, found = _dmarc_records(of, asker)
        strict = len(found) == 1 and records.dmarc(found[0]).strict_spf
    except (Silent, records.NoRecord):
        pass
    same = records.organisation(of.sender) == records.organisation(of.envelope)
    words = {"domain": of.sender, "envelope": of.envelope}
    if of.sender == of.envelope or (same and not strict):
        return _finding(of, "alignment-good", words)
    return _finding(of, "alignment-dkim" if of.selector else "alignment-none", words)


def _host(of: Setup, asker: Asker) -> Finding:
    host = of.relay["host"] if of.relay else ""
    words: dict[str, Any] = {"host": host}
    if _is_inside(host):
        return _finding(of, "host-inside", words)
    if not _literal(host) and not asker.addresses(host):
        return _finding(of, "host-missing", words)
    outside = _outside(of, asker)
    if not outside:
        return _finding(of, "host-inside", words)
    wrong = [address for address in outside if not _leads_back(address, asker)]
    if not wrong:
        return _finding(of, "host-good", words | {"addresses": ", ".join(outside)})
    says = "host-back" if len(wrong) == len(outside) else "host-some"
    return _finding(of, says, words | {"addresses": ", ".join(wrong)})


def _leads_back(address: str, asker: Asker) -> bool:
    """Whether the address has a name, and one of its names has this address."""
    asked = ipaddress.ip_address(address)
    names = asker.names_of(address)[:MOST_ADDRESSES]
    return any(asked == ipaddress.ip_address(each) for name in names for each in asker.addresses(name))


def _outside(of: Setup, asker: Asker) -> list[str]:
    """The relay's addresses that the world can see."""
    host = of.relay["host"] if of.relay else ""
    if _is_inside(host):
        return []
    addresses = [_literal(host)] if _literal(host) else asker.addresses(host)
    return [address for address in addresses if is_outside(address)][:MOST_ADDRESSES]


def _is_inside(host: str) -> bool:
    """Whether only this machine or its network knows the host by this name."""
    if literal := _literal(host):
        return not is_outside(literal)
    name = host.lower().rstrip(".")
    return reaching.is_here(name) or "." not in name or name.endswith(INSIDE)


def _literal(host: str) -> str:
    """`host` if it is an address, else ''."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return ""


# --- By going there ----------------------------------------------------------------------------


def _at_the_relay(of: Setup) -> Iterator[Finding]:
    reached = reaching.relay(of.relay or {})
    yield _finding(of, reached.says, reached.words)


def _at_home(of: Setup, asker: Asker) -> Iterator[Finding]:
    reached = reaching.own_address(of.url, of.path)
    says = reached.says
    if says == "links-nowhere":  # so says this machine: is it known to the world?
        try:
            says = "links-later" if asker.addresses(urlsplit(of.url).hostname or "") else says
        except Silent:
            says = "links-later"
    yield _finding(of, says, reached.words)
