"""What hostile HTML becomes: our own few elements, no script, no style, no address that leads to either."""

from html.parser import HTMLParser

import pytest
from django.test import Client

from news.writing import drafting
from sccon.html import SCHEMES, TAGS, sanitise, too_much
from sccon.videos import video_address
from tests.factories import make_article, publish
from tests.fixtures.hostile import HOSTILE

ATTRIBUTES = {
    ("a", "href"),
    ("figure", "data-image"),
    ("figure", "data-alt"),
    ("blockquote", "class"),
    ("th", "scope"),
    ("figure", "data-video"),
    ("ol", "start"),
    ("ol", "type"),
    *((cell, span) for cell in ("td", "th") for span in ("colspan", "rowspan")),
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


@pytest.mark.parametrize(
    "unit", ["<ul><li>", "<blockquote>", "<div>", "<table><tr><td>", "<b>", "<ul><object></ul></object>"]
)
def test_a_megabyte_of_nesting_is_told_at_a_look(unit: str):
    html = unit * (1_000_000 // len(unit)) + "words"
    assert too_much(html)
    assert "<ul>" not in sanitise(html)


def test_what_people_write_is_not_too_much():
    nested = "<ul><li>" * 20 + "x" + "</li></ul>" * 20
    table = f"<table>{'<tr><td>a<td>b' * 500}</table>"
    assert not any(map(too_much, ["<p>Satz.<p>Satz.<br>" * 2000, nested * 40, table, "<!-- <ul> -->" * 200]))


def test_a_table_wider_than_any_is_read_as_text():
    wide = "<table><tr>" + "<td>a</td>" * 5_000 + "</tr>" + "<tr><td>a</td></tr>" * 2_000 + "</table>"
    assert "<table" not in sanitise(wide)


@pytest.mark.parametrize("style", ["@a ", "@media{a{", "a" * 9, ".c{width:0}", 'a:"', "/*"])
def test_a_style_sheet_without_end_is_read_in_passing(style: str):
    many = style * (150_000 // len(style))
    assert sanitise(f"<style>{many}</style><p class=c style='{many[:9000]}'>x</p>") in {"<p>x</p>", ""}


def test_an_endless_run_of_spaces_is_read_in_passing():
    assert sanitise("<p>a</p>" + "&nbsp;" * 30_000) == "<p>a</p>"


@pytest.mark.parametrize(
    "address",
    [
        *(
            r"https://evil.example\.youtube.com/watch",
            r"https:\\evil.example/.youtube.com/",
            "https://evil.example#.youtube.com/x",
        ),
        *(
            "https://evil.example?.youtube.com/x",
            "https://youtube.com@evil.example/x",
            "https://evil.example%2f.youtube.com/x",
        ),
        *("https://evilyoutube.com/x", "//[x", "https://[x/"),
    ],
)
def test_what_only_looks_like_a_known_host_is_no_video(address: str):
    assert video_address(address) is None


def test_a_known_host_is_a_video():
    assert video_address("https://www.youtube.com/watch?v=a") == "https://www.youtube.com/watch?v=a"
