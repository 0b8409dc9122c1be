"""Search columns that `publish` fills beside the text: file names, and marks of topics and author.

Names of topics and authors may change, the record may not. So the index holds a mark with the id, such as "§topic7",
and a search for a name also searches for the marks of the topics and authors with that name.
"""

from collections.abc import Iterable

from news.models import Article

TOPIC, AUTHOR = "§topic", "§author"


def topic_mark(pk: int) -> str:
    return f"{TOPIC}{pk}"


def author_mark(pk: int) -> str:
    return f"{AUTHOR}{pk}"


def marked(marks: Iterable[str], kind: str) -> list[int]:
    """The ids in those of `marks` that are of this `kind` (topics or authors)."""
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
