"""The forms of a page as a browser has them: where each is sent, and its fields with what stands in them."""

from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class DrawnForm:
    action: str = ""
    method: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[DrawnForm] = []
        self.by_id: dict[str, DrawnForm] = defaultdict(DrawnForm)
        self.form: DrawnForm | None = None
        self.select: tuple[DrawnForm, str, bool] | None = None
        self.options: list[tuple[str, bool]] = []
        self.area: tuple[DrawnForm, str] | None = None
        self.text = ""
        self.templates = 0  # what is inside of one is on no page yet

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.templates += tag == "template"
        if self.templates:
            return
        if tag == "form":
            self.form = self.by_id[given["id"]] if given.get("id") else DrawnForm()
            self.form.action, self.form.method = given.get("action", ""), given.get("method", "get").lower()
            self.forms.append(self.form)
        # A field may stand before the form that its `form` names.
        form, name = self.by_id[given["form"]] if given.get("form") else self.form, given.get("name", "")
        if form is None or "disabled" in given:
            return
        kind = given.get("type", "text" if tag == "input" else "submit").lower()
        if (tag == "button" and kind == "submit") or (tag == "input" and kind == "submit"):
            form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and kind == "file" and name:
            form.files.append(name)
        elif tag == "input" and name and (kind not in {"checkbox", "radio"} or "checked" in given):
            form.add(name, given.get("value", "on" if kind in {"checkbox", "radio"} else ""))
        elif tag == "select":
            self.select, self.options = (form, name, "multiple" in given), []
        elif tag == "option":
            self.options.append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self.area, self.text = (form, name), ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if self.templates:
            self.templates -= tag == "template"
        elif tag == "form":
            self.form = None
        elif tag == "select" and self.select:
            form, name, several = self.select
            chosen = [value for value, selected in self.options if selected]
            for value in chosen or ([] if several or not self.options else [self.options[0][0]]):
                form.add(name, value)
            self.select = None
        elif tag == "textarea" and self.area:
            self.area[0].add(self.area[1], self.text.removeprefix("\n"))
            self.area = None


def drawn_forms(page: str) -> list[DrawnForm]:
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def filled(form: DrawnForm, changes: dict[str, Any]) -> dict[str, Any]:
    """What a browser sends of `form`, with `changes`; None takes a field away."""
    return {name: value for name, value in (form.fields | changes).items() if value is not None}
