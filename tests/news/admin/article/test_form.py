"""The article's form and list, as editors and publishers use them over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from reversion.models import Revision

from news.models import Article, Attachment, Pin, Publication
from news.publishing.publications import withdraw
from sccon.models import User
from tests.factories import make_article, make_author, make_image, make_topic, make_user, publish
from tests.news.admin_forms import filled

pytestmark = pytest.mark.django_db

ADD = "/admin/news/article/add/"
LIST = "/admin/news/article/"


def change(article: Article) -> str:
    return reverse("admin:news_article_change", args=[article.pk])


def signed_in(*groups: str, **fields: Any) -> Client:
    client = Client()
    client.force_login(make_user(*groups, language="en", **fields))
    return client


@pytest.fixture
def editor() -> Client:
    return signed_in("editor")


@pytest.fixture
def publisher() -> Client:
    return signed_in("publisher")


def errors(response: Any) -> dict[str, list[str]]:
    return response.context["adminform"].form.errors


# --- Writing ----------------------------------------------------------------------------------


def test_editor_writes_an_article_with_author_topics_and_related(editor: Client) -> None:
    first, second, author, other = make_topic("Eins"), make_topic("Zwei"), make_author(), make_article("Andere")
    data = filled(
        editor,
        ADD,
        title_de="Über Größe",
        title_en="On size",
        lead_de="Vorspann",
        body_de="<p>Text</p><script>x</script>",
        author=author.pk,
        topics=[first.pk, second.pk],
        related=[other.pk],
        **{f"topics-place-{first.pk}": "2", f"topics-place-{second.pk}": "1"},
    )
    response = editor.post(ADD, data)
    assert response.status_code == 302, (errors(response), response.context["errors"])
    article = Article.objects.exclude(pk=other.pk).get()
    assert response.url == change(article)
    assert (article.slug_de, article.slug_en, article.body_de) == ("ueber-groesse", "on-size", "<p>Text</p>")
    assert (article.author, list(article.related.all()), article.version) == (author, [other], 1)
    assert [part.topic for part in article.article_topics.all()] == [second, first]
    assert article.created_by == article.saved_by == User.objects.get(pk=int(editor.session["_auth_user_id"]))
    assert Revision.objects.count() == 1


def test_empty_fields_are_absent(editor: Client) -> None:
    editor.post(ADD, filled(editor, ADD, title_de="Nur ein Titel", title_en="  ", body_en="<p> </p>"))
    article = Article.objects.get()
    assert (article.title_en, article.lead_de, article.body_en, article.slug_en) == (None, None, None, None)


def test_four_topics_are_refused_and_nothing_typed_is_lost(editor: Client) -> None:
    topics = [make_topic(name).pk for name in ("Eins", "Zwei", "Drei", "Vier")]
    response = editor.post(ADD, filled(editor, ADD, title_de="Titel", body_de="<p>Getippt</p>", topics=topics))
    assert errors(response) == {"topics": ["Choose at most 3 topics."]}
    assert "&lt;p&gt;Getippt&lt;/p&gt;" in response.text
    assert not Article.objects.exists()


def test_address_can_be_typed_and_is_put_into_shape(editor: Client) -> None:
    editor.post(ADD, filled(editor, ADD, title_de="Titel", slug_de="Meine Straße!"))
    assert Article.objects.get().slug_de == "meine-strasse"


def test_address_without_letters_is_refused(editor: Client) -> None:
    response = editor.post(ADD, filled(editor, ADD, title_de="Titel", slug_de="?!"))
    assert errors(response) == {"slug_de": ["Use letters and digits."]}


def test_address_is_plain_text_once_public_and_a_forged_one_is_ignored(editor: Client) -> None:
    article = make_article(slug_de="alte-adresse")
    publish(article, "de")
    page = editor.get(change(article)).text
    assert '<output class="fixed-text" id="id_slug_de">alte-adresse</output>' in page
    assert 'name="slug_de"' not in page
    assert 'name="slug_en"' in page
    editor.post(change(article), filled(editor, change(article), slug_de="neue-adresse", slug_en="new-address"))
    article.refresh_from_db()
    assert (article.slug_de, article.slug_en) == ("alte-adresse", "new-address")


def test_role_is_for_superusers_and_only_for_pages() -> None:
    editor, chief = signed_in("editor"), signed_in(is_superuser=True)
    assert "role" not in editor.get(ADD).context["adminform"].form.fields
    response = chief.post(ADD, filled(chief, ADD, title_de="Titel", kind="news", role="imprint"))
    assert errors(response) == {"role": ["Only a page can have this."]}
    chief.post(ADD, filled(chief, ADD, title_de="Impressum", kind="page", role="imprint"))
    assert Article.objects.get().role == "imprint"
    page = Article.objects.get()
    editor.post(change(page), filled(editor, change(page), role="terms", title_de="Anders"))
    page.refresh_from_db()
    assert (page.role, page.title_de) == ("imprint", "Anders")


# --- Two at once ------------------------------------------------------------------------------


def test_second_save_is_refused_with_both_texts_and_saving_again_keeps_mine() -> None:
    article = make_article("Anfang", body_de="<p>Anfang</p>")
    mia, tom = signed_in("editor"), signed_in("editor", first_name="Tom")
    mias = filled(mia, change(article), title_de="Mias Titel", body_de="<p>Mias Text</p>")
    toms = filled(tom, change(article), title_de="Toms Titel", body_de="<p>Toms <em>Text</em></p>")
    tom.post(change(article), toms)

    refused = mia.post(change(article), mias)
    assert refused.status_code == 200
    assert "Tom saved version 1 while you were writing." in refused.text
    found = errors(refused)
    assert set(found) == {"__all__", "title_de", "body_de"}
    assert found["title_de"] == ['Stored is: <span class="stored">Toms Titel</span>']
    assert found["body_de"] == [
        'Stored is: <span class="stored"><p><ins><span class="visually-hidden" lang="en">inserted: </span>Toms <em>Text</em></ins></p></span>'
    ]
    assert "Mias Titel</textarea>" in refused.text
    assert "&lt;p&gt;Mias Text&lt;/p&gt;</textarea>" in refused.text
    article.refresh_from_db()
    assert (article.title_de, article.version) == ("Toms Titel", 1)

    seen = refused.context["adminform"].form["seen_version"].value()
    assert mia.post(change(article), mias | {"seen_version": seen}).status_code == 302
    article.refresh_from_db()
    assert (article.title_de, article.body_de, article.version) == ("Mias Titel", "<p>Mias Text</p>", 2)


# --- Standing ---------------------------------------------------------------------------------


def test_form_says_what_is_missing_and_links_to_it(editor: Client) -> None:
    editor.post(ADD, filled(editor, ADD, title_de="Titel"))
    page = editor.get(change(Article.objects.get())).text
    assert "2 of 7; missing:" in page
    for field in ("lead_de", "body_de", "topics", "image"):
        assert f'href="#id_{field}"' in page
    assert (
        '<a href="#id_lead_de">The lead is missing; lists and search engines show the first sentences of the text.</a>'
        in page
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("nothing", "draft"),
        ("live", "public"),
        ("planned", "planned"),
        ("changed", "1 unpublished change"),
        ("withdrawn", "withdrawn"),
    ],
)
def test_form_says_the_state_in_words(editor: Client, state: str, words: str) -> None:
    article = make_article()
    if state == "planned":
        publish(article, at=timezone.now() + timedelta(days=1))
    elif state != "nothing":
        publish(article)
    if state == "changed":
        editor.post(change(article), filled(editor, change(article), lead_de="Neuer Vorspann"))
    if state == "withdrawn":
        withdraw(article, ["de"], by=None, reason="Falsch")
    german = editor.get(change(article)).context["languages"][0]
    assert words in [mark.words for mark in german["marks"]]


def test_a_new_file_and_a_new_related_article_are_unpublished_changes(editor: Client) -> None:
    article, other = make_article(), make_article("Andere")
    publish(article, "de")
    data = filled(editor, change(article), related=[other.pk], **attached(file=pdf(), title_de="Plan"))
    editor.post(change(article), data)
    german = editor.get(change(article)).context["languages"][0]
    assert german["state"].changes == ("related", "attachments")


def test_editor_sees_why_publishing_is_not_for_them(editor: Client, publisher: Client) -> None:
    article = make_article()
    page = editor.get(change(article)).text
    assert 'name="_publish" value="1" disabled aria-describedby="why-not"' in page
    assert 'id="why-not"' in page
    assert "disabled" not in publisher.get(change(article)).text


def test_publish_button_saves_first_and_leads_to_the_question(publisher: Client) -> None:
    article = make_article()
    data = filled(publisher, change(article), title_de="Getippt", _publish="1")
    response = publisher.post(change(article), data)
    article.refresh_from_db()
    assert (response.url, article.title_de) == (f"/admin/news/article/{article.pk}/publish/", "Getippt")
    assert not Publication.objects.exists()


def test_publish_button_without_a_change_makes_no_version(publisher: Client) -> None:
    article = make_article()
    publisher.post(change(article), filled(publisher, change(article), _publish="1"))
    article.refresh_from_db()
    assert (article.version, Revision.objects.count()) == (0, 0)


def test_an_editors_forged_publish_button_only_saves(editor: Client) -> None:
    article = make_article()
    response = editor.post(change(article), filled(editor, change(article), _publish="1"))
    assert response.url == change(article)


def test_public_article_leads_to_the_site_and_cannot_be_deleted(publisher: Client) -> None:
    article = make_article()
    publication = publish(article)
    page = publisher.get(change(article)).text
    assert f'href="{publication.url}"' in page
    assert "/delete/" not in page
    assert publisher.post(f"{LIST}{article.pk}/delete/", {"post": "yes"}).status_code == 403


def test_draft_that_was_never_public_can_be_deleted(editor: Client) -> None:
    article = make_article()
    editor.post(f"{LIST}{article.pk}/delete/", {"post": "yes"})
    assert not Article.objects.exists()


# --- Files ------------------------------------------------------------------------------------


def attached(number: int = 0, **fields: Any) -> dict[str, Any]:
    return {
        "attachments-TOTAL_FORMS": number + 1,
        **{f"attachments-{number}-{name}": value for name, value in fields.items()},
    }


def pdf(name: str = "Plan der Hallen.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.7\n...")


def test_file_is_attached_under_a_secret_address_with_its_size(editor: Client) -> None:
    article = make_article()
    data = filled(editor, change(article), **attached(file=pdf(), title_de="Hallenplan"))
    assert editor.post(change(article), data).status_code == 302
    attachment = Attachment.objects.get()
    assert attachment.file.name.endswith("/plan-der-hallen.pdf")
    assert len(attachment.file.name.split("/")[0]) == 22
    assert (attachment.size, attachment.title_de, attachment.title_en) == (12, "Hallenplan", None)
    with attachment.file.open() as file:
        assert file.read() == b"%PDF-1.7\n..."


def test_file_of_another_kind_is_refused_beside_the_field(editor: Client) -> None:
    article = make_article()
    upload = SimpleUploadedFile("plan.pdf", b"<html>")
    response = editor.post(change(article), filled(editor, change(article), **attached(file=upload, title_de="Plan")))
    formset = response.context["inline_admin_formsets"][0].formset
    assert formset.errors[0]["file"][0].startswith("Only PDF, Word")
    assert not Attachment.objects.exists()


def test_file_keeps_a_title(editor: Client) -> None:
    article = make_article()
    editor.post(change(article), filled(editor, change(article), **attached(file=pdf())))
    response = editor.post(change(article), filled(editor, change(article)) | {"attachments-0-title_de": ""})
    assert "title_de" in response.context["inline_admin_formsets"][0].formset.errors[0]


def test_after_a_refused_save_a_chosen_file_is_asked_for_again(editor: Client) -> None:
    article = make_article()
    data = filled(editor, change(article), slug_en="?!", **attached(file=pdf(), title_de="Plan"))
    response = editor.post(change(article), data)
    assert "Please choose “Plan der Hallen.pdf” again" in response.text
    assert "again: nothing is saved yet" not in editor.get(change(article)).text


def test_file_can_be_retitled_and_removed(editor: Client) -> None:
    article = make_article()
    editor.post(change(article), filled(editor, change(article), **attached(file=pdf(), title_de="Plan")))
    data = filled(editor, change(article))
    editor.post(change(article), data | {"attachments-0-title_de": "Hallenplan"})
    assert Attachment.objects.get().title_de == "Hallenplan"
    editor.post(change(article), filled(editor, change(article)) | {"attachments-0-DELETE": "on"})
    assert not Attachment.objects.exists()


# --- Preview ----------------------------------------------------------------------------------


def test_preview_shows_the_unsaved_text_in_the_public_template(editor: Client) -> None:
    article, topic = make_article("Gespeichert"), make_topic("Vorschauthema")
    data = filled(
        editor,
        change(article),
        title_de="Ungespeichert",
        body_de="<p>Getippt</p>",
        topics=[topic.pk],
        lead_de="L" * 700,
    )
    response = editor.post(f"{LIST}{article.pk}/preview/de/", data)
    assert response.status_code == 200
    assert "news/article.html" in [template.name for template in response.templates]
    for text in ("Ungespeichert", "<p>Getippt</p>", "Vorschauthema", "L" * 700):
        assert text in response.text
    assert 'lang="de"' in response.text
    assert "no-store" in response["Cache-Control"]
    assert (response["X-Robots-Tag"], response["X-Frame-Options"]) == ("noindex", "SAMEORIGIN")
    article.refresh_from_db()
    assert article.title_de == "Gespeichert"


def test_preview_of_an_article_that_is_not_yet_saved(editor: Client) -> None:
    data = filled(editor, ADD, title_en="Brand new", body_en="<p>Typed</p>")
    response = editor.post(f"{ADD}preview/en/", data)
    assert "Brand new" in response.text
    assert not Article.objects.exists()


def test_preview_is_for_those_who_may_see_articles() -> None:
    article = make_article()
    outsider = signed_in()
    assert outsider.post(f"{LIST}{article.pk}/preview/de/", {}).status_code == 403
    assert Client().post(f"{LIST}{article.pk}/preview/de/", {}).status_code == 302


# --- The list ---------------------------------------------------------------------------------


@pytest.fixture
def newsroom() -> dict[str, Article]:
    """One article in each state, by name."""
    image = make_image()
    articles = {
        "draft": make_article("Entwurf", title_en=None, lead_en=None, body_en=None, slug_en=None),
        "live": make_article("Öffentlich", image=image),
        "planned": make_article("Geplant", kind="press_release"),
        "changed": make_article("Geändert", author=make_author()),
        "gone": make_article("Zurückgezogen"),
    }
    for name in ("live", "changed", "gone"):
        publish(articles[name], "de", "en")
    publish(articles["planned"], "de", at=timezone.now() + timedelta(days=1))
    withdraw(articles["gone"], ["de", "en"], by=None, reason="Falsch")
    articles["changed"].title_de = "Anders"
    articles["changed"].save()
    return articles


def listed(client: Client, **query: str) -> set[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return {article.title_de for article in response.context["cl"].result_list}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"de": "draft"}, {"Entwurf"}),
        ({"de": "live"}, {"Öffentlich", "Anders"}),
        ({"de": "planned"}, {"Geplant"}),
        ({"de": "changed"}, {"Anders"}),
        ({"de": "gone"}, {"Zurückgezogen"}),
        ({"en": "missing"}, {"Entwurf"}),
        ({"en": "draft"}, {"Geplant"}),
        ({"kind__exact": "press_release"}, {"Geplant"}),
        ({"picture": "yes"}, {"Öffentlich"}),
        ({"view": "planned"}, {"Geplant"}),
        ({"view": "changed"}, {"Anders"}),
        ({"view": "no-english"}, {"Entwurf"}),
        ({"view": "mine"}, set()),
        ({"q": "zurück"}, {"Zurückgezogen"}),
        ({"q": "öffentlich english"}, {"Öffentlich"}),
    ],
)
def test_list_is_filtered_and_searched(
    editor: Client, newsroom: dict[str, Article], query: dict[str, str], expected: set[str]
) -> None:
    assert listed(editor, **query) == expected


def test_list_filters_by_topic_author_and_year(editor: Client, newsroom: dict[str, Article]) -> None:
    topic = make_topic("Nur eins")
    newsroom["live"].article_topics.create(topic=topic)
    assert listed(editor, topics__id__exact=str(topic.pk)) == {"Öffentlich"}
    assert listed(editor, author__id__exact=str(newsroom["changed"].author_id)) == {"Anders"}
    assert listed(editor, year=str(timezone.localdate().year)) == {"Öffentlich", "Anders", "Zurückgezogen", "Geplant"}
    assert listed(editor, year="1999") == listed(editor), "no choice of the filter"


def test_views_say_how_many(editor: Client, newsroom: dict[str, Article]) -> None:
    views = editor.get(LIST).context["cl"].views()
    assert [(str(view.name), view.count) for view in views] == [
        ("All", 5),
        ("Mine", 0),
        ("In review", 0),
        ("Returned to me", 0),
        ("Planned", 1),
        ("Changes open", 1),
        ("Ending soon", 0),
        ("Without English", 1),
    ]


def test_list_makes_the_same_queries_however_many_articles(editor: Client, newsroom: dict[str, Article]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            editor.get(LIST)
        return len(captured)

    few = queries()
    for number in range(12):
        publish(make_article(f"Mehr {number}", image=make_image(), author=make_author(f"Wer {number}")), "de", "en")
    assert queries() == few


def test_list_without_articles_says_how_to_begin(editor: Client) -> None:
    assert "The first one begins with a title." in editor.get(LIST).text
    assert "No article fits." in editor.get(LIST, {"q": "nichts"}).text


def test_articles_are_found_by_a_word_for_the_related_ones(editor: Client) -> None:
    article = make_article("Registermodernisierung")
    make_article("Anderes")
    query = {"app_label": "news", "model_name": "article", "field_name": "related", "term": "register"}
    results = editor.get("/admin/autocomplete/", query).json()["results"]
    assert results == [{"id": str(article.pk), "text": "Registermodernisierung (English)"}]


# --- The desk ---------------------------------------------------------------------------------


def test_desk_shows_what_is_planned_changed_and_begun(editor: Client, newsroom: dict[str, Article]) -> None:
    page = editor.get("/admin/").text
    for words in ("Geplant", "becomes public", "Geändert (English)", "Entwurf", "Write an article"):
        assert words in page
    assert "Failed jobs" not in page


def test_pinned_article_says_so(publisher: Client) -> None:
    article = make_article()
    Pin.objects.create(article=article)
    assert "Pinned: change …" in publisher.get(change(article)).text
