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
