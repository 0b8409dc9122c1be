import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import translation
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from hypothesis import given
from hypothesis import strategies as st

from sccon.typography import DASH, SHY, soft_hyphens
from tests.factories import make_article, publish
from tests.tickets.factories import make_event


def months() -> str:
    names = []
    for language in ("de", "en"):
        with translation.override(language):
            names += [str(name) for name in MONTHS.values()]
    return "|".join(names)


def shown(text: str) -> str:
    return soft_hyphens(text).replace(SHY, "|")


def test_long_compounds_break_where_their_parts_meet():
    assert shown("Digitalministerkonferenz") == "Digitalminister|konferenz"
    assert shown("Verwaltungsdigitalisierung") == "Verwaltungs|digitalisierung"
    assert shown("Registermodernisierung") == "Register|modernisierung"
    assert shown("Digitalministerinnen") == "Digital|ministerinnen"


def test_short_words_and_unknown_ones_stay_whole():
    assert shown("Berlin tagt im Kongress") == "Berlin tagt im Kongress"
    assert shown("Donaudampfschifffahrt") == "Donaudampfschifffahrt"


def test_no_line_begins_with_a_dash():
    assert soft_hyphens("Zwei Jahre – eine Bilanz") == f"Zwei Jahre{DASH}eine Bilanz"


@given(st.text())
def test_nothing_but_hyphens_and_dashes_changes(text: str):
    plain = text.replace(" – ", DASH)
    assert soft_hyphens(text).replace(SHY, "") == plain.replace(SHY, "")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", ["DATE_FORMAT", "DATETIME_FORMAT", "MONTH_DAY_FORMAT"])
@pytest.mark.parametrize("month", range(1, 13))
def test_no_line_ends_between_a_day_and_its_month(language: str, name: str, month: int):
    with translation.override(language):
        written = date_format(datetime(2026, month, 2, 9, 5, tzinfo=UTC), name)
    assert re.match(r"2\.?\N{NO-BREAK SPACE}[^\W\d]+( 2026|$)", written), written
    assert " Uhr" not in written


@pytest.mark.django_db
def test_dates_on_public_pages_stay_whole_and_those_for_machines_as_they_were():
    article = make_article("Treffen")
    publish(article, "de", "en")
    event = make_event(current=True)
    for path in ("/de/", f"/de/news/{article.slug_de}/", f"/en/news/{article.slug_en}/", "/de/tickets/"):
        page = Client().get(path).text
        shown = re.sub(r"<script.*?</script>|<[^>]*>", " ", page, flags=re.DOTALL)
        assert re.search(r"\d\.?\xa0[A-ZÄ][a-zä]{2,8}\b", shown), path
        assert re.findall(rf"\d\.? (?:{months()})\b", shown) == [], path
    assert "\N{NO-BREAK SPACE}" in event.dates
    assert re.search(r'<time datetime="\d{4}-\d\d-\d\d"', Client().get(f"/de/news/{article.slug_de}/").text)
