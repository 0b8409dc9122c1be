"""Small files that browsers and robots look for at fixed addresses."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# Not for robots: what belongs to a person or has no content of its own. No secret address stands here.
NOT_FOR_ROBOTS = ["/admin/", "/demo/", "/webhooks/", "/*/news/search/", "/*/tickets/cart/", "/*/tickets/checkout/"]

EXPIRES_AFTER = timedelta(days=180)  # RFC 9116 § 2.5.5: less than a year


@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    return _text([*lines, "", f"Sitemap: {settings.SITE_URL}/sitemap.xml"])


@require_safe
@cache_control(public=True, max_age=3600)
def security(request: HttpRequest) -> HttpResponse:
    """RFC 9116: whom to tell of a hole in the site."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        *(f"Contact: {contact}" for contact in settings.SECURITY_CONTACTS),
        f"Expires: {(today + EXPIRES_AFTER).strftime('%Y-%m-%dT%H:%M:%SZ')}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]
    return _text(lines)


def _text(lines: list[str]) -> HttpResponse:
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """The site as an icon on a phone's screen. It stays a site in the browser: no window of its own."""
    sizes = [("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any")]
    sizes += [("icon-maskable-512.png", "512x512", "maskable")]
    icons = [
        {"src": static(f"images/{name}"), "sizes": size, "type": "image/png", "purpose": purpose}
        for name, size, purpose in sizes
    ]
    return JsonResponse(
        {
            "name": settings.SITE_NAME,
            "short_name": settings.SITE_SHORT_NAME,
            "start_url": "/",
            "scope": "/",
            "display": "browser",
            "background_color": "#fbfbfe",
            "theme_color": "#210f73",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )


@require_safe
@cache_control(public=True, max_age=3600)
def favicon(request: HttpRequest) -> HttpResponse:
    """Asked for by whatever reads no HTML: feed readers, bookmarks, the views of XML in browsers."""
    return HttpResponseRedirect(static("images/favicon.ico"))
