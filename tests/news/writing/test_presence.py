"""Who else has an article open, and what the browser kept of an unsaved text: what the server says to both."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from news.models import Article, OpenForm
from news.writing import drafting, presence
from sccon.models import User
from tests.factories import make_article, make_topic, make_user
from tests.news.admin_forms import filled

pytestmark = pytest.mark.django_db

ADD = "/admin/news/article/add/"


@pytest.fixture
def mia() -> User:
    return make_user("editor", first_name="Mia", language="en")


@pytest.fixture
def tom() -> User:
    return make_user("editor", first_name="Tom", language="en")


@pytest.fixture
def article() -> Article:
    return drafting.save(make_article("Anfang"), version=0, by=None, topics=[make_topic("Eins")])


def signed_in(user: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def url(name: str, article: Article) -> str:
    return reverse(f"admin:news_article_{name}", args=[article.pk])


def beat(user: User, article: Article, window: str = "window-1", **fields: str) -> Any:
    return signed_in(user).post(url("open", article), {"window": window, **fields})


# --- Who is here ------------------------------------------------------------------------------


def test_a_window_that_fell_silent_is_forgotten_after_a_minute(article: Article, mia: User, tom: User) -> None:
    beat(tom, article)
    assert [line.partition(" since")[0] for line in beat(mia, article).json()["lines"]] == [
        "Tom has had this text open"
    ]
    OpenForm.objects.filter(user=tom).update(seen_at=F("seen_at") - timedelta(seconds=61))
    assert beat(mia, article).json()["lines"] == []
    assert list(OpenForm.objects.values_list("user", flat=True)) == [mia.pk]


def test_leaving_says_so_at_once_and_only_of_this_window(article: Article, mia: User, tom: User) -> None:
    beat(tom, article, "window-1")
    beat(tom, article, "window-2")
    assert beat(tom, article, "window-1", left="1").status_code == 204
    assert len(beat(mia, article).json()["lines"]) == 1
    beat(tom, article, "window-2", left="1")
    assert beat(mia, article).json()["lines"] == []


def test_ones_own_second_window_is_told_and_who_saved_meanwhile(article: Article, mia: User, tom: User) -> None:
    beat(mia, article, "window-2")
    drafting.save(article, version=1, by=tom)
    own, saved = beat(mia, article, version="1").json()["lines"]
    assert own.startswith("You have this text open in another window, too, since ")
    assert saved.startswith("Tom saved version 2 at ")
    drafting.save(article, version=2, by=mia)
    assert beat(mia, article, version="2").json()["lines"][1].startswith("You saved version 3 in another window")


def test_the_form_itself_names_the_others_also_without_javascript(article: Article, mia: User, tom: User) -> None:
    beat(tom, article)
    beat(mia, article)
    page = signed_in(mia).get(url("change", article)).text
    assert "Tom has had this text open since" in page
    assert "You have this text open" not in page


def test_presence_is_for_those_who_may_see_the_form(article: Article) -> None:
    outsider = make_user(language="en")
    assert beat(outsider, article).status_code == 403
    assert signed_in(outsider).post(f"{ADD}open/").status_code == 403
    assert Client().post(url("open", article)).status_code == 302
    assert not OpenForm.objects.exists()


def test_a_window_without_a_sensible_name_and_another_site_are_refused(article: Article, mia: User) -> None:
    assert beat(mia, article, "<script>").status_code == 400
    foreign = signed_in(mia).post(
        url("open", article), {"window": "window-1"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 403
    assert signed_in(mia).get(url("open", article)).status_code == 405


def test_a_form_with_the_token_of_an_earlier_login_learns_the_new_one(article: Article, mia: User) -> None:
    client = signed_in(mia, enforce_csrf_checks=True)
    token = client.post(url("open", article), {"window": "window-1"}).json()["token"]
    data = filled(client, url("change", article), title_de="Neu")
    stale = client.post(url("change", article), data)
    assert stale.status_code == 403
    assert "this browser has kept it and offers it there" in stale.text
    assert client.post(url("change", article), data | {"csrfmiddlewaretoken": token}).status_code == 302


def test_signs_of_life_cost_a_fixed_number_of_queries(mia: User, django_assert_max_num_queries: Any) -> None:
    article = make_article()
    for number in range(5):
        presence.seen(article, make_user("editor"), f"window-{number}")
    with django_assert_max_num_queries(7):
        presence.seen(article, mia, "window-9")
        assert len(presence.present(article, besides=(mia, "window-9"))) == 5


# --- What the browser kept --------------------------------------------------------------------


def test_the_offer_shows_in_what_it_differs(article: Article, mia: User) -> None:
    client = signed_in(mia)
    data = filled(
        client, url("change", article), title_de="Getippt", body_en="<p>Typed<script>x</script></p>", topics=[]
    )
    response = client.post(url("unsaved", article), data | {"kept_at": "1795575720000"})
    names = [difference.name for difference in response.context["differences"]]
    assert names == ["Title (German)", "Text (English)", "Topics"]
    shown = {difference.name: (difference.stored, difference.typed) for difference in response.context["differences"]}
    assert shown["Title (German)"] == ("Anfang", "Getippt")
    assert shown["Text (English)"] == ("<p>The text.</p>", "<p>Typed</p>")
    assert shown["Topics"] == ("Eins", "")
    assert "Unsaved text from " in response.text


def test_what_is_stored_already_is_not_offered(article: Article, mia: User) -> None:
    client = signed_in(mia)
    data = filled(client, url("change", article))
    assert client.post(url("unsaved", article), data).status_code == 204
    drafting.save(article, version=1, by=None)
    assert client.post(url("unsaved", article), data).status_code == 204


def test_taking_it_over_fills_the_form_and_saves_nothing(article: Article, mia: User) -> None:
    client = signed_in(mia)
    data = filled(client, url("change", article), title_de="Getippt")
    article.lead_de = "Inzwischen"
    drafting.save(article, version=1, by=None)
    response = client.post(url("change", article), data | {"_restore": "1", "kept_at": "x"})
    form = response.context["adminform"].form
    assert (form["title_de"].value(), form["lead_de"].value(), form["seen_version"].value()) == (
        "Getippt",
        "Inzwischen",
        "2",
    )
    assert "This is your text as you left it. It is not saved yet." in response.text
    assert 'data-unsaved="yes"' in response.text
    article.refresh_from_db()
    assert (article.title_de, article.version) == ("Anfang", 2)


@pytest.mark.parametrize("kept_at", ["", "x", "-1", "99999999999999", "1e9"])
def test_a_strange_time_breaks_nothing(mia: User, kept_at: str) -> None:
    client = signed_in(mia)
    data = filled(client, ADD, title_de="Neu", kept_at=kept_at)
    assert client.post(f"{ADD}unsaved/", data).status_code == 200


def test_only_who_may_write_is_asked_to_take_over(article: Article) -> None:
    outsider = signed_in(make_user())
    assert outsider.post(url("unsaved", article)).status_code == 403
    assert outsider.post(f"{ADD}unsaved/").status_code == 403


def test_saving_tells_the_browser_which_text_is_saved_now(article: Article, mia: User) -> None:
    client = signed_in(mia)
    data = filled(client, url("change", article), title_de="Neu", window="0123456789abcdef")
    page = client.post(url("change", article), data, follow=True).text
    assert f'class="saved-{article.pk}-0123456789abcdef success"' in page
    data = filled(client, ADD, title_de="Neu", window="0123456789abcdef")
    assert 'class="saved-new-0123456789abcdef success"' in client.post(ADD, data, follow=True).text
    data = filled(client, url("change", article), title_de="Neuer", window='"><script>')
    assert "saved-" not in client.post(url("change", article), data, follow=True).text
