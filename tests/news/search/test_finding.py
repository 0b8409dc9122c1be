"""What search finds, and what it must never find."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags
from hypothesis import given, settings
from hypothesis import strategies as st

from news.models import Article, Attachment, Publication, Topic, Word
from news.publishing import publications
from news.search import finding
from news.search import views as search_views
from news.search.folding import COMPATIBLE as COMPATIBLE_SIGNS
from news.search.folding import PLAIN, fold, pattern
from news.search.understanding import LONGEST, understand
from sccon.clock import database_now
from tests.factories import make_article, make_author, make_topic, make_user, publish
from tests.news.shown import headline

pytestmark = pytest.mark.django_db


def published(
    title: str, *languages: str, year: int = 2025, first: datetime | None = None, **fields: Any
) -> Publication:
    """A text of which only the title says something."""
    texts = {"lead_de": "Worum es geht.", "lead_en": "In short.", "body_de": "<p>Text.</p>", "body_en": "<p>Text.</p>"}
    first = first or datetime(year, 10, 1, 12, tzinfo=UTC)
    article = make_article(title, **{"title_en": title, **texts, **fields})
    return publish(article, *(languages or ["de"]), first_published_at=first)


def ask(q: str, language: str = "de", **parameters: Any) -> HttpResponse:
    return Client().get(f"/{language}/news/search/", {"q": q, **parameters})


def found(q: str, language: str = "de", **parameters: Any) -> list[str]:
    """The titles that a visitor finds, in order."""
    response = ask(q, language, **parameters)
    assert response.status_code == 200
    return [strip_tags(result.title).replace("\u00ad", "") for result in response.context.get("results", [])]


def hits(q: str, language: str = "de") -> list[str]:
    """The same without the page."""
    at = database_now()
    return [story.title for story in finding.find(understand(q, language), at).texts]


def suggestions(q: str, language: str = "de") -> list[str]:
    return [each["text"] for each in Client().get(f"/{language}/news/search/suggest/", {"q": q}).json()["suggestions"]]


# --- Words ------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["München", "munchen", "MUENCHEN", "Münch", "Mu\u0308nchen"])
def test_umlauts_are_found_however_they_are_written(typed: str):
    titles = [published(f"{word} feiert").title for word in ("München", "Munchen", "Muenchen", "Mu\u0308nchen")]
    assert sorted(hits(typed)) == sorted(titles)


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("Verwaltung", "Verwaltungsdigitalisierung"),  # the beginning of a compound
        ("Digitalisierung", "Verwaltungsdigitalisierung"),  # its end
        ("Minister", "Digitalministerkonferenz"),  # its middle
        ("Häuser", "Das alte Haus"),  # the stem
        ("Haeuser", "Das alte Haus"),
        ("digitale", "Digitaler Staat"),
        ("Milstreed", "Milstreed"),  # a name that a stemmer would cut
        ("Weiß", "Familie Weiss"),
        ("KI", "KI für alle"),
        ("2.0", "OZG 2.0 ist da"),
        ("D16", "Die D16 tagt"),
        ("example.org", "Mehr auf example.org/seite"),
        ("Länder", "Bund/Länder-Treffen"),
        ("Digital", "Digi\u00adtal"),  # a soft hyphen that someone pasted
        ("der Staat", "Staat und Stadt"),  # words that every text has are no condition
        ("Erdogan", "Erdoğan"),
    ],
)
def test_a_word_is_found(typed: str, title: str):
    published(title)
    published("Etwas ganz anderes")
    assert hits(typed) == [title]


COMPATIBLE = [
    # in the text, typed
    ("CO₂", "CO2"),
    ("m²", "m2"),
    ("H₂", "H2"),
    ("10⁶", "106"),
    ("Eﬃzienz", "Effizienz"),
    ("Eﬀizienz", "effizienz"),
    ("Proﬁle", "Profile"),
    ("Fluﬂicht", "Fluflicht"),
    ("５Ｇ", "5G"),
    ("Ｓｍａｒｔ", "smart"),
    ("Ⅳ.", "IV"),
    ("Ⅻ", "XII"),
    ("⑦", "7"),
    ("10.000", "10000"),
    ("10,000", "10000"),
    ("1.234.567", "1234567"),
    ("10’000", "10'000"),
    ("10\u00a0000", "10.000"),
    ("10\u202f000", "10000"),
    ("10\u2009000", "10000"),
    ("Galileo™", '"Galileo"'),
]


@pytest.mark.parametrize(("written", "typed"), COMPATIBLE + [(typed, written) for written, typed in COMPATIBLE])
def test_compatible_letters_and_numbers_are_found_and_marked(written: str, typed: str):
    title = f"Dazu {written.strip('"')} jetzt"
    published(title)
    published("Etwas 100 ganz 10 anderes 000 am 1.2.2026")
    assert hits(typed) == [title]
    marked = re.search("<mark>(.*?)</mark>", ask(typed).content.decode())
    assert marked
    assert unescape(marked[1]) in title


@pytest.mark.parametrize(("written", "typed"), [("25 ㎡", "m2"), ("m2", "㎡"), ("№ 7", "No"), ("ⅩⅢ", "XIII")])
def test_what_no_mark_can_be_put_round_is_found_all_the_same(written: str, typed: str):
    assert published(f"Dazu {written} jetzt").title in hits(typed)


@pytest.mark.parametrize("body", ["CO<sub>2</sub>", "<em>CO</em>2", "C<strong>O</strong>₂"])
def test_an_element_within_a_word_does_not_part_it(body: str):
    """Whatever the editor keeps of such elements: the index is made of what stands in the record."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT news_words(news_text(%s)) @@ 'co2'::tsquery", [f"<p>Weniger {body}</p>"])
        assert cursor.fetchone() == (True,)


