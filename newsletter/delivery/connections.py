"""A session with the relay: one dialogue a mail, written out, so that we know on which side of the last dot it ended."""

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings

DOT = 4  # times NEWSLETTER_TIMEOUT: an answer to a whole mail may take longer, and to give up on it may mean a copy

# Answers that are about us, whoever the recipient: a login that is missing or wrong, a quota.
OURS = {454, 530, 534, 535, 538}


@dataclass(frozen=True)
class Accepted:
    """The relay has the mail."""

    answer: str


@dataclass(frozen=True)
class Refused:
    """The relay does not take this mail for this recipient: now (4xx), or at all (5xx)."""

    code: int
    answer: str

    @property
    def final(self) -> bool:
        return self.code >= 500


@dataclass(frozen=True)
class Unknown:
    """The mail left, its answer was never seen."""

    answer: str


@dataclass(frozen=True)
class Ended:
    """The session ended before the mail was taken; that says nothing about the recipient. Not if `here`: it ended at them."""

    answer: str
    here: bool = False


class Trouble(Exception):
    """The relay does not talk to us, in its own words; `passing` may be over in a moment."""

    def __init__(self, words: str, *, passing: bool = False):
        super().__init__(words)
        self.passing = passing


class NeedsUtf8(Exception):
    """The relay offers no SMTPUTF8, and this address needs it."""


class Session:
    """Opened by the first mail and kept open. Between good mails goes nothing; after a refused one RSET."""

    def __init__(self) -> None:
        self.options: Any = settings.MAILERS["bulk"]["OPTIONS"]
        self.smtp: smtplib.SMTP | None = None
        self.carried = 0  # mails that this session has taken

    @property
    def is_open(self) -> bool:
        return self.smtp is not None

    def open(self) -> smtplib.SMTP:
        """The open session. Raises `Trouble`."""
        if self.smtp is None:
            try:
                self.smtp, self.carried = self._opened(), 0
            except smtplib.SMTPResponseException as error:
                raise Trouble(_said(error.smtp_code, error.smtp_error), passing=error.smtp_code < 430) from error
            except smtplib.SMTPException as error:
                raise Trouble(str(error), passing=isinstance(error, smtplib.SMTPServerDisconnected)) from error
            except ssl.SSLError as error:
                raise Trouble(f"TLS: {error}") from error
            except OSError as error:
                raise Trouble(f"{self.options['host']}:{self.options['port']}: {error}", passing=True) from error
        return self.smtp

    def _opened(self) -> smtplib.SMTP:
        options = self.options
        if options["use_ssl"]:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                timeout=settings.NEWSLETTER_TIMEOUT, context=ssl.create_default_context()
            )
        else:
            smtp = smtplib.SMTP(timeout=settings.NEWSLETTER_TIMEOUT)
        smtp._host = options["host"]  # type: ignore[attr-defined]  # whose certificate we want
        try:
            code, words = smtp.connect(options["host"], options["port"])
            if code != 220:
                raise smtplib.SMTPConnectError(code, words)
            smtp.ehlo_or_helo_if_needed()
            if options["use_tls"]:
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo_or_helo_if_needed()
            if options["username"]:
                smtp.login(options["username"], options["password"])
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # type: ignore[union-attr]  # it is open
        except BaseException:
            smtp.close()
            raise
        return smtp

    def close(self, *, politely: bool = False) -> None:
        smtp, self.smtp = self.smtp, None
        if smtp:
            if politely:
                with suppress(smtplib.SMTPException, OSError):
                    smtp.quit()
            smtp.close()

    def send(self, sender: str, recipient: str, content: bytes) -> Accepted | Refused | Unknown | Ended:
        """The dialogue of one mail; `content` as DATA wants it. Raises `Trouble`, `NeedsUtf8`."""
        smtp, left = self.open(), False
        utf8 = not recipient.isascii()
        if utf8 and not smtp.has_extn("smtputf8"):
            raise NeedsUtf8
        recipient_known = False
        try:
            smtp.command_encoding = "utf-8" if utf8 else "ascii"
            code, words = smtp.docmd(f"MAIL FROM:<{sender}>{' SMTPUTF8' if utf8 else ''}")
            if code != 250:
                self.close()
                if code == 421 and self.carried:  # it ends each session after so many mails
                    return Ended(_said(code, words))
                raise Trouble(_said(code, words), passing=code < 500 and code not in OURS)
            recipient_known = True
            code, words = smtp.docmd(f"RCPT TO:<{recipient}>")
            if code not in (250, 251):
                return self._refused(code, words)
            code, words = smtp.docmd("DATA")
            if code != 354:
                return self._refused(code, words)
            smtp.send(content)
            smtp.sock.settimeout(settings.NEWSLETTER_TIMEOUT * DOT)  # type: ignore[union-attr]
            left = True
            smtp.send(b".\r\n")
            code, words = smtp.getreply()
            if code == -1:
                raise smtplib.SMTPServerDisconnected("The relay's answer cannot be read.")
            smtp.sock.settimeout(settings.NEWSLETTER_TIMEOUT)  # type: ignore[union-attr]
            if code == 250:
                self.carried += 1
                return Accepted(_said(code, words))
            return self._refused(code, words)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            words = f"{type(error).__name__}: {error}".encode()
            return Unknown(words.decode()) if left else Ended(words.decode(), here=recipient_known)

    def _refused(self, code: int, words: bytes) -> Refused | Ended:
        answer = _said(code, words)
        if code in OURS:
            self.close()
            raise Trouble(answer)
        if code == 421 or code < 400:
            self.close()
            return Ended(answer)
        with suppress(smtplib.SMTPException, OSError):
            if self.open().docmd("RSET")[0] == 250:
                return Refused(code, answer)
        self.close()
        return Refused(code, answer)


class Kept:
    """Without a relay, as in the demo: what would leave can be read in the demo's mailbox."""

    is_open = True

    def open(self) -> None:
        pass

    def send(self, sender: str, recipient: str, content: bytes) -> Accepted:
        return Accepted("kept in the demo's mailbox")

    def close(self, *, politely: bool = False) -> None:
        pass


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {text}".replace("\0", "")[:1000]
