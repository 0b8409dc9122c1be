"""Who may do what in the admin: every address × every role × GET and POST, walked from the URLconf.

An address without a line in the table fails here until somebody has decided who may see it; a new group is asked by
itself, and may nothing but what is all staff's until a line names it.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client

from news.models import Article, Image, Publication
from sccon.clock import database_now
from sccon.models import LoginSession
from tests import admin_addresses
from tests.factories import make_article, make_image, make_user
from tests.sccon.accounts.logins import half_in
from tickets.models import Order

pytestmark = pytest.mark.django_db

# Who gets an answer to looking (GET) and to sending (POST) that is not "no". `everyone`: strangers, too; `staff`: who
# may log in; `superuser`: nobody else; `nobody`: not even they. Where groups stand, superusers may, too. `code` and
# `set_up` are superusers who gave their password alone: the one still owes the code of an app, the other the app.
TABLE = """
app_list_auth                        superuser                        superuser
app_list_news                        editor,newsletter,publisher      editor,newsletter,publisher
app_list_newsletter                  newsletter,newsletter-lists,newsletter-send newsletter,newsletter-lists,newsletter-send
app_list_sccon                       newsletter,tickets               newsletter,tickets
app_list_tickets                     finance,tickets                  finance,tickets
auth_group_add                       superuser                        superuser
auth_group_change                    superuser                        superuser
auth_group_changelist                superuser                        superuser
auth_group_delete                    nobody                           nobody
auth_group_history                   superuser                        superuser
auth_user_password_change            superuser                        superuser
autocomplete                         editor,publisher                 nobody
index                                staff                            staff
jsi18n                               staff                            nobody
login                                everyone                         everyone
login_code                           code                             code
login_set_up                         set_up                           set_up
logout                               nobody                           staff
news_article_add                     editor,publisher                 editor,publisher
news_article_add_open                nobody                           editor,publisher
news_article_add_preview             nobody                           editor,publisher
news_article_add_checks              nobody                           editor,publisher
news_article_add_unsaved             nobody                           editor,publisher
news_article_ask                     editor,publisher                 editor,publisher
news_article_change                  editor,publisher                 editor,publisher
news_article_changelist              editor,publisher                 editor,publisher
news_article_delete                  editor,publisher                 editor,publisher
news_article_history                 editor,publisher                 editor,publisher
news_article_checks                  nobody                           editor,publisher
news_article_open                    nobody                           editor,publisher
news_article_pin                     publisher                        publisher
news_article_plan                    publisher                        publisher
news_article_preview                 nobody                           editor,publisher
news_article_publish                 publisher                        publisher
news_article_restore                 editor,publisher                 editor,publisher
news_article_return                  publisher                        publisher
news_article_share                   nobody                           editor,publisher
news_article_take_back               editor,publisher                 editor,publisher
news_article_take_down               publisher                        publisher
news_article_translations            editor,publisher                 editor,publisher
news_article_unsaved                 nobody                           editor,publisher
news_article_withdraw                publisher                        publisher
news_author_add                      editor,publisher                 editor,publisher
news_author_change                   editor,publisher                 publisher
news_author_changelist               editor,publisher                 editor,publisher
news_author_delete                   publisher                        publisher
news_author_history                  editor,publisher                 editor,publisher
news_boilerplate_add                 editor,publisher                 editor,publisher
news_boilerplate_change              editor,publisher                 editor,publisher
news_boilerplate_changelist          editor,publisher                 editor,publisher
news_boilerplate_delete              publisher                        publisher
news_boilerplate_history             editor,publisher                 editor,publisher
news_image_add                       editor,publisher                 editor,publisher
news_image_add_many                  editor,publisher                 editor,publisher
news_image_change                    editor,newsletter,publisher      publisher
news_image_changelist                editor,newsletter,publisher      editor,newsletter,publisher
news_image_choose                    editor,newsletter,publisher      nobody
news_image_delete                    editor,publisher                 editor,publisher
news_image_history                   editor,newsletter,publisher      editor,newsletter,publisher
news_image_thumbnail                 editor,newsletter,publisher      nobody
news_image_upload                    nobody                           editor,publisher
news_pin_add                         nobody                           nobody
news_pin_change                      editor,publisher                 nobody
news_pin_changelist                  editor,publisher                 editor,publisher
news_pin_delete                      nobody                           nobody
news_pin_history                     editor,publisher                 editor,publisher
news_publication_add                 nobody                           nobody
news_publication_at                  editor,publisher                 nobody
news_publication_at_page             editor,publisher                 nobody
news_publication_change              editor,publisher                 nobody
news_publication_changelist          editor,publisher                 editor,publisher
news_publication_delete              nobody                           nobody
news_publication_history             editor,publisher                 editor,publisher
news_redirect_add                    publisher                        publisher
news_redirect_change                 editor,publisher                 publisher
news_redirect_changelist             editor,publisher                 editor,publisher
news_redirect_delete                 publisher                        publisher
news_redirect_history                editor,publisher                 editor,publisher
news_redirect_import                 publisher                        publisher
news_review_add                      nobody                           nobody
news_review_change                   editor,publisher                 nobody
news_review_changelist               editor,publisher                 editor,publisher
news_review_delete                   nobody                           nobody
news_review_history                  editor,publisher                 editor,publisher
news_topic_add                       editor,publisher                 editor,publisher
news_topic_change                    editor,publisher                 publisher
news_topic_changelist                editor,publisher                 editor,publisher
news_topic_delete                    publisher                        publisher
news_topic_history                   editor,publisher                 editor,publisher
news_withdrawal_add                  nobody                           nobody
news_withdrawal_change               editor,publisher                 nobody
news_withdrawal_changelist           editor,publisher                 editor,publisher
news_withdrawal_delete               nobody                           nobody
news_withdrawal_history              editor,publisher                 editor,publisher
newsletter_delivery_add              nobody                           nobody
newsletter_delivery_change           newsletter,newsletter-send       nobody
newsletter_delivery_changelist       newsletter,newsletter-send       newsletter,newsletter-send
newsletter_delivery_delete           nobody                           nobody
newsletter_delivery_history          newsletter,newsletter-send       newsletter,newsletter-send
newsletter_import_add                nobody                           nobody
newsletter_import_change             newsletter-lists                 newsletter-lists
newsletter_import_changelist         newsletter-lists                 newsletter-lists
newsletter_import_delete             nobody                           nobody
newsletter_import_history            newsletter-lists                 newsletter-lists
newsletter_import_progress           newsletter-lists                 newsletter-lists
newsletter_import_rows               newsletter-lists                 newsletter-lists
newsletter_import_upload             newsletter-lists                 newsletter-lists
newsletter_issue_add                 newsletter                       newsletter
newsletter_issue_add_checks          nobody                           newsletter
newsletter_issue_add_preview         nobody                           newsletter
newsletter_issue_add_unsaved         nobody                           newsletter
newsletter_issue_cancel              newsletter-send                  newsletter-send
newsletter_issue_change              newsletter,newsletter-send       newsletter,newsletter-send
newsletter_issue_changelist          newsletter,newsletter-send       newsletter,newsletter-send
newsletter_issue_checks              nobody                           newsletter
newsletter_issue_correct             newsletter,newsletter-send       newsletter,newsletter-send
newsletter_issue_delete              newsletter                       newsletter
newsletter_issue_edition             newsletter,newsletter-send       nobody
newsletter_issue_history             newsletter,newsletter-send       newsletter,newsletter-send
newsletter_issue_next                nobody                           newsletter
newsletter_issue_picture             newsletter,newsletter-send       nobody
newsletter_issue_preview             nobody                           newsletter
newsletter_issue_progress            newsletter,newsletter-send       nobody
newsletter_issue_redact              newsletter-send                  newsletter-send
newsletter_issue_run                 nobody                           newsletter-send
newsletter_issue_send                newsletter-send                  newsletter-send
newsletter_issue_test                newsletter                       newsletter
newsletter_issue_unsaved             nobody                           newsletter
newsletter_mailfinding_changelist    newsletter,newsletter-send       nobody
newsletter_mailfinding_look          nobody                           newsletter,newsletter-send
newsletter_mailfinding_progress      newsletter,newsletter-send       nobody
newsletter_return_add                nobody                           nobody
newsletter_return_change             newsletter,newsletter-send       nobody
newsletter_return_changelist         newsletter,newsletter-send       newsletter,newsletter-send
newsletter_return_delete             nobody                           nobody
newsletter_return_history            newsletter,newsletter-send       newsletter,newsletter-send
newsletter_return_providers          newsletter                       newsletter
newsletter_subscriber_add            nobody                           nobody
newsletter_subscriber_change         newsletter,newsletter-lists      nobody
newsletter_subscriber_changelist     newsletter,newsletter-lists      newsletter,newsletter-lists
newsletter_subscriber_consent        newsletter,newsletter-lists      newsletter,newsletter-lists
newsletter_subscriber_data           newsletter                       newsletter
newsletter_subscriber_data_file      newsletter                       newsletter
newsletter_subscriber_delete         nobody                           nobody
newsletter_subscriber_erase          newsletter                       newsletter
newsletter_subscriber_export         newsletter-lists                 newsletter-lists
newsletter_subscriber_history        newsletter,newsletter-lists      newsletter,newsletter-lists
newsletter_subscriber_lift           newsletter                       newsletter
newsletter_subscriber_unsubscribe    newsletter                       newsletter
password_change                      staff                            staff
password_change_done                 staff                            nobody
password_forgotten                   everyone                         everyone
password_new                         everyone                         everyone
sccon_job_add                        nobody                           nobody
sccon_job_change                     superuser                        nobody
sccon_job_changelist                 superuser                        superuser
sccon_job_delete                     nobody                           nobody
sccon_job_history                    superuser                        superuser
sccon_login_add                      nobody                           nobody
sccon_login_change                   superuser                        nobody
sccon_login_changelist               superuser                        superuser
sccon_login_delete                   nobody                           nobody
sccon_login_history                  superuser                        superuser
sccon_mail_add                       nobody                           nobody
sccon_mail_change                    tickets                          nobody
sccon_mail_changelist                newsletter,tickets               newsletter,tickets
sccon_mail_delete                    nobody                           nobody
sccon_mail_history                   tickets                          tickets
sccon_user_account                   staff                            staff
sccon_user_add                       superuser                        superuser
sccon_user_app                       staff                            staff
sccon_user_change                    superuser                        superuser
sccon_user_changelist                superuser                        superuser
sccon_user_delete                    superuser                        superuser
sccon_user_history                   superuser                        superuser
sccon_user_invite                    nobody                           superuser
sccon_user_security                  staff                            staff
short                                staff                            staff
tickets_event_add                    tickets                          tickets
tickets_event_change                 finance,tickets                  tickets
tickets_event_changelist             finance,tickets                  finance,tickets
tickets_event_delete                 nobody                           nobody
tickets_event_history                finance,tickets                  finance,tickets
tickets_event_seller                 finance                          finance
tickets_order_add                    nobody                           nobody
tickets_order_address                tickets                          tickets
tickets_order_cancel                 tickets                          tickets
tickets_order_change                 tickets                          tickets
tickets_order_changelist             tickets                          tickets
tickets_order_delete                 nobody                           nobody
tickets_order_history                tickets                          tickets
tickets_order_payment                tickets                          tickets
tickets_order_return                 tickets                          tickets
tickets_order_release                tickets                          tickets
tickets_order_send                   tickets                          tickets
tickets_order_take_back              tickets                          tickets
tickets_product_add                  tickets                          tickets
tickets_product_change               tickets                          tickets
tickets_product_changelist           tickets                          tickets
tickets_product_delete               tickets                          tickets
tickets_product_history              tickets                          tickets
tickets_quota_add                    tickets                          tickets
tickets_quota_change                 tickets                          tickets
tickets_quota_changelist             tickets                          tickets
tickets_quota_delete                 tickets                          tickets
tickets_quota_history                tickets                          tickets
tickets_sellerchange_add             nobody                           nobody
tickets_sellerchange_change          finance                          finance
tickets_sellerchange_changelist      finance                          finance
tickets_sellerchange_delete          nobody                           nobody
tickets_sellerchange_history         finance                          finance
unknown                              nobody                           nobody
"""

QUERY = {
    "autocomplete": "?app_label=news&model_name=article&field_name=related&term=a",
    "news_publication_at_page": "?language=de&path={path}&at={at}",
}


class Unwritten:
    """A middleware: the pages need not be drawn to know who is let in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        response.content = b""
        return response


