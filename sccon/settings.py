"""Every setting of the site, read from the environment, in the order a reader meets them.

A knob is an environment variable with a safe default and its explanation beside it;
docs/operations.md lists them for the one who runs the site. Whatever is missing in
production ends the start with a sentence that says what to set.
"""

import hashlib
import os
import re
import sys
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import dj_database_url
import fontpkg_public_sans
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, default: bool = False) -> bool:
    """Whether the environment variable `name` says yes (1, true, yes, on)."""
    return os.environ.get(name, str(default)).lower() in {"1", "true", "yes", "on"}


def required(name: str, advice: str) -> str:
    """The environment variable `name`; raises `ImproperlyConfigured` with `advice` when it is missing."""
    if value := os.environ.get(name):
        return value
    raise ImproperlyConfigured(f"{name} is not set. {advice}")


# --- Where we are -----------------------------------------------------------------------------

# On only with ./dev's embedded database; shows error pages with source and relaxes HTTPS.
DEBUG = flag("DEBUG")

# Signs sessions and links: fifty random characters. Changing it ends every session.
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
]

MIDDLEWARE = [
    "sccon.site.health.HealthMiddleware",  # before host and HTTPS checks: a probe knows neither
    "sccon.requests.RequestLogMiddleware",
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
    "sccon.requests.AdminLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
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
# Nobody waits long for a connection: while the database is away, a page that says so is better (sccon.outage).
WEB_THREADS = int(os.environ.get("WEB_THREADS", "4"))
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 1,
    "max_size": WEB_THREADS + 2,
    "timeout": 1.5,
    "reconnect_timeout": 1,  # the pool's own pause between tries would grow to minutes
}
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 2)
DATABASES["default"]["OPTIONS"].setdefault("tcp_user_timeout", 5000)  # ms until a silent network counts as gone
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 0  # for those statements that ask for it (sccon.statements)
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

# --- Languages and time -----------------------------------------------------------------------

LANGUAGE_CODE = "de"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["sccon.formats"]
USE_TZ = True
TIME_ZONE = "Europe/Berlin"

MODELTRANSLATION_FALLBACK_LANGUAGES = ()  # a language that has no text has no page
MODELTRANSLATION_DEFAULT_LANGUAGE = "de"

# --- Mail -------------------------------------------------------------------------------------

# The relay: smtp://user:password@host:587, or smtps://… for TLS from the first byte. smtp:// speaks STARTTLS unless
# ?starttls=0 says otherwise. Without it a demo keeps its mails and shows them at /demo/mailbox/.
SMTP_URL = os.environ.get("SMTP_URL") or (
    None
    if SITE_DEMO
    else required("SMTP_URL", "Set it to your mail relay, e.g. smtp://user:password@mail.example.org:587.")
)
# Who the mails come from, where answers go (someone must read them), and the line on who is responsible (§ 5 DDG).
SITE_MAIL_FROM = (
    required("SITE_MAIL_FROM", "Set it to the sender of the mails, e.g. 'Smart Country Convention <mail@example.org>'.")
    if SMTP_URL
    else os.environ.get("SITE_MAIL_FROM", f"{SITE_NAME} <mail@example.org>")
)
SITE_MAIL_REPLY_TO = os.environ.get("SITE_MAIL_REPLY_TO", SITE_MAIL_FROM)
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


# What Django itself mails without a relay appears on the console.
MAILERS = {
    "default": relay(SMTP_URL, timeout=30)
    if SMTP_URL
    else {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
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
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("fonts", Path(fontpkg_public_sans.__file__).parent / "files"),
]

# What has a hash in its name is kept for ever. WhiteNoise would find that out itself, but for the font: its name has
# brackets, which an address quotes.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/.+\.[0-9a-f]{12}\.\w+$"

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

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = [
    *("sccon.jobs", "sccon.limits", "sccon.mail", "sccon.retention"),
    *("news.pictures.library", "news.publishing.rechecking", "news.search.finding", "news.pictures.share_pictures"),
    "newsletter.retention",
    *("tickets.orders.expiring", "tickets.orders.reminding", "tickets.retention"),
]
PROCRASTINATE_ON_APP_READY = "sccon.jobs.keep_errors"

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

# Signs the codes in the tickets' QR: 32 random bytes in hexadecimal, e.g. from `openssl rand -hex 32`. Changing it
# makes every ticket already sold invalid at the door. In development it is made from SECRET_KEY.
TICKET_KEY = (
    hashlib.sha256(f"tickets:{SECRET_KEY}".encode()).hexdigest()
    if DEBUG and "TICKET_KEY" not in os.environ
    else required("TICKET_KEY", "Set it to 32 random bytes in hexadecimal, e.g. from `openssl rand -hex 32`.")
)
if not re.fullmatch(r"[0-9a-f]{64}", TICKET_KEY):
    raise ImproperlyConfigured("TICKET_KEY must be 64 hexadecimal digits, e.g. from `openssl rand -hex 32`.")
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

# Whose X-Forwarded-For counts, for limits and the proof of consent: how many proxies stand in front ("1"), or their
# networks ("10.0.0.0/8,fd00::/8"). 0: nobody's, the visitor connects to us directly.
_proxies = os.environ.get("TRUSTED_PROXIES", "0")
TRUSTED_PROXIES: int | list[str] = int(_proxies) if _proxies.isdigit() else _proxies.replace(" ", "").split(",")

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
