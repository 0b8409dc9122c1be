"""History, comparison, restoring and translations, as editors use them over HTTP."""

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from news.models import Article, ArticleVersion, Boilerplate
from news.publishing import reviewing
from news.publishing.publications import withdraw
from news.versions import translating
from news.versions.history import history
from news.writing import drafting
from sccon.clock import database_now
from sccon.models import User
from tests.factories import make_article, make_image, make_user, publish
from tests.news.admin_forms import filled
from tests.news.bilingual import bilingual, change
from tests.news.shown import marked

pytestmark = pytest.mark.django_db

TRANSLATIONS = "/admin/news/article/translations/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor() -> Client:
    return signed_in(make_user("editor", language="en", first_name="Eda"))


def reader(*permissions: str) -> Client:
    user = make_user(language="en")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return signed_in(user)


def pages(article: Article) -> list[str]:
    return [history_of(article), history_of(article, old="1", new="2")]


def history_of(article: Article, **query: str) -> str:
    url = reverse("admin:news_article_history", args=[article.pk])
    return url + ("?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else "")


def restoring(article: Article, number: int = 1) -> str:
    return reverse("admin:news_article_restore", args=[article.pk, number])


def form(article: Article) -> str:
    return reverse("admin:news_article_change", args=[article.pk])


# --- History ----------------------------------------------------------------------------------


def test_one_history_of_saves_publications_confirmations_and_withdrawals(editor: Client) -> None:
    article = bilingual(slug_de="a", slug_en="a", lead_de="Lead", kind="page")
    publish(article, "de")
    change(article, title_de="Neu")
    translating.confirm(article, version=2, by=None)
    publish(article, "de")
    withdraw(article, ["de"], by=None, reason="Überholt")
    entries = history(article, at=database_now()).entries
    assert [(entry.kind, entry.version) for entry in entries] == [
        ("withdrawn", None),
        ("public", 2),
        ("confirmed", 2),
        ("saved", 2),
        ("public", 1),
        ("saved", 1),
    ]
    assert editor.get(history_of(article)).status_code == 200


def test_history_of_one_language_leaves_the_other_out() -> None:
    article = change(change(bilingual(), title_de="Neu"), title_en="New")
    at = database_now()
    assert [entry.version for entry in history(article, at=at, language="de").entries] == [2, 1]
    assert [(e.kind, e.version) for e in history(article, at=at, language="en").entries] == [
        ("confirmed", 3),
        ("saved", 3),
        ("saved", 1),
    ]


def test_a_long_history_comes_in_pages_that_leave_nothing_out(editor: Client) -> None:
    article = bilingual()
    for number in range(2, 32):
        change(article, title_de=f"Titel {number}")
    seen: list[int] = []
    url = history_of(article)
    while url:
        context = editor.get(url).context
        seen += [line["entry"].version for line in context["lines"]]
        url = history_of(article) + context["older"] if context["older"] else ""
    assert seen == list(range(31, 0, -1))


def test_history_costs_the_same_however_long_it_is(editor: Client) -> None:
    article = change(make_article(), title_de="Neu")
    publish(article, "de", "en")
    editor.get(history_of(article))
    with CaptureQueriesContext(
        connection,
    ) as short:
        editor.get(history_of(article))
    for number in range(12):
        change(article, title_de=f"Titel {number}")
    publish(article, "de", "en")
    with CaptureQueriesContext(connection) as long:
        editor.get(history_of(article))
    assert len(long) <= len(short)


@pytest.mark.parametrize("query", ["old=99", "old=p1", "old=x", "before=gestern", "before=2026-01-01", "old=²&new=1"])
def test_what_was_never_there_is_not_found(editor: Client, query: str) -> None:
    assert editor.get(f"{history_of(bilingual())}?{query}").status_code == 404


def test_reviews_stand_in_the_history() -> None:
    article, editor = make_article(), make_user("editor")
    change(article, title_de="Neu")
    reviewing.ask(article, ["de", "en"], by=editor, note="Bitte bald")
    reviewing.give_back(article, ["de"], by=editor, answer="Zu lang")
    entries = history(article, at=database_now(), language="de").entries
    assert {(entry.kind, entry.note) for entry in entries} == {
        ("returned", "Zu lang"),
        ("asked", "Bitte bald"),
        ("saved", ""),
    }


# --- Comparison -------------------------------------------------------------------------------


def comparison(client: Client, article: Article, old: str, new: str) -> dict[str, tuple[list[str], list[str]]]:
    html = client.get(history_of(article, old=old, new=new)).text
    fields = re.findall(r'<dd class="(\w+)" lang="(\w\w)">(.*?)</dd>', html, re.DOTALL)
    return {f"{name}_{language}": marked(content) for name, language, content in fields}


def test_any_two_versions_are_compared_word_by_word(editor: Client) -> None:
    article = bilingual(body_de="<p>Sechs Jahre Politik.</p>", slug_de="fest", slug_en="fixed")
    change(article, title_de="Neuer Titel")
    change(article, body_de="<p>Sieben Jahre Politik.</p>", title_en="Headline")
    assert comparison(editor, article, "1", "3") == {
        "title_de": ([], ["Neuer"]),
        "body_de": (["Sechs"], ["Sieben"]),
        "title_en": (["Title"], ["Headline"]),
    }
    assert comparison(editor, article, "2", "1") == {"title_de": ([], ["Neuer"])}


def test_draft_is_compared_with_what_readers_read(editor: Client) -> None:
    article = make_article("Alter Titel")
    row = publish(article, "de")
    change(article, title_de="Neuer Titel", title_en="Not compared")
    assert (
        "What has changed since it was published" in editor.get(history_of(article, old=f"p{row.pk}", new="draft")).text
    )
    assert comparison(editor, article, f"p{row.pk}", "draft") == {"title_de": (["Alter"], ["Neuer"])}
    assert f"?old=p{row.pk}&amp;new=draft" in editor.get(form(article)).text
    second = publish(article, "de")
    assert "new=draft" not in editor.get(form(article)).text.split('id="en-heading"')[0]
    assert comparison(editor, article, f"p{second.pk}", f"p{row.pk}") == {"title_de": (["Alter"], ["Neuer"])}
    english = publish(article, "en")
    assert (
        b"choose two of the same language"
        in editor.get(history_of(article, old=f"p{row.pk}", new=f"p{english.pk}")).content
    )


def test_what_belongs_to_both_languages_is_compared_with_what_readers_read(editor: Client) -> None:
    old, new = (Boilerplate.objects.create(title_de="Messe", text_de=f"<p>{text}</p>") for text in ("Alt.", "Neu."))
    article = make_article(kind="press_release", boilerplate=old, event_last_day=date(2027, 10, 14))
    row = publish(article, "de")
    change(article, boilerplate=new, event_last_day=date(2027, 10, 15))
    assert "2 unpublished changes" in editor.get(form(article)).text
    assert comparison(editor, article, f"p{row.pk}", "draft") == {"boilerplate_de": (["Alt"], ["Neu"])}
    html = editor.get(history_of(article, old=f"p{row.pk}", new="draft")).text
    assert "Picture, filing, files: Last day of the event it announces, Boilerplate." in html
    assert re.findall(r"(\d+)\sOctober 2027", html) == ["14", "15"]


def test_pictures_stand_side_by_side_with_who_chose_them(editor: Client) -> None:
    article = bilingual(image=make_image(alt_en="A hall"))
    article.image = make_image(alt_en="A stage")
    drafting.save(article, version=1, by=make_user(first_name="Mehtap", last_name="Yıldız"))
    html = editor.get(history_of(article, old="1", new="2")).text
    assert re.findall(r'<figure class="(\w+)">.*?</b> <(?:del|ins)>(.*?)<', html, re.DOTALL) == [
        ("del", "A hall"),
        ("ins", "A stage"),
    ]
    assert "Mehtap Yıldız" in html


def test_a_script_that_was_stored_does_not_run_in_the_comparison(editor: Client) -> None:
    article = bilingual()
    Article.objects.filter(pk=article.pk).update(body_de="<p>x</p><script>alert(1)</script>", title_de="<script>y")
    change(Article.objects.get(pk=article.pk), lead_de="<img src=x onerror=alert(1)>")
    html = editor.get(history_of(article, old="1", new="draft")).text
    assert "<script>y" not in html and "alert(1)</script>" not in html and "<img src=x" not in html


@pytest.mark.parametrize("view", ["text", "beside", "nonsense"])
def test_comparison_shows_both_sides_in_one_or_beside_each_other(editor: Client, view: str) -> None:
    article = change(bilingual(), body_de="<p>Neu</p>")
    html = editor.get(history_of(article, old="1", new="2", view=view)).text
    assert ('class="beside"' in html) == (view == "beside")


# --- Restoring --------------------------------------------------------------------------------


def test_restoring_asks_first_and_says_what_changes(editor: Client) -> None:
    article = change(bilingual(slug_de="fest", slug_en="fixed"), title_de="Neu", title_en="New")
    context = editor.get(restoring(article)).context
    assert [(c["code"], c["changes"], c["checked"]) for c in context["choices"]] == [
        ("de", 1, True),
        ("en", 1, True),
        ("shared", 0, False),
    ]
    article.refresh_from_db()
    assert article.version == 2


def test_one_language_is_restored_as_a_new_version(editor: Client) -> None:
    article = change(bilingual(), title_de="Neu", title_en="New")
    response = editor.post(restoring(article), {"parts": ["de"], "seen_version": "2"}, follow=True)
    assert "Nothing public has changed" in response.text
    article.refresh_from_db()
    assert (article.title_de, article.title_en, article.version) == ("Titel", "New", 3)


def test_restoring_is_refused_with_both_texts_when_someone_saved_meanwhile(editor: Client) -> None:
    article = change(bilingual(), title_de="Neu")
    change(article, title_de="Inzwischen")
    response = editor.post(restoring(article), {"parts": ["de"], "seen_version": "2"})
    assert "Nothing has been restored yet" in response.text
    assert marked(re.findall(r'<dd class="title".*?</dd>', response.text, re.DOTALL)[0]) == (["Inzwischen"], ["Titel"])
    article.refresh_from_db()
    assert (article.title_de, article.version) == ("Inzwischen", 3)
    editor.post(restoring(article), {"parts": ["de"], "seen_version": "3"})
    article.refresh_from_db()
    assert article.title_de == "Titel"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"seen_version": "2"}, "Choose what to restore."),
        ({"seen_version": "2", "parts": "shared"}, "there is nothing to restore"),
        ({"seen_version": "x", "parts": "de"}, "Nothing has been restored yet"),
        ({"seen_version": "2", "parts": "de", "_look": "1"}, "What that changes in the draft"),
    ],
)
def test_what_cannot_be_restored_is_said_and_changes_nothing(editor: Client, data: dict, sentence: str) -> None:
    article = change(bilingual(), title_de="Neu")
    assert sentence in editor.post(restoring(article), data).text
    assert ArticleVersion.objects.count() == 2


