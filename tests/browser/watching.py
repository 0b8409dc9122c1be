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


def overflow(page: Page) -> list[str]:
    """What is wider than the window, as far as it makes the page scroll sideways."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                .map(e => e.outerHTML.slice(0, 80))"""
    )


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
