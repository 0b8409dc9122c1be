"""Which mailbox an address leads to: providers ignore a tag or dots, and strangers use that to count as many."""

DOTLESS = frozenset({"gmail.com", "googlemail.com"})
TAGGED = DOTLESS | {
    *(
        "outlook.com",
        "outlook.de",
        "hotmail.com",
        "hotmail.de",
        "live.com",
        "live.de",
        "icloud.com",
        "me.com",
        "mac.com",
    ),
    *("proton.me", "protonmail.com", "pm.me", "fastmail.com", "posteo.de", "mailbox.org", "tutanota.com", "tuta.com"),
}

# Where strangers have their mailboxes: what one of them does says nothing about the next.
PROVIDERS = TAGGED | {
    *("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de", "t-online.de", "magenta.de", "freenet.de"),
    *("yahoo.com", "yahoo.de", "ymail.com", "aol.com", "aol.de", "arcor.de", "mail.de", "email.de", "kabelmail.de"),
    *(
        "vodafone.de",
        "vodafonemail.de",
        "online.de",
        "ok.de",
        "bluewin.ch",
        "a1.net",
        "live.com",
        "msn.com",
        "mail.com",
    ),
}


# Below a country's two letters these are no names of somebody: example.co.uk was registered, not co.uk. Of a country that
# has others, all its domains count as one, which a limit notices and staff can tell.
SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "gv", "ne", "net", "or", "org"})


def mailbox(address: str, *, any_provider: bool = False) -> str:
    """`address` without what its provider ignores: upper case, a tag behind a plus, Gmail's dots and second name.

    Whether other providers know tags cannot be told from outside; with `any_provider` they all do, as limits want it.
    """
    local, _at, domain = address.lower().rpartition("@")
    if any_provider or domain in TAGGED:
        local = local.partition("+")[0] or local
    if domain in DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def own_domains(mailbox: str) -> list[str]:
    """The domain of a mailbox, and the one that was registered if that is a wider one: whoever has it has as many below it
    as he likes. Empty if it is a provider's, which strangers share."""
    domain = mailbox.rpartition("@")[2]
    labels = domain.split(".")
    behind = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL
    registered = ".".join(labels[-3 if behind else -2 :])
    if registered in PROVIDERS:
        return []
    return [domain] if domain == registered else [domain, registered]
