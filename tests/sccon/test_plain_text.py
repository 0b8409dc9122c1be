"""The text part of a mail reads like one that someone typed."""

import pytest

from sccon.plain_text import plain_text


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
        ("", "\n"),
    ],
)
def test_html_becomes_text(html: str, text: str):
    assert plain_text(html) == text
