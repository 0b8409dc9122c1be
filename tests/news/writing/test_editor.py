"""The rich text field: what it takes, what it gives back, and how it is rendered."""

import re
from pathlib import Path

import pytest
from django import forms
from django.utils import translation

from news.writing.editor import TOOLS, RichTextField

STATIC = Path(__file__).parents[3] / "static"


class Form(forms.Form):
    body = RichTextField(language="de")


def test_the_field_cleans_what_is_sent():
    form = Form({"body": "<p onclick=x()>a<script>b</script></p><h1>c</h1>"})

    assert form.is_valid()
    assert form.cleaned_data == {"body": "<p>a</p><h2>c</h2>"}


@pytest.mark.parametrize("sent", ["", " ", "<p></p>", "<p>&nbsp;</p>", "<script>x</script>"])
def test_what_shows_nothing_is_none(sent):
    form = Form({"body": sent})

    assert form.is_valid()
    assert form.cleaned_data == {"body": None}


@pytest.mark.parametrize(
    ("stored", "sent", "changed"),
    [
        (None, "<p></p>", False),
        ("<ul><li>a</li></ul>", "<ul><li><p>a</p></li></ul>", False),
        ("<p>a</p>", "<p>b</p>", True),
        ("<p>a</p>", "", True),
    ],
)
def test_only_what_a_reader_would_see_is_a_change(stored, sent, changed):
    assert Form({"body": sent}, initial={"body": stored}).has_changed() is changed


def test_a_required_text_may_not_be_empty_tags():
    field = RichTextField(language="de", required=True)

    with pytest.raises(forms.ValidationError):
        field.clean("<p>&nbsp;</p>")


def test_the_stored_html_is_shown_escaped_in_a_textarea_of_its_language():
    html = Form(initial={"body": "<p>a &amp; </textarea></p>"}).as_p()

    assert "\n&lt;p&gt;a &amp;amp; &lt;/textarea&gt;&lt;/p&gt;</textarea>" in html
    assert 'lang="de"' in html
    assert "style=" not in html


@pytest.mark.parametrize(("language", "label"), [("de", "Überschrift"), ("en", "Heading")])
def test_the_toolbar_speaks_the_language_of_the_admin(language, label):
    with translation.override(language):
        assert f'aria-label="{label}"' in Form().as_p()


def test_every_button_does_something_and_has_an_icon():
    script = (STATIC / "js" / "editor-toolbar.js").read_text()
    icons = (STATIC / "images" / "editor-icons.svg").read_text()
    table = script[script.index("const TOOLS") : script.index("};", script.index("const TOOLS"))]

    for tool in (tool for group in TOOLS for tool in group):
        assert f'id="{tool.name}"' in icons
        assert tool.name == "link" or re.search(rf'^  "?{tool.name}"?: ', table, re.MULTILINE)
