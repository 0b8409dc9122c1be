"""`{% load fields %}`: a form field with label, hint and errors."""

from django import template
from django.forms.boundfield import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


# In Python, for speed: as a template, the dozen fields of a form took as long as the rest of the page.
@register.simple_tag
def field(field: BoundField, place: str = "") -> SafeString:
    """A field with its label above, its hint under the label and its error beside it; `place`: a class that says where.

    Several choices stand in a fieldset, a tick before its label.
    """
    if field.use_fieldset:
        described = field.aria_describedby
        content = format_html(
            '<fieldset id="{}"{}>\n<legend>{}</legend>\n{}<div class="choices">{}</div></fieldset>',
            field.auto_id,
            format_html(' aria-describedby="{}"', described) if described else "",
            field.label,
            _words(field),
            format_html_join("", "<label>{} {}</label>", ((choice.tag(), choice.choice_label) for choice in field)),
        )
    elif field.widget_type == "checkbox":
        content = format_html('{}<label class="check">{} {}</label>', _words(field), field, field.label)
    else:
        content = format_html(
            '<label for="{}">{}{}</label>\n{}{}',
            field.id_for_label,
            field.label,
            "" if field.field.required else format_html(' <span class="muted">({})</span>', _("optional")),
            _words(field),
            field,
        )
    return format_html(
        '<div class="field{}{}">\n{}\n</div>\n', " wrong" if field.errors else "", f" {place}" if place else "", content
    )


def _words(field: BoundField) -> SafeString:
    """Hint and error; the field's input names both as what describes it."""
    hint = format_html('<p class="hint" id="{}_helptext">{}</p>\n', field.auto_id, field.help_text)
    sentences = format_html_join(" ", "{}", ((error,) for error in field.errors))
    error = format_html('<p class="error-message" id="{}_error">{}</p>\n', field.auto_id, sentences)
    return format_html("{}{}", hint if field.help_text else "", error if field.errors else "")
