"""The newsroom in Django's admin: one module a subject."""

from . import articles, images, records, redirects, reviewing, topics

__all__ = ["articles", "images", "records", "redirects", "reviewing", "topics"]
