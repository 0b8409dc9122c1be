"""Asking the DNS within a bound of time, and knowing "there is none" from "nobody answered"."""

import ipaddress
import time
from collections.abc import Callable, Iterator
from typing import Any

import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver
import dns.reversename

ANSWER = 4.0  # seconds for one question, all nameservers and tries together


class Silent(Exception):
    """The DNS gave no answer one could rely on: too slow, broken, or there is none. Says nothing about the record."""


def resolver(servers: str) -> dns.resolver.Resolver:
    """One that asks `servers` ("9.9.9.9, [::1]:5300"), else this machine's own. Raises `Silent` if there are none."""
    try:
        made = dns.resolver.Resolver(configure=not servers.strip())
        if servers.strip():
            made.nameservers = [_server(each.strip()) for each in servers.split(",") if each.strip()]
    except (dns.exception.DNSException, ValueError, OSError) as error:
        raise Silent(str(error)) from error
    made.timeout = ANSWER / 2  # one packet may get lost
    made.use_edns(0, 0, 1232)
    made.cache = None
    return made


def _server(text: str) -> dns.nameserver.Nameserver:
    host, _colon, port = text.rpartition(":")
    if text.startswith("[") or text.count(":") == 1:
        return dns.nameserver.Do53Nameserver(host.strip("[]") if port != "" and host else text.strip("[]"), int(port))
    return dns.nameserver.Do53Nameserver(text)


class Asker:
    """Asks each question once. Whoever asks after the time is over, or where nobody ever answers, hears `Silent`."""

    def __init__(self, make: Callable[[], dns.resolver.Resolver], *, seconds: float):
        self.make = make
        self.resolver: dns.resolver.Resolver | None = None
        self.until = time.monotonic() + seconds
        self.known: dict[tuple[str, str], list[Any] | Silent] = {}
        self.heard = False

    def texts(self, name: str) -> list[str]:
        """The TXT records of `name`, each as one string; what is no text in them is replaced."""
        found = (b"".join(record.strings) for record in self._records(name, "TXT"))
        return [text.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}") for text in found]

    def addresses(self, name: str) -> list[str]:
        """Its addresses of both kinds."""
        return [record.address for kind in ("A", "AAAA") for record in self._records(name, kind)]

    def exchangers(self, name: str) -> list[str]:
        """The hosts that take its mail."""
        return [record.exchange.to_text(omit_final_dot=True) for record in self._records(name, "MX")]

    def names_of(self, address: str) -> list[str]:
        """What the address is called."""
        name = dns.reversename.from_address(address).to_text()
        return [record.target.to_text(omit_final_dot=True).lower() for record in self._records(name, "PTR")]

    def _records(self, name: str, kind: str) -> list[Any]:
        key = (name.lower(), kind)
        if key not in self.known:
            try:
                self.known[key] = list(self._asked(name, kind))
            except Silent as silent:
                self.known[key] = silent
        found = self.known[key]
        if isinstance(found, Silent):
            raise found
        return found

    def _asked(self, name: str, kind: str) -> Iterator[Any]:
        try:
            asked = dns.name.from_text(name, idna_codec=dns.name.IDNA_2008_Practical)
        except (dns.exception.DNSException, ValueError):  # no name at all, so nothing is there
            return
        left = self.until - time.monotonic()
        if left <= 0:
            raise Silent("The time is over.")
        try:
            self.resolver = self.resolver or self.make()
            answer = self.resolver.resolve(asked, kind, lifetime=min(ANSWER, left), search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            self.heard = True
            return
        except (dns.exception.DNSException, OSError, ValueError) as error:
            if not self.heard:
                self.until = 0.0
            raise Silent(str(error)[:300]) from error
        self.heard = True
        wanted = dns.rdatatype.from_text(kind)
        yield from (record for record in answer if record.rdtype == wanted)


def is_outside(address: str) -> bool:
    """Whether the world can see this address."""
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False
