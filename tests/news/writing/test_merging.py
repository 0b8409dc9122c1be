"""Two people, one article: different fields are both kept, the same field shows both texts, nothing is lost."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from news.admin.article.form import ArticleAdmin
from news.models import Article, Attachment
from news.writing import drafting
from news.writing.merging import Merge, merge, merge_parts, plain
from tests.factories import make_article, make_author, make_image, make_topic, make_user
from tests.news.admin_forms import filled

pytestmark = pytest.mark.django_db


# --- The rule ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "expected"),
    [
        ("a", "a", "a", Merge((), ())),
        ("a", "b", "a", Merge((), ())),  # only I: kept
        ("a", "a", "b", Merge(("x",), ())),  # only they: taken
        ("a", "b", "b", Merge((), ())),  # both the same
        ("a", "b", "c", Merge((), ("x",))),
        (None, "b", "c", Merge((), ("x",))),
        ("a", None, "c", Merge((), ("x",))),
        ([1, 2], [1, 2], [2, 1], Merge(("x",), ())),
    ],
)
def test_a_field_is_as_the_only_one_who_touched_it_left_it(base: Any, mine: Any, theirs: Any, expected: Merge) -> None:
    assert merge({"x": base}, {"x": mine}, {"x": theirs}) == expected


def test_without_a_base_each_difference_is_a_collision() -> None:
    assert merge(None, {"x": "a", "y": "b"}, {"x": "a", "y": "c"}) == Merge((), ("y",))


# Of a base ABCD: mine, theirs, both; None: people have to look. Small letters are rewritten paragraphs.
PARTS = [
    ("aBCD", "ABCd", "aBCd"),
    ("aBCD", "AbCD", "abCD"),  # beside each other
    ("abCD", "ABcd", "abcd"),
    ("XABCD", "ABCDY", "XABCDY"),
    ("AXBCD", "ABYCD", "AXBYCD"),
    ("AXBCD", "AbCD", "AXbCD"),  # before the one that the other rewrote
    ("ABXCD", "AbCD", "AbXCD"),  # and behind it
    ("ACD", "ABCd", "ACd"),  # removed, and rewritten
    ("ABC", "BCD", "BC"),
    ("aBCD", "aBCd", "aBCd"),  # both alike, and more
    ("ABCDX", "ABCDX", "ABCDX"),
    ("DABC", "ABXCD", "DABXC"),  # moved
    ("aBCD", "eBCD", None),
    ("ABCDX", "ABCDY", None),
    ("ACD", "AbCD", None),
    ("DABC", "ABCd", None),
    ("aXbCD", "AeCD", None),
    ("X", "aBCD", None),
]


@pytest.mark.parametrize(("mine", "theirs", "both"), PARTS)
def test_changes_of_different_paragraphs_are_both_kept(mine: str, theirs: str, both: str | None) -> None:
    for sides in ((mine, theirs), (theirs, mine)):
        assert merge_parts("ABCD", *sides) == (both and list(both))


def test_a_text_is_merged_by_its_paragraphs_and_nothing_else_is() -> None:
    base = "<p>Eins</p><h2>Zwei</h2><ul><li>Drei</li></ul>"
    mine, theirs = base.replace("Eins", "1"), base.replace("Drei", "3")
    both = {"body_de": base.replace("Eins", "1").replace("Drei", "3")}
    assert merge({"body_de": base}, {"body_de": mine}, {"body_de": theirs}) == Merge((), (), both)
    assert merge({"lead_de": base}, {"lead_de": mine}, {"lead_de": theirs}) == Merge((), ("lead_de",))
    assert merge({"body_de": None}, {"body_de": mine}, {"body_de": theirs}) == Merge((), ("body_de",))
    assert merge(None, {"body_de": mine}, {"body_de": theirs}) == Merge((), ("body_de",))


def test_line_ends_of_a_browser_are_no_change() -> None:
    assert plain("Eins\r\nZwei") == plain("Eins\nZwei")
    assert plain("") is None


# --- The form ---------------------------------------------------------------------------------


def person(name: str) -> Client:
    client = Client()
    client.force_login(make_user("editor", first_name=name, language="en"))
    return client


def change(article: Article) -> str:
    return reverse("admin:news_article_change", args=[article.pk])


@pytest.fixture
def article() -> Article:
    return drafting.save(make_article("Anfang"), version=0, by=None, topics=[make_topic("Eins")])


@pytest.fixture
def mia() -> Client:
    return person("Mia")


@pytest.fixture
def tom() -> Client:
    return person("Tom")


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors(response: Any) -> dict[str, list[str]]:
    return response.context["adminform"].form.errors


def test_different_fields_are_both_kept_and_the_message_says_which(article: Article, mia: Client, tom: Client) -> None:
    topic, author, image, other = make_topic("Zwei"), make_author(), make_image(), make_article("Andere")
    mias = filled(mia, change(article), title_de="Mias Titel", body_en="<p>Mia’s text</p>", related=[other.pk])
    toms = filled(tom, change(article), lead_de="Toms Vorspann", author=author.pk, image=image.pk, kind="press_release")
    toms |= {"topics": [topic.pk], f"topics-place-{topic.pk}": "1", "seo_title_en": "Found"}
    assert tom.post(change(article), toms).status_code == 302

    response = mia.post(change(article), mias)
    assert response.status_code == 302
    names = "Lead (German), Title for search engines (English), Picture, Kind, Author, Topics"
    merged, saved = said(response)
    assert merged.startswith("Merged with what Tom saved meanwhile: ")
    assert sorted(merged.partition(": ")[2].rstrip(".").split(", ")) == sorted(names.split(", "))
    assert saved == "Saved as version 3."
    article.refresh_from_db()
    assert (article.title_de, article.lead_de, article.body_en) == ("Mias Titel", "Toms Vorspann", "<p>Mia’s text</p>")
    assert (article.author, article.image, article.kind, article.seo_title_en) == (
        author,
        image,
        "press_release",
        "Found",
    )
    assert [part.topic for part in article.article_topics.all()] == [topic]
    assert list(article.related.all()) == [other]


def test_same_field_shows_both_texts_and_saving_again_keeps_mine_and_all_of_theirs(
    article: Article, mia: Client, tom: Client
) -> None:
    mias = filled(mia, change(article), title_de="Mias Titel", lead_en="Mia’s lead")
    toms = filled(tom, change(article), title_de="Toms Titel", body_de="<p>Toms Text</p>", title_en="Tom’s title")
    tom.post(change(article), toms)

    refused = mia.post(change(article), mias)
    assert refused.status_code == 200
    assert set(errors(refused)) == {"__all__", "title_de"}
    assert errors(refused)["__all__"][0].startswith("Tom saved version 2 while you were writing.")
    assert errors(refused)["title_de"] == ['Stored is: <span class="stored">Toms Titel</span>']
    form = refused.context["adminform"].form
    shown = {name: form[name].value() for name in ("title_de", "title_en", "lead_en", "body_de", "seen_version")}
    assert shown == {
        "title_de": "Mias Titel",
        "title_en": "Tom’s title",
        "lead_en": "Mia’s lead",
        "body_de": "<p>Toms Text</p>",
        "seen_version": "2",
    }
    article.refresh_from_db()
    assert (article.title_de, article.version) == ("Toms Titel", 2)

    again = mias | {name: value for name, value in shown.items() if value is not None}
    response = mia.post(change(article), again)
    assert said(response) == ["Saved as version 3."]
    article.refresh_from_db()
    stored = (article.title_de, article.title_en, article.lead_en, article.body_de)
    assert stored == ("Mias Titel", "Tom’s title", "Mia’s lead", "<p>Toms Text</p>")


def test_the_same_change_of_both_is_no_collision(article: Article, mia: Client, tom: Client) -> None:
    mias = filled(mia, change(article), title_de="Ein Titel")
    tom.post(change(article), filled(tom, change(article), title_de="Ein Titel"))
    assert said(mia.post(change(article), mias)) == ["Saved as version 3."]


def test_two_tabs_of_one_person_merge_as_two_people_do(article: Article, mia: Client) -> None:
    first = filled(mia, change(article), title_de="Erster Reiter")
    second = filled(mia, change(article), lead_de="Zweiter Reiter")
    mia.post(change(article), first)
    assert "Merged with what Mia saved meanwhile: Title (German)." in said(mia.post(change(article), second))
    article.refresh_from_db()
    assert (article.title_de, article.lead_de) == ("Erster Reiter", "Zweiter Reiter")


def test_an_imported_text_that_only_the_other_changed_is_no_collision(mia: Client, tom: Client) -> None:
    imported = make_article("Anfang", body_de="<p>Eins</p>\n<p>Zwei</p>", body_en="<p>One</p>\n<p>Two</p>")
    article = drafting.save(imported, version=0, by=None)
    mias = filled(mia, change(article), title_de="Mias Titel", body_en="<p>One</p>\r\n<p>Two</p>")
    tom.post(change(article), filled(tom, change(article), body_de="<p>Toms</p>", body_en="<p>Tom’s</p>"))
    assert mia.post(change(article), mias).status_code == 302
    article.refresh_from_db()
    assert (article.title_de, article.body_de, article.body_en) == ("Mias Titel", "<p>Toms</p>", "<p>Tom’s</p>")


def test_several_people_are_named(article: Article, mia: Client, tom: Client) -> None:
    mias = filled(mia, change(article), lead_de="Mias Vorspann")
    tom.post(change(article), filled(tom, change(article), title_de="Toms Titel"))
    ida = person("Ida")
    ida.post(change(article), filled(ida, change(article), title_en="Ida’s title"))
    merged = said(mia.post(change(article), mias))[0]
    assert merged.startswith("Merged with what Tom and Ida saved meanwhile: ")


def test_what_a_check_refuses_is_not_lost_in_a_merge(article: Article, mia: Client, tom: Client) -> None:
    mias = filled(mia, change(article), slug_en="?!", lead_en="Mia’s lead")
    tom.post(change(article), filled(tom, change(article), slug_en="toms-address", title_de="Toms Titel"))
    refused = mia.post(change(article), mias)
    form = refused.context["adminform"].form
    assert (form["slug_en"].value(), form["lead_en"].value(), form["title_de"].value()) == (
        "?!",
        "Mia’s lead",
        "Toms Titel",
    )
    assert errors(refused)["slug_en"] == [
        "Use letters and digits.",
        'Stored is: <span class="stored">toms-address</span>',
    ]


@pytest.fixture
def both_save(monkeypatch: pytest.MonkeyPatch) -> Callable[[Article, Client, dict, Client, dict], list[Any]]:
    """The answers to two people who save in the same instant: the second while the first is being saved."""

    def save(article: Article, first: Client, firsts: dict, second: Client, seconds: dict) -> list[Any]:
        answers: list[Any] = []
        saves: list[Any] = []
        original = ArticleAdmin.save_related

        def save_seconds() -> None:
            try:
                answers.append(second.post(change(article), seconds))
            finally:
                connection.close()

        saving = threading.Thread(target=save_seconds)

        def second_comes_in_between(*args: Any) -> None:
            saves.append(args)
            if len(saves) == 1:
                saving.start()
                wait_until_one_waits()
            original(*args)

        monkeypatch.setattr(ArticleAdmin, "save_related", second_comes_in_between)
        answers.insert(0, first.post(change(article), firsts))
        saving.join(timeout=20)
        return answers

    return save


@pytest.mark.django_db(transaction=True)
def test_who_saves_in_the_same_instant_waits_and_is_merged_in(both_save: Callable) -> None:
    article = drafting.save(make_article("Anfang"), version=0, by=None)
    mia, tom = person("Mia"), person("Tom")
    mias, toms = filled(mia, change(article), title_de="Meins"), filled(tom, change(article), lead_de="Seins")
    first, second = both_save(article, mia, mias, tom, toms)
    assert (first.status_code, second.status_code) == (302, 302)
    assert "Merged with what Mia saved meanwhile: Title (German)." in said(second)
    article.refresh_from_db()
    assert (article.title_de, article.lead_de, article.version) == ("Meins", "Seins", 3)


@pytest.mark.django_db(transaction=True)
def test_who_saves_the_same_field_in_the_same_instant_sees_both_texts(both_save: Callable) -> None:
    article = drafting.save(make_article("Anfang"), version=0, by=None)
    mia, tom = person("Mia"), person("Tom")
    mias, toms = filled(mia, change(article), title_de="Meins"), filled(tom, change(article), title_de="Seins")
    first, second = both_save(article, mia, mias, tom, toms)
    assert first.status_code == 302
    assert errors(second)["title_de"] == ['Stored is: <span class="stored">Meins</span>']
    assert "Seins</textarea>" in second.text
    article.refresh_from_db()
    assert (article.title_de, article.version) == ("Meins", 2)


def wait_until_one_waits() -> None:
    """Until another connection waits for a lock that this one holds."""
    with connection.cursor() as cursor:
        for _attempt in range(2000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    pytest.fail("Nobody waits: the article is not locked.")


def test_paragraphs_of_both_are_saved_and_that_is_said(article: Article, mia: Client, tom: Client) -> None:
    tom.post(change(article), filled(tom, change(article), body_de="<p>Eins</p><p>Zwei</p><p>Drei</p>"))
    mias = filled(mia, change(article), body_de="<p>Eins</p><p>Zwei</p><p>Drei, von Mia</p>")
    tom.post(change(article), filled(tom, change(article), body_de="<p>Eins, von Tom</p><p>Zwei</p><p>Drei</p>"))
    response = mia.post(change(article), mias)
    assert said(response)[0] == "Merged with what Tom saved meanwhile: Text (German)."
    article.refresh_from_db()
    assert article.body_de == "<p>Eins, von Tom</p><p>Zwei</p><p>Drei, von Mia</p>"


# --- Files ------------------------------------------------------------------------------------


def attach(client: Client, article: Article, *titles: str) -> None:
    count = article.attachments.count()
    uploads = {
        "attachments-TOTAL_FORMS": count + len(titles),
        **{
            f"attachments-{count + number}-{name}": value
            for number, title in enumerate(titles)
            for name, value in {"file": pdf(f"{title}.pdf"), "title_de": title}.items()
        },
    }
    assert client.post(change(article), filled(client, change(article), **uploads)).status_code == 302


def pdf(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.7")


def titles(article: Article) -> list[tuple[str | None, str | None]]:
    return list(Attachment.objects.filter(article=article).order_by("pk").values_list("title_de", "title_en"))


def test_files_of_both_are_kept(article: Article, mia: Client, tom: Client) -> None:
    attach(mia, article, "Plan", "Liste")
    new = {"attachments-TOTAL_FORMS": 3, "attachments-2-file": pdf("Neu.pdf"), "attachments-2-title_de": "Neu von Mia"}
    mias = filled(mia, change(article), **{"attachments-1-title_en": "List"}, **new)
    attach(tom, article, "Neu von Tom")
    tom.post(change(article), filled(tom, change(article), **{"attachments-0-title_de": "Hallenplan"}))
    response = mia.post(change(article), mias)
    assert said(response)[0] == "Merged with what Tom saved meanwhile: Files to download."
    assert titles(article) == [("Hallenplan", None), ("Liste", "List"), ("Neu von Tom", None), ("Neu von Mia", None)]


def test_a_file_that_another_removed_is_gone_without_a_question(article: Article, mia: Client, tom: Client) -> None:
    attach(mia, article, "Plan", "Liste")
    mias = filled(mia, change(article), title_de="Mias Titel", **{"attachments-1-title_de": "Mias Liste"})
    tom.post(change(article), filled(tom, change(article)) | {"attachments-0-DELETE": "on"})
    assert mia.post(change(article), mias).status_code == 302
    assert titles(article) == [("Mias Liste", None)]


def formset(response: Any) -> Any:
    return response.context["inline_admin_formsets"][0].formset


def posted_again(data: dict[str, Any], response: Any) -> dict[str, Any]:
    """The refused page's form, sent once more."""
    again = {name: value for name, value in data.items() if not name.startswith("attachments-")}
    for bound in formset(response).management_form:
        again[bound.html_name] = bound.value()
    for row in formset(response).forms:
        again |= {row[name].html_name: row[name].value() or "" for name in ("id", "title_de", "title_en")}
        if row["DELETE"].value():
            again[row["DELETE"].html_name] = "on"
    return again | {"seen_version": response.context["adminform"].form["seen_version"].value()}


