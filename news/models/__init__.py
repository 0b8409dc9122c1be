from .articles import Article, ArticleTopic, Attachment
from .images import Image, Rendition
from .publications import (
    Pin,
    Publication,
    PublicationAttachment,
    PublicationImage,
    PublicationRelated,
    PublicationTopic,
    Withdrawal,
)
from .topics import Author, Topic, TopicAddress

__all__ = [
    "Article",
    "ArticleTopic",
    "Attachment",
    "Author",
    "Image",
    "Pin",
    "Publication",
    "PublicationAttachment",
    "PublicationImage",
    "PublicationRelated",
    "PublicationTopic",
    "Rendition",
    "Topic",
    "TopicAddress",
    "Withdrawal",
]
