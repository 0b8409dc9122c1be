"""German typography: soft hyphens in headlines and leads, and umlauts in addresses.

Browsers have no German dictionary to rely on, and one that breaks at syllables makes headlines ugly. So long
words get soft hyphens only where two parts of a compound meet, and only in headlines and leads.
"""

import re

SHY = "\N{SOFT HYPHEN}"
NBSP = "\N{NO-BREAK SPACE}"
# The typeface sets an ordinary space too close to a dash. The zero-width space lets a line break after it.
DASH = f"{NBSP}–{NBSP}\N{ZERO WIDTH SPACE}"
# German spelled without umlauts, for addresses.
UMLAUTS = str.maketrans("ıłŁøØđĐ", "ilLoOdD") | str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ẞ": "SS"}
)
LONG = 12  # letters; shorter words fit on a phone in any headline

# First parts of compounds in our field, with their linking letters. A joint is set after one of them where at
# least four letters follow.
PARTS = (
    "arbeits|aufsichts|ausbildungs|außen|barriere|basis|bau|behörden|bereichs|berufs|beteiligungs|betriebs|bezirks"
    "|bildungs|breitband|bundes|bürger|cyber|daten|dialog|dienst|dienste|digital|digitalisierungs|digitalminister"
    "|eigen|einwohner|energie|entwicklungs|fach|fachkräfte|familien|finanz|finanzierungs|flächen|förder|forschungs"
    "|gebärden|gemeinde|gemeinschafts|gesamt|geschäfts|gesellschafts|gesetz|gesetzes|gesundheits|grund|haupt"
    "|haushalts|identitäts|index|informations|infrastruktur|innen|innovations|jahres|katastrophen|klima|kommunal"
    "|konferenz|kongress|kreis|kultur|künstliche|landes|länder|landkreis|lebens|leistungs|leit|melde|messe|minister"
    "|ministerpräsidenten|mitarbeiter|mobilitäts|modernisierungs|nachhaltigkeits|nachweis|nahverkehrs|netz|nutzer"
    "|öffentlichkeits|online|onlinezugangs|open|ordnungs|partner|personal|planungs|plattform|politik|preis|presse"
    "|programm|projekt|publikums|querschnitts|rechen|rechts|referats|regierungs|regional|register|registermodernisierungs"
    "|sach|schirm|schnittstellen|schul|selbst|service|sicherheits|smart|sozial|stadt|städte|staats|stand|standard"
    "|standes|steuer|studien|software|teilhabe|themen|ticket|umsetzungs|umwelt|unternehmens|veranstaltungs|verbands"
    "|verkehrs|vermittlungs|verwaltungs|volks|vorjahres|wahl|werk|wirtschafts|wissens|wohn|zeit|zentral|zugangs"
    "|zukunfts|zusammen|zusammenarbeits"
)
# Before these endings there is no joint: "Digitalisierung" is one word.
_ENDINGS = "isier|ier|innen|ium|isch|schaft|keit|heit|lich|ung"
_FIRST = "|".join(sorted(PARTS.split("|"), key=len, reverse=True))
_JOINT = re.compile(rf"({_FIRST})(?!{_ENDINGS})(?=[a-zäöüß]{{4}})", re.IGNORECASE)
_WORD = re.compile(rf"[^\W\d_]{{{LONG},}}")


def soft_hyphens(text: str) -> str:
    """`text` with a soft hyphen at the joints of long German compounds, and no line that begins with a dash."""
    text = text.replace(" – ", DASH)
    return _WORD.sub(lambda match: _split(match.group()), text)


def _split(word: str) -> str:
    parts, rest = [], word
    while match := _JOINT.match(rest):
        parts.append(match.group())
        rest = rest[match.end() :]
    return SHY.join([*parts, rest])
