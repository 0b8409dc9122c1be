"""The newsroom in Django's admin: each module registers what it shows."""

from news.admin import articles, images, records, redirects, reviewing, topics
