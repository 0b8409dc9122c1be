"""Form and formset that merge other people's saves into what is posted (see `news.writing.merging`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from news.models import Article
from news.versions.word_diff import rich
from news.writing.merging import TITLES, Meanwhile, MergedRows, Row, in_order, merge_rows, plain
from sccon.translated import LANGUAGES, NAMES


class MergingForm(forms.ModelForm):
    """Posts the version with which it was opened. Merges what others saved since; a collision shows both texts."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.stored_version = self.instance.version if self.instance.pk else 0
        self.initial["seen_version"] = self.stored_version
        self.started_from = self.stored_version
        self.taken: list[str] = []  # fields with changes of others
        self.meanwhile: Meanwhile | None = None

    def merge(self, cleaned: dict[str, Any]) -> None:
        """Takes over stored values of fields that only others changed; adds errors to fields that collide."""
        self.started_from = cleaned.get("seen_version") or 0
        if not self.instance.pk or self.started_from == self.stored_version:
            return
        self.meanwhile = meanwhile = Meanwhile(self.instance, self.started_from)
        editable = [name for name, field in self.fields.items() if name != "seen_version" and not field.disabled]
        # An invalid value was typed by this person: it differs from everything.
        mine = {name: _comparable(name, cleaned[name]) if name in cleaned else object() for name in editable}
        merged = meanwhile.merge(mine)
        self.taken = [*merged.taken, *merged.both]
        cleaned |= {name: self._stored(name) for name in merged.taken}
        cleaned |= merged.both
        self._write({name: cleaned[name] for name in self.taken})
        # Without fields that differ only because others changed them.
        self.changed_data = [name for name in self.changed_data if name not in (*merged.taken, "seen_version")]
        if merged.collisions:
            self._show_collisions(merged.collisions, meanwhile.people, dict(cleaned))
        self.started_from = self.stored_version

    def _stored(self, name: str) -> Any:
        """The stored value as cleaned data. (The instance is still unchanged.)"""
        if name == "topics":
            return [part.topic for part in self.instance.article_topics.select_related("topic")]
        if name == "related":
            return self.instance.related.all()
        return getattr(self.instance, name)

    def _write(self, values: Mapping[str, Any]) -> None:
        """Puts values into the posted data of these fields, and the stored version as the next base."""
        data: QueryDict = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("seen_version")] = str(self.stored_version)
        for name, stored in values.items():
            value = plain(_comparable(name, stored))
            key = self.add_prefix(name)
            if isinstance(value, list):
                data.setlist(key, [str(pk) for pk in value])
            else:
                data[key] = "" if value is None else str(value)
            if name == "topics":
                for number, pk in enumerate(value, 1):
                    data[f"{key}-place-{pk}"] = str(number)
        self.data = data

    def _show_collisions(self, names: Sequence[str], people: Sequence[str], cleaned: dict[str, Any]) -> None:
        """Both texts on the screen: what was typed stays in the fields, what `people` stored stands beneath."""
        sentence = _(
            "%(who)s saved version %(version)d while you were writing. Nothing of yours is lost: your text stands in "
            "the fields, and under each that differs stands what is stored. Saving once more keeps yours."
        )
        who = _and(people)
        self.add_error(None, sentence % {"who": who, "version": self.stored_version})
        for name in names:
            mine = cleaned.get(name) or self.data.get(self.add_prefix(name)) or ""
            self.add_error(name, _stored_text(self.instance, name, str(mine)))

    def name_of(self, name: str) -> str:
        label = str(self.fields[name].label)
        _base, _underscore, language = name.rpartition("_")
        return f"{label} ({NAMES[language]})" if language in LANGUAGES else label


def _comparable(name: str, value: Any) -> Any:
    """As `plain`; the order of related articles has no meaning."""
    value = plain(value)
    return sorted(value) if name == "related" else value


def _and(names: Sequence[str]) -> str:
    *others, last = names
    return _("%(names)s and %(last)s") % {"names": ", ".join(others), "last": last} if others else last


def _stored_text(stored: Article, name: str, mine: str) -> SafeString:
    """The stored value of the field `name`, to be shown beneath what was typed; words that `mine` has not are marked."""
    if name == "topics":
        value = ", ".join(str(part.topic) for part in stored.article_topics.select_related("topic"))
    elif name == "related":
        value = ", ".join(map(str, stored.related.all()))
    elif name.startswith("body_") and getattr(stored, name):
        difference = rich(mine, getattr(stored, name), lambda _pk: "")
        value = mark_safe("".join(piece.after for piece in difference.pieces))  # noqa: S308 – escaped or ours
    elif hasattr(stored, f"get_{name}_display"):
        value = getattr(stored, f"get_{name}_display")()
    else:
        value = getattr(stored, name)
    return _beneath(value)


def _beneath(value: Any) -> SafeString:
    return format_html('{} <span class="stored">{}</span>', _("Stored is:"), value or _("nothing"))