def lets_in(client: Client, method: str, address: str) -> bool:
    """Whether `address` answers otherwise than "no" (403, 404, 405, 410, the login, "there is no such thing").

    What it does is undone.
    """
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = getattr(client, method)(address)
        transaction.set_rollback(True)
    client.cookies = cookies
    assert response.status_code < 500, address
    location = response.headers.get("Location", "")
    elsewhere = location.startswith("/admin/login/") or (location == "/admin/" and address != "/admin/login/")
    return response.status_code not in {403, 404, 405, 410} and not elsewhere


def everybody(settings: Any) -> dict[str, Client]:
    """A browser of each role. Whoever is in any group, or a superuser, must have a second factor."""
    groups = list(Group.objects.values_list("name", flat=True))
    settings.SECOND_FACTOR_GROUPS, settings.SECOND_FACTOR_FOR_SUPERUSERS = groups, True
    clients = {role: Client() for role in ("everyone", "staff", "superuser", *groups)}
    for role in ("staff", "superuser", *groups):
        user = make_user(*({role} & set(groups)), is_superuser=role == "superuser")
        clients[role].force_login(user)
    LoginSession.objects.update(verified=True)
    return clients | half_in()


def decisions() -> dict[str, tuple[set[str], set[str]]]:
    groups = set(Group.objects.values_list("name", flat=True))
    named = {"staff": groups | {"staff", "superuser"}, "nobody": set(), "superuser": {"superuser"}}
    named["everyone"] = named["staff"] | {"everyone", "code", "set_up"}
    named |= {"code": {"code"}, "set_up": {"set_up"}}

    def roles(words: str) -> set[str]:
        return named.get(words) or ({*words.split(","), "superuser"} if words != "nobody" else set())

    lines = [line.split() for line in TABLE.strip().splitlines()]
    assert len({line[0] for line in lines}) == len(lines), "an address has two lines"
    return {name: (roles(looks), roles(acts)) for name, looks, acts in lines}


