from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsletterConfig(AppConfig):
    name = "newsletter"
    verbose_name = _("Newsletter")
    # Who sees mails whose occasion begins so: those who may see the people they go to (see `sccon.admin.mails`).
    mails_seen_with = {"newsletter-": "newsletter.view_subscriber"}
