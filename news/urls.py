"""URLs of news, below the language."""

from django.urls import path, re_path

from news.reading import archive, feeds, views
from news.search import views as search_views
from news.writing import preview_views

app_name = "news"

urlpatterns = [
    path("news/", views.overview, name="overview"),
    path("news/feed.atom", feeds.feed, {"kind": "atom"}, name="feed_atom"),
    path("news/feed.rss", feeds.feed, {"kind": "rss"}, name="feed_rss"),
    path("news/topics/<slug:slug>/", views.topic, name="topic"),
    path("news/topics/<slug:slug>/feed.atom", feeds.topic_feed, {"kind": "atom"}, name="topic_feed_atom"),
    path("news/topics/<slug:slug>/feed.rss", feeds.topic_feed, {"kind": "rss"}, name="topic_feed_rss"),
    path("news/search/", search_views.results, name="search"),
    path("news/search/suggest/", search_views.suggest, name="suggest"),
    path("news/archive/", archive.archive, name="archive"),
    re_path(r"^news/archive/(?P<year>[12][0-9]{3})/$", archive.year, name="year"),
    re_path(r"^news/archive/(?P<year>[12][0-9]{3})/(?P<month>0[1-9]|1[0-2])/$", archive.month, name="month"),
    path("news/authors/<slug:slug>/", archive.author, name="author"),
    path("news/preview/<str:token>/", preview_views.shared, name="preview"),
    path("news/<slug:slug>/", views.article, name="article"),
    path("<slug:slug>/", views.page, name="page"),
]
