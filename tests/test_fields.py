"""Whatever is pasted into a field of plain text, staff's or a stranger's, comes out of it clean, up to the pages."""

import json
import re
from collections.abc import Iterator

import feedparser
import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.utils import translation
from hypothesis import given, settings

from news.models import Article
from news.writing.editor import RichTextField
from sccon.fields import AddressField, LineField, LinesField
from sccon.models import Mail
from tests.factories import make_article, make_user, publish
from tests.news.admin_forms import filled
from tests.odd_text import ODD, is_clean
from tests.tickets.buyers import ADDRESS, BUYER, choose, click, order, text
from tests.tickets.factories import make_cart, make_event, make_product, make_shop, pay
from tickets.models import Order
from tickets.shop.forms import WITHOUT_POSTCODE, DetailsForm

HOUSE = ("sccon", "news", "newsletter", "tickets")
# Nobody reads them, or they are cleaned by another rule: names to log in with, secrets, addresses of a former site.
ELSEWHERE = {"news.Redirect.old", "news.Redirect.new", "ImportForm.text"}
# Lists of people, cleaned cell by cell, and the heads of their columns.
ELSEWHERE |= {"UploadForm.text", "newsletter.Import.unused"}


def form_classes() -> Iterator[type[forms.BaseForm]]:
    """Every form of the house that an address leads to."""
    assert get_resolver().reverse_dict
    # By the classes themselves, not by what lies in memory: a test's lazy objects there act when they are looked at.
    found, rest = set(), [forms.BaseForm]
    while rest:
        below = set(rest.pop().__subclasses__()) - found
        found |= below
        rest += below
    yield from sorted((each for each in found if each.__module__.partition(".")[0] in HOUSE), key=str)


def forms_of_admins() -> Iterator[tuple[str, type[forms.BaseForm]]]:
    request = RequestFactory().get("/")
    request.user = make_user(is_superuser=True)
    for each in admin.site._registry.values():
        yield each.opts.label, each.get_form(request)
        for inline in each.get_inline_instances(request):
            yield inline.opts.label, inline.get_formset(request).form


def plain_fields() -> dict[str, forms.CharField]:
    found: dict[str, forms.CharField] = {}
    made = [(each.__name__, each.base_fields) for each in form_classes() if hasattr(each, "base_fields")]
    # A form that an admin dresses is looked at as it comes out of it.
    dressed = [(label, each) for label, each in forms_of_admins()]
    bases = {base.__name__ for _label, each in dressed for base in each.__mro__[1:]}
    made = [(name, fields) for name, fields in made if name not in bases]
    made += [(label, each.base_fields) for label, each in dressed]
    product = make_product(make_event(current=True), declaration_de="Ja.", declaration_en="Yes.")
    made.append(("DetailsForm", DetailsForm(list(make_cart(product, number=2).positions.all())).fields))
    for form, fields in made:
        for name, field in fields.items():
            secret = isinstance(field.widget, forms.PasswordInput | forms.HiddenInput)
            if isinstance(field, forms.CharField) and not secret:
                found[f"{form}.{name}"] = field
    for name in [*found]:
        if (
            isinstance(found[name], UsernameField | RichTextField | forms.RegexField | forms.JSONField)
            or name in ELSEWHERE
        ):
            del found[name]
    return found


@pytest.mark.django_db
def test_every_field_of_plain_text_is_cleaned():
    fields = plain_fields()
    assert {
        "DetailsForm.name",
        "ReturnForm.answer",
        "news.Article.title_de",
        "news.Attachment.title_de",
    } <= fields.keys()
    assert [name for name, each in fields.items() if not isinstance(each, LineField | LinesField)] == []

    @settings(max_examples=60, deadline=None)
    @given(ODD)
    def clean(typed: str) -> None:
        for name, field in fields.items():
            try:
                value = field.clean(typed)
            except ValidationError:
                continue
            several = isinstance(field, LinesField)
            assert all(is_clean(line) for line in (value or "").split("\n" if several else "\0")), (name, value)

    clean()


@pytest.mark.django_db
def test_every_address_of_a_mailbox_is_read_by_one_rule():
    found = {name: each for name, each in plain_fields().items() if name.endswith("email")}
    assert {"SignUpForm.email", "DetailsForm.email", "news.Author.email", "AccountForm.email"} <= found.keys()
    assert {"tickets.Event.seller_email", "SellerForm.seller_email", "LiftForm.email"} <= found.keys()
    for name, field in found.items():
        assert isinstance(field, AddressField), name
        for typed in (
            "anna@example.org\u200b",
            "\u200banna@example.org",
            "mailto:anna@example.org",
            "anna @example.org",
        ):
            assert field.clean(typed) == "anna@example.org", (name, typed)
        for typed in (
            "<anna@example.org>",
            "<mailto:anna@example.org>",
            "MAILTO:anna@EXAMPLE.org.",
            "\u202aanna@example.org\u202c",
        ):
            assert field.clean(typed) == "anna@example.org", (name, typed)
        assert field.clean("Anna@B\u00dcCHER.example") == "Anna@xn--bcher-kva.example"
        for typed in (
            "root@localhost",
            "root@[127.0.0.1]",
            "j\u00f6rg@example.org",
            "anna@",
            "a b@c@d.example",
            "a@1.2.3.4",
        ):
            with pytest.raises(ValidationError):
                field.clean(typed)


