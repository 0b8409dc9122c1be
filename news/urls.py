"""Addresses of the news, below the language."""

from django.urls import path

from news import views

app_name = "news"

urlpatterns = [
    path("news/", views.overview, name="overview"),
    path("news/topics/<slug:slug>/", views.topic, name="topic"),
    path("news/<slug:slug>/", views.article, name="article"),
    path("<slug:slug>/", views.page, name="page"),
]