def words(roles: set[str]) -> str:
    groups = set(Group.objects.values_list("name", flat=True))
    for name, all_of in (
        ("everyone", groups | {"staff", "superuser", "everyone", "code", "set_up"}),
        ("staff", groups | {"staff", "superuser"}),
    ):
        if roles == all_of:
            return name
    return ",".join(sorted(roles - {"superuser"})) or ("superuser" if roles else "nobody")


def test_nobody_is_led_to_a_buyers_page_by_its_number(client: Client) -> None:
    order = admin_addresses.things()[Order]
    client.force_login(make_user())
    kind = ContentType.objects.get_for_model(Order).pk
    assert client.get(f"/admin/r/{kind}/{order.pk}/").status_code == 404


def test_every_address_lets_in_whom_the_table_names_and_nobody_else(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.test_admin_rights.Unwritten"]
    things = admin_addresses.things()
    deletable = {"news_article_delete": {Article: make_article("Entwurf")}, "news_image_delete": {Image: make_image()}}
    instant = {"path": things[Publication].path, "at": quote(database_now().isoformat())}  # type: ignore[attr-defined]
    clients = everybody(settings)
    found: dict[str, tuple[set[str], set[str]]] = {}
    for address in admin_addresses.every():
        about = things | deletable.get(address.name, {})
        url = address.at(admin_addresses.words_for(address, about)) + QUERY.get(address.name, "").format(**instant)
        answer: tuple[set[str], set[str]] = (
            {role for role, client in clients.items() if lets_in(client, "get", url)},
            {role for role, client in clients.items() if lets_in(client, "post", url)},
        )
        assert found.setdefault(address.name, answer) == answer, f"{url} answers otherwise than others of its name"
    decided = decisions()
    wrong = [name for name in {*found, *decided} if found.get(name) != decided.get(name)]
    lines = [f"{name:<36} {words(found[name][0]):<32} {words(found[name][1])}" for name in wrong if name in found]
    assert not wrong, "\n".join(
        ["not as decided:", *sorted(lines), *sorted(f"gone: {n}" for n in wrong if n not in found)]
    )