TYPED = "\u202eDaten\u00adschutz\u200b\r\nfu\u0308r\u2028alle\x85 \u0301\u3164"
CLEAN = "Datenschutz für alle"


@pytest.mark.django_db
def test_a_pasted_title_is_clean_on_page_card_and_feed(client: Client):
    article = make_article(slug_de=None)
    url = f"/admin/news/article/{article.pk}/change/"
    client.force_login(make_user("publisher"))
    texts = ("title_de", "lead_de", "seo_title_de", "seo_description_de", "image_alt_de")
    assert client.post(url, filled(client, url, **dict.fromkeys(texts, TYPED))).status_code == 302
    article = Article.objects.get(pk=article.pk)
    assert {getattr(article, name) for name in texts} == {CLEAN}
    assert article.slug_de == "datenschutz-fuer-alle"
    publish(article)
    page = Client().get("/de/news/datenschutz-fuer-alle/").text
    head = page[: page.index("</head>")]
    assert f"<title>{CLEAN}" in head
    assert f'<meta property="og:title" content="{CLEAN}">' in head
    assert f'<meta name="description" content="{CLEAN}">' in head
    for script in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL):
        for named in re.findall('"headline":.*', json.dumps(json.loads(script), ensure_ascii=False)):
            assert CLEAN in named
    feed = feedparser.parse(Client().get("/de/news/feed.atom").content)
    assert [(entry.title, entry.summary) for entry in feed.entries] == [(CLEAN, CLEAN)]


@pytest.mark.django_db
def test_a_pasted_name_is_clean_on_ticket_and_in_mails(client: Client):
    _event, _quota, product = make_shop()
    pasted = dict.fromkeys(("name", "company", "street", "city", "buyer_reference"), TYPED)
    order(client, product, **pasted, postcode="16225\u200b", email="\u200bmailto:Henriette@B\u00dcCHER.example")
    buyer = Order.objects.get().buyer
    assert {getattr(buyer, name) for name in pasted} == {CLEAN}
    assert (buyer.postcode, buyer.email) == ("16225", "Henriette@xn--bcher-kva.example")
    assert buyer.address == "Henriette@bücher.example"
    click(client, buyer.order)
    pay(Order.objects.get())
    assert {mail.recipient for mail in Mail.objects.all()} == {"Henriette@xn--bcher-kva.example"}
    assert CLEAN in json.dumps([mail.context for mail in Mail.objects.all()], ensure_ascii=False)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["\u200b", "\u3164", "\u2800", "\u2060", "\u00ad", "\u00a0\u200d", "\u0301", "\ufe0f"])
def test_a_name_that_nobody_sees_is_no_name(client: Client, name: str):
    _event, _quota, product = make_shop()
    choose(client, product, 2)
    second = f"attendee-{product.pk}-2-name"
    page = client.post("/de/tickets/checkout/", BUYER | ADDRESS | {"name": name, second: name})
    assert page.status_code == 400
    assert 'id="id_name_error"' in page.text
    assert f'id="id_{second}_error"' in page.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["O", "Ng", "O'Brien", "Jean-Luc d'Été", "محمد عبد الله", "נ. לוי", "Dr. h. c. M. v. Muster, LL.M.", "田中"]
)
def test_people_keep_their_names(client: Client, name: str):
    _event, _quota, product = make_shop()
    order(client, product, name=name)
    assert Order.objects.get().buyer.name == name


@pytest.mark.django_db
@pytest.mark.parametrize("country", ["AE", "HK", "QA", "JM", "BO", "ZW", "PA"])
def test_a_country_without_postcodes_asks_for_none(client: Client, country: str):
    _event, _quota, product = make_shop()
    typed = {"country": country, "postcode": "", "city": "Dubai", "street": "PO Box 12"}
    page = order(client, product, **typed)
    assert page.status_code == 200
    assert Order.objects.get().buyer.country == country


@pytest.mark.django_db
@pytest.mark.parametrize("country", ["DE", "AT", "CH", "FR", "GB", "US", "JP", "IE", "XX", ""])
def test_every_other_country_needs_one(client: Client, country: str):
    _event, _quota, product = make_shop()
    choose(client, product)
    page = client.post("/de/tickets/checkout/", BUYER | ADDRESS | {"country": country, "postcode": "\u200b"})
    assert page.status_code == 400
    assert 'id="id_postcode_error"' in page.text
    assert country not in WITHOUT_POSTCODE.split()
    assert "Bitte geben Sie die Postleitzahl an." in text(page)


@pytest.mark.parametrize(("language", "shown"), [("de", "0,25"), ("en", "0.25")])
def test_every_number_with_decimals_is_shown_as_its_language_writes_it_and_read_in_both(db, language, shown):
    found = [
        (f"{label}.{name}", field)
        for label, form in forms_of_admins()
        for name, field in form.base_fields.items()
        if isinstance(field, forms.FloatField | forms.DecimalField)
    ]
    assert len(found) >= 4, found
    with translation.override(language):
        for name, field in found:
            stored = field.to_python("0.25")
            assert field.prepare_value(stored) == shown, name
            assert [field.clean("0,25"), field.clean(" 0.25")] == [stored, stored], name
            assert not field.has_changed(stored, shown), name
            # A browser's own number field would show its own sign, and drop what it cannot read.
            assert (field.widget.input_type, field.widget.attrs["inputmode"]) == ("text", "decimal"), name
