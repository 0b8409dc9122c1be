"""E-mail addresses: from what people type to what a mail relay accepts, and back for display."""

import re
from functools import lru_cache

import idna
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from sccon.characters import visible

# RFC 5321: 64 characters before the @, 254 in all. Only unquoted local parts: no provider gives out others.
LONGEST = 254
LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.IGNORECASE)


def clean_address(typed: str) -> str:
    """`typed` as it is stored: without white space, its domain in lower-case ASCII (IDNA).

    Raises `ValidationError` with a sentence that says what is wrong.
    """
    typed = "".join(visible(typed).split())  # without what copying brings along
    typed = re.sub("^mailto:", "", typed.strip("<>"), flags=re.IGNORECASE)
    if not typed:
        raise ValidationError(_("Please enter your e-mail address."), code="missing")
    local, at, domain = typed.rpartition("@")
    if not at or not local:
        raise ValidationError(_("An e-mail address has an @ in its middle, as in name@example.org."), code="no-at")
    if not local.isascii():
        raise ValidationError(
            _("We cannot send to addresses with letters such as ä or é before the @. Please use another one."),
            code="local-part",
        )
    if len(local) > 64 or not LOCAL.fullmatch(local):
        raise ValidationError(_("Please check what stands before the @."), code="local-part")
    address = f"{local}@{_ascii(domain)}"
    if len(address) > LONGEST:
        raise ValidationError(_("An e-mail address has 254 characters at the most."), code="too-long")
    return address


@lru_cache(maxsize=1024)  # a list has a hundred thousand people and a few providers
def _ascii(domain: str) -> str:
    try:
        ascii_domain = idna.encode(domain.rstrip("."), uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        ascii_domain = ""
    last = ascii_domain.rpartition(".")[2]
    if "." not in ascii_domain or last.isdigit() or len(last) < 2:
        raise ValidationError(_("Please check what stands after the @, as in name@example.org."), code="domain")
    return ascii_domain


def shown(address: str) -> str:
    """The address for display, its domain in Unicode (bücher.example)."""
    local, _at, domain = address.rpartition("@")
    try:
        return f"{local}@{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        return address
