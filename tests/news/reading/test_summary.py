"""A text without a lead: it can be published, and everything that showed the lead shows its first sentences."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from news.models import Article, Publication
from news.publishing import checks
from sccon.plain_text import first_sentences
from tests.factories import make_article, make_topic, make_user, publish, signed_in
from tests.news.admin_forms import filled

pytestmark = pytest.mark.django_db

# The article of the seed, as it was handed over: title, picture, text, and no lead.
SEED = (
    "<p>Berlin, 12. Oktober 2026. Die Digitalministerkonferenz tagt am 14. Oktober auf der Smart Country Convention. "
    "Erwartet werden u. a. Dr. Karsten Wildberger und 16 Ministerinnen &amp; Minister. Das Treffen ist öffentlich.</p>"
    "<h2>Das Programm</h2><p>Mehr dazu folgt.</p>"
)
SAID = (
    "Berlin, 12. Oktober 2026. Die Digitalministerkonferenz tagt am 14. Oktober auf der Smart Country Convention. "
    "Erwartet werden u. a. Dr. Karsten Wildberger und 16 Ministerinnen & Minister."
)


@pytest.mark.parametrize(
    ("html", "said"),
    [
        (SEED, SAID),
        ("", ""),
        ("<p>Ein Satz ohne Ende</p>", "Ein Satz ohne Ende"),
        ("<p>Kurz.</p><p>Und noch einer.</p>", "Kurz. Und noch einer."),
        ("<h2>Überschrift</h2><p>Text.</p>", "Text."),
        ('<figure data-image="1"><figcaption>Bild.</figcaption></figure><p>Text.</p>', "Text."),
        ("<table><tbody><tr><th>A</th><td>B</td></tr></tbody></table><p>Text.</p>", "Text."),
        ("<ul><li>Eins.</li><li>Zwei.</li></ul>", "Eins. Zwei."),
        ("<p>Zeile<br>und Zeile.</p>", "Zeile und Zeile."),
        ("<p>Mit <strong>Fett</strong>ung &amp; <a href='/x'>Link</a>.</p>", "Mit Fettung & Link."),
        ("<p>z. B. am 3. Mai bei Nr. 5, ca. 9.000 Gäste.</p>", "z. B. am 3. Mai bei Nr. 5, ca. 9.000 Gäste."),
        ("<p>„Wirklich?“ Ja! „Gut.“ Dann los …</p>", "„Wirklich?“ Ja! „Gut.“ Dann los …"),
        (f"<p>{'Wort ' * 100}Ende.</p>", f"{' '.join(['Wort'] * 59)} …"),
        (f"<p>{'x' * 400}</p>", f"{'x' * 298} …"),
        ("<p>Abgeschnitten mitten im <stro", "Abgeschnitten mitten im"),
    ],
)
def test_the_first_sentences_of_a_text(html: str, said: str) -> None:
    assert first_sentences(html) == said


@pytest.mark.parametrize("words", [17, 40, 90, 400, 5000])
def test_they_are_never_longer_than_a_card_and_always_its_own_words(words: int) -> None:
    text = " ".join(f"Wort{number}{'.' * (number % 13 == 0)}" for number in range(words))
    said = first_sentences(f"<p>{text}</p>")
    assert 0 < len(said) <= 300
    assert text.startswith(said.removesuffix(" …"))


def without_lead() -> Publication:
    article = make_article("Digitalministerkonferenz tagt", lead_de=None, body_de=SEED, topics=[make_topic()])
    return publish(article)


def test_the_seeds_own_article_can_be_published_letter_for_letter() -> None:
    row = without_lead()
    assert (row.lead, row.body) == ("", SEED)
    found = {str(finding.field): finding for finding in checks.findings(row.article, "de")}
    assert not found["lead_de"].blocks


def test_everything_that_shows_a_lead_shows_the_first_sentences() -> None:
    row = without_lead()
    client = Client()
    page = client.get(row.url).text
    escaped = SAID.replace("&", "&amp;")
    assert f'<meta name="description" content="{escaped}">' in page
    assert f'<meta property="og:description" content="{escaped}">' in page
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert json.loads(data)["@graph"][0]["description"] == SAID
    assert "article-lead" not in page
    for name in ("site:home", "news:overview"):
        assert escaped in client.get(reverse(name)).text.replace("\u00ad", "")
    for kind in ("atom", "rss"):
        assert escaped.replace("&", "&amp;") in client.get(reverse(f"news:feed_{kind}")).text
    found = client.get(reverse("news:search"), {"q": "Digitalministerkonferenz"}).text
    assert "Berlin, 12. Oktober 2026." in found.replace("\u00ad", "")


def test_a_lead_that_is_long_is_saved_with_a_hint() -> None:
    article, lead = make_article(), "Ein langer Satz ohne Not. " * 40
    client = signed_in(make_user("publisher", language="en"))
    url = f"/admin/news/article/{article.pk}/change/"
    assert client.post(url, filled(client, url, lead_de=lead)).status_code == 302
    article = Article.objects.get(pk=article.pk)
    assert article.lead_de == lead.strip()
    (finding,) = [each for each in checks.findings(article, "de") if each.field == "lead_de"]
    assert not finding.blocks
    assert "maxlength" not in str(client.get(url).context["adminform"].form["lead_de"])
