"""Widgets of the newsroom's forms. Each works without JavaScript."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse

from news.models import Article

OFFERED = 60  # newest articles listed without JavaScript, where the search does not work


class FixedText(forms.Widget):
    """A value that can be read but no longer changed; its field must be disabled."""

    template_name = "admin/widgets/fixed_text.html"


class OrderedTopics(forms.CheckboxSelectMultiple):
    """Checkboxes, each with the place the topic takes among the chosen."""

    template_name = "admin/widgets/ordered_topics.html"
    places = (1, 2, 3)

    def get_context(self, name: str, value: Sequence | None, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        chosen = [str(key) for key in value or []]
        for _group, options, _index in context["widget"]["optgroups"]:
            for option in options:
                key = str(option["value"])
                option["place"] = chosen.index(key) + 1 if key in chosen else 0
        return context | {"places": self.places}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        def place(key: str) -> int:
            number = data.get(f"{name}-place-{key}", "")
            return int(number) if number in {"1", "2", "3"} else len(self.places) + 1

        return sorted(data.getlist(name), key=place)


class ArticlePicker(forms.CheckboxSelectMultiple):
    """The chosen articles, and a field that finds more; without JavaScript a list of the newest."""

    template_name = "admin/widgets/article_picker.html"

    def __init__(self, *, single: bool = False) -> None:
        super().__init__()
        self.single = single

    def get_context(self, name: str, value: Sequence | None, attrs: dict | None) -> dict:
        context = forms.Widget.get_context(self, name, value, attrs)
        keys = [key for key in map(str, value or []) if key.isascii() and key.isdigit()]
        newest = Article.objects.exclude(pk__in=keys).order_by("-saved_at")
        return context | {
            "single": self.single,
            "chosen": Article.objects.in_bulk(keys).values() if keys else [],
            "newest": newest[:OFFERED],
            "search": reverse("admin:autocomplete"),
        }

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [key for key in data.getlist(name) if key]


class DayInput(forms.DateInput):
    """A date field with the browser's date picker."""

    input_type = "date"

    def __init__(self, attrs: dict | None = None):
        super().__init__(attrs, format="%Y-%m-%d")
