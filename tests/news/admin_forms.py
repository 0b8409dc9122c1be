"""What a browser would send back of a form of the admin, so that tests change only what they are about."""

from typing import Any

from django.test import Client


def filled(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """The fields of the article's form at `url` as they stand there, with `changes`; None takes one away."""
    context = client.get(url).context
    data: dict[str, Any] = {}
    for bound in context["adminform"].form:
        value = bound.value()
        if not bound.field.disabled and value not in (None, "", []):
            data[bound.html_name] = value
    for number, topic in enumerate(data.get("topics", []), 1):
        data[f"topics-place-{topic}"] = number
    for inline in context["inline_admin_formsets"]:
        formset = inline.formset
        for bound in formset.management_form:
            data[bound.html_name] = bound.value()
        for row in formset.initial_forms:
            data[row["id"].html_name] = row.instance.pk
            data |= {row[name].html_name: row[name].value() or "" for name in ("title_de", "title_en")}
    data |= changes
    return {name: value for name, value in data.items() if value is not None}
