from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

# In the order of their calls.
FUNCTIONS = [Path(__file__).parent / "orders" / name for name in ("origins.sql", "reserving.sql")]


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = _("Tickets")
    admin_order = ("Event", "Order", "Product", "Quota")
    # Who sees mails whose occasion begins so: those who may see the people they go to (see `sccon.admin.mails`).
    mails_seen_with = {"order-": "tickets.view_order", "seller-": "tickets.view_sellerchange"}

    def ready(self) -> None:
        from sccon import mail, pagecache
        from tickets.catalogue.offers import next_change
        from tickets.orders.reaching import mail_changed

        pagecache.register(next_change)
        mail.on_change("order-", mail_changed)
        post_migrate.connect(install_functions, sender=self)


def install_functions(using: str, **_kwargs: Any) -> None:
    """After `migrate`: (re)creates the functions of `tickets/orders/*.sql`: code, not schema, so no migration has them."""
    with connections[using].cursor() as cursor:
        for file in FUNCTIONS:
            cursor.execute(file.read_text())
