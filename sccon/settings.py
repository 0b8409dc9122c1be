"""Every setting of the site, read from the environment, in the order a reader meets them.

A knob is an environment variable with a safe default and its explanation beside it;
docs/operations.md lists them for the one who runs the site. Whatever is missing in
production ends the start with a sentence that says what to set.
"""

import hashlib
import os
import re
import sys
from email.utils import formataddr, parseaddr
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import dj_database_url
import idna
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from sccon.outage import check

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, default: bool = False) -> bool:
    """Whether the environment variable `name` says yes (1, true, yes, on)."""
    return os.environ.get(name, str(default)).lower() in {"1", "true", "yes", "on"}


def required(name: str, advice: str) -> str:
    """The environment variable `name`; raises `ImproperlyConfigured` with `advice` when it is missing."""
    if value := os.environ.get(name):
        return value
    raise ImproperlyConfigured(f"{name} is not set. {advice}")


def in_ascii(name: str, domain: str) -> str:
    """`domain`, given in the setting `name`, as servers know it: without umlauts (IDNA)."""
    try:
        return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise ImproperlyConfigured(f"{name} has {domain!r}, which is no domain ({error}).") from error


# --- Where we are -----------------------------------------------------------------------------

# On only with ./dev's embedded database; shows error pages with source and relaxes HTTPS.
DEBUG = flag("DEBUG")

# Signs sessions: fifty random characters. Changing it without naming the former one (see Keys) ends every session.
SECRET_KEY = (
    "development-only-secret-key-development-only-secret-key"
    if DEBUG
    else required("SECRET_KEY", "Set it to fifty random characters, e.g. from `openssl rand -base64 48`.")
)

# The site's address as visitors type it, without a slash at the end. Absolute addresses come
# from here, never from the Host header.
SITE_URL = (
    os.environ.get("SITE_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
    if DEBUG
    else required("SITE_URL", "Set it to the site's public address, e.g. https://www.example.org.")
).rstrip("/")
if not re.fullmatch(r"https?://[^/\s]+", SITE_URL):
    raise ImproperlyConfigured(f"SITE_URL is {SITE_URL!r}; it must look like https://www.example.org.")
SITE_URL = re.sub(r"(?<=://)[^:/]+", lambda host: in_ascii("SITE_URL", host[0]), SITE_URL, count=1)

# What readers of feeds know articles by: it must never change, so a site that moves to another host keeps the old one here.
FEED_ID_HOST = os.environ.get("FEED_ID_HOST", str(urlsplit(SITE_URL).hostname))

# More host names that lead here, separated by commas; the one of SITE_URL is always allowed.
ALLOWED_HOSTS = [str(urlsplit(SITE_URL).hostname)]
ALLOWED_HOSTS += [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host]
if DEBUG:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]"]

# What the site calls itself, and whether its footer says that it is a demo.
SITE_NAME = os.environ.get("SITE_NAME", "Smart Country Convention")
SITE_SHORT_NAME = os.environ.get("SITE_SHORT_NAME", "SCCON")
SITE_DEMO = flag("SITE_DEMO", default=DEBUG)

# --- What it is made of -----------------------------------------------------------------------

INSTALLED_APPS = [
    "sccon",
    "sccon.site",
    "news",
    "newsletter",
    "tickets",
    "modeltranslation",  # before the admin, which it prepares
    "sccon.apps.DeskConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",  # whose templates sccon.inputs.Renderer finds by it
    "django_prose_editor",
    "pgtrigger",
    "procrastinate.contrib.django",
    "reversion",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_otp_webauthn",
]

MIDDLEWARE = [
    "sccon.site.health.HealthMiddleware",  # before host and HTTPS checks: a probe knows neither
    "sccon.requests.RequestLogMiddleware",
    "sccon.limits.UnnamedProxyMiddleware",  # before the page cache, which answers most requests
    "sccon.pagecache.PageCacheMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sccon.site.bodies.GuardMiddleware",  # before all that asks the database
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "news.redirects.RedirectMiddleware",  # inside those that would try a 404 with a language or a slash
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sccon.accounts.middleware.LoginSessionMiddleware",  # who is logged in no longer is nobody
    "sccon.requests.AdminLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "sccon.sent_forms.SentFormMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "sccon.site.urls"
WSGI_APPLICATION = "sccon.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"roof": "sccon.site.numbers"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sccon.site.context.house",
                "news.reading.footer.footer",
            ],
        },
    },
]

