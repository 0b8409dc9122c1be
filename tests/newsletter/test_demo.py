"""The demo's issues: in every state, adding up, and every mail of them can be read."""

import pytest
from django.conf import LazySettings
from django.test import Client

from newsletter import demo, figures
from newsletter.delivery import progress
from newsletter.models import Delivery, Edition, Import, Issue
from tests.factories import make_article, make_topic, publish

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_demo_has_issues_in_all_states_and_every_mail_can_be_read(client: Client, settings: LazySettings):
    settings.SMTP_URL, settings.SITE_DEMO = "", True
    for number in range(9):
        article = make_article(f"Bericht {number}", lead_de="Was geschah.")
        publish(article, "de", "en")
    make_topic("Wald"), make_topic("Klima")
    demo.fill()
    assert (demo.fill_lists(), demo.fill_lists()) == (2, 0)
    done, waits = Import.objects.order_by("pk")
    assert (done.state, waits.state) == ("done", "checked")
    assert {"new", "topics", "same", "double", "left", "bounced", "waiting", "refused"} <= set(done.counts), done.counts
    assert {"new", "same", "refused"} == set(waits.counts), waits.counts
    assert demo.fill_issues() == 4
    assert demo.fill_issues() == 0, "running it again changes nothing"
    assert sorted(Issue.objects.values_list("status", flat=True)) == ["draft", "paused", "sent", "sent"]
    for issue in Issue.objects.exclude(status="draft"):
        stands = progress.of(issue)
        assert stands.planned == sum(stands.counts.values()) > 100
        assert bool(stands.to_go) == (issue.status == "paused")
    assert Delivery.objects.filter(bounced_at__isnull=False).exists()
    assert Delivery.objects.filter(left_at__isnull=False).exists()
    newest = figures.last_issue()
    oldest = Issue.objects.exclude(started_at=None).earliest("started_at")
    assert newest and newest.status == "paused" and figures.outcome(oldest).bounced and figures.outcome(oldest).viewed
    assert "" not in figures.outcome(oldest).came_back
    assert len({edition.made_at for edition in Edition.objects.all()}) == 3
    page = client.get("/demo/mailbox/")
    assert "Der Vorverkauf läuft" in page.text or "Wer 2027 auf der Bühne steht" in page.text
    mail = Delivery.objects.filter(state="sent", edition__language="de").order_by("-sent_at")[0]
    letter = client.get(f"/demo/mailbox/issues/{mail.pk}/").text
    assert "Sichern Sie sich Ihr Ticket" in letter and mail.subscriber.email in letter
    html = client.get(f"/demo/mailbox/issues/{mail.pk}/html/")
    assert "/de/newsletter/unsubscribe/" in html.text and "Bericht" in html.text
    settings.SMTP_URL = "smtp://relay.example"
    assert client.get(f"/demo/mailbox/issues/{mail.pk}/").status_code == 404
