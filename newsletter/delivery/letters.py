"""The bytes of a mail: built once for each edition, with holes that are filled in for each recipient."""

import re
from base64 import b64encode
from binascii import b2a_qp
from email.utils import formatdate, parseaddr
from urllib.parse import urlsplit

from django.conf import settings

from newsletter import links
from newsletter.models import Edition, Subscriber
from newsletter.subscribers import subscribing
from sccon import mail

PLAIN = re.compile(r"[ -~]*")
ADDRESS = re.compile(r"[^\s<>@]+@[!-~]+")
CHUNK = 70  # characters of an address in a line of a body, with room for the sign that the line goes on


class CannotBuild(Exception):
    """This mail cannot be made; says why."""


class Letter:
    """An edition as bytes, ready for DATA (lines end with CRLF, leading dots doubled)."""

    def __init__(self, edition: Edition):
        self.issue_id, self.language = edition.issue_id, edition.language
        boundary = f"=_{edition.mark}"
        name, sender = parseaddr(edition.sender)
        reply_name, reply = parseaddr(settings.NEWSLETTER_MAIL_REPLY_TO)
        self.sender = sender
        host = urlsplit(settings.SITE_URL).hostname or "localhost"
        domain = sender.rpartition("@")[2]
        self.head = _lines(
            f"From: {mailbox_line(name, sender, 6)}",
            f"Reply-To: {mailbox_line(reply_name, reply, 10)}",
            f"Subject: {words(edition.subject, 9)}",
            f'List-Id: "Newsletter" <newsletter.{host}>',
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            f"Feedback-ID: {edition.issue_id}:{edition.language}:newsletter:{feedback_sender(domain)}",
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: OOF, AutoReply",
            f"Content-Language: {edition.language}",
            "MIME-Version: 1.0",
            f'Content-Type: multipart/alternative; boundary="{boundary}"',
        )
        self.pieces = [b""]  # and between them the holes
        self.holes: list[str] = []
        for kind, part in (("plain", edition.text), ("html", edition.html)):
            opening = ("\r\n" if self.pieces[-1] else "") + f"--{boundary}\r\n"
            headers = _lines(f"Content-Type: text/{kind}; charset=utf-8", "Content-Transfer-Encoding: quoted-printable")
            self._add(opening.encode() + headers + b"\r\n", part, edition.mark)
        self.pieces[-1] += f"\r\n--{boundary}--\r\n".encode()
        self.leave = mail.address("newsletter:unsubscribe", "TOKEN", language=edition.language)

    def _add(self, head: bytes, part: str, mark: str) -> None:
        self.pieces[-1] += head
        *texts, last = re.split(f"{re.escape(mark)}-(leave|preferences)", part)
        for text, hole in zip(texts[::2], texts[1::2], strict=True):
            self.pieces[-1] += _continued(_quoted(text))
            self.holes.append(hole)
            self.pieces.append(b"")
        self.pieces[-1] += _quoted(last)

    def filled(self, delivery_id: int, subscriber_id: int, moves: int, address: str) -> bytes:
        """The mail of one delivery. Raises `CannotBuild`."""
        if not ADDRESS.fullmatch(address):
            raise CannotBuild(f"{address!r} is no address.")
        leave = self.leave.replace("TOKEN", links.leave_token(delivery_id))
        person = Subscriber(pk=subscriber_id, moves=moves)
        urls = {"leave": leave, "preferences": subscribing.link("preferences", person, language=self.language)}
        broken = {name: _broken(url) for name, url in urls.items()}
        head = (
            f"Date: {formatdate()}\r\nMessage-ID: {links.message_id(delivery_id)}\r\n"
            f"To: {address}\r\nList-Unsubscribe: <{leave}>\r\n"
        )
        parts = [head.encode(), self.head, b"\r\n", self.pieces[0]]
        for hole, piece in zip(self.holes, self.pieces[1:], strict=True):
            parts += [broken[hole], piece]
        return b"".join(parts)


def words(text: str, used: int) -> str:
    """`text` as a header field writes it, in a line that has `used` characters: plain, or in encoded words (RFC 2047)."""
    text = " ".join(text.split())
    if PLAIN.fullmatch(text) and "=?" not in text and len(text) + used <= 76:
        return text
    chunks, room = [""], (75 - 12 - used) // 4 * 3
    for sign in text:
        if len((chunks[-1] + sign).encode()) > room:
            chunks.append("")
            room = 45
        chunks[-1] += sign
    return "\r\n ".join(f"=?utf-8?b?{b64encode(chunk.encode()).decode()}?=" for chunk in chunks)


def mailbox_line(name: str, address: str, used: int) -> str:
    """A name and an address as From has them."""
    if not name:
        return address
    written = f'"{name}"' if re.fullmatch(r"[\w .,&'+-]+", name, re.ASCII) and len(name) < 60 else words(name, used)
    return f"{written}\r\n <{address}>"


def feedback_sender(domain: str) -> str:
    """Who sends, as a Feedback-ID names them: 5 to 15 characters that never change."""
    return re.sub(r"[^a-z0-9]", "", domain.lower())[:15].ljust(5, "0")


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


def _quoted(text: str) -> bytes:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    quoted = b2a_qp(text.encode(), quotetabs=False, istext=True).replace(b"\n", b"\r\n")
    return re.sub(rb"(?m)^\.", b"..", quoted)


def _continued(quoted: bytes) -> bytes:
    """`quoted` with a sign at its end that its last line goes on; a line too long for the sign is parted."""
    start = quoted.rfind(b"\n") + 1
    if len(quoted) - start > 75:
        cut = start + 60
        while b"=" in quoted[cut - 2 : cut]:
            cut -= 1
        quoted = quoted[:cut] + b"=\r\n" + (b"." if quoted[cut : cut + 1] == b"." else b"") + quoted[cut:]
    return quoted + b"=\r\n"


def _broken(url: str) -> bytes:
    """An address in lines of its own, which readers put together again."""
    safe = url.replace("=", "=3D")
    chunks = []
    while safe:
        end = CHUNK - (2 if safe[CHUNK - 2 : CHUNK].startswith("=") else 1 if safe[CHUNK - 1 : CHUNK] == "=" else 0)
        chunk, safe = safe[:end], safe[end:]
        chunks.append(f".{chunk}" if chunk.startswith(".") else chunk)
    return "=\r\n".join(chunks).encode() + b"=\r\n"
