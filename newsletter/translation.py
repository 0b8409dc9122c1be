"""Fields that are translated into German and English (django-modeltranslation)."""

from modeltranslation.translator import TranslationOptions, register

from .models import Issue, IssueItem


class Translated(TranslationOptions):
    empty_values = None  # empty is NULL, never ''


@register(Issue)
class IssueTranslation(Translated):
    fields = ("subject", "preheader", "intro")


@register(IssueItem)
class IssueItemTranslation(Translated):
    fields = ("heading", "text", "alt", "button_label", "button_url")
