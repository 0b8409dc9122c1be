"""What an answer says: is nobody there, is the mailbox full or slow, or is it about us? The same for an answer in the
dialogue, a report of non-delivery and a provider's event.

Only *dead* takes the newsletter from somebody at once, so what could be meant otherwise is never that.
"""

import re

from newsletter.models import Return

Verdict = Return.Verdict

DEAD = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"}
OURS = {"5.1.7", "5.1.8", "5.2.3", "5.3.4"}  # sender refused, mail too large; besides all of 5.7
SOFT = {"5.2.2"}

# Before anyone is named as the recipient, a refusal is about us.
ABOUT_US = frozenset({"connect", "ehlo", "auth", "mail"})

ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -])")

FULL = re.compile(
    r"\bquota\b|(mail ?box|inbox|postfach|user|konto|storage).{0,30}\b(full|voll|exceeded|überschritten)|over ?quota"
    r"|insufficient (system )?(storage|space)|out of storage",
    re.IGNORECASE,
)
POLICY = re.compile(
    r"spam|blacklist|blocklist|block list|\bdnsbl\b|\brbl\b|spamhaus|\bblocked\b|policy|reputation|dmarc|\bspf\b|dkim"
    r"|unauthenticated|not authenticated|authentication required|access denied|relay(ing)? (access )?(denied|not)"
    r"|rejected (due to|for|because of) (content|security)|virus|too (large|big)|size limit|rate limit|sender (address )?rejected",
    re.IGNORECASE,
)
NOBODY = re.compile(
    r"(user|recipient|mailbox|address|account|empfänger|postfach|adresse)( \S+)? ?(is |ist |was )?(unknown|unbekannt|invalid"
    r"|not found|does ?n[o']t exist|doesn.t exist|disabled|inactive|nicht gefunden|existiert nicht|unavailable)"
    r"|(unknown|no such|invalid|nonexistent|unbekannter?|kein) (user|recipient|mailbox|address|account|local|virtual|empfänger"
    r"|postfach|benutzer)|no mailbox here|there is no|mailbox unavailable|user doesn.t have|domain not found|host not found"
    r"|unrouteable|name or service not known|no such domain|does not like recipient|couldn't be found|wurde nicht gefunden",
    re.IGNORECASE,
)


def answer(code: int, text: str, stage: str = "rcpt") -> Return.Verdict:
    """The verdict on a server's answer in the dialogue: `stage` is what was said before (connect, ehlo, auth, mail, rcpt,
    data)."""
    if code < 400:
        return Verdict.NOTHING
    if stage in ABOUT_US or code in {530, 534, 535, 538}:
        return Verdict.OURS
    if code < 500:
        return Verdict.SOFT
    found = enhanced(text)
    if found.startswith("5"):
        return status(found, text)
    return by_words(text, otherwise={552: Verdict.SOFT, 554: Verdict.OURS}.get(code, Verdict.SOFT))


def status(code: str, text: str) -> Return.Verdict:
    """The verdict on an enhanced status code (RFC 3463) with the words beside it."""
    if code.startswith("2"):
        return Verdict.NOTHING
    if code.startswith("4") or code in SOFT:
        return Verdict.SOFT
    if code.startswith("5.7.") or code in OURS:
        return Verdict.OURS
    if code in DEAD:
        # Servers say 5.1.1 of a full mailbox, too, and of a sender whom they do not like.
        said = (FULL.search(text) and Verdict.SOFT) or (_about_the_sender(text) and Verdict.OURS)
        return said or Verdict.DEAD
    return by_words(text, otherwise=Verdict.SOFT)


def report(code: str, diagnostic: str) -> Return.Verdict:
    """The verdict on a failed recipient of a report: its status, and what the other server said, which knows better."""
    said = enhanced(diagnostic)
    if said and said[0] == code[:1] != "2":
        return status(said, diagnostic)
    if (reply := REPLY.search(diagnostic)) and code in {"", "5.0.0", "4.0.0"}:
        return answer(int(reply[1]), diagnostic)
    return status(code, diagnostic) if code else by_words(diagnostic, otherwise=Verdict.SOFT)


def words(text: str) -> Return.Verdict:
    """The verdict on a report in prose."""
    if found := enhanced(text):
        return status(found, text)
    if reply := REPLY.search(text):
        return answer(int(reply[1]), text)
    return by_words(text, otherwise=Verdict.SOFT)


def event(kind: str, reason: str, text: str) -> Return.Verdict:
    """The verdict on a provider's event, in anymail's words for its kind and reason, with the server's words in `text`."""
    if kind == "complained" or reason == "spam":
        return Verdict.COMPLAINT
    if kind not in {"bounced", "rejected", "failed"} or reason == "unsubscribed":
        return Verdict.NOTHING
    if enhanced(text) or REPLY.search(text):
        return words(text)
    otherwise = {"invalid": Verdict.DEAD, "blocked": Verdict.OURS}.get(reason, Verdict.SOFT)
    return by_words(text, otherwise=otherwise)


def by_words(text: str, *, otherwise: Return.Verdict) -> Return.Verdict:
    """The verdict on words alone; what nobody can tell is `otherwise`."""
    if FULL.search(text):
        return Verdict.SOFT
    if NOBODY.search(text) and not _about_the_sender(text):
        return Verdict.DEAD
    return Verdict.OURS if POLICY.search(text) else otherwise


def _about_the_sender(text: str) -> bool:
    return bool(re.search(r"spamhaus|dnsbl|blocklist|blacklist|reputation|dmarc|\bspam\b", text, re.IGNORECASE))


def enhanced(text: str) -> str:
    """The first enhanced status code of a failure in `text`, '' if there is none."""
    return next((code for code in ENHANCED.findall(text) if code[0] != "2"), "")
