"""Addresses of a former site lead to the pages of today, never in front of one and never in a circle."""

from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
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


SPELT = [
    # entered, asked
    ("/artikel.php?id=7", "/artikel.php?id=7&utm_source=nl"),
    ("/artikel.php?id=7", "/artikel.php?utm_source=nl&id=7"),
    ("/artikel.php?id=7", "/artikel.php?id=7&fbclid=IwAR1"),
    (
        "/artikel.php?id=7",
        "/artikel.php?id=7&gclid=a&utm_source=a&utm_medium=b&utm_campaign=c&utm_term=d&_hsenc=e&mc_cid=f",
    ),
    ("/artikel.php?id=7", "/artikel.php?druck=1&id=7&s=2"),
    ("/artikel.php?id=7", "/Artikel.php?ID=7&"),
    ("/artikel.php?id=7&utm_source=nl", "/artikel.php?id=7"),
    ("/artikel.php?id=8&lang=de", "/artikel.php?lang=de&id=8"),
    ("/artikel.php?id=8&amp;lang=de", "/artikel.php?id=8&lang=de"),
    ("/artikel.php?lang=de&id=8", "/artikel.php?id=8&PHPSESSID=0a1b&lang=de"),
    ("/suche.php?q=smart+country", "/suche.php?q=smart%20country"),
    ("/suche.php?q=smart%20country", "/suche.php?q=smart+country"),
    ("/suche.php?q=c%2B%2B", "/suche.php?q=C%2b%2B"),
    ("/suche.php?q=Köln", "/suche.php?q=K%F6ln"),
    ("/suche.php?q=K%F6ln", "/suche.php?q=Ko%CC%88ln"),
    ("/suche.php?pfad=/presse/", "/suche.php?pfad=%2Fpresse%2F"),
    ("/über-uns", "/u%CC%88ber-uns"),
    ("/u\u0308ber-uns", "/%C3%BCber-uns"),
    ("/über-uns", "/%FCber-uns"),
    ("/%FCber-uns", "/%C3%9Cber-Uns"),
    ("/straße/größe", "/stra%DFe/gr%F6%DFe"),
    ("/straße/größe", "/stra\ufffde/gr\ufffd\ufffde"),  # so granian says what is no UTF-8
    ("/über?q=ä", "/\ufffdber?q=%E4&utm_source=nl"),
    ("/Aktuelles/Presse.aspx", "/aktuelles/presse.aspx"),
    ("/aktuelles/presse.aspx", "/Aktuelles//PRESSE.aspx/"),
    ("/presse/meldung.html", "/presse/meldung.html;jsessionid=8A1C.internet01"),
    ("/presse/meldung.html", "/presse;JSESSIONID=8A1C/meldung.html"),
    ("/presse/meldung.html;jsessionid=8A1C", "/presse/meldung.html%3Bjsessionid=FF"),
    ("/presse/meldung.html", "/presse/meldung.html%E2%80%8B"),
    ("/presse/meldung.html\u200b", "/presse/%EF%BB%BFmeldung.html"),
    ("/presse/meldung.html", "/presse/meldung.html%C2%A0"),
    ("/fileadmin/Bericht%202023.pdf", "/fileadmin/Bericht%202023.pdf"),
    ("/fileadmin/Bericht 2024.pdf", "/fileadmin/bericht%C2%A02024.pdf"),
    ("www.alt.example/presse", "/presse"),
    ("//alt.example:8080/presse#unten", "/presse"),
    ("/100%25", "/100%25"),
    ("/100%", "/100%25"),
    ("/a%2541", "/a%2541"),
    ("/was%3Fwann", "/was%3Fwann"),
]


@pytest.mark.parametrize(("entered", "asked"), SPELT)
def test_an_old_address_is_found_however_it_is_spelt(client: Client, entered: str, asked: str):
    row = redirect(entered, "https://example.org/")
    assert where(client, asked) == (301, "https://example.org/")
    assert redirects.normalised(row.old_path) == row.old_path  # saved again, it is the same


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("/Über-Uns", "/%C3%BCber-uns"),
        ("/100%", "/100%25"),
        ("/a;jsessionid=1F", "/a"),
        ("/A.php?lang=de&id=8", "/a.php?id=8&lang=de"),
        ("/a?q=smart+city&utm_source=x", "/a?q=smart%20city"),
    ],
)
def test_an_old_address_of_before_is_found_as_today_s(client: Client, stored: str, asked: str):
    Redirect.objects.create(old_path=stored, url="https://example.org/")
    import_module("news.migrations.0005_old_addresses").compare_anew(apps, None)
    assert where(client, asked) == (301, "https://example.org/")
    row = Redirect.objects.get()
    assert redirects.normalised(row.old_path) == row.old_path


def test_of_several_old_addresses_the_one_that_says_most_is_meant(client: Client):
    for old, new in [("/a", "ohne"), ("/a?id=1", "eins"), ("/a?id=1&l=en", "englisch")]:
        redirect(old, f"https://example.org/{new}")
    for asked, new in [("/a?l=en&x=1&id=1", "englisch"), ("/a?id=1&l=de", "eins"), ("/a?id=2", "ohne")]:
        assert where(client, asked) == (301, f"https://example.org/{new}")


