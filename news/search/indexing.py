"""What a publication is found by besides its own text, as `publish` writes it beside the text.

Topics and authors have names that may change any day, while the record stays as it is. So the index holds a mark
for each, and who searches for a name searches for the marks of those called so.
"""

from collections.abc import Iterable

from news.models import Article

TOPIC, AUTHOR = "§topic", "§author"


def topic_mark(pk: int) -> str:
    return f"{TOPIC}{pk}"


def author_mark(pk: int) -> str:
    return f"{AUTHOR}{pk}"


def marked(marks: Iterable[str], kind: str) -> list[int]:
    """The ids of the topics or authors, whichever `kind` says, that `marks` stand for."""
    return [int(mark.removeprefix(kind)) for mark in marks if mark.startswith(kind)]


def indexed(article: Article, language: str) -> dict[str, str]:
    """`search_files` and `search_marks` of the article's next publication in `language`."""
    files = [
        f"{title} {str(attachment.file).rpartition('/')[2]}"
        for attachment in article.attachments.all()
        if (title := getattr(attachment, f"title_{language}"))
    ]
    marks = [f"{topic_mark(part.topic_id)}:1B" for part in article.article_topics.all()]
    if article.author_id:
        marks.append(f"{author_mark(article.author_id)}:1C")
    return {"search_files": "\n".join(files), "search_marks": " ".join(marks)}