@pytest.mark.parametrize(
    ("typed", "title"), [("2026", "Am 1.12.2026 hier"), ("100", "Die 10.0000"), ("10", "10.00 Uhr"), ("000", "10. 000")]
)
def test_only_thousands_make_a_number_one(typed: str, title: str):
    published(title)
    assert hits(typed) == ([title] if typed != "100" else [])


@pytest.mark.parametrize(
    ("typed", "meant"), [("Digitalministerkonfernz", "Digitalministerkonferenz"), ("potsdm", "Potsdam")]
)
def test_a_mistyped_word_is_found(typed: str, meant: str):
    published(meant)
    assert hits(typed) == []
    assert finding.corrected(understand(typed, "de"), database_now()) == meant


def test_english_is_found_by_english_rules():
    published("New policies", "en")
    published("Values", "en")
    assert found("policy", "en") == ["New policies"]
    assert found("value", "en") == ["Values"]
    assert found("policy", "de") == []


def test_all_words_must_be_there_and_none_with_a_minus():
    published("Potsdam und Berlin")
    published("Potsdam allein")
    assert found("potsdam berlin") == ["Potsdam und Berlin"]
    assert found("potsdam -berlin") == ["Potsdam allein"]
    assert sorted(hits("potsdam -ber")) == ["Potsdam allein", "Potsdam und Berlin"]  # a whole word is left out
    assert found("-berlin") == []


@pytest.mark.parametrize("quotes", ['""', "„“", "“”", "«»"])
def test_a_phrase_is_found_as_it_stands(quotes: str):
    published("Digitale Verwaltung heute")
    published("Verwaltung digitale Wege")
    assert found("digitale Verwaltung") != ["Digitale Verwaltung heute"]
    assert found(f"{quotes[0]}digitale Verwaltung{quotes[1]}") == ["Digitale Verwaltung heute"]
    assert found(f"verwaltung -{quotes[0]}digitale Verwaltung{quotes[1]}") == ["Verwaltung digitale Wege"]


