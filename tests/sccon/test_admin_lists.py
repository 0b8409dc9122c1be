"""Lists in the admin filter by what they name, and by nothing else: else they tell what they do not show."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from news.models import Topic
from sccon.admin_lists import HouseAdmin, LongPaginator
from sccon.admin_site import Desk
from sccon.models import Mail
from tests.factories import make_article, make_author, make_topic, make_user, publish, signed_in
from tests.newsletter.people import ask
from tests.tickets.factories import make_order, make_shop

pytestmark = pytest.mark.django_db

ADMINS = sorted(admin.site._registry.values(), key=lambda each: each.opts.label)
ENDINGS = ("", "__contains", "__startswith", "__regex", "__gt", "__in", "__isnull")


def columns(model: type[Model], deep: int = 2) -> Iterator[str]:
    """Every column that a lookup on `model` reaches, over relations in either direction."""
    for field in model._meta.get_fields():
        yield field.name
        if field.is_relation and field.related_model and deep > 1:
            yield from (f"{field.name}__{inner}" for inner in columns(field.related_model, deep - 1))


@pytest.fixture
def superuser() -> Client:
    client = Client()
    client.force_login(make_user(is_superuser=True))
    return client


def test_a_confirmation_link_cannot_be_read_letter_by_letter(client: Client, superuser: Client):
    ask(client)
    link = Mail.objects.get().context["confirm_url"]
    client.force_login(make_user("newsletter"))
    for asks in (client, superuser):
        right = asks.get("/admin/sccon/mail/", {"context__confirm_url__startswith": link[:-5]})
        wrong = asks.get("/admin/sccon/mail/", {"context__confirm_url__startswith": "x"})
        assert (right.status_code, wrong.status_code) == (400, 400)


@pytest.mark.parametrize("model_admin", ADMINS, ids=lambda each: each.opts.label)
def test_no_list_filters_by_a_column_it_does_not_name(model_admin: ModelAdmin, superuser: Client):
    request = RequestFactory().get("/")
    request.user = make_user(is_superuser=True)
    filters = model_admin.get_list_filter(request)
    paths = {str(each[0] if isinstance(each, tuple) else getattr(each, "parameter_name", each)) for each in filters}
    assert isinstance(model_admin, HouseAdmin)
    for column in columns(model_admin.model):
        allowed = {end for end in ENDINGS if model_admin.lookup_allowed(column + end, "a", request)}
        assert allowed <= ({"", "__isnull"} if column in paths else set()), column
    own = next(field.name for field in model_admin.model._meta.concrete_fields if field.name not in paths)
    address = reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")
    answer = superuser.get(address, {f"{own}__gte": "1"})
    assert answer.status_code == 400 or "cl" not in answer.context, "a list refuses; a page in its place has no filters"


def test_an_admin_that_another_app_brings_becomes_one_of_ours():
    site = Desk()
    site.register(LogEntry)
    site.register(Mail, type("Foreign", (ModelAdmin,), {"list_display": ("recipient",)}))
    assert all(isinstance(each, HouseAdmin) for each in site._registry.values())
    assert site._registry[Mail].list_display == ("recipient",)


@pytest.mark.parametrize("model_admin", ADMINS, ids=lambda each: each.opts.label)
def test_every_link_of_a_list_leads_somewhere(model_admin: ModelAdmin, superuser: Client):
    _event, _quota, product = make_shop()
    make_order(product)
    publish(make_article())
    address = reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")
    context = superuser.get(address).context
    if "cl" not in context:  # a page in the place of a list
        return
    shown = context["cl"]
    links = {choice["query_string"] for spec in shown.filter_specs for choice in spec.choices(shown)}
    if (day := model_admin.date_hierarchy) is not None:
        links |= {f"?{day}__year=2027", f"?{day}__year=2027&{day}__month=1&{day}__day=2"}
    for link in links:
        assert superuser.get(address + link).status_code == 200, link


@pytest.mark.parametrize(("language", "word"), [("de", "ohne"), ("en", "without")])
def test_what_has_no_value_is_filtered_by_a_word(language: str, word: str):
    topics = [make_topic("Eins"), make_topic("Zwei")]
    for author in (make_author("Jana"), make_author("Ute"), None):
        make_article("Meldung", author=author, topics=topics)
    found = signed_in(make_user("publisher", language=language)).get("/admin/news/article/").text
    choices = re.findall(r"<a [^>]*isnull=True[^>]*>([^<]*)</a>", found)
    assert choices
    assert set(choices) == {word}


@pytest.mark.parametrize(
    "model_admin", [each for each in ADMINS if each.search_fields], ids=lambda each: each.opts.label
)
def test_the_field_of_a_search_is_labelled_by_a_word(model_admin: ModelAdmin, superuser: Client):
    """Neither by a picture's alternative text nor by the help below it alone."""
    address = reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")
    label = re.search(r'<label for="searchbar">(.*?)</label>', superuser.get(address).text, re.DOTALL)
    assert label
    assert re.sub(r"<[^>]*>", "", label[1]).strip() in {"Search", "Suchen"}


def test_a_list_that_grows_without_bound_says_more_than_it_has_counted():
    class Short(LongPaginator):
        MOST = 2

    for number in range(3):
        make_topic(f"Thema {number}")
    found = Short(Topic.objects.order_by("-pk"), 1)
    assert (found.count, found.more, found.num_pages) == (2, True, 2)
    found = Short(Topic.objects.filter(name_de="Thema 1"), 1)
    assert (found.count, found.more, found.num_pages) == (1, False, 1)
