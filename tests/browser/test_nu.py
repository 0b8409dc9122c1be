"""What the Nu HTML checker says of every kind of page."""

from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.test import Client

from tests.browser.conftest import Site
from tests.browser.kinds import KINDS, LANGUAGES
from tests.browser.nu import complaints
from tests.factories import make_article, make_image, make_user, publish
from tests.processes import DEADLINE

pytestmark = pytest.mark.django_db(transaction=True)


def html(url: str) -> str:
    try:
        answer = urlopen(url, timeout=DEADLINE)
    except HTTPError as error:  # which is an answer, too
        answer = error
    with answer:
        return answer.read().decode()


def test_every_kind_of_page_is_valid_html(site: Site, content: None, tmp_path: Path):
    for kind, path in KINDS.items():
        for language in LANGUAGES:
            (tmp_path / f"{kind}, {language}.html").write_text(html(f"{site.url}/{language}{path}"))
    (tmp_path / "bad request.html").write_text(html(f"{site.url.replace('127.0.0.1', 'localhost')}/de/"))
    assert len(list(tmp_path.iterdir())) == len(KINDS) * len(LANGUAGES) + 1
    assert complaints(tmp_path) == []


def test_the_pages_of_the_newsroom_are_valid_html(client: Client, tmp_path: Path):
    article = make_article(image=make_image())
    publish(article, "de")
    draft = make_article("Entwurf", lead_de=None)
    client.force_login(make_user("publisher", language="de"))
    pages = {
        "desk": "",
        "list": "news/article/",
        "new": "news/article/add/",
        "form": f"news/article/{article.pk}/change/",
        "publish": f"news/article/{article.pk}/publish/",
        "withdraw": f"news/article/{article.pk}/withdraw/",
        "not publishable": f"news/article/{draft.pk}/publish/",
        "picture": f"news/image/{article.image_id}/change/",
        "pictures": "news/image/",
    }
    for name, path in pages.items():
        response = client.get(f"/admin/{path}")
        assert response.status_code == 200, name
        (tmp_path / f"{name}.html").write_bytes(response.content)
    client.logout()
    (tmp_path / "login.html").write_bytes(client.get("/admin/login/").content)
    assert complaints(tmp_path) == []
