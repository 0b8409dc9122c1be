"""What the mail doctor found, as rows: seen in both languages, asked for anew, and in the way of a run until confirmed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from newsletter.delivery import audience, running
from newsletter.doctor import keeping, looking
from newsletter.issues import checks
from newsletter.models import Delivery, Issue, MailFinding
from sccon.clock import database_now
from sccon.models import Job
from tests.factories import make_user
from tests.newsletter.doctor.nameserver import Nameserver
from tests.newsletter.doctor.world import DKIM, DMARC, GOOD, SPF, known_world
from tests.newsletter.issues.made import make_issue
from tests.newsletter.issues_factory import make_subscribers
from tests.relay import run_jobs

pytestmark = pytest.mark.django_db

URL = "/admin/newsletter/mailfinding/"


@pytest.fixture
def nameserver(settings: Any) -> Iterator[Nameserver]:
    with known_world(settings) as server:
        yield server


def verdicts() -> dict[str, str]:
    return dict(MailFinding.objects.values_list("about", "verdict"))


def ordered(**fields: Any) -> Issue:
    issue = make_issue(only="de")
    assert running.order(issue, by=make_user(), expected=audience.count(issue).languages, **fields)
    Issue.objects.filter(pk=issue.pk).update(begin_at=database_now() - timedelta(seconds=1))
    issue.refresh_from_db()
    return issue


def test_a_row_a_check_and_the_next_look_replaces_it(nameserver: Nameserver, settings: Any):
    assert keeping.is_stale()
    keeping.look()
    assert verdicts() == {
        **dict.fromkeys(("spf", "dkim", "dmarc", "alignment", "tls"), "good"),
        **dict.fromkeys(("host", "links"), "unknown"),
    }
    assert not keeping.is_stale() and keeping.red() == []
    nameserver.zone |= {SPF: [b"v=spf1 \xff\0 -all"], DMARC: []}
    keeping.look()
    assert [row.says for row in keeping.red()] == ["spf-broken", "dmarc-missing"]
    settings.NEWSLETTER_BOUNCE_DOMAIN = "bounces.example.org"
    assert keeping.is_stale()
    assert [row.about for row in keeping.current()] == ["dkim", "dmarc", "host", "tls", "links"]
    settings.NEWSLETTER_BOUNCE_DOMAIN = ""
    MailFinding.objects.update(checked_at=database_now() - timedelta(hours=25, minutes=1))
    assert keeping.is_stale()
    settings.NEWSLETTER_SMTP_URL = None  # a demo: nothing leaves
    assert keeping.current() == [] and not keeping.is_stale()
    nameserver.asked.clear()
    keeping.look()
    assert verdicts() == {} and not nameserver.asked


def test_a_run_looks_first_and_rests_on_red_unless_it_was_confirmed(nameserver: Nameserver):
    make_subscribers(3)
    nameserver.zone |= {DMARC: []}
    issue = ordered()
    assert not running.begin(issue.pk)
    issue.refresh_from_db()
    assert (issue.status, issue.pause, Delivery.objects.count()) == ("paused", "checks", 0)
    assert "example.org" in issue.pause_words and "Gmail" in issue.pause_words
    nameserver.asked.clear()
    assert running.resume(issue) and not running.begin(issue.pk)
    assert not nameserver.asked  # it has looked today
    (found,) = checks.blocking(issue)
    assert running.take_back(issue)
    assert running.begin(ordered(confirmed=[found.key]).pk)
    nameserver.zone |= {DMARC: GOOD[DMARC], SPF: []}
    keeping.look()
    other = ordered(confirmed=[found.key])
    assert not running.begin(other.pk)  # that was about something else
    nameserver.zone |= GOOD
    keeping.look()
    assert running.resume(other) and running.begin(other.pk)


@pytest.mark.parametrize("dns", ["127.0.0.1:0", "servfail"])
def test_without_dns_nothing_is_in_the_way_of_a_run(nameserver: Nameserver, settings: Any, dns: str):
    settings.NEWSLETTER_DNS = nameserver.address if dns == "servfail" else dns
    nameserver.moods = {"*": dns}
    make_subscribers(3)
    assert running.begin(ordered().pk)
    assert {row.says for row in keeping.current() if row.about in {"spf", "dkim", "dmarc"}} == {"dns-silent"}
    assert keeping.red() == []


def test_in_the_demo_nothing_is_looked_at_and_nothing_blocks():
    make_subscribers(3)
    assert running.begin(ordered().pk)
    assert not MailFinding.objects.exists()


@pytest.mark.parametrize(
    ("language", "said", "button", "unknown"),
    [
        (
            "de",
            ("Zustellprüfung", "muss behoben werden", "Ins DNS einzutragen"),
            "Jetzt erneut prüfen",
            "DNS antwortet nicht",
        ),
        ("en", ("Mail doctor", "must be mended", "To be put into the DNS"), "Look again now", "DNS gives no answer"),
    ],
)
def test_the_page_says_what_is_wrong_and_what_to_publish(
    client: Client, nameserver: Nameserver, language: str, said: tuple[str, ...], button: str, unknown: str
):
    client.force_login(make_user("newsletter", language=language))
    assert button in client.get(URL).text
    nameserver.zone |= {DMARC: [], DKIM: ["<b>v=DKIM1; p=!"]}
    nameserver.moods = {"others.example": "servfail"}
    keeping.look()
    page = client.get(URL).text
    assert all(words in page for words in (*said, button, unknown))
    assert "<code>_dmarc.example.org</code>" in page and "<code>v=DMARC1; p=none</code>" in page
    assert "&lt;b&gt;v=DKIM1" in page and "<b>v=DKIM1" not in page
    desk = client.get("/admin/").text
    assert URL in desk[desk.index("desk-newsletter") :][:2000]
    form = client.get(f"/admin/newsletter/issue/{make_issue().pk}/change/").text
    assert f'<a href="{URL}">' in form[form.index("issue-checks") :][:3000]


def test_whoever_sends_confirms_what_is_red(client: Client, nameserver: Nameserver):
    make_subscribers(2)
    client.force_login(make_user("newsletter", "newsletter-send", language="de"))
    nameserver.zone |= {DMARC: []}
    keeping.look()
    issue = make_issue(only="de")
    page = client.get(f"/admin/newsletter/issue/{issue.pk}/send/").text
    assert 'value="doctor-dmarc-missing"' in page and URL in page and "An 2 Personen senden" in page
    data = {"version": issue.version, "expected_de": 2}
    client.post(f"/admin/newsletter/issue/{issue.pk}/send/", data)
    issue.refresh_from_db()
    assert issue.status == "draft"
    client.post(f"/admin/newsletter/issue/{issue.pk}/send/", data | {"confirmed": "doctor-dmarc-missing"})
    issue.refresh_from_db()
    assert (issue.status, issue.confirmed) == ("scheduled", ["doctor-dmarc-missing"])


@pytest.mark.django_db(transaction=True)
def test_asked_twice_it_looks_once_and_the_page_says_so_meanwhile(client: Client, nameserver: Nameserver):
    client.force_login(make_user("newsletter-send", language="en"))
    for _click in range(2):
        assert client.post(f"{URL}look/").status_code == 302
    assert Job.objects.filter(task_name=keeping.TASK).count() == 1
    page = client.get(URL).text
    assert "It is being looked at" in page and "Look again now" not in page
    assert client.get(f"{URL}progress/")["X-Status"] == "asked"
    run_jobs()
    assert client.get(f"{URL}progress/")["X-Status"] == "done"
    assert len(looking.subjects(looking.setup())) == MailFinding.objects.count()
    assert "Look again now" in client.get(URL).text
