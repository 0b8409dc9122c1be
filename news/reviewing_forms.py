"""The questions asked when a text is handed over for review, returned, or taken back."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from sccon.translated import NAMES


class _LanguagesForm(forms.Form):
    """Which of the languages that can be chosen here."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Which languages?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one language.")},
    )

    def __init__(self, *args: Any, there: Sequence[str], **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
        self.fields["languages"].choices = [(code, NAMES[code]) for code in there]  # type: ignore[attr-defined]


class AskForm(_LanguagesForm):
    note = forms.CharField(
        label=gettext_lazy("What should they know?"),
        help_text=gettext_lazy("Until when it is wanted, what is checked already. May stay empty."),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
    )


class ReturnForm(_LanguagesForm):
    answer = forms.CharField(
        label=gettext_lazy("What is to be done?"),
        help_text=gettext_lazy("Who asked reads it at the article and by mail."),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": gettext_lazy("Say what is to be done.")},
    )


class TakeBackForm(_LanguagesForm):
    pass
