"""An issue's own copies of its pictures: JPEG or PNG, for no mail program is sure to show anything newer.

Their names are made of the picture, so the preview, a test mail and the edition all name the same file, and it can be
written twice. They lie in a folder an issue that cannot be guessed.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import PurePosixPath

import PIL.Image
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from news.models import Image
from news.pictures.html import address
from news.pictures.library import DECODING, crop_box, remove_files, rendition_key

FOLDER = "newsletter"
SHOWN = 536  # pixels that a picture is wide in the mail's sheet
WIDTHS = (600, 1200)  # for screens of one and of two pixels a dot
CARD = Fraction(3, 2)
MOST_PNG = 300_000  # bytes; heavier ones get along with 256 colours


@dataclass(frozen=True)
class Picture:
    """A picture in an edition: the file of twice the width, the one of the single width, and what it is called."""

    image: Image
    ratio: Fraction | None
    file: str
    small_file: str
    width: int
    height: int
    alt: str

    @property
    def address(self) -> str:
        return settings.SITE_URL + address(self.file)

    @property
    def small_address(self) -> str:
        return settings.SITE_URL + address(self.small_file)

    @property
    def shown(self) -> int:
        return min(SHOWN, self.width)

    @property
    def files(self) -> dict[str, tuple[int, int]]:
        """Width and height of each file."""
        small = min(WIDTHS[0], self.width)
        return {
            self.file: (self.width, self.height),
            self.small_file: (small, max(1, round(self.height * small / self.width))),
        }

    def as_json(self) -> dict[str, object]:
        return {"file": self.file, "width": self.width, "height": self.height, "alt": self.alt}


def folder(issue_id: int | None) -> str:
    digest = hmac.new(settings.LINK_KEY.encode(), f"newsletter pictures\n{issue_id}".encode(), hashlib.sha256).digest()
    return f"{FOLDER}/{base64.urlsafe_b64encode(digest[:16]).decode().rstrip('=')}"


def picture(image: Image, alt: str, *, issue_id: int | None, card: bool) -> Picture:
    """What `image` becomes in an issue; nothing is written yet. `card`: cut to 3:2 round its focal point."""
    ratio = CARD if card else None
    _left, _top, right, bottom = _box(image, image.width, image.height, ratio)
    wide, high = right - _left, bottom - _top
    width, small = min(WIDTHS[1], wide), min(WIDTHS[0], wide)
    suffix = ".png" if PurePosixPath(str(image.file)).suffix == ".png" else ".jpg"
    stem = f"{folder(issue_id)}/{image.pk}-{rendition_key(image)}-{'card' if card else 'full'}"
    height = max(1, round(high * width / wide))
    return Picture(image, ratio, f"{stem}-{width}{suffix}", f"{stem}-{small}{suffix}", width, height, alt)


def write(pictures: list[Picture]) -> None:
    """Writes the files that are not there yet."""
    for each in pictures:
        if missing := [name for name in each.files if not default_storage.exists(name)]:
            with DECODING:
                for name, content in _drawn(each, missing).items():
                    default_storage.save(name, ContentFile(content))


def drawn(picture: Picture) -> tuple[bytes, str]:
    """The smaller of its files and its media type, for a preview."""
    with DECODING:
        content = _drawn(picture, [picture.small_file])[picture.small_file]
    return content, "image/png" if picture.file.endswith(".png") else "image/jpeg"


def _drawn(picture: Picture, names: list[str]) -> dict[str, bytes]:
    with picture.image.file.open() as file:
        source: PIL.Image.Image = PIL.Image.open(file)
        source.load()
    source = source.crop(_box(picture.image, *source.size, picture.ratio))
    return {
        name: _encoded(source.resize(picture.files[name], PIL.Image.Resampling.LANCZOS, reducing_gap=3.0), name)
        for name in names
    }


def _encoded(picture: PIL.Image.Image, name: str) -> bytes:
    buffer = BytesIO()
    if name.endswith(".png"):
        picture.save(buffer, "PNG", optimize=True)
        if buffer.tell() > MOST_PNG:  # 256 colours: a quarter of the weight, and the clear parts stay clear
            buffer = BytesIO()
            picture.convert("RGBA").quantize(256, method=PIL.Image.Quantize.FASTOCTREE).save(
                buffer, "PNG", optimize=True
            )
    else:
        picture.convert("RGB").save(buffer, "JPEG", quality=80, progressive=True)
    return buffer.getvalue()


def _box(image: Image, width: int, height: int, ratio: Fraction | None) -> tuple[int, int, int, int]:
    return crop_box(width, height, ratio, image.focal_x, image.focal_y) if ratio else (0, 0, width, height)


def remove_folder(issue_id: int) -> None:
    """Removes what test mails of a draft have left."""
    path = folder(issue_id)
    if default_storage.exists(path):
        remove_files(f"{path}/{name}" for name in default_storage.listdir(path)[1])
