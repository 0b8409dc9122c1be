"""Staff at the admin's pages of an article, over HTTP."""

from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone

from news.models import Article
from tests.factories import make_user, signed_in


def client_of(*groups: str) -> Client:
    """Someone of these groups, signed in, whose admin is in English."""
    return signed_in(make_user(*groups, language="en"))


def url(article: Article, page: str) -> str:
    """The address of one of the article's pages."""
    return f"/admin/news/article/{article.pk}/{page}/"


def at(moment: datetime, name: str = "at") -> dict[str, str]:
    """What someone types into a date and a time called `name`."""
    local = timezone.localtime(moment)
    return {f"{name}_date": local.strftime("%Y-%m-%d"), f"{name}_time": local.strftime("%H:%M")}


def messages(response: Any) -> list[str]:
    """What the page says in reply to what was done."""
    return [str(message) for message in response.context["messages"]]
