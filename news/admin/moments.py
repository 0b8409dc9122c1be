"""The questions asked before a text goes out, is taken back or is pinned."""

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.admin.standing import full
from news.models import Article, Pin, Withdrawal
from news.writing.widgets import ArticlePicker
from sccon.translated import LANGUAGES, NAMES

FOLDS = [("0", gettext_lazy("the first time, in summer time")), ("1", gettext_lazy("the second time, in winter time"))]


class Ambiguous(ValidationError):
    """The hour that the autumn's change of clocks gives twice."""


def in_berlin(day: date, hour: time, fold: str = "") -> datetime:
    """The instant at which clocks in Berlin show this. Raises `ValidationError` for an hour that does not exist."""
    zone = timezone.get_default_timezone()
    wall = datetime.combine(day, hour)
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        raise ValidationError(_("The clocks go forward that night: this hour does not exist. Choose one after 3:00."))
    if fold not in {"0", "1"}:
        raise Ambiguous(_("The clocks go back that night: this hour comes twice. Say which one you mean."))
    return (first if fold == "0" else second).astimezone(UTC)  # in UTC, for Python compares a fold with nothing


def typed(moment: datetime | None, name: str) -> dict[str, Any]:
    """`moment` as the fields of a form hold it; which of two hours only where there are two."""
    if moment is None:
        return {}
    local = timezone.localtime(moment)
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    fold = {f"{name}_fold": str(local.fold)} if twice else {}
    return {f"{name}_date": local.date(), f"{name}_time": local.time(), **fold}


class MomentsForm(forms.Form):
    """A form with instants typed as a day and an hour in Berlin, each pair under one name."""

    def clean_moment(self, name: str, cleaned: dict, *, required: bool) -> datetime | None:
        day, hour = cleaned.get(f"{name}_date"), cleaned.get(f"{name}_time")
        if self.has_error(f"{name}_date") or self.has_error(f"{name}_time"):
            return None
        if not day and not hour and not required:
            return None
        if not day:
            self.add_error(f"{name}_date", _("Choose the day."))
        if not hour:
            self.add_error(f"{name}_time", _("Choose the hour."))
        if not (day and hour):
            return None
        try:
            return in_berlin(day, hour, cleaned.get(f"{name}_fold", ""))
        except Ambiguous as question:
            self.add_error(f"{name}_fold", question)
        except ValidationError as error:
            self.add_error(f"{name}_time", error)
        return None


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )


def hour_field(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
    )


def fold_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("Which of the two?"), choices=FOLDS, required=False, widget=forms.RadioSelect
    )


class PublishForm(MomentsForm):
    """Which languages, when, until when, and how much the change matters."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Which languages?"),
        choices=list(NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one language.")},
    )
    when = forms.ChoiceField(
        label=gettext_lazy("When?"),
        choices=[("now", gettext_lazy("At once")), ("at", gettext_lazy("On"))],
        widget=forms.RadioSelect,
    )
    at_date, at_time, at_fold = day_field(gettext_lazy("Day")), hour_field(gettext_lazy("Hour")), fold_field()
    until_date, until_time, until_fold = day_field(gettext_lazy("Day")), hour_field(gettext_lazy("Hour")), fold_field()
    weight = forms.ChoiceField(
        label=gettext_lazy("How much does the change matter?"),
        choices=[("small", gettext_lazy("Small correction")), ("substantial", gettext_lazy("New content"))],
        widget=forms.RadioSelect,
        required=False,
    )
    planned = forms.ChoiceField(
        label=gettext_lazy("What about the version that is planned?"),
        choices=[("keep", gettext_lazy("It stays planned")), ("replace", gettext_lazy("It is dropped"))],
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, *args: Any, article: Article, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
        self.article = article

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        cleaned["at"] = None
        if cleaned.get("when") == "at":
            cleaned["at"] = self.clean_moment("at", cleaned, required=True)
            if cleaned["at"] and cleaned["at"] < timezone.now():
                self.add_error("at_date", _("That is past. Choose a later time, or “At once”."))
        cleaned["until"] = self.clean_moment("until", cleaned, required=False)
        begin = cleaned["at"] or timezone.now()
        if cleaned["until"] and cleaned["until"] <= begin:
            self.add_error("until_date", _("The end is not after the beginning."))
        return cleaned

    def refuse_if_outdated(self) -> bool:
        """Whether someone saved meanwhile; what would go out is then not what was looked at."""
        if self.cleaned_data.get("version") == self.article.version:
            return False
        sentence = _("%(who)s saved version %(version)d at %(when)s. Look at it, then publish that one.")
        details = {
            "who": self.article.saved_by or "?",
            "version": self.article.version,
            "when": full(self.article.saved_at),
        }
        self.add_error(None, sentence % details)
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data["version"] = str(self.article.version)
        self.data = data
        return True


class WithdrawForm(forms.Form):
    """From which languages, why, and what the address answers since."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Which languages?"),
        choices=list(NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one language.")},
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("What will readers find at the address?"),
        choices=Withdrawal.Outcome,
        widget=forms.RadioSelect,
    )
    target: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        Article.objects.filter(publications__isnull=False).distinct(),
        required=False,
        label=gettext_lazy("Replaced by"),
        widget=ArticlePicker(single=True),
    )
    notice_de = forms.CharField(
        label="Hinweis, deutsch", required=False, widget=forms.Textarea({"rows": 3, "lang": "de"})
    )
    notice_en = forms.CharField(
        label="Notice, English", required=False, widget=forms.Textarea({"rows": 3, "lang": "en"})
    )
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("For the record; readers do not see it."),
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": gettext_lazy("Give the reason: it stays on record.")},
    )

    def __init__(self, *args: Any, article: Article, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
        self.article = article

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        targets = cleaned.get("target")
        cleaned["target"] = targets[0] if targets else None
        replaced = cleaned.get("outcome") == Withdrawal.Outcome.REPLACED and not self.has_error("target")
        if replaced and (not targets or len(targets) != 1 or targets[0] == self.article):
            self.add_error("target", _("Choose the one article that replaces this one."))
        if cleaned.get("outcome") == Withdrawal.Outcome.NOTICE:
            for language in cleaned.get("languages", []):
                if not (cleaned.get(f"notice_{language}") or "").strip():
                    self.add_error(f"notice_{language}", _("Write the notice that readers will see."))
        return cleaned

    def notices(self) -> dict[str, str]:
        return {language: self.cleaned_data[f"notice_{language}"].strip() for language in LANGUAGES}


class PinForm(MomentsForm):
    """Where the article stands among the pinned ones, and until when."""

    position = forms.IntegerField(
        label=gettext_lazy("Position"),
        min_value=1,
        max_value=99,
        help_text=gettext_lazy("The pinned article with the smallest number opens the home page."),
    )
    until_date, until_time, until_fold = day_field(gettext_lazy("Day")), hour_field(gettext_lazy("Hour")), fold_field()

    def __init__(self, *args: Any, pin: Pin | None = None, **options: Any):
        options["initial"] = {"position": 1}
        if pin:
            options["initial"]["position"] = pin.position
            options["initial"] |= typed(pin.until, "until")
        super().__init__(*args, **{"label_suffix": "", **options})

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        cleaned["until"] = self.clean_moment("until", cleaned, required=False)
        if cleaned["until"] and cleaned["until"] <= timezone.now():
            self.add_error("until_date", _("That is past. Leave it empty to pin without end."))
        return cleaned
