"""Pages of our own in the admin, beside Django's lists and forms: the question before an action above all."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse


def own_page(
    request: HttpRequest, template: str, model: type[Model], title: str, context: Mapping[str, Any]
) -> TemplateResponse:
    """`template` in the admin's frame. It extends `admin/page.html`, or `admin/question.html` for a question.

    `model` says in which area the page is, `title` what it is called.
    """
    request.current_app = admin.site.name
    every = {**admin.site.each_context(request), "opts": model._meta, "title": title}
    return TemplateResponse(request, template, {**every, **context})
