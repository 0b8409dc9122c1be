"""Retention of personal data in news. Published texts are the record of the press (Art. 85 GDPR)."""

from sccon.retention import Rule

RULES = (
    Rule(
        ("Author.name", "Author.role", "Author.email", "Author.phone", "Author.slug", "AuthorAddress.slug"),
        "as long as they write or answer for the press; public with their consent",
        "a publisher, in the admin",
    ),
    Rule(
        ("Image.credit",),
        "as long as the picture: its maker must be named (§ 13 UrhG)",
        "a publisher, with the picture",
    ),
    Rule(
        ("Review.note", "Review.answer", "Withdrawal.reason", "Publication.redaction_reason"),
        "as long as the article: they explain the record",
        "a publisher; what must not stay is taken down with `publishing.redact`",
    ),
)

# Texts about persons only as far as published: a field, or all fields of a model.
IMPERSONAL = frozenset(
    {
        "Article",
        "ArticleIndex",
        "ArticleVersion",
        "Attachment",
        "Boilerplate",
        "Image",
        "OpenForm",  # a random number of the browser
        "PreviewLink",
        "Publication",
        "PublicationAttachment",
        "Redirect",
        "Rendition",
        "SharePicture",
        "Topic",
        "TopicAddress",
        "Word",
    }
)
