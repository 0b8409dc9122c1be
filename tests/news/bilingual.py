"""An article in both languages, of which one then changes."""

from typing import Any

from news import drafting
from news.models import Article


def bilingual(**fields: Any) -> Article:
    """An article in both languages, saved once."""
    texts = {"title_de": "Titel", "body_de": "<p>Alt</p>", "title_en": "Title", "body_en": "<p>Old</p>"}
    return drafting.save(Article(**{**texts, **fields}), version=0, by=None)


def change(article: Article, *, saving: dict[str, Any] | None = None, **fields: Any) -> Article:
    """Saves the article with other `fields`."""
    for name, value in fields.items():
        setattr(article, name, value)
    return drafting.save(article, version=article.version, by=None, **(saving or {}))
