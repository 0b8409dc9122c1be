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
from .redirects import Redirect
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
    "Redirect",
    "Rendition",
    "Topic",
    "TopicAddress",
    "Withdrawal",
]
