"""The form field for rich text: a textarea that JavaScript turns into an editor; only `sanitise` cleans its HTML.

Toolbar and dialogs are rendered here, in the language of the admin, inside a `<template>`: so the script contains no
texts to translate. Without JavaScript, people edit the HTML in the textarea.
"""

import json
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.widgets import Script
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sccon.html import MOST, sanitise, too_much
from sccon.symbol_fonts import FONTS


@dataclass(frozen=True)
class Tool:
    """A button of the toolbar; editor-toolbar.js has the command with this name."""

    name: str
    label: str | Promise
    keys: str = ""  # in the syntax of aria-keyshortcuts
    toggles: bool = True  # has aria-pressed
    table: bool = False  # only shown inside a table

    @property
    def shortcut(self) -> str:
        return self.keys.replace("Control", str(pgettext_lazy("key", "Ctrl"))).replace(
            "Shift", str(pgettext_lazy("key", "Shift"))
        )


TOOLS = [
    [
        Tool("heading", _("Heading"), "Control+Alt+2"),
        Tool("subheading", _("Subheading"), "Control+Alt+3"),
    ],
    [
        Tool("bold", _("Bold"), "Control+B"),
        Tool("italic", _("Italic"), "Control+I"),
        Tool("strike", _("Strikethrough"), "Control+Shift+S"),
        Tool("superscript", _("Superscript"), "Control+."),
        Tool("subscript", _("Subscript"), "Control+,"),
        Tool("link", _("Link"), "Control+K"),
    ],
    [
        Tool("bullets", _("Bulleted list"), "Control+Shift+8"),
        Tool("numbers", _("Numbered list"), "Control+Shift+7"),
        Tool("quote", _("Quotation"), "Control+Shift+B"),
        Tool("pull-quote", _("Pull quote")),
    ],
    [
        Tool("picture", _("Picture"), toggles=False),
        Tool("video", _("Video"), toggles=False),
        Tool("table", _("Table"), toggles=False),
        Tool("row-add", _("Add row"), toggles=False, table=True),
        Tool("row-delete", _("Delete row"), toggles=False, table=True),
        Tool("column-add", _("Add column"), toggles=False, table=True),
        Tool("column-delete", _("Delete column"), toggles=False, table=True),
        Tool("cells-merge", _("Merge or split cells"), toggles=False, table=True),
        Tool("table-delete", _("Delete table"), toggles=False, table=True),
    ],
    [
        Tool("undo", _("Undo"), "Control+Z", toggles=False),
        Tool("redo", _("Redo"), "Control+Shift+Z", toggles=False),
    ],
]


def _pasted_words() -> dict[str, str | list[str]]:
    """The words of paste-words.js: what was left out of a pasted text, one of a kind and several."""

    one, several = 1, 2
    return {
        "changes": [ngettext("%(count)d change", "%(count)d changes", number) for number in (one, several)],
        "comments": [ngettext("%(count)d comment", "%(count)d comments", number) for number in (one, several)],
        "hidden": [
            ngettext("%(count)d hidden passage", "%(count)d hidden passages", number) for number in (one, several)
        ],
        "pictures": [ngettext("%(count)d picture", "%(count)d pictures", number) for number in (one, several)],
        "signs": [ngettext("%(count)d unknown sign", "%(count)d unknown signs", number) for number in (one, several)],
        "and": gettext("and"),
        "sentence": gettext("%(what)s not taken over."),
        "fromWord": gettext("%(what)s from Word not taken over."),
        "afterChanges": gettext("What was deleted there is not in the text, what was inserted is."),
        "afterPictures": gettext("Pictures are inserted with the button “Picture”."),
    }


class RichTextWidget(forms.Textarea):
    template_name = "admin/news/rich_text.html"

    class Media:
        css = {"all": ["css/editor.css"]}
        js = [Script("js/editor.js", type="module")]

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        choose = reverse("admin:news_image_choose")
        thumbnail = reverse("admin:news_image_thumbnail", args=[0])
        return super().get_context(name, value, attrs) | {
            "tools": TOOLS,
            "fonts": json.dumps(FONTS),
            "pasted": json.dumps(_pasted_words(), ensure_ascii=False),
            "video_hosts": settings.VIDEO_HOSTS,
            "choose": choose,
            "thumbnail": thumbnail,
        }

    def use_required_attribute(self, initial: object) -> bool:
        return False  # the browser could not focus the textarea, which the editor hides


class RichTextField(forms.CharField):
    """Rich text in one language; empty is None."""

    widget = RichTextWidget

    def __init__(self, *, language: str, required: bool = False, **options: object):
        super().__init__(required=required, empty_value=None, **options)  # type: ignore[arg-type]
        self.widget.attrs["lang"] = language

    def to_python(self, value: str | None) -> str | None:
        # Browsers post CRLF: an untouched text must not count as changed.
        text = (super().to_python(value) or "").replace("\r\n", "\n")
        if too_much(text):
            raise ValidationError(
                _("This is more than a text can be: over %(most)d characters with its formatting, or nested too deep.")
                % {"most": MOST}
            )
        return sanitise(text) or None

    def has_changed(self, initial: str | None, data: str | None) -> bool:
        # Stored HTML may not be sanitised yet: that of an import is when it is first saved here.
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True
