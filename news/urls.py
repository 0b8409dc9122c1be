"""Addresses of the news, below the language."""

from django.urls import path

from news import feeds, search_views, views

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
    path("news/<slug:slug>/", views.article, name="article"),
    path("<slug:slug>/", views.page, name="page"),
]
