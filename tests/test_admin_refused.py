"""A refused form of the admin says what is wrong, with links that lead to its fields: every form there is."""

import re
from html.parser import HTMLParser

import pytest
from django import forms
from django.contrib import admin
from django.template.loader import render_to_string
from django.urls import reverse

from tests.admin_addresses import every
from tests.factories import make_article, make_user, publish, signed_in

pytestmark = pytest.mark.django_db

FORMS = sorted(
    (
        model
        for model, model_admin in admin.site._registry.items()
        if any(address.name == f"{model._meta.app_label}_{model._meta.model_name}_add" for address in every())
    ),
    key=lambda model: model._meta.label,
)


class Elements(HTMLParser):
    """The elements with an id, and which of them no one can see."""

    def __init__(self, page: str):
        super().__init__()
        self.ids: dict[str, bool] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.ids[str(found["id"])] = found.get("type") != "hidden"


def links(page: str) -> list[str]:
    """The ids to which the list over the form leads."""
    lists = re.findall(r'<ul class="refused">(.*?)</ul>', page, re.DOTALL)
    return re.findall(r'href="#([^"]+)"', "".join(lists))


def test_every_form_that_adds_something_lists_what_it_refuses() -> None:
    assert len(FORMS) >= 5
    client, silent = signed_in(make_user(is_superuser=True, language="en")), {}
    for model in FORMS:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
        opened = client.get(url)
        if opened.status_code != 200 or "adminform" not in opened.context:
            continue
        form = opened.context["adminform"].form
        required = [name for name, field in form.fields.items() if field.required and not field.disabled]
        odd = {
            name: "\u2022" for name, field in form.fields.items() if isinstance(getattr(field, "max_value", None), int)
        }
        page = client.post(url, odd)
        if page.status_code == 302 or not required:
            continue
        there = Elements(page.text).ids
        refused = page.context["adminform"].form
        wrong = [name for name in refused.errors if name in form.fields and not refused[name].is_hidden]
        targets = links(page.text)
        if len(targets) < len(wrong) or not all(there.get(target) for target in targets):
            silent[model._meta.label] = (targets, wrong, [target for target in targets if not there.get(target)])
    assert silent == {}


@pytest.mark.parametrize("page", ["publish", "withdraw", "pin", "review/ask", "take-down"])
def test_every_question_lists_what_it_refuses(page: str) -> None:
    client, article = signed_in(make_user("publisher", language="en")), make_article()
    publish(article)
    response = client.post(f"/admin/news/article/{article.pk}/{page}/", {"when": "at"})
    assert response.status_code == 200
    there = Elements(response.text).ids
    assert links(response.text)
    assert [target for target in links(response.text) if not there.get(target)] == []


def test_rows_of_files_are_listed_with_their_number() -> None:
    client = signed_in(make_user("editor", language="en"))
    data = {"kind": "news", "image_position": "top", "title_de": "x" * 300, "attachments-TOTAL_FORMS": "2"}
    data |= {"attachments-INITIAL_FORMS": "0", "attachments-1-title_de": "Plan"}
    page = client.post("/admin/news/article/add/", data).text
    assert links(page) == ["id_title_de", "id_attachments-1-file"]
    assert "File (2)</a>: This field is required." in page


ENDS = {
    "Betrag": ":",
    "Titel (2)": ":",
    "Stimmt das?": "",
    "Stimmt das? (2)": ":",
    "Bitte bestätigen!": "",
    "Ich habe es gelesen.": "",
    "Weiter …": "",
    "Sagen Sie „ja.“": "",
    "Eins von beiden:": "",
}


@pytest.mark.parametrize("label", ENDS)
def test_no_name_of_a_field_ends_in_two_marks(label: str) -> None:
    class Asking(forms.Form):
        asked = forms.CharField(label=label)

    page = render_to_string("admin/refused.html", {"form": Asking({})})
    said = re.sub(r"<[^>]*>", "", page).split()
    assert " ".join(said).startswith(f"{label}{ENDS[label]} ")
