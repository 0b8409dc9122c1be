"""Going to the relay and to our own address as our mails and their readers do: what comes of it, in the others' words."""

import ipaddress
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

WAIT = 8.0  # seconds for each step
ENDS_SOON = 14 * 24 * 3600


@dataclass(frozen=True)
class Reached:
    """How it went: the key of a sentence, and the words in it."""

    says: str
    words: dict[str, Any]


def is_here(host: str) -> bool:
    """Whether `host` is this machine."""
    if host.lower().rstrip(".") == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def relay(options: dict[str, Any]) -> Reached:
    """A session with the relay as far as a mail would need TLS."""
    host, plain = options["host"], not (options["use_ssl"] or options["use_tls"])
    about: dict[str, Any] = {"host": host, "port": options["port"]}
    if plain and not is_here(host):
        return Reached("tls-off", about)
    smtp: smtplib.SMTP | None = None
    try:
        context = ssl.create_default_context()
        smtp = smtplib.SMTP_SSL(timeout=WAIT, context=context) if options["use_ssl"] else smtplib.SMTP(timeout=WAIT)
        smtp._host = host  # type: ignore[attr-defined]  # whose certificate we want
        code, said = smtp.connect(host, options["port"])
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        smtp.ehlo_or_helo_if_needed()
        if options["use_tls"]:
            if not smtp.has_extn("starttls"):
                return Reached("tls-not-offered", about)
            code, said = smtp.starttls(context=context)
            if code != 220:
                raise smtplib.SMTPResponseException(code, said)
        if plain:
            return Reached("tls-here", about)
        return _secured(smtp.sock, about)
    except smtplib.SMTPResponseException as error:
        about["words"] = _clean(f"{error.smtp_code} {_text(error.smtp_error)}")
        return Reached("tls-refused" if error.smtp_code >= 500 else "tls-later", about)
    except smtplib.SMTPException as error:
        return Reached("tls-later", about | {"words": _clean(str(error))})
    except (OSError, ValueError) as error:
        return _failed("tls", error, about)
    finally:
        if smtp:
            with suppress(smtplib.SMTPException, OSError, ValueError):
                if smtp.sock:
                    smtp.sock.settimeout(1)
                    smtp.quit()
            smtp.close()


def _secured(sock: Any, about: dict[str, Any]) -> Reached:
    about["version"] = sock.version()
    return Reached("tls-ends" if _ends_soon(sock, about) else "tls-good", about)


def _ends_soon(sock: Any, about: dict[str, Any]) -> bool:
    """Whether the certificate is to be renewed by now; when it ends is noted."""
    ends = ssl.cert_time_to_seconds(sock.getpeercert()["notAfter"])
    about["ends"] = datetime.fromtimestamp(ends, UTC).date().isoformat()
    return ends - time.time() < ENDS_SOON


def own_address(url: str, path: str) -> Reached:
    """Our own page at `path`, as a reader's browser asks for it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    about: dict[str, Any] = {"url": url}
    if parts.scheme != "https":
        return Reached("links-trial" if is_here(host) else "links-http", about)
    http: HTTPSConnection | None = None
    try:
        http = HTTPSConnection(host, parts.port or 443, timeout=WAIT, context=ssl.create_default_context())
        http.connect()
        soon = _ends_soon(http.sock, about)
        http.request("GET", path, headers={"User-Agent": "mail doctor"})
        about["status"] = http.getresponse().status
    except (HTTPException, OSError, ValueError) as error:
        return _failed("links", error, about)
    finally:
        if http:
            http.close()
    if about["status"] == 200:
        return Reached("links-ends" if soon else "links-good", about)
    return Reached("links-busy" if about["status"] in {429, 500, 502, 503, 504} else "links-status", about)


def _failed(what: str, error: Exception, about: dict[str, Any]) -> Reached:
    """Which of the sentences it is when there was no talking: a definite no, or nothing one could know."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Reached(f"{what}-certificate", about | {"words": _clean(error.verify_message)})
    if isinstance(error, ssl.SSLError):
        return Reached(f"{what}-broken", about | {"words": _clean(error.reason or str(error))})
    about["words"] = _clean(str(error) or type(error).__name__)
    if isinstance(error, ConnectionRefusedError):
        return Reached(f"{what}-refused", about)
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME:
        return Reached(f"{what}-nowhere", about)
    return Reached(f"{what}-later", about)


def _text(said: Any) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _clean(words: str) -> str:
    return words.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:300]