# --- Who may ------------------------------------------------------------------------------------


def test_history_asks_for_the_same_right_as_the_form() -> None:
    article = change(bilingual(), title_de="Neu")
    stranger, onlooker = reader(), reader("view_article")
    for url in [*pages(article), form(article), TRANSLATIONS]:
        assert (stranger.get(url).status_code, onlooker.get(url).status_code) == (403, 200), url
    for client in (stranger, onlooker):
        assert client.get(restoring(article)).status_code == 403
        assert client.post(restoring(article), {"parts": "de", "seen_version": "2"}).status_code == 403
    assert "Restore" not in onlooker.get(history_of(article, old="1", new="2")).text
    assert Client().get(history_of(article)).status_code == 302


# --- Translation --------------------------------------------------------------------------------


def test_beside_the_english_stands_what_changed_in_the_german(editor: Client) -> None:
    article = change(bilingual(), body_de="<p>Neu</p>", title_en="Title")
    html = editor.get(form(article)).text
    changes = re.findall(r'<section class="german-changes".*?</section>', html, re.DOTALL)
    assert [marked(part) for part in changes] == [(["Alt"], ["Neu"])]


def test_no_change_needed_is_one_click_and_no_new_version(editor: Client) -> None:
    article = change(bilingual(), title_de="Neu")
    response = editor.post(form(article), filled(editor, form(article), _matches="1"), follow=True)
    assert "The English matches version 2." in response.text
    article.refresh_from_db()
    assert (article.version, article.en_matches, article.pk in translating.outdated()) == (2, 2, False)
    assert history(article, at=database_now()).entries[0].by.startswith("Eda")


