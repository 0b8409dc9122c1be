"""Dates and hours in words, as the admin says them: Berlin time, in the language that is active."""

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _


def short(moment: datetime) -> str:
    """A date and time as in a list: today and yesterday as words, the year only when it is another one."""
    local, today = timezone.localtime(moment), timezone.localdate()
    time = formats.date_format(local, "TIME_FORMAT")
    match (local.date() - today).days:
        case 0:
            return _("today, %(time)s") % {"time": time}
        case -1:
            return _("yesterday, %(time)s") % {"time": time}
        case 1:
            return _("tomorrow, %(time)s") % {"time": time}
    if local.year != today.year:
        # Translators: a date with its year, in the letters of Django's date filter
        return formats.date_format(local, _("j\N{NO-BREAK SPACE}M Y"))
    # Translators: a date of this year with its time, in the letters of Django's date filter
    return formats.date_format(local, _("j\N{NO-BREAK SPACE}M, H:i"))


def day(moment: datetime) -> str:
    """A date and time as on a button; the year only when it is another one."""
    local = timezone.localtime(moment)
    date = "MONTH_DAY_FORMAT" if local.year == timezone.localdate().year else "DATE_FORMAT"
    return _named_twice(moment, f"{formats.date_format(local, date)}, {formats.date_format(local, 'TIME_FORMAT')}")


def full(moment: datetime) -> str:
    return _named_twice(moment, formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT"))


def weekday(moment: datetime) -> str:
    """A date and time as in a sentence, with the day of the week."""
    # Translators: a date with its weekday and time, in the letters of Django's date filter
    return _named_twice(
        moment, formats.date_format(timezone.localtime(moment), _("l, j\N{NO-BREAK SPACE}F Y, \\a\\t H:i"))
    )


def exactly(moment: datetime) -> str:
    """A date and time to the second, as evidence needs it."""
    # Translators: a date with its time to the second, in the letters of Django's date filter
    return _named_twice(moment, formats.date_format(timezone.localtime(moment), _("j\N{NO-BREAK SPACE}F Y, H:i:s")))


def _named_twice(moment: datetime, words: str) -> str:
    """`words`, and which of the two when clocks in Berlin show that hour twice."""
    local = timezone.localtime(moment)
    other = local.replace(fold=1 - local.fold)
    if local.utcoffset() == other.utcoffset():
        return words
    season = _("summer time") if local.fold == 0 else _("winter time")
    return f"{words} ({season})"
