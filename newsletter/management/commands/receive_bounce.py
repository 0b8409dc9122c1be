"""For the mail server's pipe: takes a mail that came back from standard input."""

import sys

from django.core.management.base import BaseCommand, CommandParser

from newsletter.returns import reading, receiving

TRY_AGAIN = 75  # EX_TEMPFAIL: the mail server keeps the mail and comes again


class Command(BaseCommand):
    help = (
        "Stores a mail that came back, read from standard input. Ends with 0, or with 75 when it cannot be stored now."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", default="", help="the address that it was delivered to, if the mail server says so")

    def handle(self, *args: object, to: str = "", **options: object) -> None:
        try:
            raw = sys.stdin.buffer.read(reading.LARGEST)
            while sys.stdin.buffer.read(1 << 20):  # a server whose pipe breaks would send it again for ever
                pass
            receiving.take_mail(raw, envelope_to=to)
        except Exception as error:  # the database is away, or is being set up: nothing is lost by waiting
            self.stderr.write(f"The mail could not be stored, please try again: {type(error).__name__}: {error}")
            sys.exit(TRY_AGAIN)