def test_a_file_that_both_renamed_shows_both_titles(article: Article, mia: Client, tom: Client) -> None:
    attach(mia, article, "Plan")
    mias = filled(mia, change(article), **{"attachments-0-title_de": "Mias Plan"})
    tom.post(change(article), filled(tom, change(article), **{"attachments-0-title_de": "Toms Plan"}))
    refused = mia.post(change(article), mias)
    assert formset(refused).errors[0] == {"title_de": ['Stored is: <span class="stored">Toms Plan</span>']}
    assert titles(article) == [("Toms Plan", None)]
    assert mia.post(change(article), posted_again(mias, refused)).status_code == 302
    assert titles(article) == [("Mias Plan", None)]


def test_renaming_what_another_removed_is_told(article: Article, mia: Client, tom: Client) -> None:
    attach(mia, article, "Plan")
    mias = filled(mia, change(article), **{"attachments-0-title_de": "Mias Plan"})
    tom.post(change(article), filled(tom, change(article)) | {"attachments-0-DELETE": "on"})
    refused = mia.post(change(article), mias)
    assert formset(refused).non_form_errors() == [
        "Tom removed the file “Plan” while you changed it to “Mias Plan”. It is gone; add it again if you need it."
    ]
    assert mia.post(change(article), posted_again(mias, refused)).status_code == 302


