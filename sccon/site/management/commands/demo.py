"""`./dev demo`: fills an empty site with demo content."""

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from news import demo
from newsletter import demo as newsletter_demo
from tickets import demo as tickets_demo


class Command(BaseCommand):
    help = "Fills an empty site with demo content. Running it again changes nothing."

    def handle(self, *args: object, **options: object) -> None:
        call_command("migrate", verbosity=0)
        try:
            made = demo.fill()
        except demo.NotEmpty as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made} articles of the demo were added." if made else "The demo is there already.")
        if people := newsletter_demo.fill():
            self.stdout.write(f"{people} sign-ups for the newsletter were added.")
        if lists := newsletter_demo.fill_lists():
            self.stdout.write(f"{lists} lists for the newsletter were added.")
        if issues := newsletter_demo.fill_issues():
            self.stdout.write(f"{issues} issues of the newsletter were added.")
        if orders := tickets_demo.fill():
            self.stdout.write(f"The shop of the demo was added, with {orders} orders.")
