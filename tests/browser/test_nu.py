"""What the Nu HTML checker says of every kind of page."""

from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.test import Client

from newsletter.models import Issue
from tests import admin_addresses
from tests.browser.conftest import Site
from tests.browser.kinds import KINDS, LANGUAGES
from tests.browser.nu import complaints
from tests.factories import make_article, make_image, make_user, publish
from tests.newsletter.returns.sent import make_crowd, sent_issue
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


# Parts of a page, which a script asks for; and the mail itself, which has what mail programs want.
PARTS = {
    "newsletter_import_progress",
    "newsletter_issue_progress",
    "newsletter_issue_edition",
    "newsletter_mailfinding_progress",
}


def test_every_page_of_the_newsletter_in_the_admin_is_valid_html(client: Client, tmp_path: Path):
    """Walked from the admin's addresses, of a draft and of an issue that was sent: a new page is among them by itself."""
    things, folder = admin_addresses.things(), tmp_path / "pages"
    folder.mkdir()
    draft, sent = things[Issue], sent_issue()
    make_crowd(sent, 3)
    client.force_login(make_user(is_superuser=True, language="de"))
    for address in admin_addresses.every():
        if not address.name.startswith("newsletter_") or address.name in PARTS:
            continue
        words = admin_addresses.words_for(address, things)
        for name, issue in (("draft", draft), ("sent", sent)):
            response = client.get(address.at({word: issue.pk if at == draft.pk else at for word, at in words.items()}))
            if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
                (folder / f"{address.name} {name}.html").write_bytes(response.getvalue())
            if address.model is not Issue:
                break
    names = {path.stem for path in folder.iterdir()}
    assert {"newsletter_issue_change sent", "newsletter_issue_send draft", "newsletter_import_change draft"} <= names
    assert len(names) > 25, names
    assert complaints(folder) == []
