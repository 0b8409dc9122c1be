"""The pictures that stand for articles where their addresses are shared."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image as Picture

from news.models import Article, Publication, SharePicture
from news.pictures import share_pictures
from news.pictures.lettering import has_sign, settable
from news.pictures.library import focus
from news.pictures.share_drawing import HEIGHT, MOST_BYTES, PICTURE_LEFT, WIDTH, Card, Setter, _font, draw
from news.pictures.share_pictures import draw_share_picture, order_share_pictures, order_share_pictures_of
from news.publishing import publications
from sccon.clock import database_now
from sccon.models import Job
from tests.factories import make_article, make_image, make_topic, publish

pytestmark = pytest.mark.django_db

LONG = (
    "Registermodernisierungsgesetz: Bundesverwaltungsamt und Digitalministerium legen gemeinsamen Umsetzungsfahrplan "
    "für die Verwaltungsdigitalisierung in Ländern und Kommunen vor, der bis 2028 reicht"
)


def ordered() -> list[int]:
    """The publications for which a picture is ordered."""
    jobs = Job.objects.filter(task_name="news.draw_share_picture", status="todo")
    return sorted(job.args["publication_id"] for job in jobs)


def drawn(publication: Publication) -> SharePicture:
    draw_share_picture(publication.pk)
    return SharePicture.objects.get(publication=publication)


def opened(name: str) -> Picture.Image:
    with default_storage.open(name) as file:
        picture = Picture.open(BytesIO(file.read()))
        picture.load()
    return picture


def meta(client: Client, path: str) -> dict[str, str]:
    """What the page says to those who share it."""
    page = client.get(path).content.decode()
    lines = [line.strip() for line in page.splitlines() if 'property="og:image' in line]
    return {line.split('"')[1]: line.split('"')[3] for line in lines}


# --- The drawing --------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["Kurz", LONG, "W" * 200, "Ein sehr " * 22, "–", "x" * 60 + " " + "y" * 130])
def test_any_title_gives_a_picture_of_the_right_size(title: str):
    found = Picture.open(BytesIO(draw(Card(title, "Digitalpolitik", "teal", "de"))))
    assert (found.format, found.size) == ("JPEG", (1200, 630))


def test_a_picture_full_of_noise_is_small_enough_for_every_program():
    noise = Picture.merge("RGB", [Picture.effect_noise((1600, 900), 90) for _channel in range(3)])
    assert len(draw(Card(LONG, "Digitalpolitik", "teal", "de", noise))) <= MOST_BYTES


def test_no_line_is_wider_than_its_room_and_no_word_is_lost():
    setter = Setter(_font(40, 820), -1.28)
    words = [f"{part}\N{SOFT HYPHEN}" * 3 + "ende" for part in ("Verwaltungs", "Bundes", "Ministerkonferenzen")]
    lines = setter.lines(words, 440)
    assert max(map(setter.length, lines)) <= 440
    text = "".join(lines).replace("-", "").replace(" ", "")
    assert text == "".join(words).replace("\N{SOFT HYPHEN}", "")


def test_the_picture_is_cut_round_its_focal_point():
    halves = Picture.new("RGB", (1600, 900), "#ff0000")
    halves.paste("#0000ff", (800, 0, 1600, 900))
    left, right = (
        Picture.open(BytesIO(draw(Card("Titel", "", "", "de", halves, x, 0.5)))).getpixel((PICTURE_LEFT + 200, 300))
        for x in (0.1, 0.9)
    )
    assert (left[0] > 200, right[2] > 200) == (True, True)
    assert left != right


def test_the_title_is_in_the_picture():
    with_title, without = (Picture.open(BytesIO(draw(Card(title, "", "", "de")))) for title in ("Titel", "–"))
    assert with_title.crop((0, 120, 400, 250)).tobytes() != without.crop((0, 120, 400, 250)).tobytes()


# --- What the typeface cannot set ---------------------------------------------------------------

SETTABLE = [
    ("E\u2011Akte: 10\u202f% weniger CO\u2082 \u2192 Stufe 2", "E-Akte: 10\N{NO-BREAK SPACE}% weniger CO2 › Stufe 2"),
    ("U\u0308berblick u\u0308ber Bu\u0308rgera\u0308mter", "Überblick über Bürgerämter"),
    ("Heute\u2009–\u2003morgen \u2010 e\u2012d\u2015f", "Heute – morgen - e–d–f"),
    ("H₂O, xⁿ⁺¹, ½ und ⅐, 25 ㎡, 20 ℃", "H2O, xn+¹, ½ und 1⁄7, 25 m2, 20 °C"),
    ("Eﬃzienz ５Ｇ Ⅳ ①", "Effizienz 5G IV 1"),
    ("A ⇒ B ⟵ C ↔ D ➔ E", "A › B ‹ C – D › E"),
    ("Preise ↓ 10 %, Zahl ↑ 5", "Preise − 10 %, Zahl + 5"),
    ("Daten\u00adschutz\u200b im \u202eAmt\u202c \u2060egal\ufeff", "Datenschutz im Amt egal"),
    ("Wir zeigen \U0001f680 mehr \U0001f469\u200d\U0001f4bb\U0001f3fd!", "Wir zeigen mehr!"),
    ("Platz 1\ufe0f\u20e3 ❤️ \U0001f1e9\U0001f1ea ★ ✓ Berlin", "Platz 1 Berlin"),
    ("Start\U0001f680Ende", "Start Ende"),
    ("Ḧaus, Ǟ und q\u0302", "Haus, A und q"),
    ("5′ 3″ ‛a‟ 5 μm", "5’ 3” ‘a“ 5 µm"),
    ("Größe „gut“ – ‚so‘ … 5 € × 3 ≤ 20 § 4 ő ș ạ", "Größe „gut“ – ‚so‘ … 5 € × 3 ≤ 20 § 4 ő ș ạ"),
]


@pytest.mark.parametrize(("title", "set_as"), SETTABLE)
def test_a_sign_that_the_typeface_lacks_becomes_the_nearest_or_goes(title: str, set_as: str):
    assert settable(title) == set_as
    assert all(has_sign(sign) for sign in set_as)


OTHER_SCRIPTS = [
    "\u0414\u0456\u044f: Ukraine zeigt \U0001f680 digitale Verwaltung",
    "Gru\u00df \u0645\u0631\u062d\u0628\u0627 aus Berlin",
    "Ελλάδα",
    "東京 und Berlin",
    "שלום",
    "नमस्ते",
    "\U0001f680",
]


@pytest.mark.parametrize("title", OTHER_SCRIPTS)
def test_a_title_in_another_script_has_no_drawn_picture_but_the_houses(client: Client, title: str):
    story = publish(make_article(title, slug_de="titel"))
    order_share_pictures(0)
    assert ordered() == []
    draw_share_picture(story.pk)
    assert not SharePicture.objects.exists()
    assert meta(client, "/de/news/titel/")["og:image"].endswith("/static/images/share.png")


def test_a_picture_with_boxes_from_before_goes(django_capture_on_commit_callbacks):
    story = publish(make_article(OTHER_SCRIPTS[0]))
    name = default_storage.save("a/share.jpg", BytesIO(b"boxes"))
    SharePicture.objects.create(publication=story, file=name, key="before")
    order_share_pictures(0)
    assert ordered() == [story.pk]
    with django_capture_on_commit_callbacks(execute=True):
        draw_share_picture(story.pk)
    assert (SharePicture.objects.count(), default_storage.exists(name)) == (0, False)


def test_a_topic_in_another_script_is_left_out_of_the_picture():
    assert draw(Card("Titel", "Дія", "", "de")) == draw(Card("Titel", "", "", "de"))
    assert draw(Card("Дія", "Titel", "", "de")) == draw(Card("", "Titel", "", "de"))  # nor would a title be boxes


def test_the_job_draws_what_stands_for_the_signs_of_a_title():
    title, set_as = SETTABLE[0]
    pictures = [opened(drawn(publish(make_article(text))).file.name).tobytes() for text in (title, set_as)]
    assert pictures[0] == pictures[1]


# --- When it is drawn, and kept -----------------------------------------------------------------


def test_publishing_orders_a_picture_for_each_language():
    article = make_article(image=make_image())
    publications.publish(article, ["de", "en"], by=None)
    assert ordered() == sorted(article.publications.values_list("pk", flat=True))


def test_until_it_is_drawn_the_page_names_the_articles_own(client: Client):
    article = make_article("Titel", slug_de="titel", image=make_image(alt_de="Eine Halle"))
    story = publish(article)
    own = f"{settings.SITE_URL}/media/{article.image.jpeg.name}"
    assert meta(client, "/de/news/titel/")["og:image"] == own
    picture = drawn(story)
    assert meta(client, "/de/news/titel/") == {
        "og:image": f"{settings.SITE_URL}/media/{picture.file.name}",
        "og:image:type": "image/jpeg",
        "og:image:width": str(WIDTH),
        "og:image:height": str(HEIGHT),
        "og:image:alt": "Titel – Eine Halle",
    }
    assert opened(picture.file.name).size == (1200, 630)


def test_without_any_picture_the_page_names_the_houses(client: Client):
    publish(make_article(slug_de="titel"))
    assert meta(client, "/de/news/titel/")["og:image"].endswith("/static/images/share.png")


def test_a_correction_that_changes_nothing_of_it_keeps_the_file():
    article = make_article("Titel")
    first = drawn(publish(article))
    Article.objects.filter(pk=article.pk).update(body_de="<p>Ein verbesserter Text.</p>")
    second = publish(article)
    assert ordered() == [first.publication_id]  # done above, by hand
    assert second.share_picture.file.name == first.file.name


def test_a_new_title_is_a_new_picture():
    article = make_article("Titel")
    first = drawn(publish(article))
    Article.objects.filter(pk=article.pk).update(title_de="Anders")
    second = drawn(publish(article))
    assert second.file.name != first.file.name


def test_drawing_twice_draws_once():
    story = publish(make_article())
    assert drawn(story).file.name == drawn(story).file.name


def test_pages_have_none():
    publish(make_article(kind="page", slug_de="seite"))
    order_share_pictures(0)
    assert ordered() == []


def test_what_is_missing_or_shows_something_else_is_ordered():
    topic, image = make_topic("Open Data"), make_image()
    rows = [publish(make_article(f"Nr. {n}", topics=[topic], image=image)) for n in range(2)]
    ended = publish(make_article("Vorbei")).article
    publications.withdraw(ended, ["de"], by=None, reason="Ein Irrtum")
    planned = publish(make_article("Geplant", topics=[make_topic("Cloud")]), at=database_now() + timedelta(hours=1))
    for row in [*rows, planned]:
        drawn(row)
    Job.objects.all().delete()

    order_share_pictures(0)
    assert ordered() == []

    rows[0].share_picture.delete()
    order_share_pictures(0)
    assert ordered() == [rows[0].pk]
    drawn(rows[0])

    topic.name_de = "Offene Daten"
    topic.save()
    Job.objects.all().delete()
    order_share_pictures(0)
    assert ordered() == [row.pk for row in rows]
    names = [drawn(row).file.name for row in rows]

    focus(image, 0.1, 0.1)
    assert Job.objects.filter(task_name="news.order_share_pictures_of").count() == 1
    Job.objects.all().delete()
    order_share_pictures_of(image.pk)
    assert ordered() == [row.pk for row in rows]
    assert {drawn(row).file.name for row in rows}.isdisjoint(names)
    assert not any(default_storage.exists(name) for name in names)


# --- Who may see it -----------------------------------------------------------------------------


def status(client: Client, picture: SharePicture) -> int:
    response = client.get(f"/media/{picture.file.name}")
    b"".join(response.streaming_content if response.streaming else [])
    return response.status_code


def test_the_picture_of_a_planned_text_is_unknown_until_its_moment(client: Client):
    article = make_article("Geplant", slug_de="geplant")
    planned = drawn(publish(article, at=database_now() + timedelta(hours=1)))
    assert status(client, planned) == 404
    assert client.get("/de/news/geplant/").status_code == 404
    public = drawn(publish(article))
    assert (status(client, public), public.file.name) == (200, planned.file.name)
    publications.withdraw(article, ["de"], by=None, reason="Ein Irrtum")
    assert status(client, public) == 410


def test_the_picture_of_a_new_title_does_not_show_before_its_time(client: Client):
    article = make_article("Alt", slug_de="eins")
    now = drawn(publish(article))
    Article.objects.filter(pk=article.pk).update(title_de="Neu und geheim")
    later = drawn(publish(article, at=database_now() + timedelta(hours=1)))
    assert (status(client, now), status(client, later)) == (200, 404)
    assert later.file.name not in client.get("/de/news/eins/").content.decode()


def test_with_a_plan_that_is_given_up_its_file_goes(django_capture_on_commit_callbacks):
    article = make_article()
    name = drawn(publish(article, at=database_now() + timedelta(hours=1))).file.name
    with django_capture_on_commit_callbacks(execute=True):
        publications.withdraw(article, ["de"], by=None, reason="Doch nicht")
    assert not default_storage.exists(name)
    assert not SharePicture.objects.exists()


def test_a_plan_given_up_while_it_is_drawn_leaves_no_file(monkeypatch: pytest.MonkeyPatch, settings):
    article = make_article()
    planned = publish(article, at=database_now() + timedelta(hours=1))
    drawing = share_pictures.draw

    def meanwhile(card: Card) -> bytes:
        planned.delete()
        return drawing(card)

    monkeypatch.setattr(share_pictures, "draw", meanwhile)
    draw_share_picture(planned.pk)
    assert default_storage.listdir("")[0] == []


def test_a_file_stays_while_another_text_shows_it(django_capture_on_commit_callbacks):
    article = make_article("Titel")
    public = drawn(publish(article))
    planned = publish(article, at=database_now() + timedelta(hours=1))
    assert planned.share_picture.file.name == public.file.name
    with django_capture_on_commit_callbacks(execute=True):
        planned.delete()
    assert default_storage.exists(public.file.name)