def test_title_comes_before_lead_before_file_before_text_and_then_the_newest():
    published("Im Text", body_de="<p>Register hier.</p>", year=2026)
    files = make_article("In der Datei", body_de="<p>Text.</p>", lead_de="Worum.")
    Attachment.objects.create(article=files, file="7/register-2025.pdf", title_de="Übersicht", size=1)
    publish(files, first_published_at=datetime(2026, 5, 1, tzinfo=UTC))
    published("Im Vorspann", lead_de="Die Register.", year=2025)
    published("Register, alt", year=2020)
    published("Register, neu", year=2024)
    assert found("Register") == ["Register, neu", "Register, alt", "Im Vorspann", "In der Datei", "Im Text"]


def test_topics_and_authors_find_their_texts_by_the_name_they_have_today():
    topic, author = make_topic("Mobilität", slug_de="mob", slug_en="mob"), make_author("Mehtap Yıldız")
    published("Eins", topics=[topic], author=author)
    published("Zwei", topics=[make_topic("Anderes")])
    assert found("Mobilitaet") == found("yildiz") == ["Eins"]
    Topic.objects.filter(pk=topic.pk).update(name_de="Verkehr")
    assert found("Verkehr") == ["Eins"]
    assert found("Mobilität") == []


def test_what_is_written_between_angle_brackets_or_in_entities_is_no_word():
    published("Forschung", body_de="<p>Forschung &amp; <strong>Lehre</strong></p>")
    assert found("strong") == found("amp") == []
    assert found("Lehre") == ["Forschung"]