FORM_RENDERER = "sccon.inputs.Renderer"

# Megabytes of public pages that each web process caches; 0: none.
PAGE_CACHE_BYTES = int(os.environ.get("PAGE_CACHE_MB", "64")) * 1024 * 1024

# --- Database ---------------------------------------------------------------------------------

# PostgreSQL 15 or newer, e.g. postgres://user:password@host:5432/name.
DATABASE_URL = required(
    "DATABASE_URL",
    "Set it to a PostgreSQL address such as postgres://user:password@host/name, or use ./dev, which brings a database along.",
)
DATABASES: dict[str, dict] = {
    "default": {**dj_database_url.parse(DATABASE_URL, conn_health_checks=True), "CONN_MAX_AGE": 0}
}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database.")

# Threads per web process that render pages. Each needs a connection, the page cache's look has its own, one is to spare.
# Enough for the worker, too, whose slots are threads.
# Nobody waits long for a connection: while the database is away, a page that says so is better (sccon.outage).
WEB_THREADS = int(os.environ.get("WEB_THREADS", "4"))
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 1,
    "max_size": max(WEB_THREADS, 4) + 2,
    "check": check,
    "timeout": 1.5,
    "reconnect_timeout": 1,  # the pool's own pause between tries would grow to minutes
}
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 2)
DATABASES["default"]["OPTIONS"].setdefault("tcp_user_timeout", 5000)  # ms until a silent network counts as gone
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 0  # for those statements that ask for it (sccon.statements)
# After how many seconds the database ends a statement of a web request, whose visitor then reads that it took too long.
# Migrations, commands and the worker have no end. (Behind PgBouncer: ignore_startup_parameters = options, and no end.)
STATEMENT_SECONDS = int(os.environ.get("STATEMENT_SECONDS", "15"))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "sccon.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Groups whose members log in with a second factor (a code of an app, or a passkey), separated by commas; superusers do
# as soon as anyone must. By default all that publish, send, sell or pay; in development none, so that admin / demo
# stays. Whoever has none yet sets one up at the next login. Set but empty: nobody must, for a trial of production.
SECOND_FACTOR_GROUPS = [
    name.strip()
    for name in os.environ.get(
        "SECOND_FACTOR_GROUPS", "" if DEBUG else "publisher,newsletter,newsletter-send,newsletter-lists,tickets,finance"
    ).split(",")
    if name.strip()
]
SECOND_FACTOR_FOR_SUPERUSERS = bool(SECOND_FACTOR_GROUPS)
PASSWORD_RESET_TIMEOUT = 3600  # seconds; the link in a mail, which anyone at the mailbox can open

# Guesses at codes are counted by us, for each network and account (sccon.accounts.pauses): django-otp's own count
# would let whoever knows a password lock its owner out.
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 0
OTP_TOTP_ISSUER = SITE_SHORT_NAME
# Passkeys belong to this host for good: after a move to another, they are set up anew.
OTP_WEBAUTHN_RP_ID = str(urlsplit(SITE_URL).hostname)
OTP_WEBAUTHN_RP_NAME = SITE_SHORT_NAME
OTP_WEBAUTHN_ALLOWED_ORIGINS = [SITE_URL]
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False  # a second factor, beside the password
if not SITE_URL.startswith("https://"):  # a trial on one machine, for which browsers make an exception
    SILENCED_SYSTEM_CHECKS = ["otp_webauthn.E031"]

# --- Languages and time -----------------------------------------------------------------------

LANGUAGE_CODE = "de"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["sccon.formats"]
USE_TZ = True
TIME_ZONE = "Europe/Berlin"

MODELTRANSLATION_FALLBACK_LANGUAGES = ()  # a language that has no text has no page
MODELTRANSLATION_DEFAULT_LANGUAGE = "de"


def MODELTRANSLATION_BUILD_LOCALIZED_VERBOSE_NAME(name: str, language: str) -> str:
    """“Title, German” instead of “Title [de]”."""
    from django.utils.translation import pgettext  # which needs the settings

    # Translators: the language of a field, after a comma
    words = {"de": pgettext("field", "German"), "en": pgettext("field", "English")}
    return f"{name}, {words[language]}"


# --- Mail -------------------------------------------------------------------------------------

