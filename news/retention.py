"""Retention of personal data in news. Published texts are the record of the press (Art. 85 GDPR).

And all places in which an article's words can stand: the other way round, what must go when a text is taken down.
"""

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

# Every field that can hold a copy of an article's title, text, picture or file. `publishing.take_down` empties them all,
# which a test plants a word in each to see. Addresses are not among them: the record keeps them, so do old redirects.
ARTICLES_WORDS_STAND_IN = frozenset(
    f"{model}.{field}"
    for model, fields in {
        "news.Article": ("title", "lead", "body", "seo_title", "seo_description", "image_alt"),
        "news.ArticleIndex": ("search",),
        "news.ArticleVersion": ("german",),  # a hash: it could still confirm a guess
        "news.Attachment": ("file", "title"),
        "news.Image": ("file", "jpeg", "alt", "caption", "credit"),  # of pictures that no other text shows
        "news.Publication": (
            *("title", "lead", "body", "seo_title", "seo_description", "notice", "image_alt", "boilerplate"),
            *("search_files", "search", "search_title"),
        ),
        "news.PublicationAttachment": ("file", "title"),
        "news.Review": ("note", "answer"),
        "news.SharePicture": ("file", "key"),
        "news.Word": ("key", "shown"),
        "reversion.Version": ("serialized_data", "object_repr"),
        "sccon.Mail": ("context", "error"),
        "sccon.JobError": ("error", "traceback"),  # the database quotes the row that it refuses
        "sccon.SentForm": ("content",),
        "admin.LogEntry": ("object_repr", "change_message"),
    }.items()
    for field in fields
)

# Fields, models or apps in which none can stand. The reason of a withdrawal or a take-down is the newsroom's own word
# about a text; it explains the record and stays with it, which the form says.
ARTICLES_WORDS_NEVER_IN = frozenset(
    {
        *("news.Article.slug", "news.Publication.path", "news.Redirect"),  # addresses
        *("news.Withdrawal.reason", "news.Publication.redaction_reason"),
        *("news.Author", "news.AuthorAddress", "news.Boilerplate", "news.Topic", "news.TopicAddress"),  # for many texts
        *("news.Image.ready_key", "news.Rendition", "news.ArticleVersion.changed", "news.OpenForm", "news.PreviewLink"),
        *("news.Publication.visible", "news.Publication.search_marks"),
        *("sccon.Mail.occasion", "sccon.Mail.recipient", "sccon.Mail.language", "sccon.Mail.template"),
        *("sccon.Mail.headers", "sccon.Mail.attachments", "sccon.Mail.message_id"),  # functions, numbers, addresses
        *("sccon.SentForm.key", "sccon.SentForm.location", "sccon.SentForm.content_type"),
        *("sccon.KnownDevice", "sccon.Limit", "sccon.Login", "sccon.LoginSession", "sccon.User"),
        *("admin.LogEntry.object_id", "reversion.Revision", "reversion.Version.object_id"),
        *("reversion.Version.db", "reversion.Version.format"),
        "procrastinate",  # the jobs of the news know their rows by number
        "sessions",  # a sentence for the next page at most, which then shows it and forgets it
        *("auth", "contenttypes", "django_otp_webauthn", "otp_static", "otp_totp"),
        "newsletter",  # consents with their own wording; of articles only the address of the page one signed up on
        "tickets",  # knows no article; the import contracts keep it so
    }
)
