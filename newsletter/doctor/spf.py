"""SPF (RFC 7208): the one record of a domain, everything it includes, and whether it allows an address."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .resolving import Asker

MOST_LOOKUPS = 10  # RFC 7208, 4.6.4
MOST_VOID = 2
MOST_HOSTS = 10  # behind one `mx`
RESULTS = {"": "pass", "+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}

MECHANISM = re.compile(
    r"(?P<sign>[-+~?]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)(?::(?P<value>[!-~]+?))?"
    r"(?P<four>/\d{1,3})?(?:/(?P<six>/\d{1,3}))?",
    re.IGNORECASE,
)
MODIFIER = re.compile(r"(?P<name>[a-z][a-z0-9_.-]*)=(?P<value>[!-~]*)", re.IGNORECASE)

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Broken(Exception):
    """Receivers cannot use it; `says` why, with `words` for the sentence."""

    def __init__(self, says: str, **words: Any):
        super().__init__(says)
        self.says, self.words = says, words


@dataclass
class Policy:
    """What a record says, in its order: a result and whom it is for. None: that cannot be told without a mail."""

    rules: "list[tuple[str, list[Network] | Policy | None]]" = field(default_factory=list)
    redirect: "Policy | None" = None

    def of(self, address: str) -> str:
        """What it says of `address`: pass, fail, softfail, neutral, or unknown."""
        asked = ipaddress.ip_address(address)
        for result, whom in self.rules:
            if whom is None:
                return "unknown"
            if isinstance(whom, Policy):
                inner = whom.of(address)
                if inner == "unknown":
                    return "unknown"
                if inner == "pass":
                    return result
            elif any(asked in network for network in whom if network.version == asked.version):
                return result
        return self.redirect.of(address) if self.redirect else "neutral"

    def allows_anybody(self) -> bool:
        """Whether it passes anybody at all."""
        passed = [whom for result, whom in self.rules if result == "pass"]
        if any(whom.allows_anybody() if isinstance(whom, Policy) else whom is None or whom for whom in passed):
            return True
        return bool(self.redirect and self.redirect.allows_anybody())

    def allows_everybody(self) -> bool:
        """Whether it passes whoever asks, which is worth nothing."""
        return ("pass", EVERYBODY) in self.rules or bool(self.redirect and self.redirect.allows_everybody())


EVERYBODY: list[Network] = [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]


class Reading:
    """Reads a domain's record with all that it includes. `Silent` comes through; what is wrong is `Broken`."""

    def __init__(self, asker: Asker):
        self.asker = asker
        self.lookups = self.void = 0

    def read(self, domain: str) -> tuple[str, Policy]:
        """The record of `domain`, and what it means. Raises `Broken`."""
        records = records_of(self.asker.texts(domain))
        if not records:
            raise Broken("spf-missing")
        if len(records) > 1:
            raise Broken("spf-several", number=len(records), record=" | ".join(records)[:500])
        try:
            return records[0], self._policy(records[0], domain, (domain.lower(),))
        except Broken as broken:
            broken.words.setdefault("record", records[0][:500])
            raise

    def _policy(self, record: str, domain: str, way: tuple[str, ...]) -> Policy:
        made, modifiers = Policy(), dict[str, str]()
        over = False  # behind `all` nothing counts
        for term in record.split(" ")[1:]:
            if not term:
                continue
            if found := MODIFIER.fullmatch(term):
                name = found["name"].lower()
                if name in {"redirect", "exp"} and (name in modifiers or not found["value"]):
                    raise Broken("spf-broken", term=term[:100], domain=domain)
                modifiers[name] = found["value"]
            elif (found := MECHANISM.fullmatch(term)) and _fits(found):
                if not over:
                    made.rules.append((RESULTS[found["sign"]], self._whom(found, domain, way)))
                over = over or found["name"].lower() == "all"
            else:
                raise Broken("spf-broken", term=term[:100], domain=domain)
        if "redirect" in modifiers and not over:
            self._count()
            if "%" in modifiers["redirect"]:
                made.rules.append(("neutral", None))
            else:
                made.redirect = self._inner(modifiers["redirect"], way)
        return made

    def _whom(self, term: re.Match[str], domain: str, way: tuple[str, ...]) -> "list[Network] | Policy | None":
        name, value = term["name"].lower(), term["value"] or ""
        if name == "all":
            return EVERYBODY
        if name in {"ip4", "ip6"}:
            return [ipaddress.ip_network(value + (term["four"] or ""), strict=False)]
        self._count()
        if "%" in value or name in {"exists", "ptr"}:
            return None
        if name == "include":
            return self._inner(value, way)
        hosts = [value or domain]
        if name == "mx":
            hosts = self.asker.exchangers(value or domain)
            self._count_void(hosts)
            if len(hosts) > MOST_HOSTS:
                raise Broken("spf-broken", term=term[0][:100], domain=domain)
        addresses = [address for host in hosts for address in self.asker.addresses(host)]
        if name == "a":
            self._count_void(addresses)
        return list(_networks(addresses, term["four"], term["six"]))

    def _inner(self, domain: str, way: tuple[str, ...]) -> Policy:
        if domain.lower() in way:
            raise Broken("spf-loop", domain=domain[:200])
        records = records_of(texts := self.asker.texts(domain))
        self._count_void(texts)
        if len(records) != 1:
            raise Broken("spf-include", domain=domain[:200])
        return self._policy(records[0], domain, (*way, domain.lower()))

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise Broken("spf-lookups", most=MOST_LOOKUPS)

    def _count_void(self, found: list[str]) -> None:
        self.void += not found


def records_of(texts: Iterable[str]) -> list[str]:
    """Those that are SPF records: they begin with exactly this word."""
    return [text for text in texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]


def _fits(term: re.Match[str]) -> bool:
    """Whether a mechanism has the parts that it must have, and no others."""
    name, value, four, six = term["name"].lower(), term["value"], term["four"], term["six"]
    match name:
        case "all":
            return not (value or four or six)
        case "ip4" | "ip6":
            try:
                network = ipaddress.ip_network((value or "") + (four or ""), strict=False)
            except ValueError:
                return False
            return f"ip{network.version}" == name and not six
        case "include" | "exists":
            return bool(value) and not (four or six)
        case "ptr":
            return not (four or six)
    return int((four or "/32")[1:]) <= 32 and int((six or "/128")[1:]) <= 128


def _networks(addresses: list[str], four: str | None, six: str | None) -> Iterable[Network]:
    for address in addresses:
        length = (six if ":" in address else four) or ""
        yield ipaddress.ip_network(address + length, strict=False)


def together(records: Iterable[str]) -> str:
    """One record that says what several say; whom none of them names is no longer sure."""
    terms = [term for record in records for term in record.split(" ")[1:] if term]
    ends = re.compile(r"[-+~?]?all", re.IGNORECASE)
    return " ".join(dict.fromkeys(["v=spf1", *(term for term in terms if not ends.fullmatch(term)), "~all"]))


def with_relay(record: str, term: str) -> str:
    """`record` with `term` allowed first: what follows cannot take that back."""
    return " ".join(["v=spf1", term, *record.split(" ")[1:]])
