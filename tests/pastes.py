"""The clipboards of other programs, each with what must become of it, in the editor and on the server alike."""

from pathlib import Path

PASTE = Path(__file__).parent / "fixtures" / "paste"
FRAGMENTS = sorted(path.name.removesuffix(".expected.html") for path in PASTE.glob("*.expected.html"))


def clipboard(name: str) -> str:
    return (PASTE / f"{name}.html").read_text()


def expected(name: str) -> str:
    """Written there with a line for each block."""
    return (PASTE / f"{name}.expected.html").read_text().replace("\n", "")