# The relay: smtp://user:password@host:587, or smtps://… for TLS from the first byte. smtp:// speaks STARTTLS unless
# ?starttls=0 says otherwise. Without it a demo keeps its mails and shows them at /demo/mailbox/.
SMTP_URL = os.environ.get("SMTP_URL") or (
    None
    if SITE_DEMO
    else required("SMTP_URL", "Set it to your mail relay, e.g. smtp://user:password@mail.example.org:587.")
)


# One address, or a name and an address in angle brackets. Outside quotation marks these signs part addresses, also `:`.
SENDER = re.compile(
    r'([^\s<>@,:;"]+@[^\s<>@,:;"]+)|(?:"[^"\\\r\n]+"|[^"\\\r\n<>@,:;()]+) *<([^\s<>@,:;"]+@[^\s<>@,:;"]+)>'
)


def sender(name: str, value: str) -> str:
    """`value` of the setting `name`, its domain in ASCII; raises `ImproperlyConfigured` unless it is one address, with or
    without a name.

    Else the first mail would fail, or come from somebody else.
    """
    found = SENDER.fullmatch(value)
    if not found:
        raise ImproperlyConfigured(
            f"{name} is {value!r}, which is not one address. A name with a comma, a colon or an @ stands in quotation marks,"
            ' as in "Messe, Berlin" <mail@example.org>.'
        )
    local, _, domain = (found[1] or found[2]).rpartition("@")
    if not local.isascii():
        raise ImproperlyConfigured(f"{name} is {value!r}: few relays take letters such as ä before the @.")
    return value.replace(f"{local}@{domain}", f"{local}@{in_ascii(name, domain)}")


# Who the mails come from, where answers go (someone must read them), and the line on who is responsible (§ 5 DDG).
SITE_MAIL_FROM = (
    required("SITE_MAIL_FROM", "Set it to the sender of the mails, e.g. 'Smart Country Convention <mail@example.org>'.")
    if SMTP_URL
    else os.environ.get("SITE_MAIL_FROM", formataddr((SITE_NAME, "mail@example.org")))
)
SITE_MAIL_FROM = sender("SITE_MAIL_FROM", SITE_MAIL_FROM)
SITE_MAIL_REPLY_TO = sender("SITE_MAIL_REPLY_TO", os.environ.get("SITE_MAIL_REPLY_TO", SITE_MAIL_FROM))
SITE_IMPRINT = (
    required("SITE_IMPRINT", "Set it to the line that names who is responsible: name, street, place.")
    if SMTP_URL
    else os.environ.get("SITE_IMPRINT", f"{SITE_NAME}, Musterstraße 1, 10115 Berlin")
)


def relay(url: str, **options: object) -> dict:
    """The entry of MAILERS for the relay at `url`; raises `ImproperlyConfigured` when it is not an address."""
    parts, query = urlsplit(url), dict(parse_qsl(urlsplit(url).query))
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("SMTP_URL must look like smtp://user:password@mail.example.org:587.")
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or (465 if parts.scheme == "smtps" else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": parts.scheme == "smtps",
            "use_tls": parts.scheme == "smtp" and query.get("starttls", "1") != "0",
            **options,
        },
    }


# The brake: so many mails that strangers can cause by typing an address (sign-ups, orders) go out in ten minutes. More wait
# for the next ten minutes, the log has an ERROR, and the desk a line. Raise it for the hour in which a sale opens.
MAIL_BRAKE = int(os.environ.get("MAIL_BRAKE", "1000"))

# The newsletter's own sender, place for answers, relay, and domain for what comes back, so that a complaint about an issue
# harms no order's mail. Without NEWSLETTER_BOUNCE_DOMAIN bounces go to the sender.
NEWSLETTER_MAIL_FROM = sender("NEWSLETTER_MAIL_FROM", os.environ.get("NEWSLETTER_MAIL_FROM", SITE_MAIL_FROM))
NEWSLETTER_MAIL_REPLY_TO = sender(
    "NEWSLETTER_MAIL_REPLY_TO",
    os.environ.get("NEWSLETTER_MAIL_REPLY_TO", os.environ.get("NEWSLETTER_MAIL_FROM", SITE_MAIL_REPLY_TO)),
)
NEWSLETTER_SMTP_URL = os.environ.get("NEWSLETTER_SMTP_URL") or SMTP_URL
NEWSLETTER_BOUNCE_DOMAIN = in_ascii("NEWSLETTER_BOUNCE_DOMAIN", os.environ.get("NEWSLETTER_BOUNCE_DOMAIN", "").lower())
# The file of the private RSA key (PEM) with which we sign issues ourselves, for relays that do not; read by the worker alone.
# The selector is where the DNS has the public half: <selector>._domainkey.<domain of NEWSLETTER_MAIL_FROM>. Set alone it tells
# the mail doctor where to look for the relay's.
NEWSLETTER_DKIM_KEY = os.environ.get("NEWSLETTER_DKIM_KEY", "")
NEWSLETTER_DKIM_SELECTOR = os.environ.get("NEWSLETTER_DKIM_SELECTOR", "").lower()
if NEWSLETTER_DKIM_KEY and not NEWSLETTER_DKIM_SELECTOR:
    raise ImproperlyConfigured(
        "NEWSLETTER_DKIM_KEY needs NEWSLETTER_DKIM_SELECTOR: under which name the DNS has the key."
    )
