"""The newsroom in Django's admin. Each module registers its models."""

from news.admin import images, records, redirects, topics
from news.admin.article import form, review
