"""./dev on machines that lack something: a checkout and a PATH made for each test."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import provide

ROOT = Path(__file__).resolve().parent.parent
OFFLINE = "http://127.0.0.1:9"  # a proxy that nobody is
COMMANDS = ["run", "test", "check", "bench", "demo", "serve", "manage"]


class Machine:
    """A machine with a shell, the programs put there by `has`, and a checkout of which only `dev` is real."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkout = path / "Große Bühne"
        self.environment = {"PATH": str(path / "bin"), "HOME": str(path / "home"), "LANG": "C.UTF-8"}
        self.checkout.mkdir()
        for name in ("dev", "pyproject.toml", "uv.lock"):
            shutil.copy(ROOT / name, self.checkout)
        for name in ("sh", "dirname", "sed"):
            self.link(name, str(shutil.which(name)))

    def link(self, name: str, target: str) -> None:
        (self.path / "bin").mkdir(exist_ok=True)
        (self.path / "bin" / name).symlink_to(target)

    def has(self, program: str, script: str) -> Path:
        """Put a shell script at `program`, a path below the machine's directory."""
        file = self.path / program
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    def has_uv(self, program: str = "bin/uv", version: str = "0.9.0") -> None:
        """A uv that installs a Python which says how it is called, and says how it was called itself."""
        python = self.has("python", 'case $1 in -c) exit;; esac; echo "python${DEBUG+ DEBUG=$DEBUG} $*"')
        self.has(
            program,
            f'[ "$1" = --version ] && {{ echo "uv {version} (x86_64)"; exit; }}\n'
            f'echo "uv of {program}: UV_PYTHON=$UV_PYTHON $*" >"{self.path}/uv-said"\n'
            f'/bin/mkdir -p .venv/bin && /bin/ln -sf "{python}" .venv/bin/python',
        )

    def dev(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Exit code, output and complaints of `./dev`, called from elsewhere."""
        result = subprocess.run(
            [str(self.checkout / "dev"), *arguments],
            cwd="/",
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return result.returncode, result.stdout.strip().replace(str(self.checkout), "."), result.stderr.strip()

    def complaint(self, *arguments: str, **environment: str) -> str:
        """The one sentence, after the lines that tell what is being done, with which `./dev` fails."""
        code, output, complaints = self.dev(*arguments, **environment)
        assert (code, output) == (1, "")
        (sentence,) = (line for line in complaints.splitlines() if not line.endswith("…"))
        return sentence

    @property
    def uv_said(self) -> str:
        return (self.path / "uv-said").read_text().strip()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def real_uv() -> str:
    """The uv that ./dev uses here."""
    for candidate in (
        "uv",
        "~/.local/bin/uv",
        "~/.cargo/bin/uv",
        f"{ROOT}/.tools/bin/uv",
        f"{ROOT}/.tools/venv/bin/uv",
    ):
        if found := shutil.which(os.path.expanduser(candidate)):
            return found
    pytest.skip("The tests of uv's complaints need uv: start them with ./dev test.")


@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
def test_every_shell_understands_dev(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here.")
    assert subprocess.run([shell, "-n", ROOT / "dev"], capture_output=True).stderr == b""


def test_dev_alone_lists_the_commands_one_line_each(machine: Machine) -> None:
    code, output, _ = machine.dev()

    assert code == 0
    assert re.findall(r"^ *\./dev (\w+)", output, re.MULTILINE) == COMMANDS
    assert len(output.splitlines()) == len(COMMANDS)


def test_unknown_command_gets_a_sentence_and_the_list(machine: Machine) -> None:
    code, output, complaints = machine.dev("fly")

    assert (code, output) == (2, "")
    assert complaints.splitlines()[0] == "There is no command 'fly'; these are there:"
    assert len(complaints.splitlines()) == 1 + len(COMMANDS)


@pytest.mark.parametrize(
    ("command", "groups", "started"),
    [
        ("run", "dev", ["DEBUG=1 -m sccon.postgres ./.venv/bin/python manage.py run a b"]),
        ("demo", "dev", ["DEBUG=1 -m sccon.postgres ./.venv/bin/python manage.py demo a b"]),
        ("manage", "dev", ["DEBUG=1 -m sccon.postgres ./.venv/bin/python manage.py a b"]),
        ("serve", "", ["manage.py serve a b"]),
        ("test", "dev test", ["-m tests.provide test", "DEBUG=1 -m sccon.postgres ./.venv/bin/python -m pytest a b"]),
        (
            "bench",
            "dev test",
            ["-m tests.provide bench", "DEBUG=1 -m sccon.postgres ./.venv/bin/python -m tests.bench a b"],
        ),
        ("check", "dev test check", ["DEBUG=1 -m sccon.postgres ./.venv/bin/python -m tests.check a b"]),
    ],
)
def test_command_installs_its_groups_and_starts(
    machine: Machine, command: str, groups: str, started: list[str]
) -> None:
    machine.has_uv()

    code, output, _ = machine.dev(command, "a", "b")

    assert code == 0
    assert output.splitlines() == [f"python {line}" for line in started]
    assert machine.uv_said.split("--inexact")[1] == "".join(f" --group {group}" for group in groups.split())
    assert "sync --locked --quiet --inexact" in machine.uv_said


def test_own_database_starts_none_and_is_not_debugged(machine: Machine) -> None:
    machine.has_uv()

    assert machine.dev("run", DATABASE_URL="postgres://db/site")[1] == "python manage.py run"


def test_too_old_and_broken_uv_are_passed_over(machine: Machine) -> None:
    machine.has_uv("home/.cargo/bin/uv")
    machine.has("bin/uv", "echo uv 0.8.22")
    machine.has("home/.local/bin/uv", "exit 127")

    assert machine.dev("run")[0] == 0
    assert machine.uv_said.startswith("uv of home/.cargo/bin/uv:")


def test_pyenv_python_is_found_where_its_shim_fails(machine: Machine) -> None:
    machine.has_uv()
    machine.has("bin/python3.14", "echo 'pyenv: python3.14: command not found' >&2; exit 127")
    machine.has("home/.pyenv/versions/3.13.9/bin/python", "exit 0")
    machine.has("home/.pyenv/versions/3.12.1/bin/python", "exit 0")

    machine.dev("run")

    assert f"UV_PYTHON={machine.path}/home/.pyenv/versions/3.13.9/bin/python " in machine.uv_said


def test_named_python_is_respected(machine: Machine) -> None:
    machine.has_uv()
    machine.has("bin/python3.14", "exit 0")

    machine.dev("run", UV_PYTHON="3.12")

    assert "UV_PYTHON=3.12 " in machine.uv_said


def test_missing_python_and_pip_get_a_sentence(machine: Machine) -> None:
    assert machine.complaint("run") == (
        "There is no python3 with pip here: install both (on Debian: apt-get install python3-pip) and call ./dev again."
    )


def test_missing_network_for_uv_gets_a_sentence(machine: Machine) -> None:
    machine.has("bin/python3", 'case $* in "-m pip --version") exit 0;; *) echo "no network" >&2; exit 1;; esac')

    assert machine.complaint("run") == (
        "uv could not be downloaded: "
        "connect this machine to the internet, or install uv 0.9 or newer, and call ./dev again."
    )


def test_missing_network_for_packages_gets_a_sentence(machine: Machine) -> None:
    machine.link("uv", real_uv())

    complaint = machine.complaint("run", UV_OFFLINE="1", UV_PYTHON=sys.executable)

    assert complaint.startswith("The packages could not be installed (")
    assert complaint.endswith("): connect this machine to the internet, or delete .venv, and call ./dev again.")


def test_missing_python_that_cannot_be_downloaded_gets_a_sentence(machine: Machine) -> None:
    machine.link("uv", real_uv())
    machine.has("bin/python3", "echo Python 3.9.2")

    assert machine.complaint("run", UV_OFFLINE="1") == (
        "Python 3.12 or newer is needed, and could neither be found nor downloaded: "
        "install it, or connect this machine to the internet, and call ./dev again."
    )


def test_stale_lock_file_gets_a_sentence(machine: Machine) -> None:
    machine.link("uv", real_uv())
    project = '[project]\nname = "sccon"\nversion = "1"\nrequires-python = ">=3.12"\n[dependency-groups]\ndev = []\n'
    (machine.checkout / "uv.lock").write_text('version = 1\nrequires-python = ">=3.12"\n')
    (machine.checkout / "pyproject.toml").write_text(project)

    complaint = machine.complaint("run", UV_OFFLINE="1", UV_PYTHON=sys.executable)

    assert complaint == 'uv.lock does not fit pyproject.toml: call "uv lock" and then ./dev again.'


def test_chromium_is_the_systems_else_playwrights_else_none(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", machine.environment["PATH"])
    monkeypatch.setenv("HOME", machine.environment["HOME"])
    monkeypatch.setattr(provide, "PLAYWRIGHT_BROWSERS", ("", "~/.cache/ms-playwright"))
    assert provide.chromium() is None

    downloaded = machine.has("home/.cache/ms-playwright/chromium-1234/chrome-linux64/chrome", "")
    assert provide.chromium() == str(downloaded)

    installed = machine.has("bin/chromium", "")
    assert provide.chromium() == str(installed)


def test_what_cannot_be_provided_fails_nothing(machine: Machine) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tests.provide", "test"],
        cwd=ROOT,
        env=machine.environment | {"http_proxy": OFFLINE, "https_proxy": OFFLINE},
        capture_output=True,
        text=True,
    )

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "Installing Playwright's Chromium …\n")
