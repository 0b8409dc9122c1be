"""An SMTP server that keeps count of every command, and has moods: by recipient, once each."""

import socket
import socketserver
import ssl
import threading
import time
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any


@dataclass
class Arrived:
    """A mail that the relay has taken."""

    sender: str
    recipient: str
    content: bytes
    at: float
    options: str = ""  # what stood behind the sender, such as SMTPUTF8

    @property
    def message_id(self) -> str:
        return message_from_bytes(self.content)["Message-ID"]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 100
    relay: "ScriptedRelay"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # whoever is killed hangs up in the middle


class ScriptedRelay:
    """Listens on a free port while the `with` lasts.

    `moods`: by recipient what befalls them, once each: "rcpt <answer>", "data <answer>" (after the dot), "hang" (no answer
    to RCPT, for `hangs` seconds), "close" (after the dot, mail taken), "late" (mail taken, the answer comes too late), "sulk" (503 to MAIL until
    RSET, after a refusal). `at_mail`: answers to the next MAILs; `at_rcpt`: to every RCPT. `slow`: seconds before each answer.
    Who calls hears nothing while `greets` is not set. `offers`: what it can besides; with `tls` STARTTLS, too. `at_auth`: its
    answer to a login.
    """

    def __init__(self) -> None:
        self.mails: list[Arrived] = []
        self.commands: list[str] = []
        self.sessions = 0
        self.moods: dict[str, list[str]] = {}
        self.at_mail: list[str] = []
        self.at_rcpt = ""
        self.slow, self.hangs = 0.0, 1.0
        self.offers = ["8BITMIME"]
        self.tls: ssl.SSLContext | None = None
        self.at_auth = ""
        self.greets = threading.Event()
        self.greets.set()
        self.lock = threading.Lock()

    def __enter__(self) -> "ScriptedRelay":
        self.server = _Server(("127.0.0.1", 0), _Session)
        self.server.relay = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=0"

    @property
    def recipients(self) -> list[str]:
        return [mail.recipient for mail in self.mails]

    def mood(self, address: str, *kinds: str) -> str:
        """Takes the next mood of this recipient, when it is of one of the `kinds`."""
        with self.lock:
            moods = self.moods.get(address, [])
            return moods.pop(0) if moods and moods[0].split()[0] in kinds else ""


class _Session(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    server: _Server

    def say(self, words: str) -> None:
        time.sleep(self.server.relay.slow)
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self) -> None:
        relay, sulks = self.server.relay, False
        sender = recipient = options = ""
        with relay.lock:
            relay.sessions += 1
        relay.greets.wait(60)
        self.say("220 relay.example.org ESMTP")
        while line := self.rfile.readline():
            words = line.decode().strip()
            command = words.split(":")[0].split()[0].upper() if words else ""
            with relay.lock:
                relay.commands.append(command)
            if command == "EHLO":
                offers = [
                    *relay.offers,
                    *(["STARTTLS"] if relay.tls else []),
                    *(["AUTH PLAIN"] if relay.at_auth else []),
                ]
                lines = ["relay.example.org", *offers]
                self.wfile.write("".join(f"250-{line}\r\n" for line in lines[:-1]).encode())
                self.wfile.write(f"250 {lines[-1]}\r\n".encode())
            elif command == "STARTTLS" and relay.tls:
                self.say("220 2.0.0 Go ahead")
                self.request = relay.tls.wrap_socket(self.request, server_side=True)
                self.setup()
            elif command.startswith("AUTH"):
                self.say(relay.at_auth)
            elif command == "RSET":
                sulks = False
                self.say("250 2.0.0 OK")
            elif command == "QUIT":
                return self.say("221 2.0.0 Bye")
            elif command == "MAIL":
                sender, options = words[words.index("<") + 1 : words.index(">")], words[words.index(">") + 1 :].strip()
                with relay.lock:
                    answer = relay.at_mail.pop(0) if relay.at_mail else ""
                self.say(answer or ("503 5.5.1 RSET first" if sulks else "250 2.1.0 OK"))
                if answer.startswith("421"):
                    return None
            elif command == "RCPT":
                recipient = words[words.index("<") + 1 : words.index(">")]
                mood = relay.mood(recipient, "rcpt", "hang")
                if mood == "hang":
                    time.sleep(relay.hangs)
                    return None
                answer = relay.at_rcpt.format(address=recipient) or mood.removeprefix("rcpt ")
                sulks = bool(answer) and relay.mood(recipient, "sulk") == "sulk"
                self.say(answer or "250 2.1.5 OK")
                if answer.startswith("421"):
                    return None
            elif command == "DATA":
                self.say("354 Go on")
                if not self._take(sender, recipient, options):
                    return None
            else:
                self.say("502 5.5.2 What?")
        return None

    def _take(self, sender: str, recipient: str, options: str) -> bool:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b".") if line.startswith(b".") else line)
        relay = self.server.relay
        mood = relay.mood(recipient, "data", "close", "late")
        if mood.startswith("data "):
            self.say(mood.removeprefix("data "))
            return not mood.startswith("data 421")
        with relay.lock:
            relay.mails.append(Arrived(sender, recipient, b"".join(lines), time.time(), options))
            number = len(relay.mails)
        if mood == "close":
            self.request.shutdown(socket.SHUT_RDWR)
            return False
        if mood == "late":
            time.sleep(2)
        self.say(f"250 2.0.0 OK queued as A{number:08X}")
        return True