def test_no_change_needed_loses_nothing_that_was_typed(editor: Client) -> None:
    article = change(bilingual(), title_de="Neu")
    editor.post(form(article), filled(editor, form(article), _matches="1", lead_de="Getippt"))
    article.refresh_from_db()
    assert (article.lead_de, article.version, article.en_matches) == ("Getippt", 3, 3)


def test_saving_asks_whether_the_translation_is_concerned(editor: Client) -> None:
    article = bilingual()
    asked = {"translation_asked": "1", "english_matches": "1"}
    editor.post(form(article), filled(editor, form(article), title_de="Titell", spares_translations="1", **asked))
    assert translating.outdated() == {}
    editor.post(form(article), filled(editor, form(article), title_de="Anders", **asked))
    assert article.pk in translating.outdated()
    editor.post(form(article), filled(editor, form(article), title_en="Half", translation_asked="1"))
    assert article.pk in translating.outdated()
    editor.post(form(article), filled(editor, form(article), title_en="Whole", **asked))
    assert translating.outdated() == {}


TICKED = 'name="english_matches" value="1" checked'


@pytest.mark.parametrize(
    ("changes", "ticked"),
    [
        ({"title_de": "x" * 300}, False),  # refused
        ({"title_de": "x" * 300, "title_en": "Mine"}, True),
        ({"title_de": "Neu", "_restore": "1"}, False),
        ({"title_en": "Mine", "_restore": "1"}, True),
        ({"title_de": "Mein", "seen_version": "1"}, False),  # a conflict
        ({"slug_en": "?!"}, False),
        ({"image_alt_de": "Alt", "image_decorative": "on"}, False),
    ],
)
def test_a_form_that_comes_back_confirms_no_english_by_itself(
    editor: Client, changes: dict[str, str], ticked: bool
) -> None:
    article = bilingual()
    posted = filled(editor, form(article), translation_asked="1", english_matches="1", **changes)
    change(article, title_de="Inzwischen")
    page = editor.post(form(article), posted)
    assert page.status_code == 200
    assert (TICKED in page.text) is ticked