@pytest.mark.parametrize(
    "asked", ["/b?id=70", "/b", "/b/c?id=7", "/%2Fb%3Fid=7", "/b%3Fid=7", "/b?id=7%26x", "/a%41?id=7"]
)
def test_another_address_is_not_taken_for_an_old_one(client: Client, asked: str):
    redirect("/b?id=7", "https://example.org/")
    redirect("/a%2541?id=7", "https://example.org/")
    assert "example.org" not in (where(client, asked)[1] or "")


@pytest.mark.parametrize("path", ["//[x", "/[x", "//\u2100/", "/\0", "/\ufffd(", "/%FF%", "/" + "ä\ufffd" * 900])
def test_what_is_no_address_is_not_found(client: Client, path: str):
    redirect("/b?id=7", "https://example.org/")
    answer = client.get("/", {"%00": "\ufffd["}, PATH_INFO=path.encode().decode("latin-1"))
    assert "example.org" not in answer.headers.get("Location", "")
    assert answer.status_code in {302, 404}  # 302: the same in a language


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    "new", ["/en/news/", "/de/news/", "/en/tickets/", "/de/tickets/", "/en/newsletter/", "/en/da/"]
)
def test_an_admin_of_either_language_leads_to_pages_of_both(client: Client, language: str, new: str):
    publish(
        make_article(slug_de="da", slug_en="da", title_en="There", lead_en="There.", body_en="<p>There</p>"), "de", "en"
    )
    new = new.replace("/en/da/", "/en/news/da/")
    publisher = Client()
    publisher.force_login(make_user("publisher", language=language))
    publisher.post("/admin/news/redirect/add/", {"old": "/alt", "new": new})
    assert where(client, "/alt") == (301, new)
    lines = publisher.post("/admin/news/redirect/import/", {"text": f"/liste;{new}\n/en/news;/x"}).context["lines"]
    assert [line.outcome for line in lines] == ["new", "refused"]


def test_a_target_keeps_its_query_and_an_article_needs_none(client: Client):
    publish(make_article(slug_de="da"))
    redirect("/suche", "/de/news/search/?q=smart%26city")
    redirect("/artikel", "/de/news/da/?utm_source=liste")
    assert where(client, "/suche") == (301, "/de/news/search/?q=smart%26city")
    assert where(client, "/artikel") == (301, "/de/news/da/")


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
        ("https://alt.example", "https://example.org/", "old"),
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


LISTS = Path(__file__).parent / "lists"


@pytest.mark.parametrize(
    ("name", "outcomes"),
    [
        ("redirects-bracket.csv", ["new", "refused"]),
        ("redirects-english-target.csv", ["new", "new"]),
        ("redirects-jsessionid.csv", ["new", "new"]),
        ("redirects-quoted-comma.csv", ["new"]),
        ("redirects-sep.csv", ["new"]),
        ("redirects-spaces.csv", ["new", "new", "new"]),
        ("redirects-utf16.txt", ["new"]),
    ],
)
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_list_of_a_former_site_is_taken(name: str, outcomes: list[str], language: str):
    publisher = Client()
    publisher.force_login(make_user("publisher", language=language))
    upload = SimpleUploadedFile(name, (LISTS / name).read_bytes())
    seen = publisher.post("/admin/news/redirect/import/", {"file": upload})
    assert [line.outcome for line in seen.context["lines"]] == outcomes
    publisher.post("/admin/news/redirect/import/", {"text": seen.context["text"], "_confirm": "1"})
    assert Redirect.objects.count() == outcomes.count("new")


def test_a_first_row_that_is_no_address_is_a_heading_and_any_other_row_is_judged():
    assert redirects.read_list("Alt;Neu\n/a;/b\nfalsch;auch") == [(2, "/a", "/b"), (3, "falsch", "auch")]
    assert redirects.read_list("presse/a.html;/b") == [(1, "presse/a.html", "/b")]


def test_an_address_that_a_list_names_twice_alike_costs_nothing():
    assert import_list("/a;/de/tickets/\n/A/;/de/tickets/\n/a;https://example.org/") == ["new", "same", "refused"]
    assert Redirect.objects.get().url == "/de/tickets/"


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
def test_a_workbook_is_said_to_be_one(head: bytes):
    upload = SimpleUploadedFile("liste.xlsx", head + b"\0" * 100)
    page = signed_in("publisher").post("/admin/news/redirect/import/", {"file": upload})
    assert page.context["form"].errors == {
        "file": ["This is a workbook. Please save the sheet as CSV, or paste its cells."]
    }


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


@pytest.mark.parametrize("old", ["\0", "/a\0b", "/a?x=\0", "/a%00", "/a?x=%00", "/\x01b", "/a\x7f"])
def test_a_sign_that_no_address_has_gets_one_sentence_beside_its_field(old: str):
    publisher = signed_in("publisher")
    for values, wrong in (({"old": old, "new": "/de/news/"}, "old"), ({"old": "/b", "new": old}, "new")):
        page = publisher.post("/admin/news/redirect/add/", values)
        assert page.status_code == 200
        errors = page.context["adminform"].form.errors
        assert {name: len(sentences) for name, sentences in errors.items()} == {wrong: 1}
    page = publisher.post("/admin/news/redirect/import/", {"text": f"{old};/de/news/\n/gut;/de/news/"})
    assert page.status_code == 200
    refused = [line.old for line in page.context["lines"] or [] if line.outcome == "refused"]
    errors = page.context["form"].errors
    assert ([*errors], refused) in ((["text"], []), ([], [old])), errors
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
