"""A small admin with nothing but the rich text editor and the picture library, to drive them in a browser."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite, ModelAdmin
from django.urls import URLPattern, path

from news import chooser
from news.editor import RichTextField
from news.models import Article, Image
from sccon.site import urls


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

# The rest of the site, too: what is refused answers with a page in its look.
urlpatterns = [path("admin/", site.urls), *urls.urlpatterns]