LETTERS = (
    "".join(COMPATIBLE_SIGNS.values())
    + "012.,'’\u00a0\u2009\u202f™℠´½aeiouqsßẞlrnAEOUıİ\u0308\u0301\u00ad\u200b"
    + "".join(PLAIN.values())
    + "".join(PLAIN.values()).upper()
)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from(LETTERS), max_size=12) | st.text(alphabet=st.characters(codec="utf-8")))
def test_the_database_folds_as_we_do(text: str):
    text = text.replace("\0", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT news_fold(%s)", [text])
        assert cursor.fetchone()[0] == fold(text)


def test_what_folds_alike_is_marked_alike():
    for plain, letters in PLAIN.items():
        for letter in letters + letters.upper():
            assert fold(letter) == plain
            assert re.fullmatch(pattern(f"x{plain}x"), f"x{letter}x", re.IGNORECASE)
    for letters, signs in COMPATIBLE_SIGNS.items():
        for sign in signs:
            assert fold(sign) == letters
            assert re.fullmatch(pattern(f"q{letters}q"), f"q{sign}q", re.IGNORECASE)
    for word in ("Eﬃzienz", "Eﬀizienz", "Efﬁzienz", "Grosſtadt", "10.000", "1’234’567", "XⅤⅢ", "CO₂", "Lob\u00adby"):
        assert re.fullmatch(pattern(fold(word)), word, re.IGNORECASE)
    for word in ("Straße", "STRASSE", "Mu\u0308ller", "Mueller", "Digi\u00adtal", "neue", "Bauer", "Quelle"):
        assert re.fullmatch(pattern(fold(word)), word, re.IGNORECASE)


# --- The page ---------------------------------------------------------------------------------


def test_words_found_are_marked_and_everything_is_escaped():
    published(
        "Häuser & <Räume>",
        lead_de="Worum <b>es</b> geht.",
        body_de=f"<p>{'Wort ' * 60}</p><p>Ein Haus &lt;script&gt; steht.</p>",
    )
    page = ask("Haus").content.decode()
    assert "<mark>Häuser</mark> &amp; &lt;Räume&gt;" in page
    assert "Ein <mark>Haus</mark> &lt;script&gt; steht." in page
    attack = '"><script>alert(1)</script>'
    assert "<script>alert" not in ask(attack).content.decode()


def test_the_lead_is_shown_where_it_says_what_was_searched_for():
    published("Eins", lead_de="Die Register kommen.", body_de="<p>Register im Text.</p>")
    assert "Die <mark>Register</mark> kommen." in ask("Register").content.decode()


def test_what_only_the_database_reads_is_never_fetched():
    published("Potsdam")
    for rows in (Publication.objects.all(), Publication.objects.defer("body"), Publication.objects.defer(None)):
        sql = str(rows.query)
        assert '"news_publication"."search"' not in sql
        assert '"news_publication"."search_title"' not in sql


def test_topics_and_years_narrow_what_was_found_and_count():
    rail, data = make_topic("Bahn"), make_topic("Daten")
    published("Messe eins", topics=[rail, data], year=2024)
    published("Messe zwei", topics=[data], year=2025)
    published("Anderes", topics=[data], year=2025)
    context = ask("Messe").context
    assert [(f.name, f.count) for f in context["topic_filters"]] == [("Daten", 2), ("Bahn", 1)]
    assert [(f.name, f.count) for f in context["year_filters"]] == [("2025", 1), ("2024", 1)]
    assert found("Messe", topic="bahn") == ["Messe eins"]
    assert found("Messe", year="2025") == ["Messe zwei"]
    assert found("Messe", topic="daten", year="2024") == ["Messe eins"]
    chosen = ask("Messe", topic="bahn").context
    assert [(f.name, f.count) for f in chosen["year_filters"]] == [("2024", 1)]
    assert [f.url for f in chosen["topic_filters"] if f.current] == ["?q=Messe&topic=bahn"]


def test_many_results_come_in_pages_and_beyond_the_last_there_is_none():
    for number in range(finding.PAGE_SIZE + 3):
        published(f"Messe {number}")
    assert len(found("Messe")) == finding.PAGE_SIZE
    assert len(found("Messe", page=2)) == 3
    assert set(found("Messe")).isdisjoint(found("Messe", page=2))
    for page in ("3", "0", "-1", "x", "9999", "¹"):
        assert ask("Messe", page=page).status_code == 404


def test_beyond_those_that_are_ranked_the_older_follow(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(finding, "PAGE_SIZE", 2)
    monkeypatch.setattr(finding, "RANKED", 4)
    titles = [published(f"Messe {number}", year=2000 + number).title for number in range(7)]
    leafed = [title for page in (1, 2, 3, 4) for title in found("Messe", page=page)]
    assert sorted(leafed) == titles
    assert set(leafed[:4]) == set(titles[-4:])


def test_nothing_found_offers_topics_and_the_latest():
    published("Potsdam")
    response = ask("Quantenphysik")
    page = response.content.decode()
    assert "Zu „Quantenphysik“ wurde nichts gefunden" in page
    assert [headline(card) for card in response.context["latest"]] == ["Potsdam"]
    assert [topic.name for topic in response.context["topics"]] == ["Open Data"]
    assert found("Potsdam", topic="nirgends") == []
    assert 'href="?q=Potsdam"' in ask("Potsdam", topic="nirgends").content.decode()


def test_a_mistyped_word_is_said_to_be_one():
    published("Digitalministerkonferenz in Potsdam")
    page = ask("Digitalministerkonfernz Potsdam").content.decode()
    assert "1 Treffer für „Digitalministerkonferenz Potsdam“" in page
    assert "Zu „Digitalministerkonfernz Potsdam“ wurde nichts gefunden" in page


def test_search_is_kept_by_nobody_and_found_by_no_search_engine():
    published("Potsdam", "de", "en")
    for path in ("/de/news/search/", "/de/news/search/?q=potsdam", "/en/news/search/suggest/?q=pots"):
        response = Client().get(path)
        assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("no-store", "noindex")
        assert not response.cookies
    page = ask("potsdam").content.decode()
    assert '<meta name="robots" content="noindex">' in page
    assert 'rel="canonical"' not in page
    assert 'hreflang="en" aria-label="EN, English">' in page
    assert 'href="/en/news/search/?q=potsdam"' in page


def test_the_number_of_queries_does_not_grow_with_what_is_found():
    published("Messe")
    with CaptureQueriesContext(
        connection,
    ) as one:
        ask("Messe")
    for number in range(9):
        published(f"Messe {number}", topics=[make_topic(f"Thema {number}")], author=make_author())
    with CaptureQueriesContext(connection) as ten:
        ask("Messe")
    assert len(ten) == len(one) <= 18


def test_leafing_and_narrowing_search_no_second_time(visitor: Client):
    topic = make_topic("Register")
    for number in range(11):
        published(f"Messe {number}", topics=[topic])
    visitor.get("/de/news/search/?q=Messe")
    for query, results in (("page=2", 1), ("topic=register", 10), ("topic=register&page=2", 1)):
        with CaptureQueriesContext(connection) as asked:
            page = visitor.get(f"/de/news/search/?q=Messe&{query}")
        assert len(page.context["results"]) == results
        assert not [each["sql"] for each in asked.captured_queries if "AS filed" in each["sql"]]


def test_what_ended_while_it_was_searched_for_is_left_out():
    kept = published("Messe in Berlin")
    texts = [finding.Text(10**9, "Messe", "", "", "/"), *finding.find(understand("Messe", "de"), database_now()).texts]
    (result,) = search_views._results(texts, understand("Messe", "de"), database_now())
    assert result.url == kept.url


@pytest.mark.django_db(transaction=True)
def test_what_is_published_is_found_although_the_search_is_remembered(visitor: Client):
    published("Messe in Berlin")
    assert visitor.get("/de/news/search/?q=Messe").context["total"] == 1
    published("Messe in Bonn")
    found = visitor.get("/de/news/search/?q=Messe")
    assert found.context["total"] == 2
    assert "Bonn" in found.text


@pytest.mark.parametrize("most", [True, False], ids=["among the newest", "by the index"])
def test_only_the_newest_are_ranked_those_with_the_words_in_their_title_first(
    monkeypatch: pytest.MonkeyPatch, most: bool
):
    monkeypatch.setattr(finding, "RANKED", 4)
    for number in range(12):
        in_title = number in {0, 5}
        title = f"Messe {number}" if in_title else f"Nr. {number}"
        date = datetime(2025, 1, 1 + number, tzinfo=UTC)
        published(title, body_de=f"<p>{'Messe ' * (number + 1)}</p>", first=date)
    for number in range(0 if most else 13):
        published(f"Anderes {number}")
    at, query = database_now(), understand("Messe", "de")
    ranked = finding._rank(at, query, None, None, 12)
    titles = dict(Publication.objects.values_list("pk", "title"))
    assert [titles[pk] for pk in ranked[:2]] == ["Messe 5", "Messe 0"]
    assert {titles[pk] for pk in ranked[2:]} == {"Nr. 11", "Nr. 10"}


def test_a_word_that_most_texts_have_but_not_the_newest_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(finding, "RANKED", 2)
    for number in range(16):
        words = "Messe" if number < 9 else "anderes"
        published(f"Nr. {number}", body_de=f"<p>{words}</p>", first=datetime(2025, 1, 1 + number, tzinfo=UTC))
    ids = finding._rank(database_now(), understand("Messe", "de"), None, None, 9)
    assert set(Publication.objects.filter(pk__in=ids).values_list("title", flat=True)) == {"Nr. 8", "Nr. 7"}


def test_titles_and_topics_are_suggested_to_someone_who_is_typing():
    published("Potsdam tagt", topics=[make_topic("Post und Paket")])
    published("Im Text", body_de="<p>Potsdam</p>")
    assert suggestions("po") == ["Post und Paket", "Potsdam tagt"]
    assert suggestions("tagt pots") == ["Potsdam tagt"]
    assert suggestions("") == suggestions("x") == suggestions('"') == []


# --- What is not public -----------------------------------------------------------------------


def unpublic() -> list[Article]:
    """Texts that say "Geheimwort": a draft, a planned one, a withdrawn one, a page, and one in English alone."""
    tomorrow = database_now() + timedelta(days=1)
    topic, author = make_topic("Geheimwort"), make_author("Geheimwort Schmidt")
    words = {"title_de": "Geheimwort", "title_en": "Geheimwort", "topics": [topic], "author": author}
    draft, planned, withdrawn, english = (make_article(**words) for _ in range(4))
    publish(planned, at=tomorrow)
    publish(withdrawn)
    publications.withdraw(withdrawn, ["de"], by=None, reason="Irrtum")
    publish(english, "en")
    page = make_article(kind="page", role="imprint", title_de="Geheimwort", topics=[])
    publish(page)
    return [draft, planned, withdrawn, english, page]


def test_what_is_not_public_is_found_nowhere():
    published("Geheimnis")
    unpublic()
    assert Word.objects.filter(key="geheimwort", language="de").exists()  # of the planned and the withdrawn
    nothing = ask("Geheimwort").content.decode()
    unknown = ask("Quarkwort").content.decode()
    assert nothing.replace("Geheimwort", "Quarkwort") == unknown
    assert found("Geheimwrot") == found("eheimwort") == []
    assert found("geheim") == ["Geheimnis"]
    context = ask("geheim").context
    assert [(f.name, f.count) for f in context["topic_filters"]] == [("Open Data", 1)]
    assert [(f.name, f.count) for f in context["year_filters"]] == [("2025", 1)]
    assert suggestions("geheim") == ["Geheimnis"]
    assert found("Geheimnis", topic="geheimwort") == []
    with_topic = ask("Geheimnis", topic="geheimwort").content.decode()
    assert with_topic.replace("geheimwort", "nirgends") == ask("Geheimnis", topic="nirgends").content.decode()


def test_a_planned_text_is_found_from_its_second_on():
    moment = database_now() + timedelta(days=1)
    publish(make_article("Geplantes"), at=moment)
    query = understand("Geplantes", "de")
    assert finding.find(query, moment - timedelta(microseconds=1)).total == 0
    assert finding.find(query, moment).total == 1


def test_the_record_may_be_indexed_anew_and_stays_what_it_was():
    row = published("Potsdam")
    Publication.objects.filter(pk=row.pk).update(search_files="Programmheft")
    assert found("Programmheft") == ["Potsdam"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=row.pk).update(search_files="", title="Berlin")
    assert found("Programmheft") == ["Potsdam"]


def test_words_that_no_text_has_any_more_are_forgotten():
    published("Potsdam")
    Word.objects.create(language="de", key="verschwunden", shown="Verschwunden")
    finding.forget_words(timestamp=0)
    assert list(Word.objects.filter(key__in=["potsdam", "verschwunden"]).values_list("key", flat=True)) == ["potsdam"]


# --- Whatever is typed ------------------------------------------------------------------------

ODD = [
    *("'", '"', "''", '"""', "\\", "\\'", ":*", "a:*", "!", "!!a", "&", "|", "a & | b", "<->", "(", ")", "((a", "a:A"),
    *("%", "_", "%s", "%(q)s", "{}", "{0}", "{matched}", "$1", ";", "--", "/*", "a\0b", "\0", "\ufeff", "\u0308", "ß"),
    *("-", "--", "-a", "- a", '-"a b"', "-'a", '"a', 'a"', "„a", "«»", "…", "–x", "👩‍👩‍👧", "مرحبا", "Ωμέγα", "日本語"),
    *("a" * 5000, "a " * 3000, '"' * 3000, "-a " * 500, "ä" * 300, "x'y''z", "\u200b", "\ud7ff", "1e309", "½", "²"),
    *(
        "der die das",
        "the and of",
        "0",
        "00",
        "1.2.3",
        "-1",
        "+1",
        "a/b",
        "http://a.b/c?d=e",
        "<b>",
        "</script>",
        "\t\n\r",
    ),
]


@pytest.mark.parametrize("language", ["de", "en"])
def test_whatever_is_typed_is_answered(language: str):
    published("Ein Text", "de", "en")
    for odd in ODD:
        assert ask(odd, language).status_code == 200
        assert Client().get(f"/{language}/news/search/suggest/", {"q": odd}).status_code == 200
    for raw in ("q=%ff%fe", "q=%00", "q=a&q=b", "q", "&&&", "q=%F0%9F", "q=text&topic=%00", "q=text&topic=%27"):
        assert Client().get(f"/{language}/news/search/?{raw}").status_code == 200
    for raw in ("q=text&year=0", "q=text&year=x", "q=text&year=99999", "q=text&page=%00", "q=text&page=1e3"):
        assert Client().get(f"/{language}/news/search/?{raw}").status_code == 404


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=LONGEST))
def test_any_text_is_a_query(text: str):
    query = understand(text, "de")
    if query.wanted:
        finding.find(query, database_now())
        finding.corrected(query, database_now())
        finding.suggested(query, database_now())
        query.pattern.search("Ein Text")


