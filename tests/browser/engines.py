"""Firefox and WebKit, Safari's engine, each spoken to in its own protocol: enough to walk through pages as a person does.

Playwright drives only builds of its own; these two are Debian's, as people have them (docs/decisions/engines.md).
"""

import base64
import itertools
import json
import os
import re
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from websockets.sync.client import ClientConnection, connect

from tests.processes import free_port, kill, wait_until
from tests.provide import firefox, webkit

WIDTH, HEIGHT = 1280, 900

# Where one would press the element (its first line), once it lies still in the window; or what lies over it there.
# Whether the press came to it stands in `window.reached`: a page under load may still move in between.
PLACE = """async element => {
    element.scrollIntoView({block: "center", behavior: "instant"});
    const place = () => {
        const {left, top, width, height} = element.getClientRects()[0];
        return [left + width / 2, top + height / 2];
    };
    const before = place();
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    if (!element.isConnected || !element.checkVisibility()) return null;
    const [x, y] = place();
    if (before[0] !== x || before[1] !== y) return null;
    window.reached = undefined;
    document.addEventListener("pointerdown",
        press => { window.reached = element.contains(press.target); }, {capture: true, once: true});
    const hit = document.elementFromPoint(x, y), meant = element.contains(hit);
    if (hit === document.documentElement) return null; // one page still fades into the next
    return meant ? [x, y] : hit?.outerHTML.slice(0, 200) ?? "nothing: it is out of the window";
}"""
FIND = """(selector, words) => [...document.querySelectorAll(selector)]
    .find(element => element.checkVisibility() && `${element.value} ${element.textContent}`.includes(words))"""


class Spoken(Protocol):
    """What the two protocols have in common."""

    def go(self, url: str) -> None: ...
    def run(self, function: str, *arguments: Any) -> Any: ...
    def press_at(self, x: float, y: float) -> None: ...
    def type(self, text: str) -> None: ...
    def resize(self, width: int, height: int) -> None: ...


class Window:
    """A window of one of the engines, with nothing of earlier ones in it."""

    def __init__(self, protocol: Spoken) -> None:
        self.protocol = protocol
        self.go, self.resize, self.type = protocol.go, protocol.resize, protocol.type

    def run(self, function: str, *arguments: Any) -> Any:
        """What the JavaScript `function` returns for `arguments`, or the promise that it returns."""
        return self.protocol.run(function, *arguments)

    def until(self, function: str, *arguments: Any) -> None:
        """Waits until it returns something true, also on the page that comes next."""
        wait_until(
            lambda: self.run(function, *arguments), f"{function} {arguments}; the page says: {self.text()[:2000]}"
        )

    def sees(self, words: str) -> None:
        """Waits until one can read `words`, whatever lies between them."""
        self.until("words => document.body?.innerText.replaceAll('\\xad', '').includes(words)", words)

    def text(self) -> str:
        return self.run("() => document.body?.innerText ?? ''")

    def click(self, selector: str, words: str = "") -> None:
        """Presses the first visible element with `words` in it, where nothing may lie above it."""
        places: list[Any] = []
        where = f"(...asked) => {{ const found = ({FIND})(...asked); return found && ({PLACE})(found); }}"
        for _ in range(5):
            wait_until(
                lambda: places.append(self.run(where, selector, words)) or places[-1],
                f"{selector} {words!r} to press; the page says: {self.text()[:2000]}",
            )
            place = places[-1]
            assert isinstance(place, list), f"Over {selector} {words!r} lies {place}"
            self.protocol.press_at(*place)
            if self.run("() => window.reached") is not False:
                return
        raise AssertionError(f"Five presses missed {selector} {words!r}")

    def fill(self, selector: str, text: str) -> None:
        """Clicks into the field and types."""
        self.click(selector)
        self.until("selector => document.querySelector(selector).contains(document.activeElement)", selector)
        self.type(text)

    def leave(self, selector: str, words: str = "") -> None:
        """Clicks what leads to another page, and waits for that one."""
        self.run("() => { window.left = true; }")
        self.click(selector, words)
        self.until("() => !window.left && document.readyState === 'complete'")


# --- Firefox: WebDriver BiDi (w3.org/TR/webdriver-bidi), over a socket of its own ---------------------------------

# It asks nobody for anything, and shows pages in German.
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.systemAddon.update.enabled": False,
    "intl.accept_languages": "de",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}


