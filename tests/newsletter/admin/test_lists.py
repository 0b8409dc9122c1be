"""Staff bring a list in: they see what would become of each row, import it, look how far it is, and undo it."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from newsletter.lists import importing
from newsletter.models import Import, Subscriber
from newsletter.subscribers import subscribing
from sccon.models import Job
from tests.factories import make_user
from tests.newsletter.lists.lists import as_csv, checked, imported, person
from tests.newsletter.people import make_subscriber

pytestmark = pytest.mark.django_db

LISTS = "/admin/newsletter/import/"
TEXT = as_csv(
    person("jana@example.org"), person("=1@example.org"), person("left@example.org"), person("mia@example.org", date="")
)


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_user("newsletter-lists", language="de"))
    return client


def test_a_list_is_shown_row_by_row_then_imported_then_undone(staff: Client):
    subscribing.unsubscribe(make_subscriber("left@example.org"), source="link")
    file = SimpleUploadedFile("alte liste.csv", TEXT.encode("utf-16"), "text/csv")
    page = staff.post(f"{LISTS}upload/", {"file": file, "language": "de"})["Location"]
    of = Import.objects.get()
    assert "wird geprüft" in staff.get(page).text and "<progress" in staff.get(page).text
    importing.read(import_id=of.pk)
    shown = staff.get(page).text
    for fact in (
        "alte liste.csv",
        "2 Zeilen importieren",
        "jana@example.org",
        "neuer Abonnent",
        "ohne Datum ist es kein",
    ):
        assert fact in shown, fact
    assert "jana@example.org" not in staff.get(f"{page}?fate=refused").text
    assert Subscriber.objects.count() == 1, "nothing is written before the second click"
    rows = staff.get(f"{LISTS}{of.pk}/rows/").getvalue().decode("utf-8-sig")
    assert len(rows.splitlines()) == 5 and "'=1@example.org" in rows

    staff.post(page, {"import": "1"})
    progress = staff.get(f"{LISTS}{of.pk}/progress/")
    assert progress["X-Status"] == "running" and "0 von 2" in progress.text
    importing.run(import_id=of.pk)
    assert staff.get(f"{LISTS}{of.pk}/progress/")["X-Status"] == "done"
    assert Subscriber.objects.active().count() == 2
    proof = Subscriber.objects.get(email="jana@example.org")
    assert "Messestand 2024" in staff.get(f"/admin/newsletter/subscriber/{proof.pk}/consent/").text

    assert "Diesen Import rückgängig machen" in staff.get(page).text
    staff.post(page, {"undo": "1"})
    importing.revert(import_id=of.pk)
    assert "zurückgenommen" in staff.get(page).text
    assert not Subscriber.objects.active().exists()
    assert [line.change_message for line in LogEntry.objects.order_by("pk")] == [
        "importiert",
        "Einwilligungsnachweis angezeigt.",
        "rückgängig gemacht",
    ]
    assert re.search(r">2</a> [^<]*zurückgenommen", staff.get(page).text)


def test_a_list_is_thrown_away_or_refused_with_what_it_lacks(staff: Client):
    of = checked(as_csv(person("jana@example.org")))
    staff.post(f"{LISTS}{of.pk}/change/", {"discard": "1"})
    assert not Import.objects.exists()
    refused = staff.post(f"{LISTS}upload/", {"text": "Mail;Name\na@example.org;Ada", "language": "de"})
    assert "Es fehlt: Quelle der Einwilligung, Datum der Einwilligung" in refused.text
    assert "Wählen Sie eine Datei" in staff.post(f"{LISTS}upload/", {"language": "de"}).text
    assert not Import.objects.exists()
    assert Job.objects.filter(task_name="newsletter.read_import").count() == 1, "only that of the first list"


def test_what_nothing_is_taken_from_is_said(staff: Client):
    of = checked("E-Mail,Vorname,Quelle,Datum\na@example.org,Ada,Stand,2024-05-31\n")
    assert "Vorname" in staff.get(f"{LISTS}{of.pk}/change/").text


def test_who_may_only_look_at_subscribers_does_not_import(client: Client):
    of = imported(as_csv(person("jana@example.org")))
    client.force_login(make_user("newsletter"))
    for path in ("", "upload/", f"{of.pk}/change/", f"{of.pk}/rows/", f"{of.pk}/progress/"):
        assert client.get(LISTS + path).status_code == client.post(LISTS + path).status_code == 403, path
