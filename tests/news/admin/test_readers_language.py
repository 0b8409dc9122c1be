"""Whoever reads German reads the German title, and "Englisch", wherever one line stands for both languages."""

import pytest
from django.utils.translation import override

from news.admin import desk
from news.publishing import reviewing
from sccon import mail
from sccon.clock import database_now
from sccon.models import Mail
from tests.factories import make_article, make_user, publish
from tests.tickets.test_mails import all_mails

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("order", [("de", "en"), ("en", "de")])
@pytest.mark.parametrize("reader", ["de", "en"])
def test_what_goes_out_in_both_languages_has_the_readers_title(order: tuple[str, str], reader: str):
    article, at = make_article("Einmal reicht"), database_now().replace(year=2031)
    for language in order:
        publish(article, language, at=at)
    with override(reader):
        [line] = desk.desk(make_user("publisher", language=reader)).ahead
    assert line.title == {"de": "Einmal reicht", "en": "Einmal reicht (English)"}[reader]
    assert line.languages == {"de": ["Deutsch", "Englisch"], "en": ["English", "German"]}[reader]


def test_what_waits_is_not_said_once_more_as_what_was_written_last():
    user = make_user("editor", language="de")
    article = make_article(saved_by=user)
    assert desk.desk(user).last == article
    reviewing.ask(article, ["de"], by=user)
    reviewing.give_back(article, ["de"], by=make_user("publisher"), answer="Bitte kürzen.")
    found = desk.desk(user)
    assert [each.article for each in found.waits.shown] == [article]
    assert found.last is None


def test_german_mails_say_uhr_once_have_german_quotation_marks_and_name_languages_in_german():
    all_mails()
    editor = make_user("editor", language="de", email="tobias@example.org")
    chief = make_user("publisher", language="de", email="jana@example.org")
    article = make_article("Einmal reicht")
    reviewing.ask(article, ["en", "de"], by=editor, note="Bitte bald.")
    reviewing.give_back(article, ["en"], by=chief, answer="Woher?")
    publish(article, "en", "de", by=chief, at=database_now().replace(year=2031))
    letters = [mail.render(row) for row in Mail.objects.filter(language="de")]
    assert len(letters) >= 8
    for letter in letters:
        said = f"{letter.subject}\n{letter.text}"
        assert "Uhr Uhr" not in said
        assert "”" not in said
        assert "English" not in said.replace("(English)", "")  # which its English title has
    assert any("Einmal reicht" in letter.subject and "(English)" not in letter.subject for letter in letters)
