"""`./dev manage translations`: brings the catalogues up to date with code and templates."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sccon import translations


class Command(BaseCommand):
    help = "Reads the strings out of code and templates, updates locale/*/django.po and compiles it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a string is missing")

    def handle(self, *args: object, check: bool, **options: object) -> None:
        problems = translations.update(check=check)
        translations.compile_stale()
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write("Every string is translated.")