class MergingFormSet(forms.BaseInlineFormSet):
    """The attachments of the article, merged with what others changed since the form was opened."""

    merged: MergedRows | None = None

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        instance: Article | None = None,
        prefix: str | None = None,
        **rest: Any,
    ):
        self.prefix = prefix or self.get_default_prefix()
        if data is not None and instance is not None and instance.pk:
            started_from = _number(data.get("seen_version"))
            if started_from is not None and started_from != instance.version:
                data, files = self._merge(data, files, Meanwhile(instance, started_from))
        super().__init__(data, files, instance=instance, prefix=prefix, **rest)

    @property
    def taken(self) -> bool:
        return bool(self.merged and self.merged.taken)

    def _merge(self, data: Any, files: Any, meanwhile: Meanwhile) -> tuple[Any, Any]:
        total, initial = (_number(data.get(f"{self.prefix}-{count}_FORMS")) for count in ("TOTAL", "INITIAL"))
        if total is None or initial is None or total > self.absolute_most:
            return data, files  # forged; the formset's own checks refuse it
        self.meanwhile = meanwhile
        rows = [self._row(data, files, index, index < initial) for index in range(total)]
        places = {id(row): index for index, row in enumerate(rows)}
        self.merged = merge_rows(rows, meanwhile)
        return self._written(self.merged, data, files, places)

    absolute_most = 2000

    def _row(self, data: Any, files: Any, index: int, known: bool) -> Row:
        name = f"{self.prefix}-{index}"
        return Row(
            pk=_number(data.get(f"{name}-id")) if known else None,
            texts={title: data.get(f"{name}-{title}") or "" for title in TITLES},
            place=_number(data.get(f"{name}-place")),
            removed=bool(data.get(f"{name}-DELETE")),
            replaced=f"{name}-file" in (files or {}),
        )

    def _written(self, merged: MergedRows, data: Any, files: Any, places: dict[int, int]) -> tuple[Any, Any]:
        """The posted data with the merged rows in place of its own."""
        data, files = data.copy(), files.copy() if files else files
        given = {key: files[key] for key in files or {}}
        for key in [key for key in data if key.startswith(f"{self.prefix}-") and not key.endswith("_FORMS")]:
            del data[key]
        for key in [key for key in given if key.startswith(f"{self.prefix}-")]:
            del files[key]
        for index, row in enumerate(merged.rows):
            name = f"{self.prefix}-{index}"
            data[f"{name}-id"] = str(row.pk or "")
            data[f"{name}-place"] = str(row.place or "")
            for title, text in row.texts.items():
                data[f"{name}-{title}"] = text
            if row.removed:
                data[f"{name}-DELETE"] = "on"
            upload = given.get(f"{self.prefix}-{places.get(id(row))}-file")
            if upload is not None:
                files[f"{name}-file"] = upload
        data[f"{self.prefix}-TOTAL_FORMS"] = str(len(merged.rows))
        data[f"{self.prefix}-INITIAL_FORMS"] = str(sum(row.pk is not None for row in merged.rows))
        return data, files

    @cached_property
    def places(self) -> dict[int, int]:
        """Where each file is stored, from 1."""
        return {file.pk: place for place, file in enumerate(self.get_queryset(), 1)}

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.initial["place"] = self.places.get(form.instance.pk)

    def save(self, commit: bool = True) -> list[Any]:
        """Numbers the files anew as soon as one is saved, so that what moved takes the others along."""
        saved = super().save(commit=commit)
        if not saved:
            return saved
        left = [form for form in self.forms if form.instance in saved or form.instance.pk in self.places]
        left = [form for form in left if form not in self.deleted_forms]
        rows = [(form.instance, form.cleaned_data["place"], self.places.get(form.instance.pk)) for form in left]
        for position, file in enumerate(in_order(rows)):
            if file.position != position:
                file.position = position
                if file not in saved:
                    saved.append(file)
        return saved

    def clean(self) -> None:
        super().clean()
        if self.merged is None:
            return
        stored = {file.pk: file for file in self.meanwhile.stored.attachments}
        for form, row in zip(self.forms, self.merged.rows, strict=False):
            for name in row.collisions:
                form.add_error(name, _beneath(getattr(stored[row.pk or 0], name)))
        if sentences := _sentences(self.merged, self.meanwhile.people):
            raise forms.ValidationError(sentences)


def _sentences(merged: MergedRows, people: Sequence[str]) -> list[str]:
    """What is to be said of files that one removed while the other changed them."""
    who = _and(people)
    lost = _(
        "%(who)s removed the file “%(file)s” while you changed it to “%(title)s”. It is gone; add it again if you "
        "need it."
    )
    changed = _("%(who)s changed the file “%(file)s” while you removed it. Saving once more removes it.")
    return [
        *(
            lost % {"who": who, "file": _titles(file.title_de, file.title_en), "title": _titles(*row.texts.values())}
            for file, row in merged.lost
        ),
        *(
            changed % {"who": who, "file": _titles(file.title_de, file.title_en)}
            for file in merged.removed_though_changed
        ),
    ]


def merged_sentence(form: MergingForm, formsets: Sequence[Any]) -> str:
    """Says what of others was merged in without a question; '' if nothing was."""
    names = [form.name_of(name) for name in form.taken]
    names += [str(_("Files to download")) for formset in formsets if getattr(formset, "taken", False)]
    if form.meanwhile is None or not names:
        return ""
    sentence = _("Merged with what %(who)s saved meanwhile: %(fields)s.")
    return sentence % {"who": _and(form.meanwhile.people), "fields": ", ".join(names)}


def _titles(*titles: str | None) -> str:
    return " / ".join(filter(None, titles)) or "?"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None
