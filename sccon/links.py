"""Where a link in a text may lead, and the address behind those that programs and mailings wrap round it."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

ADDRESS = re.compile(r"https?://[^/\s]|mailto:[^\s@]+@|tel:\+?\d|/(?![/\\])|/$", re.IGNORECASE)
MAILBOX = re.compile(r"[^\s@/:?#]+@[^\s@/:?#]+\.[^\s@/:?#.]+")

# What mailings, advertisements and servers append, and no page depends on.
APPENDED = re.compile(
    r"(utm|mtm|pk|piwik|matomo|hsa|etcc|wt|mc|gad)_.*|_hsenc|_hsmi|_ga|_gl|mkt_tok"
    r"|fbclid|gclid|gclsrc|dclid|msclkid|yclid|ttclid|twclid|srsltid|li_fat_id|igshid|igsh|gbraid|wbraid"
    r"|phpsessid|jsessionid|aspsessionid.*|cfid|cftoken"
)

# Pages that only lead on, and the parameter that says where to. static/js/paste-links.js has the same.
WRAPPED = re.compile(
    r"https?://(?:"
    r"(?:[\w-]+\.)*safelinks\.protection\.outlook\.com/"
    r"|statics\.teams\.cdn\.office\.net/[^?]*safelinks"
    r"|(?:www\.)?google\.[a-z.]{2,6}/url"
    r"|(?:www\.|m\.)?youtube\.com/redirect"
    r"|lm?\.(?:facebook|instagram)\.com/"
    r"|(?:www\.)?linkedin\.com/(?:redir/redirect|safety/go)"
    r"|out\.reddit\.com/"
    r"|slack-redir\.net/link"
    r"|(?:www\.)?duckduckgo\.com/l/"
    r"|deref-(?:gmx|web)(?:-\d+)?\.[a-z]{2,3}/"
    r"|linkprotect\.cudasvc\.com/url"
    r")[^?#]*\?",
    re.IGNORECASE,
)
LEADS_TO = ("url", "q", "u", "a", "uddg", "redirectUrl")
PROOFPOINT = re.compile(r"https://urldefense\.(?:com|us)/v3/__(https?:/.+?)__;", re.IGNORECASE)
LAYERS = 5  # of one wrapping inside another


def link_address(address: str) -> str | None:
    """`address` if a link may lead there: http, https, mailto, tel, or a path of this site.

    Without what wraps it and what only counts its readers; with the scheme that "www." and mail addresses lack.
    """
    for _layer in range(LAYERS):
        # Browsers skip control characters inside an address, so "java\tscript:" and "/\t/host" are not what they seem.
        address = re.sub(r"[\x00-\x1f\x7f]", "", address).strip().replace(" ", "%20")
        if re.match(r"www\.[^/\s]", address, re.IGNORECASE):
            address = f"https://{address}"
        elif MAILBOX.fullmatch(address):
            address = f"mailto:{address}"
        if not ADDRESS.match(address):
            return None
        inner = _inside(address)
        if inner is None:
            return _without_counters(address)
        address = inner
    return None


def _inside(address: str) -> str | None:
    """The address that `address` only leads on to; '' if that cannot be told, None if it leads somewhere itself."""
    if found := PROOFPOINT.match(address):
        return re.sub(r"^(https?:/)(?!/)", r"\1/", found[1]) if "*" not in found[1] else None
    if not WRAPPED.match(address):
        return None
    try:
        asked = parse_qs(urlsplit(address).query)
    except ValueError:
        return ""
    found_in = next((asked[name][0] for name in LEADS_TO if name in asked), "")
    return found_in if re.match(r"https?://|mailto:|www\.", found_in, re.IGNORECASE) else ""


def _without_counters(address: str) -> str:
    if not address.lower().startswith(("http", "/")):
        return address
    rest, hash_sign, fragment = address.partition("#")
    path, question, query = rest.partition("?")
    if not question:
        return address
    kept = [part for part in query.split("&") if not APPENDED.fullmatch(unquote(part.partition("=")[0]).lower())]
    if len(kept) == query.count("&") + 1:
        return address
    return path + ("?" + "&".join(kept) if any(kept) else "") + hash_sign + fragment
