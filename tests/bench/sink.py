"""An SMTP server that takes every mail and forgets it: `python -m tests.bench.sink <port> <seconds before each answer>`."""

import asyncio
import sys

OFFERED = b"250-sink.example.org\r\n250 8BITMIME\r\n"
END = b"\r\n.\r\n"


class Session(asyncio.Protocol):
    def __init__(self, seconds: float):
        self.seconds, self.heard, self.reads_mail = seconds, bytearray(), False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.say(b"220 sink.example.org ESMTP\r\n")

    def say(self, answer: bytes) -> None:
        if self.seconds:
            asyncio.get_running_loop().call_later(self.seconds, self.transport.write, answer)
        else:
            self.transport.write(answer)

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if self.reads_mail and self.heard.endswith(END):
            self.reads_mail = False
            self.heard.clear()
            self.say(b"250 2.0.0 OK\r\n")
        elif not self.reads_mail and self.heard.endswith(b"\r\n"):
            command = bytes(self.heard[:4]).upper()
            self.heard.clear()
            self.reads_mail = command == b"DATA"
            self.say({b"EHLO": OFFERED, b"DATA": b"354 Go on\r\n"}.get(command, b"250 2.0.0 OK\r\n"))


async def serve(port: int, seconds: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Session(seconds), "127.0.0.1", port, backlog=100)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
