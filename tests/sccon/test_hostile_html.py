"""What hostile HTML becomes: our own few elements, no script, no style, no address that leads to either."""

from html.parser import HTMLParser

import pytest
from django.test import Client

from news.writing import drafting
from sccon.html import SCHEMES, TAGS, sanitise
from tests.factories import make_article, publish
from tests.fixtures.hostile import HOSTILE

ATTRIBUTES = {
    ("a", "href"),
    ("figure", "data-image"),
    ("figure", "data-alt"),
    ("blockquote", "class"),
    ("th", "scope"),
    ("figure", "data-video"),
}


class Reader(HTMLParser):
    """Notes what a browser would find that must not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.complaints: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.complaints.append(f"<{tag}>")
        for name, value in attributes:
            if (tag, name) not in ATTRIBUTES:
                self.complaints.append(f"<{tag} {name}>")
            if name == "href" and not self._harmless(value or ""):
                self.complaints.append(f"{value}")

    @staticmethod
    def _harmless(address: str) -> bool:
        if address.startswith("/"):
            return not address.startswith(("//", "/\\")) and "\t" not in address
        return address.partition(":")[0].lower() in SCHEMES and not any(ord(sign) < 32 for sign in address)

    def handle_comment(self, data: str) -> None:
        self.complaints.append(f"<!--{data}-->")


def complaints(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.complaints


def test_the_collection_is_large_and_would_be_complained_of():
    assert len(set(HOSTILE)) >= 100
    assert sum(bool(complaints(html)) for html in HOSTILE) > 90  # the reader sees what it is looking for


@pytest.mark.parametrize("html", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_hostile_survives(html: str):
    clean = sanitise(f"<p>Vorher</p>{html}<p>Nachher</p>")
    assert complaints(clean) == []
    assert sanitise(clean) == clean


@pytest.mark.django_db
def test_no_page_shows_anything_hostile_whatever_stood_in_the_article():
    """As it is published, whole: the editor's field was never asked."""
    article = make_article(slug_de="boese")
    article.body_de = "<p>Vorher</p>" + "".join(
        html for html in HOSTILE if len(html) < 1000 and "\0" not in html and "data-image" not in html
    )
    article.title_de = article.lead_de = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    drafting.save(article, version=0, by=None)
    publish(article)
    page = Client().get("/de/news/boese/").content.decode()
    article_html = page[page.index("<article") : page.index("</article>")]
    assert "onerror=alert" not in article_html.replace("&gt;", ">").replace("&lt;img src=x onerror=alert(1)", "")
    assert "<script" not in article_html
    assert " style=" not in page
    assert "<style" not in page
