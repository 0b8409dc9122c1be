"""Fields that are translated into German and English (django-modeltranslation)."""

from modeltranslation.translator import TranslationOptions, register

from .models import Article, Attachment, Author, Boilerplate, Image, Topic


class Translated(TranslationOptions):
    empty_values = None  # empty is NULL, never ''


@register(Topic)
class TopicTranslation(Translated):
    fields = ("name", "slug", "description")
    required_languages = {"default": ("name",)}


@register(Author)
class AuthorTranslation(Translated):
    fields = ("role",)


@register(Boilerplate)
class BoilerplateTranslation(Translated):
    fields = ("title", "text")
    required_languages = {"default": ("title",)}


@register(Image)
class ImageTranslation(Translated):
    fields = ("alt", "caption")


@register(Article)
class ArticleTranslation(Translated):
    fields = ("title", "slug", "lead", "body", "seo_title", "seo_description", "image_alt")


@register(Attachment)
class AttachmentTranslation(Translated):
    fields = ("title",)
