"""Addresses of a former site lead to the pages of today, never in front of one and never in a circle."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from news import redirects
from news.models import Article, Redirect
from news.publishing import publications
from news.redirects import RedirectRefused
from sccon.clock import database_now
from sccon.models import User
from tests.factories import make_article, make_user, publish

pytestmark = pytest.mark.django_db


def redirect(old: str, new: str) -> Redirect:
    return redirects.save(Redirect(), old, new, by=None)


def where(client: Client, address: str) -> tuple[int, str | None]:
    response = client.get(address)
    return response.status_code, response.headers.get("Location")


def signed_in(*groups: str) -> Client:
    client = Client()
    client.force_login(make_user(*groups, language="en"))
    return client


def test_an_old_address_leads_to_its_article(client: Client):
    publish(make_article(slug_de="neu"))
    redirect("https://alt.example/presse/alt.html", "/de/news/neu/")
    assert where(client, "/presse/alt.html") == (301, "/de/news/neu/")


@pytest.mark.parametrize(
    "asked", ["/index.php?id=12", "/index.php/?id=12", "/index.php?id=%31%32"], ids=["as entered", "slash", "escaped"]
)
def test_the_query_of_an_old_address_counts(client: Client, asked: str):
    publish(make_article(slug_de="zwoelf"))
    redirect("/index.php?id=12", "/de/news/zwoelf/")
    assert where(client, asked) == (301, "/de/news/zwoelf/")
    assert client.get("/index.php?id=13").status_code == 404


def test_an_unknown_query_still_finds_the_address_without_one(client: Client):
    redirect("/presse", "/de/news/")
    assert where(client, "/presse/?utm_source=brief") == (301, "/de/news/")


def test_umlauts_in_an_old_address_are_found_escaped_or_not(client: Client):
    redirect("/über-uns/", "https://example.org/")
    assert where(client, "/%C3%BCber-uns/") == (301, "https://example.org/")


def test_an_article_is_followed_to_its_later_address(client: Client):
    article = publish(make_article(slug_de="eins")).article
    redirect("/alt", "/de/news/eins/")
    Article.objects.filter(pk=article.pk).update(slug_de="zwei")
    publish(article)
    assert where(client, "/alt") == (301, "/de/news/zwei/")


def test_while_its_article_is_planned_or_gone_an_old_address_says_no_more_than_an_unknown_one(client: Client):
    article = make_article(slug_de="geplant")
    publish(article, at=database_now().replace(year=2099))
    redirect("/alt.html", "/de/news/geplant/")
    known, unknown = client.get("/alt.html"), client.get("/nie.html")
    assert (known.status_code, known.content) == (404, unknown.content.replace(b"/nie", b"/alt"))
    publish(article)
    publications.withdraw(article, ["de"], by=None, reason="Abgesagt")
    assert client.get("/alt.html").status_code == 404


def test_a_page_of_ours_answers_itself_whatever_a_redirect_says(client: Client):
    redirect("/de/news/spaeter", "https://example.org/")
    assert where(client, "/de/news/spaeter/") == (301, "https://example.org/")
    publish(make_article(slug_de="spaeter"))
    assert client.get("/de/news/spaeter/").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("/de/news/da", "https://example.org/", "old"),
        ("/de/tickets", "https://example.org/", "old"),
        ("/admin/", "https://example.org/", "old"),
        ("/", "https://example.org/", "old"),
        ("/mit leer zeichen", "https://example.org/", "old"),
        ("/alt#unten", "/de/tickets/", None),
        ("/x", "/x/", "new"),
        ("/x", "/de/nirgends/", "new"),
        ("/x", "javascript:alert(1)", "new"),
        ("/x", "//example.org/", "new"),
        ("/x", "", "new"),
        ("/x", "/erst", "new"),
        ("/dann", "https://example.org/", None),
        ("/y", "https://example.org/mit leer", "new"),
    ],
)
def test_what_may_be_entered(old: str, new: str, field: str | None):
    publish(make_article(slug_de="da"))
    redirect("/erst", "/de/news/da/")
    if field is None:
        assert redirect(old, new).pk
        return
    with pytest.raises(RedirectRefused) as refused:
        redirect(old, new)
    assert refused.value.field == field


def test_two_redirects_never_make_a_circle():
    redirect("/de/news/weg", "https://example.org/")
    publish(make_article(slug_de="weg"))  # now a page of ours answers there
    redirect("/b", "/de/news/weg/")
    with pytest.raises(RedirectRefused):
        redirect("/c", "/b")


@pytest.mark.parametrize(
    "fields",
    [
        {"old_path": "/a"},
        {"old_path": "ohne", "url": "/de/"},
        {"old_path": "/a/", "url": "/de/"},
        {"old_path": "/a", "url": "javascript:x"},
        {"old_path": "/a", "url": "//example.org"},
        {"old_path": "/a", "url": "/a"},
    ],
)
def test_the_database_itself_refuses_what_is_no_redirect(fields: dict):
    with pytest.raises(IntegrityError), transaction.atomic():
        Redirect.objects.create(**fields)


def test_a_list_is_judged_line_by_line_before_anything_happens():
    publish(make_article(slug_de="da"))
    redirect("/gleich", "/de/news/da/")
    redirect("/anders", "https://example.org/alt")
    text = (
        "alt;neu\n/neu.html;/de/news/da/\n/gleich/;/de/news/da/\n/anders;https://example.org/neu\n"
        "/neu.html;/de/tickets/\n/kaputt;/nirgends/\n\n/halb\n"
    )
    lines = redirects.judge(redirects.read_list(text))
    assert [(line.number, line.outcome) for line in lines] == [
        (2, "new"),
        (3, "same"),
        (4, "changed"),
        (5, "refused"),
        (6, "refused"),
        (8, "refused"),
    ]
    assert Redirect.objects.count() == 2


def import_list(text: str, by: User | None = None) -> list[str]:
    return [line.outcome for line in redirects.take_list(redirects.read_list(text), by=by)]


def test_an_import_changes_where_addresses_lead_and_not_who_entered_them():
    first, second = make_user("publisher"), make_user("publisher")
    publish(make_article(slug_de="da"))
    import_list("/eins;/de/news/da/\n/zwei;/de/news/da/", first)
    assert import_list("/eins;https://example.org/\n/zwei;/de/news/da/\n/drei;/de/tickets/", second) == [
        "changed",
        "same",
        "new",
    ]
    assert list(Redirect.objects.values_list("old_path", "url", "created_by")) == [
        ("/drei", "/de/tickets/", second.pk),
        ("/eins", "https://example.org/", first.pk),
        ("/zwei", "", first.pk),
    ]


@pytest.mark.parametrize("lines", [2, 300])
def test_an_import_takes_the_same_few_statements_however_long_it_is(lines: int):
    publish(make_article(slug_de="da"))
    redirect("/alt-0", "https://example.org/")
    text = "\n".join(f"/alt-{number};/de/news/da/" for number in range(lines))
    with CaptureQueriesContext(connection) as statements:
        assert import_list(text) == ["changed"] + ["new"] * (lines - 1)
    assert len(statements) == 6, statements.captured_queries  # a savepoint and its release among them


def test_a_publisher_imports_a_list_after_seeing_what_it_does(client: Client):
    publish(make_article(slug_de="da"))
    publisher = signed_in("publisher")
    upload = SimpleUploadedFile("liste.csv", "/größe;/de/news/da/\n/falsch;/nirgends/".encode("cp1252"))
    seen = publisher.post("/admin/news/redirect/import/", {"file": upload})
    assert "1 new, 0 changed, 0 as they are, 1 refused" in seen.content.decode()
    assert not Redirect.objects.exists()
    publisher.post("/admin/news/redirect/import/", {"text": seen.context["text"], "_confirm": "1"})
    assert [row.old_path for row in Redirect.objects.all()] == ["/größe"]
    assert where(client, "/gr%C3%B6%C3%9Fe") == (301, "/de/news/da/")


@pytest.mark.parametrize(
    "text", ["", " \n ", "\x00", '"offen', "a\n" * 6000], ids=["none", "blank", "nul", "quote", "long"]
)
def test_a_list_that_is_none_gets_a_sentence(text: str):
    response = signed_in("publisher").post("/admin/news/redirect/import/", {"text": text})
    assert response.status_code == 200
    assert response.context["form"].errors or response.context["lines"] is not None
    assert not Redirect.objects.exists()


def test_an_editor_reads_redirects_and_cannot_write_them():
    editor = signed_in("editor")
    assert editor.get("/admin/news/redirect/").status_code == 200
    assert editor.get("/admin/news/redirect/add/").status_code == 403
    assert editor.get("/admin/news/redirect/import/").status_code == 403


def test_a_redirect_is_entered_and_corrected_in_the_admin(client: Client):
    publish(make_article(slug_de="da"))
    publisher = signed_in("publisher")
    publisher.post("/admin/news/redirect/add/", {"old": "/alt", "new": "/de/news/da/"})
    row = Redirect.objects.get()
    page = publisher.get(f"/admin/news/redirect/{row.pk}/change/")
    assert page.context["adminform"].form.initial == {"old": "/alt", "new": "/de/news/da/"}
    refused = publisher.post(f"/admin/news/redirect/{row.pk}/change/", {"old": "/alt", "new": "/nirgends/"})
    assert refused.context["adminform"].form.errors == {"new": ["No page of this site has this address."]}
    publisher.post(f"/admin/news/redirect/{row.pk}/change/", {"old": "/alt", "new": "https://example.org/"})
    assert where(client, "/alt") == (301, "https://example.org/")


@pytest.mark.parametrize(
    "odd", ["//[x", "http://[x/", "https://a]b/", "/%00", "https://example.org/\x00", "/" + "a" * 600]
)
def test_one_bad_line_of_a_list_is_refused_with_a_sentence_and_the_others_are_taken(odd: str):
    pairs = [(1, odd, "/de/tickets/"), (2, "/alt", odd), (3, "/gut", "/de/tickets/")]
    assert [line.outcome for line in redirects.judge(pairs)] == ["refused", "refused", "new"]