def test_removing_what_another_renamed_asks_once(article: Article, mia: Client, tom: Client) -> None:
    attach(mia, article, "Plan")
    mias = filled(mia, change(article)) | {"attachments-0-DELETE": "on"}
    tom.post(change(article), filled(tom, change(article), **{"attachments-0-title_de": "Toms Plan"}))
    refused = mia.post(change(article), mias)
    assert formset(refused).non_form_errors() == [
        "Tom changed the file “Toms Plan” while you removed it. Saving once more removes it."
    ]
    assert titles(article) == [("Toms Plan", None)]
    assert mia.post(change(article), posted_again(mias, refused)).status_code == 302
    assert titles(article) == []


@pytest.mark.parametrize("total", ["x", "", "99999999"])
def test_a_forged_count_of_files_breaks_nothing(article: Article, mia: Client, tom: Client, total: str) -> None:
    mias = filled(mia, change(article), **{"attachments-TOTAL_FORMS": total, "seen_version": "1"})
    tom.post(change(article), filled(tom, change(article), title_de="Toms Titel"))
    assert mia.post(change(article), mias).status_code == 200


# --- Their order --------------------------------------------------------------------------------

MOVES = {  # what is typed into the places of A, B, C → the order
    ("1", "2", "3"): "ABC",
    ("3", "2", "1"): "CBA",
    ("1", "2", "1"): "CAB",
    ("3", "2", "3"): "BCA",
    ("2", "2", "3"): "BAC",
    ("99", "", ""): "BCA",
    ("", "1", ""): "BAC",
    (None, None, None): "ABC",  # a form without places
}


