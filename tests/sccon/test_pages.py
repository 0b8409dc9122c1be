"""A finished page, as it is sent."""

from django.http import HttpResponse

from sccon.pages import Headers, Ready


def test_a_ready_answer_has_what_djangos_own_has():
    """Django's constructor is not called: a release that gives answers another attribute is noticed here."""
    djangos = vars(HttpResponse(b"<p>", status=200))
    ours = vars(Ready(200, Headers({"Content-Type": "text/html; charset=utf-8"}), b"<p>"))

    assert ours.keys() == djangos.keys()
    assert dict(ours.pop("headers").items()) == dict(djangos.pop("headers").items())
    assert ours == djangos
