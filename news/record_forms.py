"""The questions about what is planned, what stood where, and what must go from the record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.admin.moments import MomentsForm, day_field, fold_field, hour_field, typed
from news.models import Publication
from news.reading import as_of
from sccon.translated import NAMES


class PlanForm(MomentsForm):
    """For which languages, and from when to when instead."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Which languages?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one language.")},
    )
    at_date, at_time, at_fold = (
        day_field(gettext_lazy("Day")),
        hour_field(gettext_lazy("Hour")),
        fold_field(),
    )
    until_date, until_time, until_fold = (
        day_field(gettext_lazy("Day")),
        hour_field(gettext_lazy("Hour")),
        fold_field(),
    )

    def __init__(self, *args: Any, there: Sequence[str], begin: datetime, end: datetime | None, **options: Any):
        options["initial"] = {"languages": list(there), **typed(begin, "at"), **typed(end, "until")}
        super().__init__(*args, **{"label_suffix": "", **options})
        self.fields["languages"].choices = [(code, NAMES[code]) for code in there]  # type: ignore[attr-defined]

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if "_cancel" in self.data:
            return cleaned
        cleaned["at"] = self.clean_moment("at", cleaned, required=True)
        cleaned["until"] = self.clean_moment("until", cleaned, required=False)
        if cleaned["at"] and cleaned["at"] <= timezone.now():
            self.add_error("at_date", _("That is past. Choose a later time, or give the plan up and publish at once."))
        elif cleaned["at"] and cleaned["until"] and cleaned["until"] <= cleaned["at"]:
            self.add_error("until_date", _("The end is not after the beginning."))
        return cleaned


class TakeDownForm(forms.Form):
    """Which texts of the record, whether the draft too, and why."""

    texts: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        Publication.objects.none(),
        label=gettext_lazy("Which texts?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one text.")},
    )
    drafts = forms.BooleanField(
        label=gettext_lazy("Also the draft and all its versions, in the languages of these texts"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy(
            "The judgement or the request, with its date. It stays on record; do not repeat here what must go."
        ),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": gettext_lazy("Give the reason: it stays on record.")},
    )

    def __init__(self, *args: Any, texts: Sequence[Publication], **options: Any):
        options["initial"] = {"texts": [row.pk for row in texts], "drafts": True}
        super().__init__(*args, **{"label_suffix": "", **options})
        self.fields["texts"].queryset = Publication.objects.filter(pk__in=[row.pk for row in texts])  # type: ignore[attr-defined]


class InstantForm(MomentsForm):
    """An address, and an instant that is past."""

    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy("As in a browser, or from the language on: /de/news/example/"),
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off", "inputmode": "url"}),
    )
    at_date, at_time, at_fold = (
        day_field(gettext_lazy("Day")),
        hour_field(gettext_lazy("Hour")),
        fold_field(),
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
        self.fields["at_time"].widget.attrs["step"] = 1  # seconds count

    def clean_address(self) -> str:
        try:
            self.language, self.path = as_of.parse(self.cleaned_data["address"])
        except as_of.NoAddress as error:
            raise forms.ValidationError(str(error)) from error
        return self.cleaned_data["address"]

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        cleaned["at"] = self.clean_moment("at", cleaned, required=True)
        if cleaned["at"] and cleaned["at"] > timezone.now():
            self.add_error("at_date", _("That is still to come. Choose an instant that is past."))
        return cleaned
