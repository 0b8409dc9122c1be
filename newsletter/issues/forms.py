"""The form of an issue: what it says in both languages, and its items in their order."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from news.models import Article, Publication
from news.writing.editor import TOOLS, RichTextField, RichTextWidget
from news.writing.forms import RESTORE
from newsletter.models import Issue, IssueItem
from sccon.addresses import clean_address
from sccon.fields import LineField, LinesField
from sccon.links import link_address
from sccon.translated import LANGUAGES

from .trying import MOST

OFFERED = 60  # newest public articles that can be chosen
MAILED = {"bold", "italic", "link", "bullets", "numbers", "undo", "redo"}  # tools whose work every mailbox shows


class MailTextWidget(RichTextWidget):
    """The editor without what mails cannot show: pictures and tables."""

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        tools = [[tool for tool in group if tool.name in MAILED] for group in TOOLS]
        return super().get_context(name, value, attrs) | {"tools": [group for group in tools if group]}


class MailTextField(RichTextField):
    widget = MailTextWidget


class ArticleSelect(forms.Select):
    """One of the newest public articles; the one chosen before stays, whatever became of it."""

    offered: Sequence[tuple[int, str]] = ()

    def optgroups(self, name: str, value: list[str], attrs: dict | None = None) -> list:
        choices = [("", _("none: a block of its own")), *self.offered]
        chosen = [key for key in value if key.isascii() and key.isdigit() and len(key) < 19]
        if (
            chosen
            and int(chosen[0]) not in dict(self.offered)
            and (row := Article.objects.filter(pk=chosen[0]).first())
        ):
            choices.append((row.pk, str(row)))
        made = [
            self.create_option(name, key, label, str(key) in value, number)
            for number, (key, label) in enumerate(choices)
        ]
        return [(None, [option], number) for number, option in enumerate(made)]


def newest_articles() -> list[tuple[int, str]]:
    rows = Publication.objects.filter(visible__contains=Now()).news().select_related("article")
    rows = rows.order_by(F("first_published_at").desc(), "-article", "language")[: 2 * OFFERED]
    return list({row.article_id: str(row.article) for row in rows}.items())[:OFFERED]


class IssueForm(forms.ModelForm):
    """Never overwrites a version that its author has not seen."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    only_looked_at = False  # nothing will be saved, so nobody else's save matters

    class Meta:
        model = Issue
        fields: Sequence[str] = ()

    def __init__(self, *args: Any, **options: Any):
        options["label_suffix"] = ""
        super().__init__(*args, **options)
        self.stored_version = self.instance.version if self.instance.pk else 0
        self.initial["seen_version"] = self.stored_version
        _dress(self, Issue)
        for code in LANGUAGES:
            if f"subject_{code}" in self.fields:
                self.fields[f"subject_{code}"].widget.attrs |= {"data-advice": 70}
                self.fields[f"subject_{code}"].help_text = _("Up to %(count)d characters are shown everywhere.") % {
                    "count": 70
                }

    def is_valid(self) -> bool:
        return super().is_valid() and RESTORE not in self.data

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if bool(cleaned.get("window_from")) != bool(cleaned.get("window_until")):
            self.add_error("window_until", _("Please give both times, or neither."))
        elif cleaned.get("window_from") and cleaned["window_from"] >= cleaned["window_until"]:
            self.add_error("window_until", _("This must be later than the first time."))
        looks = self.only_looked_at or RESTORE in self.data
        if self.instance.pk and cleaned.get("seen_version") != self.stored_version and not looks:
            self._show_both(dict(cleaned))
        return cleaned

    def _show_both(self, cleaned: dict[str, Any]) -> None:
        """Nothing is saved: what was typed stays in the fields, what is stored stands beneath each that differs."""
        sentence = _(
            "%(who)s saved this issue while you were writing. Nothing of yours is lost: your text stands in the "
            "fields, and under each that differs stands what is stored. Saving once more keeps yours."
        )
        self.add_error(None, sentence % {"who": self.instance.saved_by or _("Someone")})
        stored = Issue.objects.get(pk=self.instance.pk)
        for name, typed in cleaned.items():
            if name in {"seen_version", "topics"} or name not in self.fields:
                continue
            there = getattr(stored, name, None)
            if there != typed:
                self.add_error(name, _("Stored: %(text)s") % {"text": there or "–"})
        data = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("seen_version")] = str(self.stored_version)
        self.data = data


class ItemForm(forms.ModelForm):
    class Meta:
        model = IssueItem
        fields: Sequence[str] = ()

    def __init__(self, *args: Any, **options: Any):
        options["label_suffix"] = ""
        super().__init__(*args, **options)
        _dress(self, IssueItem)

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        for code in LANGUAGES:
            name = f"button_url_{code}"
            if typed := cleaned.get(name):
                address = link_address(typed)
                if address is None:
                    sentence = _("A link cannot lead there. Please enter an address such as https://www.example.org.")
                    self.add_error(name, sentence)
                else:
                    cleaned[name] = address
        return cleaned


def _dress(form: forms.ModelForm, model: type[Issue] | type[IssueItem]) -> None:
    """Labels without modeltranslation's suffix, `lang`, and nothing instead of ''."""
    for name, field in form.fields.items():
        base, _underscore, code = name.rpartition("_")
        if code in LANGUAGES and base:
            label = str(getattr(model._meta.get_field(base), "verbose_name", base))
            field.label = label[:1].upper() + label[1:]
            field.widget.attrs["lang"] = code
            field.empty_value = None  # type: ignore[attr-defined]


class ItemFormSet(forms.BaseInlineFormSet):
    """The items by number. A number that is left out comes last; two alike stay as they stand on the page."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.offered = newest_articles()

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("article", "image")

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["position"].required = False
        form.fields["article"].widget.offered = self.offered
        if index is not None:
            form.initial["position"] = index + 1

    def in_order(self) -> list[ItemForm]:
        """The forms of the items that stay."""
        kept = [
            cast(ItemForm, form)
            for form in self.forms
            if (form.instance.pk or form.has_changed()) and not getattr(form, "cleaned_data", {}).get("DELETE")
        ]

        def place(form: Any) -> int:
            number = getattr(form, "cleaned_data", {}).get("position")
            return 10_000 if number is None else number

        return sorted(kept, key=place)

    def items(self) -> list[IssueItem]:
        return [form.instance for form in self.in_order()]


class TestForm(forms.Form):
    """To whom a test mail goes."""

    addresses = LinesField(
        label=gettext_lazy("Addresses"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("At most five, one a line. Each gets the issue in all its languages."),
    )

    def clean_addresses(self) -> list[str]:
        typed = [part for part in self.cleaned_data["addresses"].replace(",", "\n").split() if part]
        if len(typed) > MOST:
            raise ValidationError(_("Please write at most %d addresses.") % MOST)
        return list(dict.fromkeys(clean_address(each) for each in typed))


class CorrectionForm(forms.Form):
    text = LinesField(
        label=pgettext_lazy("newsletter", "Correction"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Stands in the archive with today's date. The mail as it was sent does not change."),
    )


class RedactForm(forms.Form):
    reason = LineField(
        label=gettext_lazy("Reason"), max_length=500, help_text=gettext_lazy("Stays on record; no visitor reads it.")
    )
