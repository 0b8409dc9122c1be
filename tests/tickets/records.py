"""What is written about an order: its history, its mails."""

from sccon.models import Mail
from tickets.models import Order


def story(order: Order) -> list[str]:
    return [line.what for line in order.history.all()]


def mails() -> list[str]:
    return [mail.template for mail in Mail.objects.order_by("pk")]
