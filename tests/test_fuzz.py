"""Whatever comes to a public address: an answer that says what is wrong with it, never a 500."""

import re
from collections.abc import Iterator
from itertools import product

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_article, publish

pytestmark = pytest.mark.django_db

ODD = [
    "",
    "0",
    "-1",
    "1",
    "99999",
    "9" * 30,
    "1e5",
    "٣",
    "null",
    "\x00",
    "%00",
    "ä",
    "😀",
    "\u202eabc",
    "a" * 3000,
    "' OR 1=1 --",
    "<script>",
    "../../etc/passwd",
    "{{ 7*7 }}",
    "%(x)s",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
]
PARAMETERS = [
    "page",
    "topic",
    "year",
    "q",
    "from",
    "month",
    "language",
    "preview",
    "next",
    "token",
    "utm_source",
    "a[]",
]
METHODS = ["get", "head", "post", "put", "delete", "options", "patch"]


def public_paths() -> Iterator[str]:
    """Every pattern of the site but the admin's, in German, with `{}` where it takes a word."""
    with translation.override("de"):
        yield from (prefix + pattern for pattern, prefix in _walk(get_resolver().url_patterns, ""))


def _walk(patterns, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from _walk(entry.url_patterns, prefix + _readable(entry))
        elif isinstance(entry, URLPattern):
            yield _readable(entry), prefix


def _readable(entry: URLPattern | URLResolver) -> str:
    """The pattern with `{}` for each word it takes."""
    text = str(entry.pattern)
    if not hasattr(entry.pattern, "converters") or text.startswith("^"):
        text = re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)", "{}", text).strip("^$")
    return re.sub(r"<[^>]+>", "{}", text)


PATHS = sorted(set(public_paths()))


@pytest.fixture
def client() -> Client:
    """A stranger; what goes wrong inside is answered as visitors would see it."""
    publish(make_article(slug_de="meldung", slug_en="story"), "de", "en")
    return Client(raise_request_exception=False)


def test_the_walk_knows_the_site():
    assert {"de/news/", "de/news/search/", "de/tickets/t/{}/", "media/{}", "de/newsletter/confirm/{}/"} <= set(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_odd_words_in_an_address_get_an_answer(client: Client, path: str):
    words = ODD if "{}" in path else [""]
    answers = {word: client.get("/" + path.replace("{}", word)).status_code for word in words}
    assert {word: status for word, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize("path", [path for path in PATHS if "{}" not in path])
def test_odd_parameters_get_an_answer(client: Client, path: str):
    answers = {
        (name, word): client.get(f"/{path}", {name: word}).status_code
        for name, word in product(PARAMETERS[:5], ODD[::3])
    }
    assert {key: status for key, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize("path", PATHS)
def test_odd_methods_and_forms_get_an_answer(client: Client, path: str):
    address = "/" + path.replace("{}", "meldung")
    answers = {method: getattr(client, method)(address).status_code for method in METHODS}
    form = dict(zip(["email", "topics", "product", "quantity", "name"], ODD[9:], strict=False))
    answers |= {"form": client.post(address, form).status_code}
    answers |= {"json": client.post(address, '{"a":', content_type="application/json").status_code}
    answers |= {"broken": client.post(address, b"--x", content_type="multipart/form-data; boundary=x").status_code}
    assert {key: status for key, status in answers.items() if status >= 500} == {}


@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from([*PATHS, *(path.replace("de/", "en/", 1) for path in PATHS)]),
    words=st.lists(st.text(max_size=40), min_size=1, max_size=3),
    parameters=st.dictionaries(st.sampled_from(PARAMETERS), st.text(max_size=60), max_size=4),
)
def test_anything_at_all_gets_an_answer(client: Client, path: str, words: list[str], parameters: dict[str, str]):
    for word in words:
        path = path.replace("{}", word, 1)
    response = client.get("/" + path.replace("{}", "x"), parameters)
    assert response.status_code < 500
