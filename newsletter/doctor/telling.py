"""What the mail doctor says, in the language of whoever reads. Rows hold the key and the words of a sentence."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from newsletter.models import MailFinding

SENTENCES: Mapping[str, Any] = {
    # --- SPF ---
    "spf-good": _("One record of %(domain)s says who may send; it needs %(lookups)s of the 10 look-ups allowed."),
    "spf-missing": _("%(domain)s does not say who may send for it. Gmail, GMX and others then refuse many mails."),
    "spf-several": _("%(domain)s has %(number)s SPF records. Only one may be there, or none of them counts."),
    "spf-broken": _("“%(term)s” in the SPF record of %(of)s is a mistake, so the whole record does not count."),
    "spf-lookups": _("The SPF record of %(domain)s needs more than %(most)s look-ups, so it does not count."),
    "spf-loop": _("The SPF record of %(domain)s leads to %(of)s again and again, so it does not count."),
    "spf-include": _(
        "The SPF record of %(domain)s includes %(of)s, where there is no single SPF record, so it does not count."
    ),
    "spf-nobody": _("The SPF record of %(domain)s allows nobody to send for it."),
    "spf-everybody": _("The SPF record of %(domain)s allows everybody to send for it, and so protects nothing."),
    "spf-relay": _(
        "The SPF record of %(domain)s does not name the relay (%(addresses)s). If the mails leave there, and not from"
        " other hosts of the same provider, it must."
    ),
    "spf-void": _("%(void)s look-ups of the SPF record of %(domain)s lead nowhere; some receivers allow two."),
    # --- DKIM ---
    "dkim-good": _("The key of our signature is published at %(name)s."),
    "dkim-unasked": _(
        "If the relay signs the mails for %(domain)s, put its selector into NEWSLETTER_DKIM_SELECTOR, and the signature’s"
        " key is looked at here. Without a signature GMX, WEB.DE and Gmail refuse newsletters."
    ),
    "dkim-unreadable": _("The key in NEWSLETTER_DKIM_KEY cannot be read, so no mail can be signed."),
    "dkim-selector": _(
        "NEWSLETTER_DKIM_KEY is set, but NEWSLETTER_DKIM_SELECTOR does not say where its key is published."
    ),
    "dkim-missing": _("No key of our signature is published at %(name)s, so nobody can verify it."),
    "dkim-several": _("%(number)s keys are published at %(name)s; only one may be."),
    "dkim-broken": _("What is published at %(name)s cannot be read as a key, so nobody can verify our signature."),
    "dkim-revoked": _("The key at %(name)s is withdrawn, so every signature made with it counts as forged."),
    "dkim-other": _("At %(name)s another key is published than the one we sign with."),
    "dkim-short": _("The key at %(name)s has %(bits)s bits; under 1024 it does not count."),
    "dkim-weak": _("The key at %(name)s has %(bits)s bits; 2048 are asked for today."),
    "dkim-testing": _("The key at %(name)s says that it is only being tried (t=y); some receivers then ignore it."),
    # --- DMARC ---
    "dmarc-good": _("%(name)s says what becomes of forged mails (%(policy)s)."),
    "dmarc-missing": _(
        "%(domain)s says nothing on forged mails. Gmail and Yahoo want that of whoever sends newsletters."
    ),
    "dmarc-several": _("%(number)s DMARC records are at %(name)s. Only one may be there, or none of them counts."),
    "dmarc-broken": _("The DMARC record at %(name)s cannot be read, so it does not count."),
    # --- Alignment ---
    "alignment-good": _("The sender that readers see and the one for bounces belong to the same domain."),
    "alignment-dkim": _(
        "The sender for bounces (%(envelope)s) does not belong to the domain that readers see (%(domain)s): only our"
        " signature shows that the mails are ours."
    ),
    "alignment-none": _(
        "The sender for bounces (%(envelope)s) does not belong to the domain that readers see (%(domain)s), and we know of"
        " no signature: nothing shows that the mails are ours."
    ),
    # --- The relay's name ---
    "host-good": _("%(host)s has an address (%(addresses)s), and the address leads back to its name."),
    "host-missing": _("%(host)s has no address in the DNS."),
    "host-back": _(
        "The address of %(host)s (%(addresses)s) does not lead back to a name that has this address. T-Online and others"
        " take no mail from such hosts. Whoever runs the relay sets this at the provider of the address (PTR)."
    ),
    "host-some": _("Not all addresses of %(host)s lead back to its name: %(addresses)s."),
    "host-inside": _("%(host)s is a name in your own network; how the world sees the relay cannot be told from here."),
    # --- TLS ---
    "tls-good": _("%(host)s speaks %(version)s, with a certificate that is valid until %(ends)s."),
    "tls-here": _("The relay is on this machine; the way to it needs no encryption."),
    "tls-ends": _("The certificate of %(host)s ends on %(ends)s."),
    "tls-off": _("The mails go to %(host)s without encryption (?starttls=0), and so does a password."),
    "tls-not-offered": _("%(host)s offers no encryption (STARTTLS)."),
    "tls-certificate": _("The certificate of %(host)s is not valid, so no mail goes there."),
    "tls-broken": _("No encryption could be agreed with %(host)s."),
    "tls-refused": _("%(host)s does not talk to us at port %(port)s."),
    "tls-nowhere": _("%(host)s could not be found from here."),
    "tls-later": _("%(host)s does not answer at the moment."),
    # --- Our links ---
    "links-good": _("%(url)s answers, with a certificate that is valid until %(ends)s."),
    "links-ends": _("The certificate of %(url)s ends on %(ends)s; then the links in the mails frighten their readers."),
    "links-trial": _("%(url)s is a trial on one machine: nobody else can follow the links in the mails."),
    "links-http": _("The links in the mails lead to %(url)s, without https. Set SITE_URL to the address with https."),
    "links-certificate": _("The certificate of %(url)s is not valid: readers who follow a link are warned of us."),
    "links-broken": _("No encryption could be agreed with %(url)s."),
    "links-refused": _("%(url)s does not answer: the links in the mails lead nowhere."),
    "links-nowhere": _("The DNS does not know %(url)s: the links in the mails lead nowhere."),
    "links-status": _("%(url)s answers with an error (%(status)s)."),
    "links-busy": _("%(url)s does not answer at the moment (%(status)s)."),
    "links-later": _("%(url)s cannot be reached from here, which need not be so from outside."),
    # --- Anything ---
    "dns-silent": _("The DNS gives no answer, so nothing can be said about it. It blocks nothing."),
    "no-time": _("There was no answer in time, so nothing can be said about it. It blocks nothing."),
}


class _Words(dict[str, Any]):
    """A row of another release may lack one."""

    def __missing__(self, name: str) -> str:
        return "…"


def sentence(finding: MailFinding) -> str:
    """What was found; what another server said is in `finding.words["words"]`."""
    words = _Words(finding.words)
    if ends := words.get("ends"):
        words["ends"] = date_format(date.fromisoformat(ends), "DATE_FORMAT")
    return str(SENTENCES.get(finding.says, SENTENCES["no-time"])) % words
