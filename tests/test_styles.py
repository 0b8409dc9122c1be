"""Styles, scripts and templates, read as text: what a browser of 2022 makes of our colours and of our roles, and times that
are valid HTML."""

import re
from pathlib import Path

import pytest

STYLES = sorted((Path(__file__).parent.parent / "static/css").glob("*.css"))
SCRIPTS = sorted((Path(__file__).parent.parent / "static/js").glob("*.js"))
REFLECTED = re.compile(r"\.(?:aria[A-Z]\w*|role)\b|\baria[A-Z]\w*:")  # as properties only since Firefox 119
NEWER = re.compile(r"@supports \(color: light-dark\([^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}")
TOKEN = re.compile(r"(--[\w-]+):\s*([^;]+);")
PLAIN = re.compile(r"#[0-9a-f]{3,6}|white|black")


def split(path: Path) -> tuple[str, str]:
    """What every browser reads, and what only those do that know light-dark()."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    return NEWER.sub("", text), " ".join(NEWER.findall(text))


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_colour_for_light_and_dark_has_a_plain_one_before_it(path: Path):
    everybody, newer = split(path)
    assert "light-dark(" not in everybody
    plain = dict(TOKEN.findall(everybody))
    assert {
        name: plain.get(name) for name, value in TOKEN.findall(newer) if not PLAIN.fullmatch(plain.get(name, ""))
    } == {}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_roles_and_states_are_set_by_attribute(path: Path):
    assert REFLECTED.findall(path.read_text()) == []


TEMPLATES = Path(__file__).parent.parent / "templates"


def test_no_time_is_written_with_six_digits_of_a_second():
    """As `date:"c"` does of what the database's clock wrote: HTML allows three."""
    wrong = [
        f"{path.relative_to(TEMPLATES)}: {found}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for found in re.findall(r"""datetime="[^>]*?date:["']c["'][^>]*?>""", path.read_text())
    ]
    assert wrong == []