def test_the_question_about_typos_is_asked_only_where_there_is_english_to_spare(editor: Client) -> None:
    both, german = bilingual(), bilingual(title_en=None, body_en=None)
    assert "spares_translations" in editor.get(form(both)).text
    assert "spares_translations" not in editor.get(form(german)).text
    assert "spares_translations" not in editor.get("/admin/news/article/add/").text


def test_translations_lists_what_is_missing_or_outdated_the_oldest_first(editor: Client) -> None:
    missing, current = bilingual(title_de="Fehlt", title_en=None, body_en=None), bilingual(title_de="Aktuell")
    outdated = change(bilingual(), title_de="Veraltet")

    def shown(**query: str) -> list[str]:
        response = editor.get(TRANSLATIONS, query)
        return [row["article"].title_de for row in response.context["rows"]]

    assert shown() == [missing.title_de, outdated.title_de]
    assert shown(order="newest") == [outdated.title_de, missing.title_de]
    assert (shown(show="missing"), shown(show="outdated")) == ([missing.title_de], [outdated.title_de])
    assert set(shown(show="all")) == {missing.title_de, outdated.title_de, current.title_de}
    assert shown(show="nonsense", page="99") == shown()
    counts = [view["count"] for view in editor.get(TRANSLATIONS).context["views"]]
    assert counts == [2, 1, 1, 3]


def test_translations_cost_the_same_however_many_there_are(editor: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert editor.get(TRANSLATIONS, {"show": "all"}).status_code == 200
        return len(captured)

    publish(change(make_article(), lead_de="Neu"), "de", "en")
    queries()
    few = queries()
    for number in range(8):
        publish(change(make_article(f"Titel {number}"), lead_de="Neu"), "de", "en")
    assert queries() <= few


def test_list_shows_and_filters_what_is_outdated(editor: Client) -> None:
    outdated, _current = change(bilingual(), title_de="Neu"), bilingual()
    response: Any = editor.get("/admin/news/article/?en=outdated")
    (article,) = response.context["cl"].result_list
    assert (article, [mark.shape for mark in article.marks_en]) == (outdated, ["draft", "outdated"])
