"""Which keys the suppressions need: for whoever wants to drop a former one from SUPPRESSION_KEY_FALLBACKS."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from newsletter.models import Suppression
from newsletter.subscribers.suppressing import key_id


class Command(BaseCommand):
    help = "Lists how many suppressions each key has hashed; fails where the key of some is not configured."

    def handle(self, *args: object, **options: object) -> None:
        counted = dict(Suppression.objects.values_list("key_id").annotate(Count("pk")).order_by())
        self.stdout.write(f"SUPPRESSION_KEY: {counted.pop(key_id(settings.SUPPRESSION_KEY), 0)}")
        for number, key in enumerate(settings.SUPPRESSION_KEY_FALLBACKS, start=1):
            self.stdout.write(f"SUPPRESSION_KEY_FALLBACKS, no. {number}: {counted.pop(key_id(key), 0)}")
        if first := counted.pop("", 0):
            self.stdout.write(f"Before keys had names, by the SECRET_KEY of then: {first}")
        if counted:
            raise CommandError(
                f"The keys of {sum(counted.values())} suppressions are missing: these people can be mailed again."
            )
