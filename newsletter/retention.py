"""What is forgotten, and when: the rules for every personal field of the newsletter.

- A request nobody confirmed: 30 days (address, choice, wording, network).
- Who left: three years after, for so long a claim about unwanted mail may ask for the proof (§§ 195, 199 BGB).
- What mails said: 90 days (`sccon.mail`). Counts of limits: when their window is over (`sccon.limits`).
- A suppression: for ever, for it is no address but a keyed hash.
"""

from datetime import timedelta

from django.db.models.functions import Now

from newsletter import subscribing
from newsletter.models import Consent, SignUp, Subscriber
from sccon.jobs import app

KEEP_UNCONFIRMED = timedelta(days=30)
KEEP_PROOF = timedelta(days=3 * 365 + 366)  # three full years begin with the end of the year


@app.periodic(cron="29 3 * * *")
@app.task(queueing_lock="newsletter_retention", pass_context=False)
def forget(timestamp: int) -> None:
    """Every night."""
    unconfirmed = Consent.objects.filter(confirmed_at=None, requested_at__lt=Now() - KEEP_UNCONFIRMED)
    unconfirmed.delete()
    SignUp.objects.filter(created_at__lt=Now() - KEEP_UNCONFIRMED).delete()
    waiting = Subscriber.objects.filter(status=Subscriber.Status.PENDING, created_at__lt=Now() - KEEP_UNCONFIRMED)
    waiting.filter(consents=None).delete()
    for subscriber in Subscriber.objects.filter(ended_at__lt=Now() - KEEP_PROOF):
        subscribing.erase(subscriber, suppress=subscriber.status == Subscriber.Status.COMPLAINED)