# --- In the newsroom --------------------------------------------------------------------------


def listed(client: Client, q: str) -> list[str]:
    response = client.get("/admin/news/article/", {"q": q})
    assert response.status_code == 200
    return sorted(article.title_de for article in response.context["cl"].result_list)


def test_the_newsroom_finds_drafts_in_both_languages_and_with_what_is_filed(client: Client):
    client.force_login(make_user("editor"))
    topic, author = make_topic("Mobilität", slug_de="mob", slug_en="mob"), make_author("Mehtap Yıldız")
    make_article("Münchner Häuser", title_en="Policies", topics=[topic], author=author)
    make_article("Anderes", body_de="<p>Der Registerzwilling.</p>", slug_de="ganz-anders", topics=[])
    assert listed(client, "muenchner haus") == ["Münchner Häuser"]
    assert listed(client, "policy") == listed(client, "mobilitaet") == listed(client, "yildiz") == ["Münchner Häuser"]
    assert listed(client, "register") == listed(client, '"ganz anders"') == ["Anderes"]
    assert listed(client, "der -haus") == ["Anderes"]
    assert listed(client, "") == listed(client, "!") == ["Anderes", "Münchner Häuser"]
    Article.objects.filter(title_de="Anderes").update(title_de="Umbenannt")
    assert listed(client, "umbenannt") == ["Umbenannt"]


