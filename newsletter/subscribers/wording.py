"""The wording of the consent: the form shows it, and `Consent` stores it."""

from django.utils import translation
from django.utils.translation import gettext as _

# Raise it whenever a sentence below, or its translation, changes.
VERSION = "2026-11"


def wording() -> dict[str, str]:
    """The sentences of the form in the active language."""
    return {
        "heading": _("Subscribe to our newsletter"),
        "offer": _("Programme, deadlines and results, about every two weeks. You choose the topics and the language."),
        "button": _("Subscribe to the newsletter"),
        "promise": _("First you get an e-mail to confirm. You can unsubscribe at any time with one click."),
    }


def as_text(language: str) -> str:
    """The same as one text, as a consent stores it."""
    with translation.override(language):
        return "\n".join(wording().values())


def address_change(language: str) -> str:
    """The wording of the consent to a change of address."""
    with translation.override(language):
        return _("Send the newsletter to this address from now on.")
