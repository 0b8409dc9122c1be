"""Which fields are kept in German and in English."""

from modeltranslation.translator import TranslationOptions, register

from .models import Event, Position, Product


class Translated(TranslationOptions):
    empty_values = None  # absent is NULL, never ''


@register(Event)
class EventTranslation(Translated):
    fields = ("name", "venue", "admission", "directions", "note")
    required_languages = {"default": ("name", "venue")}


@register(Product)
class ProductTranslation(Translated):
    fields = ("name", "description", "audience", "declaration")
    required_languages = {"default": ("name",)}


@register(Position)
class PositionTranslation(Translated):
    fields = ("product_name", "declaration")
