"""An article in which nothing is empty, and its versions."""

from typing import Any

from django.core.files.base import ContentFile

from news import drafting
from news.models import Article, Attachment
from tests.factories import make_article, make_author, make_image, make_topic, make_user


def save(article: Article, **options: Any) -> Article:
    """Saves the article as it stands: one more version."""
    return drafting.save(article, version=article.version, by=options.pop("by", None), **options)


def make_attachment(article: Article, **fields: Any) -> Attachment:
    """A file of the article that is not saved yet: the next save takes it along."""
    attachment = Attachment(article=article, size=5, **{"title_de": "Satzung", **fields})
    attachment.file.save("satzung.pdf", ContentFile(b"%PDF-"), save=False)
    return attachment


def full_article() -> Article:
    """An article in which nothing is empty, saved once."""
    article = make_article("Erste", seo_title_de="Suche", seo_description_en="Found", image_position="after")
    article.image, article.author, article.contact = make_image(), make_author(), make_author("Kim Mond")
    article.image_alt_de, article.image_decorative = "Ein Haus", True
    save(
        article,
        by=make_user("editor"),
        topics=[make_topic("Zwei"), make_topic("Eins")],
        related=[make_article("Verwandt"), make_article("Auch")],
        attachments=[make_attachment(article)],
    )
    return article
