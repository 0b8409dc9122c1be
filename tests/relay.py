"""A mail relay for tests: a real SMTP server that keeps what it gets, and the worker in this process."""

from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sccon.jobs import app


class _Controller(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # the free one the kernel chose for port 0
        super()._trigger_server()


class Relay:
    """Listens on a free port while the `with` lasts. `answers` are given to the next recipients instead of a yes."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answers: list[str] = []
        self.controller = _Controller(_Handler(self), hostname="127.0.0.1", port=0)

    def __enter__(self) -> "Relay":
        self.controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.controller.port}?starttls=0"

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(envelope.content, policy=policy.default) for envelope in self.envelopes]

    def take(self, envelope: Envelope) -> str:
        """Keeps the mail; returns the answer to whoever sends it."""
        self.envelopes.append(envelope)
        return "250 OK"


class _Handler:
    """What aiosmtpd calls. It looks at every attribute at each connection: there must be nothing to compute here."""

    def __init__(self, relay: Relay):
        self.relay = relay

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.relay.answers:
            return self.relay.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self.relay.take(envelope)


def run_jobs() -> None:
    """Runs every job that waits, and returns. In a thread of its own: in this one Playwright's event loop may run."""

    def work() -> None:
        worker = app.with_connector(app.connector.get_worker_connector())
        with worker.open():
            worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(work).result()


def attached(name: str) -> tuple[str, str, str]:
    return name, "BEGIN:VCALENDAR", "text/calendar"