if NEWSLETTER_DKIM_SELECTOR and not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", NEWSLETTER_DKIM_SELECTOR):
    raise ImproperlyConfigured(
        "NEWSLETTER_DKIM_SELECTOR must be what stands before ._domainkey in the DNS, such as news2026."
    )
# Nameservers that the mail doctor asks, separated by commas, where this machine's own see other addresses than the world.
NEWSLETTER_DNS = os.environ.get("NEWSLETTER_DNS", "")
# What providers send to /webhooks/newsletter/… about our mails: the key with which one signs it (Mailgun, MailerSend, Postal,
# Resend), or a secret at the end of the address for those that do not sign (Brevo, Mailjet, Mailtrap, Postmark, SparkPost).
NEWSLETTER_WEBHOOK_KEY = os.environ.get("NEWSLETTER_WEBHOOK_KEY", "")
NEWSLETTER_WEBHOOK_SECRET = os.environ.get("NEWSLETTER_WEBHOOK_SECRET", "")
if NEWSLETTER_WEBHOOK_SECRET and not re.fullmatch(r"[A-Za-z0-9_-]{32,}", NEWSLETTER_WEBHOOK_SECRET):
    raise ImproperlyConfigured(
        "NEWSLETTER_WEBHOOK_SECRET must be 32 letters and digits or more, e.g. from `openssl rand -hex 32`."
    )
# For so long we can say who got which issue; then the persons are cut off, and how many they were stays.
NEWSLETTER_DELIVERY_MONTHS = int(os.environ.get("NEWSLETTER_DELIVERY_MONTHS", "24"))
if NEWSLETTER_DELIVERY_MONTHS < 1:
    raise ImproperlyConfigured("NEWSLETTER_DELIVERY_MONTHS must be 1 or more.")
# So many mails of all issues leave within any 60 minutes; 0: as many as the relay takes.
NEWSLETTER_PER_HOUR = int(os.environ.get("NEWSLETTER_PER_HOUR", "0"))
# Connections to the relay from this machine, and seconds until an answer of the relay counts as not given (four times as
# long after a mail's last byte, for then nobody would know).
NEWSLETTER_CONNECTIONS = int(os.environ.get("NEWSLETTER_CONNECTIONS", "8"))
NEWSLETTER_TIMEOUT = float(os.environ.get("NEWSLETTER_TIMEOUT", "30"))

