"""What a browser notices of a page that nobody sees at a glance."""

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request

SCHEMES = ("light", "dark")
NARROW, PHONE, DESK = 320, 390, 1280  # pixels
RECORD = """
window.violations = [];
addEventListener("securitypolicyviolation", e => violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


@dataclass
class Complaints:
    """What went wrong in a page besides what it shows."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.add_init_script(RECORD)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        itself = "Failed to load resource" in message.text and message.location["url"] == self.page.url
        if message.type in {"error", "warning"} and not itself:  # a page that is meant to be a 404 is one
            self.errors.append(message.text)

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:")):
            self.foreign.append(request.url)

    def all(self) -> dict[str, Any]:
        """Everything, by name; a page that is all right has nothing in any of them."""
        return {
            "errors": self.errors,
            "violations": self.page.evaluate("window.violations"),
            "requests to others": self.foreign,
            "cookies": self.page.context.cookies(),
        }


NOTHING: dict[str, list[Any]] = {"errors": [], "violations": [], "requests to others": [], "cookies": []}


# What is wider than the window, as far as it makes the page scroll sideways.
OVERFLOW = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 80))"""


def overflow(page: Page) -> list[str]:
    return page.evaluate(OVERFLOW)


# Over each line of text, wherever the page is scrolled to: does something else lie there? What a box cuts off is not
# seen, and a card's link may lie over the whole card.
OVERLAPS = """() => {
    const found = new Map(), texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
    const cut = (element, [x, y]) => {
        for (let box = element; box !== document.body; box = box.parentElement) {
            const {left, top, right, bottom} = box.getBoundingClientRect(), {overflowX, overflowY} = getComputedStyle(box);
            if (overflowX !== "visible" && (x < left || x > right) || overflowY !== "visible" && (y < top || y > bottom)) return true;
        }
    };
    const over = link => link.matches("a") && getComputedStyle(link, "::after").position === "absolute" && link.offsetParent;
    for (let y = 0; y < document.documentElement.scrollHeight - innerHeight + 90; y += 90) {
        scrollTo({top: y, behavior: "instant"});
        for (const text of texts) {
            const element = text.parentElement, range = document.createRange();
            if (!element.checkVisibility({visibilityProperty: true}) || element.closest("option, script, style")) continue;
            range.selectNodeContents(text);
            for (const {left, top, width, height} of range.getClientRects()) {
                const point = [left + width / 2, top + height / 2], hit = document.elementFromPoint(...point);
                if (!hit || width < 2 || hit.contains(element) || element.contains(hit) || cut(element, point)) continue;
                const card = over(hit.closest("a") ?? hit);
                if (card && card.contains(element)) continue;
                found.set(`${hit.outerHTML.slice(0, 60)} over „${text.data.trim().slice(0, 30)}“`, y);
            }
        }
    }
    scrollTo({top: 0, behavior: "instant"});
    return [...found].map(([what, y]) => `${what}, scrolled to ${y}`);
}"""


def overlaps(page: Page) -> list[str]:
    return page.evaluate(OVERLAPS)


# Lines of text that a box cuts off, or that stand beside the window and nothing scrolls to them.
CUT = """() => {
    const found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const hides = how => how === "hidden" || how === "clip", scrolls = how => how === "auto" || how === "scroll";
    while (walker.nextNode()) {
        const text = walker.currentNode, element = text.parentElement, range = document.createRange();
        if (!text.data.trim() || !element.checkVisibility({visibilityProperty: true})) continue;
        if (element.closest("option, script, style, .trap, .skip-link")) continue;
        if (element.getBoundingClientRect().width < 2 || element.closest(".visually-hidden")) continue; // to be heard
        range.selectNodeContents(text);
        for (const {left, top, right, bottom, width, height} of range.getClientRects()) {
            if (width < 2) continue;
            const said = `„${text.data.trim().slice(0, 30)}“`;
            let free = true; // no box around it scrolls sideways
            for (let box = element; box !== document.body; box = box.parentElement) {
                const around = box.getBoundingClientRect(), {overflowX, overflowY} = getComputedStyle(box);
                const beside = hides(overflowX) && (left < around.left - 2 || right > around.right + 2);
                const above = hides(overflowY) && (top + height * .3 < around.top || bottom - height * .3 > around.bottom);
                if (free && (beside || above)) found.add(`${box.outerHTML.slice(0, 60)} cuts ${said}`);
                free &&= !scrolls(overflowX);
            }
            if (free && right > innerWidth + 1) found.add(`${said} stands beside the window`);
        }
    }
    return [...found];
}"""


def cut_off(page: Page) -> list[str]:
    return page.evaluate(CUT)


# Words of that many letters and fewer that stand on two lines though nothing in them says that they may.
CHOPPED = """most => {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode, element = text.parentElement;
        if (!element.checkVisibility({visibilityProperty: true}) || element.closest("option, script, style, .visually-hidden, .trap")) continue;
        for (const {0: word, index} of text.data.matchAll(/(?<![\\p{L}\\xad_@.\\/-])\\p{L}{2,}(?![\\p{L}\\xad_@\\/]|[.-]\\p{L})/gu)) {
            if (word.length > most) continue;
            const range = document.createRange();
            range.setStart(text, index);
            range.setEnd(text, index + word.length);
            const lines = new Set([...range.getClientRects()].filter(({width}) => width > 1).map(({top}) => Math.round(top)));
            if (lines.size > 1) found.push(word);
        }
    }
    return found;
}"""


def chopped(page: Page, most: int = 12) -> list[str]:
    return page.evaluate(CHOPPED, most)


def findings(page: Page) -> list[str]:
    """What axe finds once colours that change slowly have changed: half-way they have no contrast that counts."""
    page.evaluate("document.getAnimations().forEach(animation => animation.finish())")
    if not page.evaluate("'axe' in window"):  # half a megabyte, once for all looks at this page
        page.evaluate(Axe().axe_script)
    results = page.evaluate("axe.run({resultTypes: ['violations']}).then(results => results.violations)")
    return [f"{found['id']}: {node['html'][:120]}" for found in results for node in found["nodes"]]


def breaches(complaints: Complaints) -> dict[str, Any]:
    """What the browser complained of; a cookie is no complaint for one who has signed in."""
    return complaints.all() | {"cookies": []}
