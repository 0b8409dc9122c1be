"""Control characters, which XML forbids even escaped: one makes a whole feed or sitemap unreadable."""

import re

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """`text` without them."""
    return FORBIDDEN.sub("", text)
