"""The bytes of a mail: built once for each edition, with holes that are filled in for each recipient."""

import re
from binascii import b2a_qp
from email.message import EmailMessage
from email.policy import default
from email.utils import formatdate, parseaddr

from django.conf import settings

from newsletter import links
from newsletter.models import Delivery, Edition, Subscriber
from newsletter.subscribers import subscribing
from sccon import mail
from sccon.mail_headers import REGISTRY

WRITTEN = default.clone(header_factory=REGISTRY, linesep="\r\n")
ADDRESS = re.compile(r"[^\s<>@]+@[!-~]+")
CHUNK = 70  # characters of an address in a line of a body, with room for the sign that the line goes on


class CannotBuild(Exception):
    """This mail cannot be made; says why."""


class Letter:
    """An edition as bytes, ready for DATA (lines end with CRLF, leading dots doubled)."""

    def __init__(self, edition: Edition):
        self.issue_id, self.language = edition.issue_id, edition.language
        boundary = f"=_{edition.mark}"
        self.sender = parseaddr(edition.sender)[1]
        self.domain = self.sender.rpartition("@")[2].lower()
        head = EmailMessage(policy=WRITTEN)
        head["From"] = edition.sender
        head["Reply-To"] = settings.NEWSLETTER_MAIL_REPLY_TO
        head["Subject"] = edition.subject
        head["List-Id"] = subscribing.list_id()
        head["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        head["Feedback-ID"] = f"{edition.issue_id}:{edition.language}:newsletter:{feedback_sender(self.domain)}"
        head["Auto-Submitted"] = "auto-generated"
        head["X-Auto-Response-Suppress"] = "OOF, AutoReply"
        head["Content-Language"] = edition.language
        self.head = "".join(WRITTEN.fold(name, value) for name, value in head.items()).encode()
        self.head += _lines("MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{boundary}"')
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


def sent(delivery: Delivery) -> bytes:
    """The mail of `delivery` as it left (but for the date), for the demo's mailbox. Raises `CannotBuild`."""
    if delivery.subscriber is None or delivery.edition.redacted_at:
        raise CannotBuild("Nobody knows any more what it was.")
    person = delivery.subscriber
    content = Letter(delivery.edition).filled(delivery.pk, person.pk, person.moves, person.email)
    return re.sub(rb"(?m)^\.\.", b".", content)


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
