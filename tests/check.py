"""`./dev check`: what holds before the tests – style, types, imports, locks, templates, migrations, translations, deployment."""

import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests import production

ROOT = Path(__file__).resolve().parent.parent
DJANGO = "6.1"  # djade writes templates as this version reads them


@dataclass(frozen=True)
class Check:
    """A command that must succeed, and what is right then."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> tuple[bool, str]:
        """Whether it succeeded, and everything it said."""
        result = subprocess.run(
            self.command,
            cwd=ROOT,
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return result.returncode == 0, result.stdout.strip()


def checks() -> Iterator[Check]:
    """Every check, the quick ones first."""

    def tool(name: str, *arguments: str) -> list[str]:
        return [str(Path(sysconfig.get_path("scripts")) / name), *arguments]

    def manage(*arguments: str) -> list[str]:
        return [sys.executable, "manage.py", *arguments]

    templates = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("templates/**/*.html"))
    yield Check("format", tool("ruff", "format", "--check", "--diff", "--quiet"))
    yield Check("lint", tool("ruff", "check", "--quiet"))
    yield Check("locks", [sys.executable, "-m", "tests.locks"])
    yield Check("templates", tool("djade", "--target-version", DJANGO, "--check", *templates))
    yield Check("imports", tool("lint-imports", "--no-logo"))
    yield Check("migrations", manage("makemigrations", "--check", "--dry-run"))
    yield Check("translations", manage("translations", "--check"))
    yield Check("deployment", manage("check", "--deploy", "--fail-level", "WARNING"), production.SETTINGS)
    # Without a cache: modeltranslation puts managers in place that mypy cannot find again in its own.
    yield Check("types", tool("mypy", "--cache-dir=/dev/null"))


def main() -> int:
    """Runs all of them, also after one that failed; what failed says why under its line."""
    for name, value in production.SETTINGS.items():
        os.environ.setdefault(name, value)
    failed = 0
    for check in checks():
        started = time.monotonic()
        passed, said = check.run()
        print(f"{'✓' if passed else '✗'} {check.name} ({time.monotonic() - started:.1f} s)", flush=True)
        if not passed:
            failed += 1
            print("\n".join(f"  {line}" for line in said.splitlines()), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
