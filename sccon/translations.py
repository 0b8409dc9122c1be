"""Translations without gettext's tools: a fresh machine has none, Babel is a dependency.

`./dev manage translations` reads the strings out of code and templates, brings locale/*/django.po up to date and
compiles it; with `--check` it changes nothing and fails when a string is new, missing or no longer used.
"""

import os
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("sccon", "news", "newsletter", "tickets", "templates", "static/js")
KEYWORDS: dict[str, tuple | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def compile_stale() -> None:
    """Compiles every .po that is newer than its .mo. Cheap when there is nothing to do."""
    for po in (ROOT / "locale").glob("*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            # Beside and renamed: two processes may start at once, and a reader must not see half a file.
            part = mo.with_suffix(f".{os.getpid()}.part")
            with po.open("rb") as source, part.open("wb") as target:
                write_mo(target, read_po(source, locale=po.parts[-3]))
            part.replace(mo)


def messages(path: Path) -> Iterator[tuple]:
    """The translatable strings of one file, as Babel's extractors give them."""
    if path.suffix == ".html" or path.suffix == ".txt":
        # Django replaces all but the strings by words, and leaves them indented as no Python is.
        lines = templatize(path.read_text(), origin=str(path)).splitlines()
        code = "\n".join(line.lstrip() for line in lines)
        yield from extract("python", BytesIO(code.encode()), KEYWORDS, ("Translators",), {"encoding": "utf-8"})
    else:
        method = {".py": "python", ".js": "javascript"}[path.suffix]
        with path.open("rb") as source:
            yield from extract(method, source, KEYWORDS, ("Translators",), {"encoding": "utf-8"})


def template() -> Catalog:
    """Everything that is to be translated, sorted by file so that a diff stays small."""
    catalog = Catalog(project="sccon", charset="utf-8")
    for top in SOURCES:
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix not in {".py", ".html", ".txt", ".js"} or "migrations" in path.parts:
                continue
            for line, message, comments, context in messages(path):
                where = [(path.relative_to(ROOT).as_posix(), line)]
                catalog.add(message, locations=where, auto_comments=comments, context=context)
    return catalog


def untranslated(catalog: Catalog) -> list[str]:
    """The strings of `catalog` that have no translation, or an unsure one."""

    def forms(message: Message) -> Sequence[str | None]:
        return tuple(message.string) if isinstance(message.string, list | tuple) else (message.string,)

    return [str(message.id) for message in catalog if message.id and (message.fuzzy or not all(forms(message)))]


def update(*, check: bool) -> list[str]:
    """Brings every catalogue up to date (not when `check`); returns what is wrong, one sentence each."""
    found = template()
    problems = []
    for po in (ROOT / "locale").glob("*/LC_MESSAGES/django.po"):
        with po.open("rb") as source:
            catalog = read_po(source, locale=po.parts[-3])
        before = {(m.id, m.context) for m in catalog if m.id}
        catalog.update(found, no_fuzzy_matching=True, update_header_comment=False)
        catalog.obsolete.clear()
        after = {(m.id, m.context) for m in catalog if m.id}
        if check:
            problems += [f"{po.parts[-3]}: not in the catalogue: {id!r}" for id, _ in sorted(after - before, key=str)]
            problems += [f"{po.parts[-3]}: no longer used: {id!r}" for id, _ in sorted(before - after, key=str)]
        else:
            with po.open("wb") as target:
                write_po(target, catalog, width=110, include_lineno=False, sort_by_file=True)
        problems += [f"{po.parts[-3]}: not translated: {id!r}" for id in untranslated(catalog)]
    return problems
