"""Form fields for instants, typed as day and time in Berlin."""

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

FOLDS = [("0", gettext_lazy("the first time, in summer time")), ("1", gettext_lazy("the second time, in winter time"))]


class Ambiguous(ValidationError):
    """The time exists twice: clocks are set back in autumn."""


def in_berlin(day: date, hour: time, fold: str = "") -> datetime:
    """The instant of this time in Berlin. Raises `ValidationError` for a time that does not exist."""
    zone = timezone.get_default_timezone()
    wall = datetime.combine(day, hour)
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        raise ValidationError(_("The clocks go forward that night: this hour does not exist. Choose one after 3:00."))
    if fold not in {"0", "1"}:
        raise Ambiguous(_("The clocks go back that night: this hour comes twice. Say which one you mean."))
    return (first if fold == "0" else second).astimezone(UTC)  # in UTC, since Python ignores `fold` when comparing


def typed(moment: datetime | None, name: str) -> dict[str, Any]:
    """`moment` as initial values of the fields; `fold` only if the time exists twice."""
    if moment is None:
        return {}
    local = timezone.localtime(moment)
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    fold = {f"{name}_fold": str(local.fold)} if twice else {}
    return {f"{name}_date": local.date(), f"{name}_time": local.time(), **fold}


class MomentsForm(forms.Form):
    """A form with instants, each typed in fields for day, time and, if it exists twice, which of the two."""

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