# What Django itself mails without a relay appears on the console.
CONSOLE = {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
MAILERS = {
    "default": relay(SMTP_URL, timeout=30) if SMTP_URL else CONSOLE,
    "bulk": relay(NEWSLETTER_SMTP_URL, timeout=30) if NEWSLETTER_SMTP_URL else CONSOLE,
}

# --- Texts ------------------------------------------------------------------------------------

# Hosts whose videos a text may link, with all subdomains, separated by commas. The page shows a picture as the link; it
# loads nothing from these hosts.
VIDEO_HOSTS = [
    host.strip().lower()
    for host in os.environ.get(
        "VIDEO_HOSTS",
        "youtube.com,youtu.be,youtube-nocookie.com,vimeo.com,ardmediathek.de,zdf.de,arte.tv,3sat.de,phoenix.de,"
        "bundestag.de,media.ccc.de",
    ).split(",")
    if host.strip()
]

# --- Static files and media -------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("STATIC_ROOT", str(BASE_DIR / ".static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
# The typeface for what is drawn here, such as share pictures; pages load the WOFF2 beside it.
FONT_FILE = BASE_DIR / "static" / "fonts" / "public-sans.ttf"

# Uploaded pictures and files. A directory serves one machine; several need shared storage.
MEDIA_ROOT = os.environ.get("MEDIA_ROOT", str(BASE_DIR / ".media"))
MEDIA_URL = "/media/"

# Whether the proxy in front sends media files once the site has allowed it: "x-accel-redirect" (nginx, Caddy; the
# location is /protected-media/), "x-sendfile" (Apache), or empty: the web server sends them itself.
MEDIA_BY_PROXY = os.environ.get("MEDIA_BY_PROXY", "").lower()
if MEDIA_BY_PROXY not in {"", "x-accel-redirect", "x-sendfile"}:
    raise ImproperlyConfigured(
        f"MEDIA_BY_PROXY is {MEDIA_BY_PROXY!r}; it must be x-accel-redirect, x-sendfile or empty."
    )

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "sccon.static.HashedStaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o644
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024  # a long article pasted in two languages
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Jobs -------------------------------------------------------------------------------------

# The worker's lanes, and how many jobs of each run at the same time. A task names its lane (`@app.task(queue="…")`):
# mails, expiries and whatever else a person waits for are urgent; pictures and the night's work are slow.
LANES = {"urgent": 2, "normal": 2, "slow": 1}

# Which of them the worker on this machine serves, separated by commas. Each must be served somewhere.
# One more holds no jobs: the issues of the newsletter that are being sent (`newsletter.delivery`).
ALL_LANES = [*LANES, "newsletter"]
WORKER_LANES = [lane.strip() for lane in os.environ.get("WORKER_LANES", ",".join(ALL_LANES)).split(",")]
if wrong := [lane for lane in WORKER_LANES if lane not in ALL_LANES]:
    raise ImproperlyConfigured(
        f"WORKER_LANES has {wrong[0]!r}; it must name some of {', '.join(ALL_LANES)}, with commas."
    )

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = [
    *("sccon.jobs", "sccon.limits", "sccon.mail", "sccon.retention", "sccon.accounts.passwords"),
    *("news.pictures.library", "news.publishing.rechecking", "news.search.finding", "news.pictures.share_pictures"),
    *("newsletter.retention", "newsletter.subscribers.asking", "newsletter.subscribers.moving"),
    *("newsletter.delivery.running", "newsletter.lists.importing", "newsletter.returns.receiving"),
    "newsletter.doctor.keeping",
    *("tickets.orders.expiring", "tickets.orders.reminding", "tickets.retention"),
]
PROCRASTINATE_ON_APP_READY = "sccon.jobs.keep_errors"

# --- Keys -------------------------------------------------------------------------------------

# What lives longer than a session has a key of its own, so that a leak ends one thing only. Each key's predecessors, newest
# first and separated by commas, stand in NAME_FALLBACKS: nothing new is signed with them, what they signed stays valid.
# In development all are made from SECRET_KEY, and what SECRET_KEY itself signed stays valid.
ADVICE = "Set it to 32 random bytes in hexadecimal, e.g. from `openssl rand -hex 32`."


def long_lived(name: str, purpose: str) -> str:
    """The key `name`; in development, unless it is set, one for `purpose` made from SECRET_KEY."""
    if DEBUG and name not in os.environ:
        return hashlib.sha256(f"{purpose}:{SECRET_KEY}".encode()).hexdigest()
    return required(name, ADVICE)


def predecessors(name: str) -> list[str]:
    """The former keys named by the environment variable `name`."""
    return [key.strip() for key in os.environ.get(name, "").split(",") if key.strip()]


SECRET_KEY_FALLBACKS = predecessors("SECRET_KEY_FALLBACKS")

# Signs the links in mails and to drafts.
LINK_KEY = long_lived("LINK_KEY", "links")
LINK_KEY_FALLBACKS = predecessors("LINK_KEY_FALLBACKS") + [SECRET_KEY] * DEBUG

# Hashes the addresses that must not be mailed again. What a lost one hashed is forgotten: those people can be mailed again.
SUPPRESSION_KEY = long_lived("SUPPRESSION_KEY", "suppression")
SUPPRESSION_KEY_FALLBACKS = predecessors("SUPPRESSION_KEY_FALLBACKS") + [SECRET_KEY] * DEBUG

# Signs the codes in the tickets' QR.
TICKET_KEY = long_lived("TICKET_KEY", "tickets")
TICKET_KEY_FALLBACKS = predecessors("TICKET_KEY_FALLBACKS")
if not all(re.fullmatch(r"[0-9a-f]{64}", key) for key in (TICKET_KEY, *TICKET_KEY_FALLBACKS)):
    raise ImproperlyConfigured(
        "TICKET_KEY and TICKET_KEY_FALLBACKS must be keys of 64 hexadecimal digits, e.g. from `openssl rand -hex 32`."
    )
if not DEBUG and (short := [name for name in ("LINK_KEY", "SUPPRESSION_KEY") if len(globals()[name]) < 32]):
    raise ImproperlyConfigured(f"{short[0]} is too short to be a secret. {ADVICE}")
if not DEBUG and len({SECRET_KEY, LINK_KEY, SUPPRESSION_KEY, TICKET_KEY}) < 4:
    raise ImproperlyConfigured("SECRET_KEY, LINK_KEY, SUPPRESSION_KEY and TICKET_KEY must be four different keys.")

# --- Security ---------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],  # Django drops the nonce on pages that do not use it
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"

# Whom to tell of a hole in the site (/.well-known/security.txt): addresses such as mailto:security@example.org or
# https://…, separated by commas. Without it, where answers to mails go.
SECURITY_CONTACTS = [
    contact.strip()
    for contact in os.environ.get("SECURITY_CONTACT", f"mailto:{parseaddr(SITE_MAIL_REPLY_TO)[1]}").split(",")
]
if wrong := [contact for contact in SECURITY_CONTACTS if not re.match(r"(mailto:[^\s@]+@|https://|tel:)", contact)]:
    raise ImproperlyConfigured(f"SECURITY_CONTACT has {wrong[0]!r}; it must begin with mailto:, https:// or tel:.")
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_ENGINE = "sccon.sessions"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True

# Whether visitors come by HTTPS: yes, unless SITE_URL itself says http (a trial on one machine).
HTTPS = SITE_URL.startswith("https://")
if HTTPS:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = flag("SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = int(os.environ.get("HSTS_SECONDS", str(365 * 24 * 3600)))
    SECURE_HSTS_INCLUDE_SUBDOMAINS = flag("HSTS_SUBDOMAINS", default=True)
    SECURE_HSTS_PRELOAD = flag("HSTS_PRELOAD", default=True)
    # The proxy in front must set this header and drop the one a visitor sends.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def proxies(text: str) -> int | list[str]:
    """TRUSTED_PROXIES as a number, or as networks; raises `ImproperlyConfigured` for anything else."""
    if re.fullmatch(r"[0-9]{1,2}", text.strip()):
        return int(text)
    named = [part.strip() for part in text.split(",")]
    for part in named:
        try:
            network = ip_network(part)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"TRUSTED_PROXIES has {part!r}, which is no network ({error}); "
                "it must look like 127.0.0.1 or 10.0.0.0/8,fd00::/8, or be a number of proxies."
            ) from error
        if network.prefixlen == 0:
            raise ImproperlyConfigured(
                f"TRUSTED_PROXIES has {part!r}, which is everybody: anyone could choose the address they count as."
            )
    return named


# Whose X-Forwarded-For counts, for limits, logins and the proof of consent: the networks of the proxies in front
# ("127.0.0.1", "10.0.0.0/8,fd00::/8"), or how many stand in front of each other ("1"). 0 says: visitors connect to us
# directly, no proxy stands in front, and what a request says of itself is not believed.
TRUSTED_PROXIES = proxies(
    os.environ.get("TRUSTED_PROXIES", "0")
    if DEBUG
    else required(
        "TRUSTED_PROXIES",
        "Set it to your proxy's address or network, e.g. 127.0.0.1 or 10.0.0.0/8; to 0 if visitors connect directly.",
    )
)

# --- Logs -------------------------------------------------------------------------------------

# One line per request on the console in development, one JSON object per line in production.
LOG_FORMAT = os.environ.get("LOG_FORMAT", "line" if DEBUG else "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "sccon.logs.LineFormatter",
            "fmt": "{asctime} {levelname:<7} {message}",
            "style": "{",
            "datefmt": "%H:%M:%S",
        },
        "json": {"()": "sccon.logs.JSONFormatter"},
    },
    "filters": {"outage": {"()": "sccon.logs.NotTheOutage"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "stream": sys.stderr}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"level": "CRITICAL"},  # sccon.requests writes the one line
        "django.request": {"level": "ERROR", "filters": ["outage"]},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # the request's line says 400
        "psycopg.pool": {"level": "ERROR"},  # sccon.outage says once that the database is away
        "procrastinate": {"level": "WARNING"},
        "PIL": {"level": "INFO"},
    },
}
