"""Cards and rows of stories in lists, rendered once per generation: a card looks the same on every page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import get_template
from django.utils.safestring import SafeString

from news.models import Publication
from news.reading import queries
from sccon.pagecache import remembered_each


@dataclass(frozen=True)
class Style:
    """How stories look in one kind of list; `sizes` is the attribute of its pictures."""

    template: str
    sizes: str
    kind: str = ""


WIDE = "(min-width: 48rem) 12.5rem, 6.5rem"
ROW = Style("components/row.html", WIDE)
RELATED = Style("components/card.html", "(min-width: 76rem) 24rem, (min-width: 48rem) 31vw, 100vw")
LATEST = Style("components/card.html", "(min-width: 76rem) 17.5rem, (min-width: 48rem) 24vw, 100vw")
BIG = Style("components/card.html", "(min-width: 76rem) 37rem, (min-width: 64rem) 48vw, 100vw", "big")
SMALL_WIDTHS = "(min-width: 76rem) 17.5rem, (min-width: 64rem) 24vw, (min-width: 48rem) 48vw, 7rem"
SMALL = Style("components/card.html", SMALL_WIDTHS, "small")
BRIEF = Style("components/card.html", "", "brief")
# The parts of a search result that are cached; title and excerpt depend on the query.
THUMB = Style("components/thumb.html", WIDE)
KICKER = Style("components/kicker.html", "")


def cards(style: Style, publications: Sequence[int], language: str, at: datetime) -> list[SafeString]:
    """The HTML of those of `publications` (ids) that are news and public in `language` at `at`, in their order."""
    asked = [(style, pk) for pk in publications]
    written = pieces(asked, language, at)
    return [written[piece] for piece in asked if piece in written]


def pieces(asked: Sequence[tuple[Style, int]], language: str, at: datetime) -> dict[tuple[Style, int], SafeString]:
    """The same in several styles, by style and id. Three queries, or none if all are cached.

    Some may be missing: another transaction may have ended a story since the caller asked for its id.
    """

    def write(missing: Collection[tuple[Style, int]]) -> dict[tuple[Style, int], SafeString]:
        stories = queries.stories(language, at).in_bulk({pk for _style, pk in missing})
        queries.load_topics(list(stories.values()))
        queries.load_renditions(story.image for story in stories.values() if story.image)
        return {(style, pk): _render(style, stories[pk]) for style, pk in missing if pk in stories}

    return remembered_each(asked, write)


def _render(style: Style, story: Publication) -> SafeString:
    shown = {"story": story, "sizes": style.sizes, "kind": style.kind}
    return SafeString(get_template(style.template).render(shown))
