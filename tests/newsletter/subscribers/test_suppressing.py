"""Who must not be mailed is remembered by a keyed hash, through changes of the key."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from newsletter.models import Change, Subscriber, Suppression
from newsletter.subscribers import moving, subscribing, suppressing
from sccon import mail
from sccon.models import Mail
from tests.factories import make_user
from tests.newsletter.people import ask, ask_links, link, mails, make_subscriber, subscribe

pytestmark = pytest.mark.django_db(transaction=True)

JANA = "jana@example.org"


def keys_in_use() -> list[str]:
    out = StringIO()
    call_command("suppression_keys", stdout=out)
    return out.getvalue().splitlines()


def test_what_the_secret_key_hashed_before_an_upgrade_is_not_forgotten(settings):
    settings.SUPPRESSION_KEY_FALLBACKS = ["the former secret key"]
    made = suppressing.email_hash("jana@example.org", "the former secret key")
    Suppression.objects.create(email_hash=made, reason="erased")
    assert suppressing.of("Jana@example.org").get().reason == "erased"
    assert keys_in_use()[-1] == "Before keys had names, by the SECRET_KEY of then: 1"
    suppressing.suppress("jana@example.org", Suppression.Reason.ERASED)
    now = Suppression.objects.get()
    assert now.key_id == suppressing.key_id(settings.SUPPRESSION_KEY), "whoever is seen again moves to the new key"
    assert keys_in_use() == ["SUPPRESSION_KEY: 1", "SUPPRESSION_KEY_FALLBACKS, no. 1: 0"]


def test_a_key_that_is_still_needed_is_missed_aloud(settings):
    suppressing.suppress("jana@example.org", Suppression.Reason.ERASED)
    former, settings.SUPPRESSION_KEY = settings.SUPPRESSION_KEY, "new"
    settings.SUPPRESSION_KEY_FALLBACKS = []
    assert not suppressing.of("jana@example.org").exists()
    with pytest.raises(CommandError, match="The keys of 1 suppressions are missing"):
        keys_in_use()
    settings.SUPPRESSION_KEY_FALLBACKS = [former]
    assert suppressing.of("jana@example.org").exists()


def test_a_complaint_is_not_overwritten_by_a_deletion():
    for reason in (Suppression.Reason.COMPLAINED, Suppression.Reason.ERASED):
        suppressing.suppress("jana@example.org", reason)
    assert Suppression.objects.get().reason == "complained"


def test_a_mailbox_is_suppressed_however_it_is_written():
    suppressing.suppress("jana+news@gmail.com", Suppression.Reason.COMPLAINED)
    assert suppressing.complained("J.ana@googlemail.com")
    assert not suppressing.complained("janb@gmail.com")


# --- Who complained -----------------------------------------------------------------------------


def test_who_complained_gets_no_mail_whatever_strangers_ask_for(client: Client):
    subscribe(client)
    confirm_later = "/de/newsletter/"
    Mail.objects.all().delete()
    subscribing.complain(JANA, source="provider")
    for _ in range(2):
        assert ask(client).status_code == 303
    assert "jana@example.org" in ask_links(client).text
    other = subscribe(client, "mia@example.org")
    moving.request(other, JANA, language="de", source=confirm_later, network="")
    assert mails() == []
    assert Subscriber.objects.get(email=JANA).status == "complained"


def test_a_link_from_before_the_complaint_brings_nobody_back(client: Client):
    ask(client)
    confirm = link("confirm")
    consents = list(Subscriber.objects.get().consents.all())
    Suppression.objects.create(email_hash=suppressing.email_hash(JANA, "another"), reason="complained")
    suppressing.suppress(JANA, Suppression.Reason.COMPLAINED)
    answer = client.post(confirm)
    assert (answer.status_code, "schreiben Sie uns bitte" in answer.text) == (410, True)
    assert consents
    assert Subscriber.objects.get().status == "pending"


def test_staff_lift_a_complaint_by_one_button_and_say_why(client: Client):
    subscriber = subscribe(client)
    subscribing.complain(JANA, source="provider")
    staff = Client()
    staff.force_login(make_user("newsletter", language="de"))
    page = staff.get(f"/admin/newsletter/subscriber/{subscriber.pk}/change/").text
    lift = f"/admin/newsletter/subscriber/lift/?of={subscriber.pk}"
    assert lift in page
    assert JANA in staff.get(lift).text
    assert "Bitte schreiben Sie, warum." in staff.post(lift, {"email": JANA, "reason": ""}).text
    ask(client)
    assert mails()[-1] == "newsletter-welcome"
    assert staff.post(lift, {"email": JANA, "reason": "Hat am 3. Mai geschrieben"}).status_code == 302
    line = Change.objects.get(what="lifted")
    assert (line.reason, line.by) == ("Hat am 3. Mai geschrieben", staff.get(lift).wsgi_request.user)
    assert LogEntry.objects.get().change_message == "Hat am 3. Mai geschrieben"
    assert JANA not in LogEntry.objects.get().object_repr
    assert Subscriber.objects.get().status == "unsubscribed", "lifting subscribes nobody"
    ask(client)
    assert client.post(link("confirm")).status_code == 200
    assert Subscriber.objects.get().status == "active"


def test_a_complaint_outlives_the_deletion_of_everything_else_and_is_lifted_by_the_address(client: Client):
    subscriber = subscribe(client)
    subscribing.complain(JANA, source="provider")
    subscribing.erase(subscriber)
    ask(client)
    assert mails() == []
    staff = Client()
    staff.force_login(make_user("newsletter", language="de"))
    lift = "/admin/newsletter/subscriber/lift/"
    assert "keine Beschwerde" in staff.post(lift, {"email": "mia@example.org", "reason": "schrieb"}).text
    assert staff.post(lift, {"email": "Jana@example.org", "reason": "schrieb"}).status_code == 302
    ask(client)
    assert mails() == ["newsletter-confirm"]
    editor = Client()
    editor.force_login(make_user("editor"))
    assert editor.post(lift, {"email": JANA, "reason": "x"}).status_code == 403


# --- Who was erased -----------------------------------------------------------------------------


def test_who_was_erased_is_asked_once_in_thirty_days_and_told_that_nothing_is_needed(client: Client):
    subscribing.erase(make_subscriber())
    for _ in range(3):
        assert ask(client).status_code == 303
    assert mails() == ["newsletter-confirm"]
    text = mail.render(Mail.objects.get()).text
    assert "auf Wunsch gelöscht" in text
    assert "Wenn Sie nichts tun, bleibt es dabei" in " ".join(text.split())
    Suppression.objects.update(asked_at=timezone.now() - timedelta(days=29, hours=23))
    other = make_subscriber("mia@example.org")
    moving.request(other, JANA, language="de", source="/", network="")
    assert len(mails()) == 1
    Suppression.objects.update(asked_at=timezone.now() - timedelta(days=30, hours=1))
    subscribing.handle(subscribing.request(JANA, language="de", source="/", network=""))
    assert mails() == ["newsletter-confirm"] * 2
    assert Suppression.objects.count() == 1
    client.post(link("confirm"))
    assert Suppression.objects.count() == 0, "only the owner's click lifts it"


@pytest.mark.parametrize("path", ["/de/newsletter/", "/de/newsletter/links/"])
def test_everyone_is_told_alike_whom_to_write_to_when_no_mail_comes(client: Client, path: str, settings):
    settings.SITE_MAIL_REPLY_TO = "SCCON <frage@example.org>"
    subscribing.complain(JANA, source="provider")
    for email in (JANA, "new@example.org"):
        page = client.post(path, {"email": email}, follow=True).text
        assert "Keine Mail nach einigen Minuten? Schreiben Sie uns" in page
        assert 'href="mailto:frage@example.org"' in page
