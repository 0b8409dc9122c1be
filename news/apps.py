from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsConfig(AppConfig):
    name = "news"
    verbose_name = _("News")
    # Its models on the desk, in the order of a working day (see `sccon.admin_site`).
    admin_order = (
        *("Article", "Review", "Image", "Topic", "Author"),
        *("Boilerplate", "Pin", "Publication", "Withdrawal", "Redirect"),
    )

    def ready(self) -> None:
        from news.reading.queries import next_change
        from sccon import pagecache

        pagecache.register(next_change)
