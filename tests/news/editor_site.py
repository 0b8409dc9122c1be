"""A small admin with nothing but the rich text editor and the picture library, to drive them in a browser."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite, ModelAdmin
from django.urls import URLPattern, path

from news import chooser
from news.editor import RichTextField
from news.media import serve_media
from news.models import Article, Image


class ArticleForm(forms.ModelForm):
    body_de = RichTextField(language="de", label="Text, deutsch")
    body_en = RichTextField(language="en", label="Text, englisch")

    class Meta:
        model = Article
        fields = ("title_de", "body_de", "body_en", "image")
        widgets = {"image": chooser.PictureWidget}


class ArticleAdmin(ModelAdmin):
    form = ArticleForm


class ImageAdmin(ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        return [*chooser.urls(self.admin_site), *super().get_urls()]


class EditorSite(AdminSite):
    def each_context(self, request: Any) -> dict[str, Any]:
        return super().each_context(request) | {"site_header": "Editor"}


site = EditorSite(name="admin")
site.register(Article, ArticleAdmin)
site.register(Image, ImageAdmin)

urlpatterns = [path("admin/", site.urls), path("media/<path:path>", serve_media, name="media")]
