"""The site speaks German and English, both completely."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from sccon import translations

GERMAN = translations.ROOT / "locale/de/LC_MESSAGES/django.po"


def german() -> Catalog:
    with GERMAN.open("rb") as source:
        return read_po(source, locale="de")


def test_every_string_is_in_the_catalogue_and_translated():
    assert translations.update(check=True) == []


def test_a_translation_keeps_every_placeholder():
    placeholder = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
    changed = []
    for message in german():
        if not message.id or message.pluralizable:
            continue  # a German singular may well say "ein" for %(count)d
        if sorted(placeholder.findall(message.id)) != sorted(placeholder.findall(message.string)):
            changed.append(message.id)
    assert changed == []


CODE = "30[1278]|40[0-9]|41[0-9]|42[29]|50[0-9]|550"
BARE = re.compile(rf"(?<![#\w])(?:{CODE})(?!\w|[.:%]\d| *(?:%|MB|KB|px|Zeichen|char))")


def bare_codes(text: str) -> list[str]:
    """The answers of servers that `text` names by number alone; in words, the number may follow: gone (410)."""
    return BARE.findall(re.sub(r"(?<=[^\W\d] )\(\d{3}\)", "", text))


def test_no_sentence_leaves_an_answer_to_its_number():
    assert bare_codes("Antwortet 301.") == bare_codes("(301)") == ["301"]
    assert bare_codes("Kein Text; sie führte zu <code>%(url)s</code> (301).") == ["301"]
    assert bare_codes("Die Adresse antwortet mit 410: weg") == ["410"]
    assert bare_codes("entfernt (410), bis 500 Zeichen, 400px, 415.000") == []
    said = [str(text) for message in german() for text in (message.id, message.string) if isinstance(text, str)]
    assert [text for text in said if bare_codes(text)] == []


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.py", 'from x import gettext as _\n_("Save")', ["Save"]),
        ("a.html", '{% load i18n %}<p>{% translate "Save" %}</p>', ["Save"]),
        ("a.html", '{% if a %}\n    b\n  c\n{% translate "Save" %}{% endif %}', ["Save"]),
        ("a.html", "{% load i18n %}{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}", ["Hello %(name)s"]),
        ("a.js", 'gettext("Save");', ["Save"]),
    ],
)
def test_strings_are_found_in_code_templates_and_scripts(tmp_path: Path, name: str, text: str, found: list[str]):
    path = tmp_path / name
    path.write_text(text)
    assert [message[1] for message in translations.messages(path)] == found
