"""Pictures as pages show them: alone, and inside a text."""

import nh3
import pytest
from django.template import Context, Template
from django.utils import translation

from news.models import Image, Rendition
from news.pictures.figures import image_ids
from news.reading.body import SIZES, render_body
from sccon.html import sanitise

KEY = "0123456789ab"


def picture(pk: int = 7, ready: bool = True, **fields) -> Image:
    """An unsaved picture with its renditions fetched, as pages have it."""
    texts = {"alt_de": "Eine Halle", "alt_en": "A hall", **fields}
    image = Image(pk=pk, jpeg="dir/hall-1600.jpg", width=2400, height=1600, ready_key=KEY if ready else "", **texts)

    def rendition(key: str, crop: str, kind: str, width: int) -> Rendition:
        file = f"dir/{key[0]}-{crop}-{width}.{kind}"
        return Rendition(image=image, key=key, crop=crop, format=kind, width=width, height=width * 2 // 3, file=file)

    renditions = [
        rendition(key, crop, kind, width)
        for key in (KEY, "old")
        for crop in ("full", "card")
        for kind in ("avif", "jpeg", "webp")
        for width in ((640,) if kind == "jpeg" else (640, 960))
    ]
    image._prefetched_objects_cache = {"renditions": renditions if ready else []}
    return image


def shown(source: str, **context) -> str:
    return Template("{% load news %}" + source).render(Context(context))


def test_a_picture_offers_both_formats_in_all_widths_of_the_ready_set():
    with translation.override("en"):
        html = shown('{% picture image crop="card" sizes="20rem" css="thumb" %}', image=picture())
    assert html == (
        '<picture class="thumb">'
        '<source type="image/avif"'
        ' srcset="/media/dir/0-card-640.avif 640w, /media/dir/0-card-960.avif 960w" sizes="20rem">'
        '<source type="image/webp"'
        ' srcset="/media/dir/0-card-640.webp 640w, /media/dir/0-card-960.webp 960w" sizes="20rem">'
        '<img src="/media/dir/0-card-640.jpeg" width="960" height="640" alt="A hall" loading="lazy" decoding="async">'
        "</picture>"
    )


def test_the_first_picture_of_a_page_is_loaded_at_once():
    html = shown("{% picture image lazy=False %}", image=picture())
    assert 'loading="eager" fetchpriority="high"' in html


@pytest.mark.parametrize(("crop", "size"), [("full", (1600, 1067)), ("card", (1600, 1067)), ("tall", (1600, 2000))])
def test_until_renditions_are_ready_the_jpeg_stands_in_with_the_shape_it_will_have(crop, size):
    html = shown("{% picture image crop=crop %}", image=picture(ready=False), crop=crop)
    assert html == (
        f'<picture><img src="/media/dir/hall-1600.jpg" width="{size[0]}" height="{size[1]}" alt="Eine Halle"'
        ' loading="lazy" decoding="async"></picture>'
    )


def test_the_alternative_text_is_the_pictures_own_unless_this_use_has_another():
    cases = [
        (picture(), "{% picture image %}", "Eine Halle"),
        (picture(alt_de=None), "{% picture image %}", ""),
        (picture(decorative=True), "{% picture image %}", ""),
        (picture(), '{% picture image alt="" %}', ""),
        (picture(), "{% picture image alt=text %}", "&lt;b&gt; &amp; &quot;"),
    ]
    for image, source, alt in cases:
        assert f' alt="{alt}" ' in shown(source, image=image, text='<b> & "')


# nh3 writes the texts, so it writes them here, too.
def sanitised(html: str) -> str:
    return nh3.clean(
        html,
        tags={"p", "figure", "figcaption", "em", "table", "tbody", "tr", "td"},
        attributes={"figure": {"data-image", "data-alt"}},
    )


def test_pictures_of_a_text_are_found_in_order_and_once():
    text = sanitised(
        '<p>data-image="1"</p><figure data-image="9"></figure><p>a</p><figure data-alt="a > b" data-image="7"></figure>'
        '<figure data-image="9"></figure><figure data-image="x"></figure>'
        "<figure><table><tr><td>1</td></tr></table></figure>"
        '<p>&lt;figure data-image="2"&gt;&lt;/figure&gt;</p>'
    )
    assert image_ids(text) == [9, 7]


def test_a_figure_becomes_a_picture_with_the_alt_and_caption_of_this_use_and_the_credit():
    text = sanitised(
        '<p>Vorher</p><figure data-image="7" data-alt="Der &quot;Saal&quot; <7>">'
        "<figcaption>Im <em>Saal</em></figcaption></figure><p>Nachher</p>"
    )
    image = picture(credit="Foto: <A>")
    html = render_body(text, {7: image}, "de")
    before, rest = html.split('<figure class="body-picture"><picture>')
    element, after = rest.split("</picture>")
    assert before == "<p>Vorher</p>"
    assert after == (
        '<figcaption>Im <em>Saal</em> <span class="credit">Foto: &lt;A&gt;</span></figcaption></figure><p>Nachher</p>'
    )
    assert ' alt="Der &quot;Saal&quot; &lt;7&gt;" ' in element
    assert f'960w" sizes="{SIZES}"' in element
    assert "-full-" in element


def test_without_words_of_this_use_the_picture_brings_its_own_alt_in_the_texts_language():
    html = render_body('<figure data-image="7"></figure>', {7: picture()}, "en")
    assert ' alt="A hall" ' in html
    assert html.endswith("</picture></figure>")


def test_a_figure_whose_picture_is_missing_is_dropped_and_other_figures_stay():
    table = "<figure><table><tbody><tr><td>1</td></tr></tbody></table></figure>"
    text = sanitised(f'<p>a</p><figure data-image="8"><figcaption>x</figcaption></figure>{table}<p>b</p>')
    shown = table.replace("<table>", '<div class="table" role="region" tabindex="0" aria-label="Tabelle 1"><table>')
    assert render_body(text, {}, "de") == f"<p>a</p>{shown.replace('</table>', '</table></div>')}<p>b</p>"


VIDEO = "https://www.youtube.com/watch?v=abc&t=1"


def video(address: str = VIDEO) -> str:
    return f'<figure data-image="7" data-alt="Der Saal" data-video="{address}"><figcaption>Rede</figcaption></figure>'


def test_a_video_is_a_picture_that_leads_to_it_and_loads_nothing_from_there():
    text = sanitise(video(VIDEO.replace("&", "&amp;")))
    assert text == video(VIDEO.replace("&", "&amp;"))
    with translation.override("de"):
        html = render_body(text, {7: picture()}, "de")
    assert '<a href="https://www.youtube.com/watch?v=abc&amp;t=1" rel="noreferrer"><picture>' in html
    assert "Video bei youtube.com ansehen</span></a><figcaption>Rede</figcaption></figure>" in html
    assert 'alt="Der Saal"' in html
    assert html.count("youtube.com/") == 1
    assert image_ids(text) == [7]


@pytest.mark.parametrize(
    "address",
    [
        "http://www.youtube.com/watch?v=a",
        "https://www.youtube.com.evil.example/watch",
        "https://evilyoutube.com/watch",
        "https://youtube.com@evil.example/watch",
        "https://user@youtube.com/watch",
        "https://youtube.com:444/watch",
        "https://youtube.com/",
        "https://[youtube.com/a",
        "javascript:alert(1)//youtube.com/a",
        "//youtube.com/watch",
        "https://youtube.com/a b",
        "",
    ],
)
def test_what_is_no_video_of_a_known_place_leaves_the_picture(address: str):
    assert sanitise(video(address)) == video("").replace(' data-video=""', "")
