"""Every kind of page that a visitor can meet, and a small site that has them all."""

from datetime import UTC, datetime, timedelta

from news.models import Article, Attachment, Image, Pin, Topic, Withdrawal
from news.publishing import publications
from newsletter.models import Correction
from tests.factories import make_article, make_author, make_image, make_topic, make_user, publish
from tests.newsletter.issues.made import add, freeze, make_issue
from tests.processes import wait_until
from tests.tickets.factories import make_product, make_quota, make_shop

LANGUAGES = ("de", "en")

# What follows the language; the slugs are the same in both.
KINDS = {
    "home": "/",
    "overview": "/news/",
    "second page": "/news/?page=2",
    "filtered overview": "/news/?topic=open-data&year=2025",
    "article with everything": "/news/alles/",
    "article without picture": "/news/ohne-bild/",
    "article with a very long title": "/news/langer-titel/",
    "article under a notice": "/news/hinweis/",
    "topic": "/news/topics/open-data/",
    "legal page": "/imprint/",
    "newsletter": "/newsletter/",
    "issues of the newsletter": "/newsletter/issues/",
    "issue in the archive": "/newsletter/issues/mai-2026/",
    "links to the own data": "/newsletter/links/",
    "newsletter's broken link": "/newsletter/confirm/kaputt/",
    "shop": "/tickets/",
    "page not found": "/news/nirgends/",
    "page that is gone": "/news/weg/",
}
STATUS = {"page not found": 404, "page that is gone": 410, "newsletter's broken link": 410}

LONG = (
    "Registermodernisierungsgesetz, Onlinezugangsgesetzänderungsgesetz und Verwaltungsverfahrensgesetz: was die "
    "Digitalministerkonferenz der sechzehn Länder beschlossen hat und was Bürgerinnen und Bürger davon merken werden"
)
EVERYTHING = """
<p>Die <strong>Verwaltung</strong> wird <em>digital</em>: <a href="https://www.example.org/">mehr dazu</a>.</p>
<h2>Überschrift</h2><p>Ein Absatz, „in Anführungszeichen“.</p>
<blockquote><p>Ein Zitat.</p></blockquote>
<blockquote class="pull"><p>Ein herausgestelltes Zitat.</p></blockquote>
<h3>Kleinere Überschrift</h3><ul><li>Erstens</li><li>Zweitens</li></ul><ol><li>Eins</li><li>Zwei</li></ol>
<figure data-image="{image}"><figcaption>Eine Bildunterschrift</figcaption></figure>
<table><thead><tr><th scope="col">Jahr</th><th scope="col">Gäste</th></tr></thead>
<tbody><tr><td>2024</td><td>18.000</td></tr></tbody></table>
"""


def fill() -> None:
    """A site with something of every kind, in both languages, its renditions made by the worker."""
    data, cloud = make_topic("Open Data"), make_topic("KI und Cloud", slug_de="ki", slug_en="ki")
    for number in range(1, 22):
        _published(f"Meldung {number}", [data if number % 2 else cloud], f"meldung-{number}", day=number)
    _published("Ohne Bild", [cloud], "ohne-bild", day=22)
    _published(LONG, [cloud], "langer-titel", day=23)
    for role, slug in (("imprint", "imprint"), ("privacy", "privacy")):
        page = make_article(
            "Rechtliches", kind="page", role=role, slug_de=slug, slug_en=slug, lead_de=None, lead_en=None
        )
        publish(page, *LANGUAGES)
    event, _quota, _ticket = make_shop(description_de="Alle drei Tage.", description_en="All three days.")
    make_product(event, make_quota(event, 0), name_de="Rundgang", name_en="Tour", section="extra")
    notice = _published("Überholt", [cloud], "hinweis", day=24)
    texts = dict.fromkeys(LANGUAGES, "Dieser Text ist überholt.")
    _withdraw(notice, outcome=Withdrawal.Outcome.NOTICE, notice=texts)
    _withdraw(_published("Weg", [cloud], "weg", day=25))
    article = _with_everything([data, cloud])
    Pin.objects.create(article=article)
    issue = make_issue(
        subject_de="Mai 2026", subject_en="Mai 2026", intro_de="<p>Guten Tag,</p>", intro_en="<p>Hello,</p>"
    )
    add(issue, article=article)
    for edition in freeze(issue).values():
        Correction.objects.create(edition=edition, text="Die Halle hat die Nummer 25.", by=make_user())
    wait_until(lambda: not Image.objects.filter(ready_key="").exists(), "all renditions made")


def _with_everything(topics: list[Topic]) -> Article:
    words = {"credit": "Foto: Jana Wetterau", "caption_de": "Eine Halle", "caption_en": "A hall"}
    images = [make_image(name, width=1920, height=1280, **words) for name in ("halle.png", "buehne.png")]
    body = EVERYTHING.format(image=images[1].pk)
    article = make_article(
        "Alles, was ein Text haben kann",
        topics=topics,
        slug_de="alles",
        slug_en="alles",
        image=images[0],
        author=make_author(role_de="Redaktion", role_en="Newsroom"),
        body_de=body,
        body_en=body,
    )
    article.related.set(Article.objects.filter(slug_de__in=["meldung-1", "ohne-bild", "langer-titel"]))
    Attachment.objects.create(
        article=article, file="programm.pdf", title_de="Programm", title_en="Programme", size=48_000
    )
    publish(article, *LANGUAGES, first_published_at=datetime(2025, 10, 30, tzinfo=UTC))
    publish(article, *LANGUAGES, substantial=True)
    return article


def _published(title: str, topics: list[Topic], slug: str, *, day: int) -> Article:
    article = make_article(title, topics=topics, slug_de=slug, slug_en=slug)
    publish(article, *LANGUAGES, first_published_at=datetime(2025, 9, 30, tzinfo=UTC) + timedelta(days=day))
    return article


def _withdraw(article: Article, **options: object) -> None:
    publications.withdraw(article, LANGUAGES, by=None, reason="Überholt", **options)
