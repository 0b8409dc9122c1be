"""From the bytes of a mail that came back to what they say. It never raises, whatever the bytes are.

First the fields of a report as RFC 3464 and RFC 6533 have them, for they carry codes; then complaints (RFC 5965); then
the prose of servers that know no reports, which flufl.bounce recognises.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

from flufl.bounce import all_failures

from newsletter.models import Return
from newsletter.returns import judging

Verdict = Return.Verdict

LARGEST = 256 * 1024
MOST_PARTS = 40  # of a mail: nobody's report has more, and each costs the parser time for every line
MOST_TEXT = 8 * 1024  # of prose; what follows is the mail that came back

TO_US = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Resent-To")
COPY = re.compile(
    r"^-+ ?(this is a copy|below this line|original message|ursprüngliche nachricht|returned message|the header)"
    r"|^(original message (headers|follows)|ursprüngliche nachrichtenkopfzeilen|message-id:|received:)",
    re.IGNORECASE | re.MULTILINE,
)
AWAY = re.compile(
    r"^(automatische antwort|abwesen|out of (the )?office|auto(matic)?[ -]?(reply|antwort|response)|ich bin .*nicht im (büro|haus)"
    r"|urlaub|nicht im büro|réponse automatique)",
    re.IGNORECASE,
)
DAEMON = re.compile(r"mailer-daemon|postmaster|mail delivery|maildelivery|microsoftexchange", re.IGNORECASE)
MILDEST = [Verdict.OURS, Verdict.SOFT, Verdict.DEAD]


@dataclass(frozen=True)
class Reading:
    """What a mail that came back says, and whatever may tell which mail of ours it is about."""

    verdict: Return.Verdict
    code: str = ""
    words: str = ""
    senders: tuple[str, ...] = field(default=())  # addresses it was sent to, or the mail had as its envelope sender
    message_ids: tuple[str, ...] = field(default=())


def read(raw: bytes, *, envelope_to: str = "") -> Reading:
    """Reads a mail; `envelope_to` is the address that it was delivered to, if whoever hands it over knows."""
    raw = raw[:LARGEST].replace(b"\0", b"")
    senders: tuple[str, ...] = (envelope_to,) if envelope_to else ()
    if raw.lower().count(b"boundary=") > MOST_PARTS:
        return Reading(Verdict.UNREADABLE, senders=senders)
    try:
        mail = message_from_bytes(raw)
        senders, message_ids = _unique([*senders, *_senders(mail)]), _unique(_message_ids(mail))
        verdict, code, words = _judged(mail)
    except Exception:  # parsers meet shapes that nobody foresaw; RecursionError is one of their answers
        return Reading(Verdict.UNREADABLE, senders=senders)
    return Reading(verdict, code[:20], _clean(words)[:500], senders, message_ids)


def _judged(mail: Message) -> tuple[Return.Verdict, str, str]:
    if (complaint := _complaint(mail)) is not None:
        return complaint
    if (report := _report(mail)) is not None:
        return report
    return _prose(mail)


# --- Reports -----------------------------------------------------------------------------------


def _report(mail: Message) -> tuple[Return.Verdict, str, str] | None:
    """RFC 3464, and RFC 6533 for addresses with umlauts."""
    found: list[tuple[Return.Verdict, str, str]] = []
    for part in _parts(mail):
        if part.get_content_type() not in {"message/delivery-status", "message/global-delivery-status"}:
            continue
        for block in _blocks(_source(part)):
            if not (action := block.get("action", "").split("(")[0].strip().lower()):
                continue
            code = judging.ENHANCED.search(block.get("status", ""))
            status = code[1] if code else ""
            words = block.get("diagnostic-code", "")
            if action != "failed":  # delayed, delivered, relayed, expanded
                found.append((Verdict.NOTHING, status, words))
                continue
            said = judging.enhanced(words)
            best = said if said and said[0] == status[:1] else status or said
            found.append((judging.report(status, words or _text(mail)), best, words or _text(mail)))
    failed = [each for each in found if each[0] in MILDEST]
    # Behind one address may be several, and the mildest word about them counts.
    return min(failed, key=lambda each: MILDEST.index(each[0])) if failed else next(iter(found), None)


def _complaint(mail: Message) -> tuple[Return.Verdict, str, str] | None:
    """RFC 5965."""
    for part in _parts(mail):
        if part.get_content_type() == "message/feedback-report":
            kind = next((each.get("feedback-type", "") for each in _blocks(_source(part))), "").strip().lower()
            complains = kind in {"abuse", "fraud", "virus", "opt-out", "opt-out-list"}
            return (Verdict.COMPLAINT if complains else Verdict.NOTHING), "", kind
    return None


# --- Prose -------------------------------------------------------------------------------------


def _prose(mail: Message) -> tuple[Return.Verdict, str, str]:
    text = _text(mail)
    failed = mail.get("X-Failed-Recipients")
    if not failed and _is_automatic(mail):
        return Verdict.NOTHING, "", _header(mail, "Subject")
    temporary, permanent = all_failures(mail)
    if temporary and not permanent:
        return Verdict.NOTHING, judging.enhanced(text), text  # such mails say that it is tried again
    sender = " ".join(_header(mail, name) for name in ("From", "Return-Path", "Sender"))
    from_a_server = bool(DAEMON.search(sender)) or mail.get("Return-Path", "").strip() == "<>"
    if not (failed or permanent) and not (
        from_a_server and judging.words(text) is not Verdict.NOTHING and _fails(text)
    ):
        return Verdict.UNREADABLE, "", text
    if re.search(
        r"will (be retried|keep trying|continue)|no action is required|weiter(hin)? versucht", text, re.IGNORECASE
    ):
        return Verdict.NOTHING, judging.enhanced(text), text
    return judging.words(text), judging.enhanced(text), text


def _fails(text: str) -> bool:
    return bool(
        judging.enhanced(text)
        or judging.NOBODY.search(text)
        or re.search(
            r"undeliver|could not be delivered|delivery (has )?failed|nicht zugestellt|unzustellbar", text, re.I
        )
    )


def _is_automatic(mail: Message) -> bool:
    """Whether a program answers for somebody who is away."""
    automatic = mail.get("Auto-Submitted", "no").strip().lower().startswith("auto-replied")
    named = any(mail.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply"))
    bulk = mail.get("Precedence", "").strip().lower() == "auto_reply"
    daemon = DAEMON.search(_header(mail, "From"))
    return named or bulk or bool(AWAY.match(_header(mail, "Subject").strip())) or (automatic and not daemon)


# --- Which mail --------------------------------------------------------------------------------


def _senders(mail: Message) -> Iterator[str]:
    for name in TO_US:
        yield from (
            address for _name, address in getaddresses([str(each) for each in mail.get_all(name, [])]) if address
        )
    for part in _parts(mail):
        if part is not mail and part.get("Return-Path"):
            yield str(part["Return-Path"]).strip()
        if part.get_content_type() == "message/feedback-report":
            yield from (each["original-mail-from"] for each in _blocks(_source(part)) if "original-mail-from" in each)
        if part.get_content_type() == "text/rfc822-headers":
            yield from re.findall(r"^Return-Path:\s*(\S+)", _decoded(part), re.MULTILINE | re.IGNORECASE)


def _message_ids(mail: Message) -> Iterator[str]:
    """Of the mail that came back: a part of the report, the text behind the report, or what the report answers."""
    for part in _parts(mail):
        if part is not mail and part.get("Message-ID"):
            yield str(part["Message-ID"]).strip()
    for name in ("X-Original-Message-ID", "In-Reply-To", "References"):
        yield from re.findall(r"<[^<>\s]{3,300}>", str(mail.get(name, "")))
    for part in _parts(mail):
        if part.get_content_maintype() == "text" or part.get_content_type().endswith("headers"):
            yield from re.findall(
                r"^>? ?Message-ID:\s*(<[^<>\s]{3,300}>)", _decoded(part), re.MULTILINE | re.IGNORECASE
            )


# --- Parts of a mail ---------------------------------------------------------------------------


def _parts(mail: Message) -> Iterator[Message]:
    for number, part in enumerate(mail.walk()):
        if number > 4 * MOST_PARTS:
            return
        yield part


def _source(part: Message) -> str:
    """The text of a part that Python has parsed as a message within the message."""
    payload = part.get_payload()
    if isinstance(payload, list):
        payload = "\n".join(each.as_string() for each in payload if isinstance(each, Message))
    text, encoding = str(payload), str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding == "base64":
        try:
            return base64.b64decode("".join(text.split())).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return text
    if encoding == "quoted-printable":
        return quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _blocks(text: str) -> Iterator[dict[str, str]]:
    """The groups of fields of a report, names in lower case."""
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")[: MOST_TEXT * 4]):
        fields: dict[str, str] = {}
        for line in re.sub(r"\n[ \t]+", " ", block).split("\n"):
            name, colon, value = line.partition(":")
            if colon:
                fields.setdefault(name.strip().lower(), value.strip())
        if fields:
            yield fields


def _text(mail: Message) -> str:
    """What the server wrote, without the mail that came back."""
    for part in _parts(mail):
        if part.get_content_type() in {"text/plain", "text/html"} and not part.is_multipart():
            text = _decoded(part)
            if part.get_content_type() == "text/html":
                text = re.sub(r"<[^<>]{0,500}>", " ", text)
            if text.strip():
                copy = COPY.search(text)
                return text[: copy.start() if copy and copy.start() > 40 else MOST_TEXT]
    return ""


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    content = content[: MOST_TEXT * 2]
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def _header(mail: Message, name: str) -> str:
    value = str(mail.get(name, ""))[:1000]
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError, UnicodeError, binascii.Error):
        return value


def _clean(words: str) -> str:
    """As one line that the database can keep."""
    return " ".join(words.encode("utf-8", "replace").decode().replace("\0", "").split())


def _unique(values: Iterator[str] | list[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for value in values:
        if value not in kept and len(kept) < 20:
            kept.append(value[:320])
    return tuple(kept)
