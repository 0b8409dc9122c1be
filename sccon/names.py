"""Names that strangers type and others read in mails: they carry no address."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

ADDRESS = re.compile(r"@|://|//|\bwww\.", re.IGNORECASE)
# Mail programs make a link of "word.word". After a title or an initial people leave out the space, too.
DOTTED = re.compile(r"([\w-]+)\.(?=([^\W\d_][\w-]+))")
TITLES = frozenset({"dr", "prof", "dipl", "ing", "med", "jur", "phil", "rer", "nat", "mag", "st", "hc"})


def plain_name(name: str) -> None:
    """Raises `ValidationError` for a name with an e-mail or web address. A field of ours has made it one line."""
    read = unicodedata.normalize("NFKC", name).replace("\u3002", ".")
    if ADDRESS.search(read) or any(not _title(*parts) for parts in DOTTED.findall(read)):
        raise ValidationError(
            _("Please write only the name, without an address. After a dot comes a space."), code="address"
        )


def _title(before: str, after: str) -> bool:
    """Whether a dot without a space stands behind a title (Dr.Meier) or an initial (J.Meier)."""
    if before.lower() in TITLES and after.lower() in TITLES:
        return True
    return after.istitle() and len(after) > 3 and (len(before) == 1 or before.lower() in TITLES)
