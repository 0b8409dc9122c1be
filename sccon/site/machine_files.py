"""Small files that browsers and robots look for at fixed addresses."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# Not for robots: personal pages and those without content of their own. Secret addresses must not stand here.
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
    """security.txt (RFC 9116): whom to tell of a vulnerability."""
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
    """Web manifest: icons for a phone's home screen. The site opens in the browser, not as an app."""
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
    """For clients that read no HTML: feed readers, bookmarks, browsers that show XML."""
    return HttpResponseRedirect(static("images/favicon.ico"))
