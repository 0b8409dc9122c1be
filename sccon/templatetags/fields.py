"""`{% load fields %}`: a form field with label, hint and errors, and the list of what a form refuses."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.boundfield import BoundField
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

register = template.Library()

LONGEST = 160  # characters of a sentence in the list of what a form refuses


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


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a field: its name, the sentence, and the id of the element that takes the focus."""

    label: str
    sentence: str
    target: str

    @property
    def mark(self) -> str:
        """What stands between name and sentence: nothing after a name that is a question or a sentence itself."""
        return "" if self.label.rstrip('”“"»)').endswith(("?", "!", ".", ":", "…")) else ":"


@register.simple_tag
def refused(form: forms.BaseForm | None = None, formsets: Any = ()) -> list[Wrong]:
    """What is wrong with the fields of `form` and of the admin's inline `formsets`, in their order."""
    found = list(_wrong(form)) if form else []
    for inline in formsets or ():
        for number, row in enumerate(inline.formset.forms, 1):
            for each in _wrong(row):
                label = _("%(field)s (%(number)d)") % {"field": each.label, "number": number}
                found.append(Wrong(label, each.sentence, each.target))
    return found


def _wrong(form: forms.BaseForm) -> Iterator[Wrong]:
    for name, sentences in form.errors.items():
        if name == NON_FIELD_ERRORS or name not in form.fields:
            continue
        bound = form[name]
        if bound.is_hidden:
            continue  # nobody can correct it: the sentences of the form speak of it
        # Radio buttons, ticks, day and hour are many, each with an id of its own.
        many = isinstance(bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.MultiWidget)
        sentence = Truncator(strip_tags(str(sentences[0]))).chars(LONGEST)  # the whole stands at the field
        yield Wrong(str(bound.label), sentence, f"{bound.auto_id}_0" if many else bound.auto_id)


def _words(field: BoundField) -> SafeString:
    """Hint and error; the field's input names both as what describes it."""
    hint = format_html('<p class="hint" id="{}_helptext">{}</p>\n', field.auto_id, field.help_text)
    sentences = format_html_join(" ", "{}", ((error,) for error in field.errors))
    error = format_html('<p class="error-message" id="{}_error">{}</p>\n', field.auto_id, sentences)
    return format_html("{}{}", hint if field.help_text else "", error if field.errors else "")
