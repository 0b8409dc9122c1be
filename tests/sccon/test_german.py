"""German to the last word: what the catalogue cannot tell by itself. The pages: tests/sccon/admin/test_in_german.py."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.utils.translation import gettext, ngettext, override, pgettext

from sccon import german, translations
from sccon.translated import LANGUAGES, NAMES

DJANGO = Path(django.__file__).parent
CATALOGUES = [
    f"{app}/locale/%s/LC_MESSAGES/{domain}.po"
    for app, domain in [
        ("conf", "django"),
        ("contrib/admin", "django"),
        ("contrib/admin", "djangojs"),
        ("contrib/auth", "django"),
    ]
]
NOT_SHOWN = ("Haitian Creole", ", ")  # no language of ours; the same in both
REPLACED = ("Deleting the ", "Are you sure you want to delete", "In case you’ve forgotten")  # in templates of ours
QUOTES = re.compile("[“”„]")


def of_django(catalogue: str, language: str) -> dict[tuple[str, str | None], Message]:
    with (DJANGO / (catalogue % language)).open("rb") as source:
        messages = [message for message in read_po(source, locale=language) if message.id]
    return {
        (message.id if isinstance(message.id, str) else message.id[0], message.context): message for message in messages
    }


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_every_string_of_django_is_german(catalogue: str):
    theirs = of_django(catalogue, "de")
    missing = []
    with override("de"):
        scripts = german.of_scripts()
        for (words, context), message in of_django(catalogue, "en").items():
            known = theirs.get((words, context))
            if (known and known.string and all(known.string)) or words in NOT_SHOWN or words.startswith(REPLACED):
                continue
            if "djangojs" in catalogue:
                found = scripts.get(words, words)
            elif isinstance(message.id, tuple):
                found = ngettext(*message.id, 2)
            else:
                found = pgettext(context, words) if context else gettext(words)
            if found == words or found == message.id:
                missing.append(words)
    assert missing == [], "name it in sccon/german.py"


def outside_of_translations(path: Path) -> str:
    """What a template writes itself: without translated strings, tags, comments."""
    text = re.sub(r"{#.*?#}|{% comment .*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", text, flags=re.DOTALL)
    return re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.DOTALL)


def test_no_template_writes_quotation_marks_of_one_language_around_a_word():
    wrong = [
        f"{path.relative_to(translations.ROOT)}: {line.strip()}"
        for path in sorted((translations.ROOT / "templates").rglob("*.html"))
        for line in outside_of_translations(path).splitlines()
        if QUOTES.search(line)
    ]
    assert wrong == []


def sentences(tree: ast.AST) -> Iterator[ast.Constant]:
    """The strings of a module, without docstrings."""
    inside = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node


def test_no_code_writes_quotation_marks_of_one_language_around_a_word():
    """Sentences are translated whole: “…” stand inside of them. Logs are English."""
    wrong = []
    for top in ("news", "newsletter", "sccon", "tickets"):
        for path in sorted((translations.ROOT / top).rglob("*.py")):
            if {"demo", "migrations"} & set(path.parts) or path.name == "demo.py":
                continue
            known = {part for message in translations.messages(path) for part in flat(message[1])}
            tree = ast.parse(path.read_text())
            logged = {
                id(argument)
                for call in ast.walk(tree)
                if isinstance(call, ast.Call) and "logger" in ast.dump(call.func)
                for argument in ast.walk(call)
            }
            for node in sentences(tree):
                spoken = QUOTES.search(node.value) and " " in node.value and id(node) not in logged
                if spoken and not any(node.value in words for words in known):
                    wrong.append(f"{path.relative_to(translations.ROOT)}:{node.lineno}: {node.value}")
    assert wrong == []


def flat(words: object) -> list[str]:
    return [part for part in words if isinstance(part, str)] if isinstance(words, tuple) else [str(words)]


def test_german_sentences_have_german_quotation_marks():
    with (translations.ROOT / "locale/de/LC_MESSAGES/django.po").open("rb") as source:
        strings = [
            words
            for message in read_po(source, locale="de")
            if message.id
            for words in (message.string if isinstance(message.string, tuple | list) else [message.string])
        ]
    assert [words for words in strings if "”" in words or words.count("„") != words.count("“")] == []


def test_languages_are_named_in_the_language_of_the_reader():
    def names(language: str) -> list[str]:
        with override(language):
            return [str(NAMES[code]) for code in LANGUAGES]

    assert names("de") == ["Deutsch", "Englisch"]
    assert names("en") == ["German", "English"]
