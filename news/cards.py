"""Stories in lists: a card says the same wherever it stands, so it is written once until something public changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import get_template
from django.utils.safestring import SafeString

from news import reading
from sccon.pagecache import remembered_each


@dataclass(frozen=True)
class Style:
    """How a place shows stories; `sizes` tells browsers how wide its pictures are there."""

    template: str
    sizes: str
    kind: str = ""


ROW = Style("components/row.html", "(min-width: 48rem) 12.5rem, 6.5rem")
RELATED = Style("components/card.html", "(min-width: 76rem) 24rem, (min-width: 48rem) 31vw, 100vw")
LATEST = Style("components/card.html", "(min-width: 76rem) 17.5rem, (min-width: 48rem) 24vw, 100vw")


def cards(style: Style, publications: Sequence[int], language: str, at: datetime) -> list[SafeString]:
    """The HTML of each of `publications`, by number, that is news and public in `language` at `at`, in their order.

    Asks nothing where all of them have been written before, else three questions.
    """

    def write(missing: Iterable[tuple[Style, int]]) -> dict[tuple[Style, int], SafeString]:
        template = get_template(style.template)
        stories = reading.load_cards(reading.stories(language, at).filter(pk__in=[pk for _style, pk in missing]))
        shown = {"sizes": style.sizes, "kind": style.kind}
        return {(style, story.pk): SafeString(template.render({"story": story, **shown})) for story in stories}

    names = [(style, pk) for pk in publications]
    written = remembered_each(names, write)
    return [written[name] for name in names if name in written]
