"""The outbox in the admin."""

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from sccon.models import Mail
from sccon.settings import relay as mailer
from tests.factories import make_user, signed_in
from tests.newsletter.people import ask
from tests.relay import Relay, run_jobs
from tests.tickets.factories import make_order, make_shop

pytestmark = pytest.mark.django_db(transaction=True)


def client_of(*groups: str, **fields: object) -> Client:
    return signed_in(make_user(*groups, language="de", **fields))


def send_again(client: Client, row: Mail) -> str:
    given = {"action": "send_again", "_selected_action": [row.pk]}
    return client.post("/admin/sccon/mail/", given, follow=True).text


@pytest.fixture
def failed(client: Client) -> Mail:
    ask(client)
    with connection.cursor() as cursor:  # whose job has given up
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    Mail.objects.update(status=Mail.Status.FAILED, error="SMTPRecipientsRefused: unbekannt")
    return Mail.objects.get()


def test_staff_sees_which_mail_went_to_whom_and_what_became_of_it_but_no_secret_of_it(failed: Mail):
    listed = client_of("newsletter").get("/admin/sccon/mail/").text
    page = client_of("newsletter").get(f"/admin/sccon/mail/{failed.pk}/change/").text
    for said in ("Bitte bestätigen Sie Ihre Anmeldung", "jana@example.org", "nicht versandt", "unbekannt"):
        assert said in listed
        assert said in page
    assert failed.context["confirm_url"] not in listed + page
    assert 'name="_save"' not in page


def test_each_group_sees_the_mails_to_its_own_people(failed: Mail):
    _event, _quota, product = make_shop()
    make_order(product, email="henriette@example.org")
    assert "henriette@example.org" not in client_of("newsletter").get("/admin/sccon/mail/").text
    tickets = client_of("tickets").get("/admin/sccon/mail/").text
    assert "henriette@example.org" in tickets
    assert "jana@example.org" not in tickets
    assert client_of("tickets").get(f"/admin/sccon/mail/{failed.pk}/change/").status_code == 302
    assert client_of("editor").get("/admin/sccon/mail/").status_code == 403


def test_a_mail_that_could_not_be_sent_is_sent_again(failed: Mail, settings):
    with Relay() as relay:
        settings.SMTP_URL = relay.url
        settings.MAILERS = {"default": mailer(relay.url, timeout=5)}
        assert "1 Mail wird noch einmal gesendet." in send_again(client_of("newsletter"), failed)
        run_jobs()
        assert [message["To"] for message in relay.messages] == ["jana@example.org"]
    failed.refresh_from_db()
    assert (failed.status, failed.error) == (Mail.Status.SENT, "")


@pytest.mark.parametrize("change", [{"status": Mail.Status.SENT}, {"emptied_at": timezone.now()}])
def test_what_was_sent_or_forgotten_is_not_sent_again(failed: Mail, change: dict):
    Mail.objects.update(**change)
    assert "nur Mails, die nicht gesendet werden konnten" in send_again(client_of("newsletter"), failed)
    assert Mail.objects.get().status == change.get("status", Mail.Status.FAILED)


def test_a_forgotten_mail_is_still_listed(failed: Mail):
    Mail.objects.update(context={}, emptied_at=timezone.now())
    assert "nach 90 Tagen vergessen" in client_of("newsletter").get("/admin/sccon/mail/").text
