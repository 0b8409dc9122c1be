"""Bring what the tests need and pip cannot install: Chromium, Firefox, WebKit, a usual font, nginx, Caddy, Java with Nu, wrk.

`./dev test` and `./dev bench` call this first. What cannot be had is no failure here: the tests that
miss it ask `chromium()` and `vnu_jar()` and say so. Only the standard library is used.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NU_CHECKER = "vnu-jar@26.9.27"
# An organisation's own certificate authority is in here, and Node does not look by itself.
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")

# The shell is Chromium without the windows that nobody would see: its pages come and go in half the time.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Where `playwright install` puts its browsers, and where in there the program is.
PLAYWRIGHT_BROWSERS = (
    os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""),
    "~/.cache/ms-playwright",
    "~/Library/Caches/ms-playwright",
)
PLAYWRIGHT_PROGRAMS = (
    "chromium_headless_shell-*/chrome-*/*headless*shell",
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


def chromium() -> str | None:
    """The path of a Chromium, the system's before Playwright's, or None."""
    for name in CHROMIUMS:
        if path := shutil.which(name):
            return path
    for folder in filter(None, PLAYWRIGHT_BROWSERS):
        for pattern in PLAYWRIGHT_PROGRAMS:
            if found := sorted(Path(folder).expanduser().glob(pattern)):
                return str(found[-1])
    return None


def firefox() -> str | None:
    """The path of a Firefox, or None."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


def webkit() -> tuple[str, str, str] | None:
    """The paths of WebKit's driver, of its small browser, and of the screen they need, or None."""
    browsers = sorted(Path("/usr/lib").glob("*/webkit2gtk-4*/MiniBrowser"))
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    return (driver, str(browsers[-1]), screen) if driver and screen and browsers else None


def usual_font() -> bool:
    """Whether a font is here that nearly every visitor has until ours is loaded: Arial, or what stands for it."""
    if shutil.which("fc-match") is None:
        return sys.platform == "darwin"
    found = subprocess.run(["fc-match", "--format=%{family}", "Arial"], capture_output=True, text=True).stdout
    return any(family in found for family in ("Arial", "Liberation Sans", "Helvetica"))


def vnu_jar() -> Path | None:
    """The path of the Nu HTML checker, or None where it or the Java to run it is missing."""
    jar = ROOT / ".tools/vnu/node_modules/vnu-jar/build/dist/vnu.jar"
    return jar if jar.exists() and shutil.which("java") else None


def attempt(what: str, *command: str) -> bool:
    """Run `command`, which installs `what`; the answer is whether it succeeded."""
    print(f"Installing {what} …", file=sys.stderr, flush=True)
    environment = {"DEBIAN_FRONTEND": "noninteractive", "npm_config_fetch_retries": "0"} | os.environ
    if AUTHORITIES.exists():
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(AUTHORITIES))
    try:
        result = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0


def apt_install(*packages: str) -> bool:
    """Install Debian packages where we may; False elsewhere."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    attempt("the list of Debian's packages", "apt-get", "update", "-q")
    what = " and ".join(packages)
    return attempt(f"{what} through apt-get", "apt-get", "install", "-q", "-y", "--no-install-recommends", *packages)


def for_tests() -> None:
    """A browser, a font for it, the proxies, and the HTML checker where there is an npm to fetch it."""
    if chromium() is None and not any(map(apt_install, CHROMIUMS[:2])):
        attempt("Playwright's Chromium", sys.executable, "-m", "playwright", "install", "--only-shell", "chromium")
    if firefox() is None:
        apt_install("firefox-esr")
    if webkit() is None:
        apt_install("webkit2gtk-driver", "xvfb")
    if not usual_font():
        apt_install("fonts-liberation")
    for program, package in (("nginx", "nginx-light"), ("caddy", "caddy")):  # for tests of deploy/
        if shutil.which(program) is None:
            apt_install(package)
    npm = shutil.which("npm")
    if vnu_jar() is None and npm and (shutil.which("java") or apt_install("default-jre-headless")):
        folder = str(ROOT / ".tools/vnu")
        attempt("the Nu HTML checker", npm, "install", "--prefix", folder, "--no-audit", "--no-fund", NU_CHECKER)


def for_bench() -> None:
    """The program that asks for pages as fast as it can."""
    if shutil.which("wrk") is None:
        apt_install("wrk")


if __name__ == "__main__":
    for_bench() if "bench" in sys.argv else for_tests()
