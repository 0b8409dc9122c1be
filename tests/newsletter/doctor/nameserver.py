"""A nameserver on this machine, by UDP and TCP, that knows what a test tells it and has moods."""

import socketserver
import struct
import threading
from collections.abc import Sequence
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.TXT import TXT

MOST_BY_UDP = 1232

Zone = dict[tuple[str, str], Sequence[str | bytes]]


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = allow_reuse_address = True


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True


class Nameserver:
    """Answers on a free port while the `with` lasts.

    `zone`: the records, by name and type; TXT as text or bytes. `moods`: by name how it answers instead: "servfail",
    "refused", "silent" (not at all), "garbage" (bytes that are no message).
    """

    def __init__(self, zone: Zone | None = None):
        self.zone: Zone = dict(zone or {})
        self.moods: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []

    def __enter__(self) -> "Nameserver":
        server = self

        class ByUdp(socketserver.DatagramRequestHandler):
            def handle(self) -> None:
                if answer := server.answer(self.rfile.read(), MOST_BY_UDP):
                    self.wfile.write(answer)

        class ByTcp(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                (length,) = struct.unpack("!H", self.rfile.read(2))
                if answer := server.answer(self.rfile.read(length), 65535):
                    self.wfile.write(struct.pack("!H", len(answer)) + answer)

        while True:
            self.udp = _Udp(("127.0.0.1", 0), ByUdp)
            try:
                self.tcp = _Tcp(self.udp.server_address, ByTcp)
            except OSError:  # somebody else has this port by TCP
                self.udp.server_close()
            else:
                break
        for each in (self.udp, self.tcp):
            threading.Thread(target=each.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        for each in (self.udp, self.tcp):
            each.shutdown()
            each.server_close()

    @property
    def address(self) -> str:
        """As NEWSLETTER_DNS names it."""
        return f"127.0.0.1:{self.udp.server_address[1]}"

    def answer(self, asked: bytes, most: int) -> bytes:
        """The answer to a question; no bytes for none."""
        query = dns.message.from_wire(asked)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        mood = self.moods.get(name) or self.moods.get("*", "")
        if mood == "silent":
            return b""
        if mood == "garbage":
            return asked[:2] + b"\xff" * 30
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if mood:
            response.set_rcode(dns.rcode.from_text(mood))
        elif records := self.zone.get((name, kind)):
            response.answer.append(dns.rrset.from_rdata(question.name, 60, *(_rdata(kind, each) for each in records)))
        elif alias := self.zone.get((name, "CNAME")):
            response.answer.append(dns.rrset.from_rdata(question.name, 60, _rdata("CNAME", alias[0])))
        elif not any(known == name for known, _kind in self.zone):
            response.set_rcode(dns.rcode.NXDOMAIN)
        wire = response.to_wire(max_size=65535)
        if len(wire) > most:
            response.answer.clear()
            response.flags |= dns.flags.TC
            wire = response.to_wire()
        return wire


def _rdata(kind: str, record: str | bytes) -> Any:
    if kind == "TXT":
        content = record.encode() if isinstance(record, str) else record
        chunks = [content[start : start + 255] for start in range(0, len(content), 255)] or [b""]
        return TXT(dns.rdataclass.IN, dns.rdatatype.TXT, chunks)
    return dns.rdata.from_text("IN", kind, record)
