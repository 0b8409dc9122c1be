"""How the header fields of our mails are written: what machines read as one plain line, names and subjects as RFC 2047 says.

Python's own writer turns an address of more than 75 characters into encoded words, which RFC 2047 (5) forbids there: mail
programs then show no button to unsubscribe. It makes encoded words longer than the 75 characters that RFC 2047 (2) allows,
and reads a subject that only looks like one as one.
"""

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterator, Mapping
from email.headerregistry import HeaderRegistry, UniqueAddressHeader, UniqueUnstructuredHeader, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, default
from typing import Any

from django.core.mail import EmailMultiAlternatives

LINE = 76  # RFC 2047, 2: for lines with encoded words
LONGEST = 998  # RFC 5322, 2.1.1
OPENING, CLOSING = "=?utf-8?b?", "?="
SIGNS = re.compile(r"[^A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]")  # RFC 5322, 3.2.3: others are quoted in a name

UMLAUTS = {ord(sign): plain for sign, plain in zip("äöüÄÖÜß", ("ae", "oe", "ue", "Ae", "Oe", "Ue", "ss"), strict=True)}


def one_click(address: str) -> Mapping[str, str]:
    """One-click unsubscribe (RFC 8058): mail programs show a button that posts to this address."""
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def list_id(name: str, identifier: str) -> str:
    """The List-Id (RFC 2919) of a list: its name for people, without umlauts, and what it is known by for ever."""
    plain = unicodedata.normalize("NFKD", name.translate(UMLAUTS)).encode("ascii", "ignore").decode()
    plain = " ".join(re.sub(r'[^ -~]|[<>"\\]|=\?', " ", plain).split())[:200]
    return f'"{plain}" <{identifier}>' if plain else f"<{identifier}>"


class _Written:
    """A field that keeps the value it is given as it is: none of it is read as something encoded."""

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["decoded"], kwds["parse_tree"] = value, None


class _PlainLine(_Written, UnstructuredHeader):
    """What only machines read: one line of ASCII, however long."""

    name: str

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        if not (value.isascii() and value.isprintable() and len(value) < LONGEST - 40):
            raise ValueError(f"{value[:100]!r} cannot be one plain line of a mail's header.")
        super().parse(value, kwds)

    def fold(self, *, policy: EmailPolicy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Text(_Written, UniqueUnstructuredHeader):
    """What people read, such as the subject."""

    name: str

    def fold(self, *, policy: EmailPolicy) -> str:
        lines = _lines(str(self), used=len(self.name) + 2)
        return f"{self.name}: {(policy.linesep + ' ').join(lines)}{policy.linesep}"


class _Addresses(UniqueAddressHeader):
    """Names and addresses: a name may be encoded, an address never is."""

    name: str

    def fold(self, *, policy: EmailPolicy) -> str:
        lines = [""]
        used = len(self.name) + 2
        for address in self.addresses:
            if lines[-1]:
                lines[-1] += ","
                lines.append("")
                used = 1
            if address.display_name:
                lines[-1:] = _lines(address.display_name, used=used, phrase=True)
                lines.append(f"<{address.addr_spec}>")
            else:
                lines[-1] = address.addr_spec
        return f"{self.name}: {(policy.linesep + ' ').join(lines)}{policy.linesep}"


def _lines(text: str, *, used: int, phrase: bool = False) -> list[str]:
    """`text` in lines for a field of which `used` characters are written; as a `phrase` it is somebody's name."""
    plain = text.isascii() and text.isprintable() and "=?" not in text and text == " ".join(text.split())
    if plain and phrase and SIGNS.search(text):
        text = '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
    if plain and max(map(len, text.split(" "))) + used <= LINE:
        return list(_broken(text, used))
    return list(_encoded(text, used)) if text else [""]


def _broken(text: str, used: int) -> Iterator[str]:
    """Lines of plain text, broken at spaces."""
    line: list[str] = []
    for word in text.split(" "):
        if line and used + len(" ".join([*line, word])) > LINE:
            yield " ".join(line)
            line, used = [], 1
        line.append(word)
    yield " ".join(line)


def _encoded(text: str, used: int) -> Iterator[str]:
    """Encoded words, one a line, none of which parts a character."""
    piece = b""
    for character in text.encode("utf-8", "replace").decode():
        more = piece + character.encode()
        if used + len(OPENING + CLOSING) + len(b64encode(more)) > LINE:
            yield OPENING + b64encode(piece).decode() + CLOSING
            piece, used = b"", 1
        piece += character.encode()
    yield OPENING + b64encode(piece).decode() + CLOSING


REGISTRY = HeaderRegistry()
KINDS: dict[Any, tuple[str, ...]] = {
    _PlainLine: ("list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id", "message-id"),
    _Addresses: ("from", "to", "reply-to"),
    _Text: ("subject",),
}
for _kind, _names in KINDS.items():
    for _name in _names:
        REGISTRY.map_to_type(_name, _kind)


class Letter(EmailMultiAlternatives):
    """A mail of the house: what every mail is made with, so that its headers are written as above."""

    def message(self, *, policy: Any = default) -> EmailMessage:
        return super().message(policy=policy.clone(header_factory=REGISTRY))
