"""`./dev manage reset_second_factor NAME`: for someone who lost phone and recovery codes."""

import argparse

from django.core.management.base import BaseCommand, CommandError

from sccon.accounts import second_factor
from sccon.models import User


class Command(BaseCommand):
    help = "Takes the second factor of an account away and ends its sessions; its owner is told by mail."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name", help="the user name")

    def handle(self, *args: object, name: str, **options: object) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account {name!r}.")
        second_factor.reset(user)
        needs = "sets up a new one at the next login" if second_factor.required(user) else "needs none"
        self.stdout.write(f"The second factor of {name} is gone, and all sessions have ended; the account {needs}.")
