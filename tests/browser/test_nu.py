"""What the Nu HTML checker says of every kind of page."""

import json
import subprocess
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.browser.conftest import Site
from tests.browser.kinds import KINDS, LANGUAGES
from tests.conftest import unavailable
from tests.provide import vnu_jar

pytestmark = pytest.mark.django_db(transaction=True)

# What Django's own markup is to be blamed for.
NOT_OURS: tuple[str, ...] = ()


def html(url: str) -> str:
    try:
        return urlopen(url).read().decode()
    except HTTPError as error:
        return error.read().decode()


def complaints(folder: Path) -> list[str]:
    """All that the checker has against the pages in `folder`, in one call: starting Java takes longer than they do."""
    jar = vnu_jar() or unavailable("The Nu HTML checker is missing (npm, Java), so no page's HTML was checked.")
    command = [
        "java",
        "-jar",
        str(jar),
        "--format",
        "json",
        "--exit-zero-always",
        "--stdout",
        "--skip-non-html",
        str(folder),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return sorted(
        f"{Path(message['url']).stem}: {message['message']} {message.get('extract', '')!r}"
        for message in json.loads(result.stdout)["messages"]
        if message["type"] == "error" and message["message"] not in NOT_OURS
    )


def test_every_kind_of_page_is_valid_html(site: Site, content: None, tmp_path: Path):
    for kind, path in KINDS.items():
        for language in LANGUAGES:
            (tmp_path / f"{kind}, {language}.html").write_text(html(f"{site.url}/{language}{path}"))
    (tmp_path / "bad request.html").write_text(html(f"{site.url.replace('127.0.0.1', 'localhost')}/de/"))
    assert len(list(tmp_path.iterdir())) == len(KINDS) * len(LANGUAGES) + 1
    assert complaints(tmp_path) == []
