"""The newsroom in Django's admin: each module registers what it shows."""

from news.admin import images, records, redirects, topics
from news.admin.article import form, review
