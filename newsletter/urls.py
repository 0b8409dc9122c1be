"""Addresses of the newsletter, below the language."""

from django.urls import path

from newsletter.issues import archive, trying
from newsletter.subscribers import views

app_name = "newsletter"

urlpatterns = [
    path("", views.sign_up, name="sign_up"),
    path("issues/", archive.issues, name="issues"),
    path("issues/feed.atom", archive.feed, {"kind": "atom"}, name="issues_atom"),
    path("issues/feed.rss", archive.feed, {"kind": "rss"}, name="issues_rss"),
    path("issues/<slug:slug>/", archive.issue, name="issue"),
    path("unsubscribe/test/", trying.leave, name="leave_test"),
    path("topics/<str:token>/", views.choose, name="choose"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("preferences/<str:token>/", views.preferences, name="preferences"),
    path("move/<str:token>/", views.move, name="move"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("links/", views.links, name="links"),
    path("data/<str:token>/", views.data, name="data"),
    path("data/<str:token>/export.json", views.export, name="export"),
]
