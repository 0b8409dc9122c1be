"""How English pages write dates and times: British order, as the convention's readers expect, a day with its month."""

DATE_FORMAT = "j\N{NO-BREAK SPACE}F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j\N{NO-BREAK SPACE}F Y, H:i"
MONTH_DAY_FORMAT = "j\N{NO-BREAK SPACE}F"
YEAR_MONTH_FORMAT = "F Y"
SHORT_DATE_FORMAT = "d/m/Y"
