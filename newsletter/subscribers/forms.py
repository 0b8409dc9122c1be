"""The newsletter's forms."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from news.models import Topic
from sccon.fields import AddressField


def topics_named(language: str) -> QuerySet[Topic]:
    """The topics of public texts that have a name in `language`, by that name."""
    return Topic.objects.shown().exclude(**{f"name_{language}": None}).order_by(F(f"name_{language}"))


class AddressForm(forms.Form):
    """An address alone."""

    email = AddressField()


class SignUpForm(AddressForm):
    """The sign-up form on every page. `website` is a honeypot: hidden from people, filled in by bots."""

    def clean(self) -> None:
        if self.data.get("website"):
            raise ValidationError(_("Please send the form once more."), code="trap")


class ChoiceForm(forms.Form):
    """Topics and language."""

    language = forms.ChoiceField(
        label=_("Language of the newsletter"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )
    topics: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label=_("Topics"),
        queryset=Topic.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose none, and you get the news of all topics."),
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        field = cast(forms.ModelMultipleChoiceField, self.fields["topics"])
        field.queryset = topics_named(translation.get_language())
