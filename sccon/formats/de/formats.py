"""How German pages write dates and times: no line ends between a day and its month, or between a time and its "Uhr"."""

DATE_FORMAT = "j.\N{NO-BREAK SPACE}F Y"
TIME_FORMAT = "G:i"
DATETIME_FORMAT = "j.\N{NO-BREAK SPACE}F Y, G:i\N{NO-BREAK SPACE}\\U\\h\\r"
MONTH_DAY_FORMAT = "j.\N{NO-BREAK SPACE}F"
YEAR_MONTH_FORMAT = "F Y"
SHORT_DATE_FORMAT = "d.m.Y"
