"""The text part of a mail reads like one that someone typed."""

import pytest

from sccon.plain_text import first_sentences, plain_text, words


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>Guten Tag,</h1><p>eins<br>zwei</p><p>drei</p>", "Guten Tag,\n\neins\nzwei\n\ndrei\n"),
        ("<p>Größe &amp;\n   <b>Wert</b>&nbsp;€</p>", "Größe & Wert\N{NO-BREAK SPACE}€\n"),
        ('<p>Bitte <a href="https://x.de/?a=1&amp;b=2">hier</a>.</p>', "Bitte hier <https://x.de/?a=1&b=2>.\n"),
        ('<a href="https://x.de/">https://x.de/</a>', "https://x.de/\n"),
        ('<a href="mailto:a@x.de">a@x.de</a>', "a@x.de\n"),
        ("<ul><li>eins</li><li>zwei</li></ul><p>drei</p>", "- eins\n- zwei\n\ndrei\n"),
        ("<ol><li>eins<ul><li>innen</li></ul></li><li>zwei</li></ol>", "1. eins\n\n- innen\n\n2. zwei\n"),
        ("<table><tr><th>Summe</th><td>10 €</td></tr><tr><td>A</td><td>B</td></tr></table>", "Summe  10 €\nA  B\n"),
        ("<style>p { color: red }</style><p>eins</p><hr><p>zwei</p>", f"eins\n\n{'-' * 40}\n\nzwei\n"),
        ("<p>10<sup>6</sup> auf 5 m<sup>2</sup>, CO<sub>2</sub>, 1<sup>ste</sup></p>", "10⁶ auf 5 m², CO₂, 1ste\n"),
        ("<p>Ticket <s>99</s> 79 <q>Euro</q></p>", "Ticket [gestrichen: 99] 79 „Euro“\n"),
        ('<ol start="4"><li>vier</li><li>fünf</li></ol>', "4. vier\n5. fünf\n"),
        ("", "\n"),
    ],
)
def test_html_becomes_text(html: str, text: str):
    assert plain_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>10<sup>6</sup> Anträge</p><p>m<sup>2</sup></p>", "10⁶ Anträge m²"),
        ("<p>Ticket <s>99 <em>Euro</em></s> 79 Euro</p>", "Ticket 79 Euro"),
        ("CO<sub>2</sub> &amp; x<sup>1/2</sup>", "CO₂ & x^1/2"),
        ("belegt<sup>[1]</sup>, der 1<sup>ste</sup>", "belegt[1], der 1ste"),
        ("<strong>a</strong>b<br>c", "ab c"),
        ("<p>Er nannte es <q>ein <em>Wagnis</em> &amp; mehr</q>.</p>", "Er nannte es „ein Wagnis & mehr“."),
    ],
)
def test_the_words_of_a_text_say_what_it_says(html: str, text: str):
    assert words(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            "<p>Statt <s>80</s> 50 Euro. Die Leistung stieg um 10<sup>6</sup> Watt, ohne CO<sub>2</sub>.</p>",
            "Statt 50 Euro. Die Leistung stieg um 10⁶ Watt, ohne CO₂.",
        ),
        ("<p>Statt <s>80</s> 50 €.</p>", "Statt 50 €."),  # one space between, and the no-break space stays
        ("<p>Er nannte es <q>ein <em>Wagnis</em></q>. Gut.</p>", "Er nannte es „ein Wagnis“. Gut."),
        ("<p>Er nannte es <q>ein Wag", "Er nannte es ein Wag"),  # cut off
    ],
)
def test_first_sentences_say_what_holds(html: str, text: str):
    assert first_sentences(html) == text