class Bidi:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket, self.numbers, self.tab = socket, itertools.count(1), ""

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (answer := json.loads(self.socket.recv(120))).get("id") != number:
            pass  # an event
        assert answer["type"] == "success", f"{method}: {answer}"
        return answer["result"]

    def go(self, url: str) -> None:
        self.call("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def run(self, function: str, *arguments: Any) -> Any:
        # As JSON: the protocol has a notation of its own for every kind of value.
        called = f"async () => JSON.stringify(await ({function})(...{json.dumps(arguments)})) ?? 'null'"
        try:
            answer = self.call(
                "script.callFunction", functionDeclaration=called, awaitPromise=True, target={"context": self.tab}
            )
        except AssertionError as error:
            if "navigat" in str(error) or "no such frame" in str(error) or "destroyed" in str(error):
                return None  # the page went away meanwhile
            raise
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    def act(self, kind: str, *actions: dict[str, Any]) -> None:
        source = {"type": kind, "id": kind, "actions": [*actions]}
        self.call("input.performActions", context=self.tab, actions=[source])

    def press_at(self, x: float, y: float) -> None:
        self.act(
            "pointer",
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        )

    def type(self, text: str) -> None:
        self.act("key", *({"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")))

    def resize(self, width: int, height: int) -> None:
        self.call("browsingContext.setViewport", context=self.tab, viewport={"width": width, "height": height})

    def paper(self) -> bytes:
        """The page as Firefox prints it on A4: a PDF."""
        page = {"width": 21.0, "height": 29.7}
        return base64.b64decode(self.call("browsingContext.print", context=self.tab, page=page)["data"])


def sheets(pdf: bytes) -> int:
    """Of how many pages it is; what describes them may be packed."""
    parts = [pdf]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            parts.append(zlib.decompress(packed))
    return sum(len(re.findall(rb"/Type\s*/Page\b", part)) for part in parts)


@contextmanager
def firefox_started(folder: Path) -> Iterator[Bidi]:
    port = free_port()
    (folder / "user.js").write_text(
        "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items())
    )
    command = [firefox(), "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", str(port)]
    log = folder / "firefox.log"
    with _process(command, log), ExitStack() as stack:

        def connected() -> ClientConnection | None:
            try:
                return connect(f"ws://127.0.0.1:{port}/session", max_size=None)
            except OSError:
                return None

        sockets: list[ClientConnection] = []
        wait_until(lambda: sockets.append(socket) or True if (socket := connected()) else False, f"Firefox, see {log}")
        bidi = Bidi(stack.enter_context(sockets[0]))
        bidi.call("session.new", capabilities={})
        yield bidi
        bidi.call("browser.close")


@contextmanager
def firefox_window(bidi: Bidi) -> Iterator[Window]:
    person = bidi.call("browser.createUserContext")["userContext"]
    bidi.tab = bidi.call("browsingContext.create", type="tab", userContext=person)["context"]
    window = Window(bidi)
    window.resize(WIDTH, HEIGHT)
    yield window
    bidi.call("browser.removeUserContext", userContext=person)


# --- WebKit: WebDriver (w3.org/TR/webdriver2), over HTTP, on a screen that nobody sees ------------------------------


class WebDriver:
    def __init__(self, url: str) -> None:
        self.url, self.session = url, ""

    def call(self, method: str, path: str, **parameters: Any) -> Any:
        body = json.dumps(parameters).encode() if method == "POST" else None
        request = Request(f"{self.url}{self.session}{path}", body, {"Content-Type": "application/json"}, method=method)
        try:
            with urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from None

    def go(self, url: str) -> None:
        self.call("POST", "/url", url=url)

    def run(self, function: str, *arguments: Any) -> Any:
        called = f"const done = arguments[arguments.length - 1]; Promise.resolve(({function})(...[...arguments].slice(0, -1)))"
        script = f"{called}.then(value => done({{value}}), error => done({{error: String(error)}}))"
        try:
            answer = self.call("POST", "/execute/async", script=script, args=[*arguments])
        except AssertionError as error:
            if "javascript error" in str(error) or "no such window" in str(error) or "script timeout" in str(error):
                return None  # the page went away meanwhile
            raise
        assert "error" not in answer, answer
        return answer.get("value")

    def act(self, kind: str, *actions: dict[str, Any]) -> None:
        source = {"type": kind, "id": kind, "actions": [*actions]}
        self.call("POST", "/actions", actions=[source])

    def press_at(self, x: float, y: float) -> None:
        self.act(
            "pointer",
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0, "origin": "viewport"},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        )

    def type(self, text: str) -> None:
        self.act("key", *({"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")))

    def resize(self, width: int, height: int) -> None:
        self.call("POST", "/window/rect", width=width, height=height)


@contextmanager
def webkit_started(folder: Path) -> Iterator[WebDriver]:
    programs = webkit()
    assert programs
    driver, browser, screen = programs
    port = free_port()
    with ExitStack() as stack:
        read, write = os.pipe()
        command = [screen, "-displayfd", str(write), "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]
        stack.enter_context(_process(command, folder / "screen.log", pass_fds=[write]))
        os.close(write)
        with os.fdopen(read) as said:
            display = said.readline().strip()
        # Its own sandbox needs rights that a container does not have.
        unboxed = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "LIBGL_ALWAYS_SOFTWARE": "1", "GDK_BACKEND": "x11"}
        home = {"DISPLAY": f":{display}", "HOME": str(folder), "LANG": "C.UTF-8"} | unboxed
        stack.enter_context(_process([driver, f"--port={port}"], folder / "webkit.log", env=os.environ | home))
        webdriver = WebDriver(f"http://127.0.0.1:{port}")
        options = {"webkitgtk:browserOptions": {"binary": browser, "args": ["--automation"]}}

        def started() -> bool:
            try:
                answer = webdriver.call("POST", "/session", capabilities={"alwaysMatch": options})
            except OSError:
                return False
            webdriver.session = f"/session/{answer['sessionId']}"
            return True

        wait_until(started, f"WebKit, see {folder}/webkit.log")
        webdriver.call("POST", "/timeouts", script=120_000, pageLoad=120_000)
        yield webdriver
        webdriver.call("DELETE", "")


@contextmanager
def webkit_window(webdriver: WebDriver) -> Iterator[Window]:
    window = Window(webdriver)
    window.resize(WIDTH, HEIGHT)
    yield window
    webdriver.call("DELETE", "/cookie")
    window.run("() => { localStorage.clear(); sessionStorage.clear(); }")
    window.go("about:blank")  # a form of the admin that stays open goes on telling so


@contextmanager
def _process(command: list[Any], log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """At the head of a process group that ends with this block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **options
        )
    try:
        yield process
    finally:
        kill(process)
