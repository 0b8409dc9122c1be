"""The newsroom in Django's admin: one module a subject."""

from news.admin import articles, images, records, redirects, reviewing, topics

__all__ = ["articles", "images", "records", "redirects", "reviewing", "topics"]
