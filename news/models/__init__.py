from .articles import Article, ArticleTopic, Attachment
from .images import Image, Rendition
from .presence import OpenForm
from .preview_links import PreviewLink
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
from .reviews import Review
from .share_pictures import SharePicture
from .topics import Author, AuthorAddress, Boilerplate, Topic, TopicAddress
from .versions import ArticleVersion, Confirmation
from .words import ArticleIndex, Word

__all__ = [
    "Article",
    "ArticleIndex",
    "ArticleTopic",
    "ArticleVersion",
    "Attachment",
    "Author",
    "AuthorAddress",
    "Boilerplate",
    "Confirmation",
    "Image",
    "OpenForm",
    "Pin",
    "PreviewLink",
    "Publication",
    "PublicationAttachment",
    "PublicationImage",
    "PublicationRelated",
    "PublicationTopic",
    "Redirect",
    "Rendition",
    "Review",
    "SharePicture",
    "Topic",
    "TopicAddress",
    "Withdrawal",
    "Word",
]
