"""German typography: soft hyphens in headlines and leads, and words in addresses.

Browsers have no German dictionary to rely on, and one that breaks at syllables makes headlines ugly. So long
words get soft hyphens only where two parts of a compound meet, and only in headlines and leads.
"""

import re
import unicodedata

from sccon.characters import visible

SHY = "\N{SOFT HYPHEN}"
NBSP = "\N{NO-BREAK SPACE}"
# No line begins with the dash, and one may end with it. Behind it stands the one plain space: engines do not agree on
# whether a line may break after a no-break space.
DASH = f"{NBSP}– "
# Letters with their spelling in addresses: umlauts as German has them, Cyrillic and Greek as passports do.
SPELT = (
    "äae öoe üue ßss æae œoe ıi łl øo đd ðd þth ħh ŧt ŋn "
    "аa бb вv гg ґg дd еe єie жzh зz иi іi їi йi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь эe юiu яia "
    "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo"
)
_LETTERS = str.maketrans({each[0]: each[1:] for each in SPELT.split()})
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")
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


def slug(text: str) -> str:
    """The words of `text` for an address: letters and digits of ASCII, a hyphen for whatever stands between them."""
    text = _APOSTROPHE.sub("", visible(unicodedata.normalize("NFC", text)))
    letters = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter)).lower().translate(_LETTERS)
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")
