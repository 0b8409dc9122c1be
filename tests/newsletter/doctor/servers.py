"""Certificates of an authority of ours, and what presents them: a mail relay and a web server on this machine."""

import http.server
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Authority:
    """Signs certificates; whoever trusts `file` trusts them."""

    def __init__(self, folder: Path):
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of the tests")])
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._signed(self.name, self.key, 30, x509.BasicConstraints(True, None)))

    @cache  # noqa: B019 – it lives as long as the tests
    def context(self, host: str, days: int) -> ssl.SSLContext:
        """What a server called `host` shows, with a certificate that ends in so many days."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        try:
            name: x509.GeneralName = x509.IPAddress(ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        file = self.folder / f"{host}{days}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + self._signed(subject, key, days, x509.SubjectAlternativeName([name])))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(self, subject: x509.Name, key: Any, days: int, extension: x509.ExtensionType) -> bytes:
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=60))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if isinstance(extension, x509.BasicConstraints):
            signs = dict.fromkeys(
                (
                    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
                    *("key_agreement", "encipher_only", "decipher_only"),
                ),
                False,
            )
            built = built.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **signs), critical=True)
        return built.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # whoever does not trust us hangs up


@contextmanager
def _serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    with _Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def smtp(
    context: ssl.SSLContext | None = None,
    *,
    at_once: bool = False,
    greeting: str = "220 mail.example.org",
    tls: str = "",
) -> Iterator[int]:
    """The port of a relay that speaks TLS at once, or after STARTTLS, or not at all; `tls`: its answer to STARTTLS."""

    class Session(socketserver.StreamRequestHandler):
        def secure(self) -> None:
            assert context
            self.rfile.close()
            self.request = context.wrap_socket(self.request, server_side=True)
            self.setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def handle(self) -> None:
            if at_once:
                self.secure()
            self.wfile.write(f"{greeting}\r\n".encode())
            while line := self.rfile.readline():
                command = line.split()[0].upper()
                if command == b"EHLO":
                    self.wfile.write(
                        b"250-mail.example.org\r\n250 STARTTLS\r\n" if context else b"250 mail.example.org\r\n"
                    )
                elif command == b"STARTTLS":
                    self.wfile.write(f"{tls or '220 go'}\r\n".encode())
                    if not tls:
                        self.secure()
                else:
                    self.wfile.write(b"221 bye\r\n")
                    return

    with _serving(Session) as port:
        yield port


@contextmanager
def web(context: ssl.SSLContext, status: int = 200) -> Iterator[int]:
    """The port of a web server that answers every page with `status`."""

    class Page(http.server.BaseHTTPRequestHandler):
        def setup(self) -> None:
            self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            pass

    with _serving(Page) as port:
        yield port
