"""A finished page, as it is sent."""

import time

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from sccon.pages import Headers, Page, Ready


def test_a_ready_answer_has_what_djangos_own_has():
    """Django's constructor is not called: a release that gives answers another attribute is noticed here."""
    djangos = vars(HttpResponse(b"<p>", status=200))
    ours = vars(Ready(200, Headers({"Content-Type": "text/html; charset=utf-8"}), b"<p>"))

    assert ours.keys() == djangos.keys()
    assert dict(ours.pop("headers").items()) == dict(djangos.pop("headers").items())
    assert ours == djangos


# Last-Modified is Sat, 28 Nov 2026 10:00:00 GMT.
@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("Sat, 28 Nov 2026 10:00:00 GMT", 304),
        ("Sat, 28 Nov 2037 10:00:00 GMT", 304),  # the clock of whoever asks is fast
        ("Sat, 28 Nov 2026 10:00:01 GMT", 304),
        ("Saturday, 28-Nov-26 10:00:00 GMT", 304),  # RFC 850
        ("Sunday, 29-Nov-26 10:00:00 GMT", 304),
        ("Sat Nov 28 10:00:00 2026", 304),  # asctime
        ("Tue Dec  1 10:00:00 2026", 304),
        ("Sat, 28 Nov 2026 09:59:59 GMT", 200),
        ("Friday, 27-Nov-26 10:00:00 GMT", 200),
        ("Fri Nov 27 10:00:00 2026", 200),
        ("Saturday, 28-Nov-98 10:00:00 GMT", 200),
        ("gestern", 200),
        ("Sat, 31 Feb 2037 10:00:00 GMT", 200),
        ("", 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_a_page_of_its_date_or_a_later_one_gets_304_in_whatever_form_the_date_is(
    method: str, since: str, status: int
):
    response = HttpResponse(b"<p>", headers={"Last-Modified": "Sat, 28 Nov 2026 10:00:00 GMT"})
    asked = RequestFactory().generic(method, "/", headers={"if-modified-since": since})
    answer = Page(response, time.monotonic() + 60).answer(asked)
    assert (answer.status_code, answer.content) == (status, b"<p>" if (status, method) == (200, "GET") else b"")


def test_a_tag_says_more_than_a_date_and_a_page_without_a_date_is_sent():
    page = Page(HttpResponse(b"<p>", headers={"Last-Modified": "Sat, 28 Nov 2026 10:00:00 GMT"}), time.monotonic() + 60)
    late = {"if-modified-since": "Sat, 28 Nov 2037 10:00:00 GMT"}
    other = RequestFactory().get("/", headers=late | {"if-none-match": '"another"'})
    assert page.answer(other).status_code == 200
    undated = Page(HttpResponse(b"<p>"), time.monotonic() + 60)
    assert undated.answer(RequestFactory().get("/", headers=late)).status_code == 200