def test_a_field_for_related_articles_finds_them_the_same_way(client: Client):
    client.force_login(make_user("editor"))
    make_article("Münchner Häuser")
    make_article("Anderes")
    where = {"app_label": "news", "model_name": "article", "field_name": "related"}
    answer = client.get("/admin/autocomplete/", {**where, "term": "Muenchner"}).json()
    assert [each["text"] for each in answer["results"]] == ["Münchner Häuser"]


def test_whatever_an_editor_types_is_answered(client: Client):
    client.force_login(make_user("editor"))
    make_article("Ein Text")
    for odd in ODD:
        if "\0" in odd:  # which nobody can type
            assert client.get("/admin/news/article/", {"q": odd}).status_code == 400
        else:
            listed(client, odd)


@pytest.mark.parametrize(
    "q",
    [
        *(
            "\u202edigital\u202c",
            "dig\u00adital",
            "dig\u200bital",
            "\ufeffdigital",
            "dig\u2066ital\u2069",
            "digi\x00tal",
        ),
        *("dig\u034fital", "digital\u3164", "digital\u2800", "dig\U000e0074ital"),
    ],
)
def test_a_question_may_hold_what_nobody_sees(q: str):
    published("Die digitale Verwaltung")
    assert found(q) == ["Die digitale Verwaltung"]
    assert suggestions(q) == ["Die digitale Verwaltung"]
    assert 'value="digital"' in ask(q).text
