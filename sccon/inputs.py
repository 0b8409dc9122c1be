"""Inputs of forms, written in one piece: Django renders two templates for each, a third of a page with a form.

Not a byte is different; everything but `<input>` is rendered from templates, ours or Django's, as pages are.
"""

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# The templates of Django's that hold nothing but its input.html.
INPUTS = {
    f"django/forms/widgets/{name}.html"
    for name in ("checkbox", "date", "datetime", "email", "hidden", "number", "password", "tel", "text", "url")
}


class Renderer(TemplatesSetting):
    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name in INPUTS:
            return _input(context["widget"])
        return super().render(template_name, context, request)


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = "" if widget["value"] is None else format_html(' value="{}"', widget["value"])
    return format_html(
        '<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, attributes(widget["attrs"])
    )


def attributes(given: Mapping[str, Any]) -> SafeString:
    """Django's attrs.html: False is left out, True is the name alone."""
    return format_html_join(
        "",
        " {}{}",
        (
            (name, "" if value is True else format_html('="{}"', value))
            for name, value in given.items()
            if value is not False
        ),
    )
