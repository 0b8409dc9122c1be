"""`./dev manage check_quotas`: recounts the live positions per quota and compares them with the counters."""

from django.core.management.base import BaseCommand, CommandError

from tickets.models import Quota
from tickets.orders import reserving


class Command(BaseCommand):
    help = "Compares the counter of every quota with its live positions; fails when they differ. Changes nothing."

    def handle(self, *args: object, **options: object) -> None:
        wrong = reserving.recount()
        names = Quota.objects.in_bulk(wrong)
        if wrong:
            raise CommandError(
                "\n".join(
                    f"{names[pk]} ({pk}): the counter says {taken}, the positions are {counted}."
                    for pk, (counted, taken) in wrong.items()
                )
            )
        self.stdout.write("Every quota agrees with its positions.")
