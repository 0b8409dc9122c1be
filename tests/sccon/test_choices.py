"""A list to choose from, in every form of the admin: what may stay empty says what empty means, and demands nothing."""

from collections.abc import Iterator

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.test import RequestFactory
from django.utils import translation

from news.models import Article, Review, Withdrawal
from sccon.fields import formfield
from sccon.models import User
from tests.factories import make_user
from tests.test_fields import form_classes, forms_of_admins

DEMANDS = "Bitte wählen"


def selects() -> Iterator[tuple[str, forms.ChoiceField]]:
    forms_of_house = [(each.__name__, each) for each in form_classes() if hasattr(each, "base_fields")]
    request = RequestFactory().get("/")
    request.user = make_user(is_superuser=True)
    person = admin.site._registry[User].get_form(request, request.user, change=True)
    for label, form in [*forms_of_admins(), *forms_of_house, ("sccon.User", person)]:
        for name, field in form.base_fields.items():
            widget = field.widget
            if isinstance(widget, RelatedFieldWidgetWrapper):
                widget = widget.widget
            if isinstance(widget, forms.Select) and not widget.allow_multiple_selected:
                yield f"{label}.{name}", field


def empty(field: forms.ChoiceField) -> list[str]:
    return [str(words) for value, words in field.choices if value in ("", None)]


@pytest.mark.django_db
def test_a_list_that_may_stay_empty_says_what_empty_means():
    with translation.override("de"):
        found = dict(selects())
        assert {"news.Article.role", "news.Article.author", "tickets.Product.section"} <= found.keys()
        said = {name: empty(field) for name, field in found.items() if not field.required}
        assert [name for name, words in said.items() if not words or any(DEMANDS in word for word in words)] == []
        assert said["news.Article.role"] == ["keine"]
        assert said["news.Article.author"] == ["niemand genannt"]
        assert said["sccon.User.language"] == ["wie der Browser es verlangt"]


@pytest.mark.django_db
def test_a_list_that_demands_a_choice_says_so():
    with translation.override("de"):
        assert any(DEMANDS in word for word in empty(dict(selects())["tickets.Quota.event"]))


LETTERS = [("a", "A")]
NEIGHBOURS = {
    "letter": models.CharField(choices=LETTERS, blank=True),
    "number": models.IntegerField(choices=[(1, "1")], null=True, blank=True),
    "grouped": models.CharField(choices=[("Z", LETTERS)], blank=True, null=True),
    "article": Withdrawal._meta.get_field("target"),
    "somebody": Review._meta.get_field("decided_by"),
    "author": Article._meta.get_field("author"),
    "demanded": models.CharField(choices=LETTERS),
    "other words": models.CharField(choices=[("", "überall"), *LETTERS], blank=True),
}
OTHERS = {"demanded": "- Bitte wählen -", "other words": "überall"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", NEIGHBOURS)
def test_every_kind_of_field_has_the_words(name: str):
    with translation.override("de"):
        assert empty(formfield(NEIGHBOURS[name])) == [OTHERS.get(name, "keine Angabe")]
