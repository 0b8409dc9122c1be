"""Every address of the site."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from news.media import serve_media
from newsletter.issues.media import serve_picture
from newsletter.returns import receiving
from sccon.site import home, machine_files, mailbox, sitemap

home_patterns = ([path("", home.home, name="home")], "site")
mailbox_patterns = (
    [
        path("", mailbox.mailbox, name="list"),
        path("<int:pk>/", mailbox.letter, name="letter"),
        path("<int:pk>/html/", mailbox.letter_html, name="html"),
        path("issues/<int:pk>/", mailbox.issue_letter, name="issue"),
        path("issues/<int:pk>/html/", mailbox.issue_html, name="issue_html"),
        path("<int:pk>/files/<int:number>/", mailbox.letter_file, name="file"),
    ],
    "mailbox",
)

urlpatterns = [
    path("", home.by_language),
    path("admin/", admin.site.urls),
    path("robots.txt", machine_files.robots),
    path(".well-known/security.txt", machine_files.security),
    path("manifest.webmanifest", machine_files.manifest, name="manifest"),
    path("favicon.ico", machine_files.favicon),
    path("sitemap.xml", sitemap.index, name="sitemap"),
    path("sitemap-<slug:name>.xml", sitemap.part, name="sitemap_part"),
    path("media/newsletter/<path:path>", serve_picture, name="issue_picture"),
    path("media/<path:path>", serve_media, name="media"),
    path("demo/mailbox/", include(mailbox_patterns)),
    path("webhooks/newsletter/<slug:provider>/", receiving.webhook, name="newsletter_webhook"),
    path("webhooks/newsletter/<slug:provider>/<str:secret>/", receiving.webhook),
    *i18n_patterns(
        path("", include(home_patterns)),
        path("newsletter/", include("newsletter.urls")),
        path("tickets/", include("tickets.urls")),
        path("", include("news.urls")),  # last: a page may have any address that is left
    ),
]

handler400 = "sccon.site.errors.bad_request"
handler403 = "sccon.site.errors.forbidden"
handler404 = "sccon.site.errors.not_found"
handler500 = "sccon.site.errors.broken"