@pytest.mark.parametrize("places", MOVES)
def test_files_stand_where_their_numbers_say_also_in_the_preview(article: Article, mia: Client, places: Any) -> None:
    attach(mia, article, "A", "B", "C")
    typed = {f"attachments-{at}-place": place for at, place in enumerate(places)}
    posted = filled(mia, change(article), **typed)
    preview = mia.post(f"/admin/news/article/{article.pk}/preview/de/", posted).text
    assert sorted("ABC", key=lambda title: preview.index(f">{title}<")) == list(MOVES[places])
    assert mia.post(change(article), posted).status_code == 302
    assert "".join(file.title_de or "" for file in article.attachments.all()) == MOVES[places]
    (shown,) = mia.get(change(article)).context["inline_admin_formsets"]
    assert [row["place"].value() for row in shown.formset.forms] == [1, 2, 3, None]


def test_what_only_another_moved_stays_moved_and_a_new_file_is_last(article: Article, mia: Client, tom: Client) -> None:
    attach(mia, article, "A", "B", "C")
    mias = filled(mia, change(article), **{f"attachments-{at}-place": at + 1 for at in range(3)})
    new = {"attachments-TOTAL_FORMS": 4, "attachments-3-file": pdf("D.pdf"), "attachments-3-title_de": "D"}
    tom.post(change(article), filled(tom, change(article), **{"attachments-2-place": "1"}))
    assert mia.post(change(article), mias | new | {"attachments-1-title_en": "b"}).status_code == 302
    assert [file.title_de for file in article.attachments.all()] == ["C", "A", "B", "D"]


@pytest.mark.parametrize(("german", "expected"), [("Titel", ("Hallen plan", None)), ("", (None, "Hallen plan"))])
def test_a_file_without_a_title_is_called_after_itself(mia: Client, german: str, expected: tuple) -> None:
    article = drafting.save(make_article(title_de=german or None, title_en="Title"), version=0, by=None)
    new = {"attachments-TOTAL_FORMS": 1, "attachments-0-file": pdf("hallen_plan.pdf")}
    assert mia.post(change(article), filled(mia, change(article), **new)).status_code == 302
    assert titles(article) == [expected]
