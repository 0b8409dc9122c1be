"""The picture library: checks and stores uploads, makes renditions (smaller, cropped files), and removes old files.

An upload is never stored as it came: it is decoded and encoded again, upright, in sRGB, without metadata. A job then
makes a *set* of renditions cropped round the focal point. A set has a key, and pages show the set that
`Image.ready_key` names: a new focal point shows only once all of its files exist.
"""

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import PIL.Image
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils.translation import gettext as _
from PIL import ImageCms
from PIL.ExifTags import Base

from news.models import Image, Rendition
from news.models.images import secret_path
from news.pictures.containers import END, Contents, Moving, Unusual, contents
from sccon.jobs import RETRY, app

if TYPE_CHECKING:
    from sccon.models import User

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000
MASTER_SIDE = 4096  # pixels of the longer side that are kept
READABLE = 1280  # pixels of width that are kept however tall the picture is: the text of an infographic stays legible
JPEG_WIDTH = 1600
JPEG_SIDE = 65_500  # pixels that the longer side of a JPEG can have
MODERN_SIDE = 16_383  # and of a WebP; browsers refuse larger AVIFs, too
ACCEPTED = ("JPEG", "PNG", "WEBP", "AVIF")

# One picture at a time is decoded in a process: one of 50 megapixels takes hundreds of megabytes meanwhile.
DECODING = threading.BoundedSemaphore(1)
PATIENCE = 20.0  # seconds that an upload waits for its turn

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
ORIENTATIONS = {
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_270,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_90,
}
HEIC_BRANDS = re.compile(rb"hei[cxms]|hev[cxms]")
SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)

Box = tuple[int, int, int, int]


class UploadRefused(Exception):
    """The file is not accepted; the message says why and what to do, in the user's language."""


# --- Uploads ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class CleanedPicture:
    master: bytes
    suffix: str
    jpeg: bytes  # at most 1600 pixels wide, transparency on white
    width: int  # of the master
    height: int


def clean_upload(upload: File) -> CleanedPicture:
    """Decodes an upload and encodes what is stored of it. Raises `UploadRefused`."""
    if upload.size > MAX_BYTES:
        raise UploadRefused(_("The file is larger than 20 MB. Please save the picture in a smaller size."))
    if not DECODING.acquire(timeout=PATIENCE):
        raise UploadRefused(_("Many pictures are being uploaded at this moment. Please try again in a minute."))
    try:
        return _cleaned(upload)
    finally:
        DECODING.release()


def _cleaned(upload: File) -> CleanedPicture:
    upload.seek(0)
    picture = _decoded(upload.read())
    if picture.mode in ("1", "P"):  # palette and 1-bit pictures cannot be resampled
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail(_room(*picture.size), PIL.Image.Resampling.LANCZOS, reducing_gap=None)
    picture = _in_srgb(picture)
    flat = _on_white(picture)
    height = max(1, round(picture.height * JPEG_WIDTH / picture.width))
    small = flat.resize((JPEG_WIDTH, height), reducing_gap=3.0) if picture.width > JPEG_WIDTH else flat
    if picture.mode == "RGBA":
        master, suffix = _written(picture, "PNG"), ".png"
    else:
        master, suffix = _written(picture, "JPEG", quality=92, subsampling=0), ".jpg"
    return CleanedPicture(
        master, suffix, _written(small, "JPEG", quality=85, progressive=True), picture.width, picture.height
    )


def _room(width: int, height: int) -> tuple[int, int]:
    """The largest width and height that are kept of such a picture."""
    readable = min(width, READABLE)
    if width * MASTER_SIDE / height >= readable:
        return MASTER_SIDE, MASTER_SIDE
    return readable, JPEG_SIDE


def _decoded(data: bytes) -> PIL.Image.Image:
    """The picture in `data`, turned upright, with its colour profile; its type is told by the content alone."""
    too_large = _("The picture has more than 50 megapixels. Please save it in a smaller size.")
    broken = _("The picture is damaged or incomplete. Please open it in an image program and save it again.")
    try:
        found = contents(data)
    except Moving as error:
        raise UploadRefused(_moving()) from error
    except Unusual as error:
        raise UploadRefused(
            _("Browsers cannot show this kind of JPEG. Please save it as an ordinary JPEG (8 bits) and upload that.")
        ) from error
    if found is None:
        raise UploadRefused(_why_unknown(data))
    try:
        picture: PIL.Image.Image = PIL.Image.open(BytesIO(found.data), formats=ACCEPTED)
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as error:
        raise UploadRefused(too_large) from error
    except Exception as error:  # hostile data makes decoders raise anything, from struct.error to KeyError
        raise UploadRefused(broken) from error
    if picture.width * picture.height > MAX_PIXELS:  # opening has read only the header
        raise UploadRefused(too_large)
    if getattr(picture, "is_animated", False):
        raise UploadRefused(_moving())
    try:
        # Of AVIF, Pillow itself tells the orientation.
        turned = ORIENTATIONS.get(picture.getexif().get(Base.Orientation, found.orientation))
        if not found.ended and not _is_whole(found):
            raise UploadRefused(broken)
        picture.load()
        upright = picture.transpose(turned) if turned is not None else picture
    except UploadRefused:
        raise
    except Exception as error:  # as above
        raise UploadRefused(broken) from error
    upright.info = {**picture.info, "icc_profile": found.profile or picture.info.get("icc_profile")}
    return upright


def _is_whole(found: Contents) -> bool:
    """Whether a JPEG without an end has all its data: what follows them then makes no difference."""
    prints = []
    for more in (b"", b"\xaa" * 4096):  # without more, decoders go on with zeros
        picture = PIL.Image.open(BytesIO(found.data.removesuffix(END) + more + END), formats=ACCEPTED)
        digest = hashlib.blake2b()
        for top in range(0, picture.height, 256):  # in strips: a large picture is not held twice
            digest.update(picture.crop((0, top, picture.width, min(top + 256, picture.height))).tobytes())
        prints.append(digest.digest())
    return prints[0] == prints[1]


def _moving() -> str:
    return _("Moving pictures are not accepted. Please save one of the pictures in it as JPEG or PNG and upload that.")


def _why_unknown(data: bytes) -> str:
    """The sentence for a file that is none of the accepted types."""
    if data[4:8] == b"ftyp" and HEIC_BRANDS.search(data[8:64]):
        return _("Browsers cannot show HEIC pictures. Please save it as JPEG and upload that.")
    if SVG.search(data[:4096]):
        return _("SVG drawings can carry programs and are not accepted. Please save it as PNG and upload that.")
    return _("This is not a picture in JPEG, PNG, WebP or AVIF. Please save it as JPEG and upload that.")


def _in_srgb(picture: PIL.Image.Image) -> PIL.Image.Image:
    """The picture as 8-bit RGB, or RGBA if it has transparency, in sRGB and without metadata."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):  # 16 bits per pixel; convert("L") alone would clip instead of scale
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    colours = picture.convert("RGB") if alpha else picture
    if profile:
        # A profile that is broken, or does not fit the mode of the pixels, is ignored.
        with suppress(ImageCms.PyCMSError, OSError):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            colours = ImageCms.profileToProfile(colours, source, SRGB, outputMode="RGB") or colours
    colours = colours.convert("RGB")
    if alpha and alpha.getextrema() != (255, 255):
        colours.putalpha(alpha)
    colours.info.clear()  # Pillow would write comments, profile and XMP into the new file
    return colours


def _on_white(picture: PIL.Image.Image) -> PIL.Image.Image:
    if picture.mode != "RGBA":
        return picture
    ground = PIL.Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _written(picture: PIL.Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def create_image(upload: File, *, by: "User | None", **fields: object) -> Image:
    """Adds an upload to the library. Raises `UploadRefused`."""
    image = Image(uploaded_by=by, **fields)
    with _stored(upload) as stored, transaction.atomic():
        vars(image).update(stored)
        image.save()
        _defer_renditions(image.pk)
    return image


def replace_file(image: Image, upload: File) -> None:
    """Replaces the picture's file wherever it is used; its texts and focal point stay.

    Pages show the old renditions until the new ones are complete. The old files stay readable for a day, since cached
    pages still name them. Raises `UploadRefused`, and then changes nothing.
    """
    with _stored(upload) as stored, transaction.atomic():
        old = Image.objects.select_for_update(no_key=True).get(pk=image.pk)
        # Goes with the old renditions, see `remove_old_renditions`.
        Rendition.objects.create(
            image=old,
            key=hashlib.sha256(str(old.jpeg).encode()).hexdigest()[:12],
            crop=Rendition.Crop.FULL,
            format=Rendition.Format.JPEG,
            width=min(old.width, JPEG_WIDTH),
            height=max(1, round(old.height * min(1, JPEG_WIDTH / old.width))),
            file=old.jpeg.name,
        )
        vars(image).update(stored)
        image.save(update_fields=[*stored])
        _defer_renditions(image.pk)
        transaction.on_commit(partial(remove_files, [str(old.file)]), robust=True)


@contextmanager
def _stored(upload: File) -> Iterator[dict[str, object]]:
    """Writes the files of an upload and yields the fields of `Image` for them; deletes the files if the block fails."""
    cleaned = clean_upload(upload)
    path = PurePosixPath(secret_path(f"{PurePosixPath(upload.name or '').stem}{cleaned.suffix}"))
    names = []
    try:
        names.append(default_storage.save(str(path), ContentFile(cleaned.master)))
        names.append(default_storage.save(str(path.with_name(f"{path.stem}-1600.jpg")), ContentFile(cleaned.jpeg)))
        yield {"file": names[0], "jpeg": names[1], "width": cleaned.width, "height": cleaned.height}
    except BaseException:
        remove_files(names)
        raise


# --- Renditions -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cut:
    """A crop: its ratio (None: the picture's own), its widths, and the width for which a JPEG is made, too."""

    ratio: Fraction | None
    widths: tuple[int, ...]
    jpeg_width: int


PLAN = {
    Rendition.Crop.FULL: Cut(None, (640, 960, 1280, 1920), 1280),
    Rendition.Crop.CARD: Cut(Fraction(3, 2), (320, 480, 640, 960), 640),
    Rendition.Crop.TALL: Cut(Fraction(4, 5), (480, 960), 480),
}

# Equal quality to the eye; sizes and times are in docs/decisions/images.md.
ENCODING: dict[str, dict[str, object]] = {
    Rendition.Format.AVIF: {"quality": 60, "speed": 8, "max_threads": 1},
    Rendition.Format.WEBP: {"quality": 77, "method": 2},
    Rendition.Format.JPEG: {"quality": 82, "progressive": True},
}


def crop_box(width: int, height: int, ratio: Fraction, focal_x: float, focal_y: float) -> Box:
    """The largest box of `ratio` inside the picture, centred on the focal point as far as the edges allow."""
    if width > height * ratio:
        box_width, box_height = max(1, round(height * ratio)), height
    else:
        box_width, box_height = width, max(1, round(width / ratio))
    left = min(max(round(focal_x * width - box_width / 2), 0), width - box_width)
    top = min(max(round(focal_y * height - box_height / 2), 0), height - box_height)
    return left, top, left + box_width, top + box_height


def rendition_key(image: Image) -> str:
    """The key of the set of renditions of this file with this focal point."""
    return hashlib.sha256(f"{image.file.name} {image.focal_x!r} {image.focal_y!r}".encode()).hexdigest()[:12]


def focus(image: Image, x: float, y: float) -> None:
    """Moves the focal point; pages show the old renditions until the new ones are complete."""
    image.focal_x, image.focal_y = x, y
    with transaction.atomic():
        image.save(update_fields=["focal_x", "focal_y"])
        _defer_renditions(image.pk)


def _defer_renditions(image_id: int) -> None:
    # The lock keeps two jobs for one picture from writing the same files.
    make_renditions.configure(lock=f"news.image.{image_id}").defer(image_id=image_id)


@app.task(name="news.make_renditions", queue="slow", retry=RETRY, pass_context=False)
def make_renditions(image_id: int) -> None:
    """Makes the renditions for the picture's file and focal point, then sets `ready_key` so that pages show them."""
    image = Image.objects.filter(pk=image_id).first()
    if image is None:
        return
    key = rendition_key(image)
    renditions = list(image.renditions.filter(key=key))
    if not renditions or not all(default_storage.exists(str(rendition.file)) for rendition in renditions):
        renditions = list(_draw(image, key))
    elif image.ready_key == key:
        return
    new = [rendition for rendition in renditions if rendition.pk is None]
    with transaction.atomic():
        unmoved = Image.objects.filter(pk=image_id, file=image.file.name, focal_x=image.focal_x, focal_y=image.focal_y)
        if unmoved.update(ready_key=key, ready_at=Now()):
            # All rows in one transaction: a set is complete or does not exist.
            Rendition.objects.bulk_create(new, ignore_conflicts=True)
            return
        if Image.objects.filter(pk=image_id).exists():
            _defer_renditions(image_id)
    remove_files(str(rendition.file) for rendition in new)


def _draw(image: Image, key: str) -> Iterator[Rendition]:
    """Writes the files of a set and yields their rows, unsaved.

    The names are derived from the key, so a second attempt after a kill overwrites what the first one left.
    """
    path = PurePosixPath(str(image.file))
    with image.file.open() as file:
        source = _on_white(PIL.Image.open(file))
        source.load()
    for crop, cut in PLAN.items():
        box = (0, 0, *source.size)
        if cut.ratio:
            box = crop_box(*source.size, cut.ratio, image.focal_x, image.focal_y)
        box_width, box_height = box[2] - box[0], box[3] - box[1]
        picture = source.crop(box)
        widest = min(max(cut.widths), box_width)
        # All widths in the same formats: a browser takes the first format it knows, with whatever widths there are.
        only_jpeg = max(widest, round(widest * box_height / box_width)) > MODERN_SIDE
        for width in sorted({min(width, box_width) for width in cut.widths}, reverse=True):  # never enlarged
            height = max(1, round(width * box_height / box_width))
            # From the next larger: half the work, and no difference to be seen.
            picture = picture.resize((width, height), PIL.Image.Resampling.LANCZOS, reducing_gap=3.0)
            for kind, options in ENCODING.items():
                if width != min(cut.jpeg_width, box_width) if kind == Rendition.Format.JPEG else only_jpeg:
                    continue
                name = str(path.with_name(f"{path.stem}-{crop}-{width}-{key}.{kind}"))
                default_storage.delete(name)  # otherwise the storage would choose another name
                name = default_storage.save(name, ContentFile(_written(picture, kind, **options)))
                yield Rendition(image=image, key=key, crop=crop, format=kind, width=width, height=height, file=name)


# --- Removal ----------------------------------------------------------------------------------


@app.periodic(cron="41 3 * * *")
@app.task(
    name="news.remove_old_renditions", queue="slow", queueing_lock="news.remove_old_renditions", pass_context=False
)
def remove_old_renditions(timestamp: int) -> None:
    """Removes renditions a day after they were replaced: until then cached pages may name them. Every night."""
    old = Rendition.objects.exclude(key=F("image__ready_key")).filter(image__ready_at__lt=Now() - timedelta(days=1))
    for image_id in set(old.values_list("image_id", flat=True)):
        with transaction.atomic():
            # Locked: a focal point moved back in this moment would ask for the very files that go.
            image = Image.objects.select_for_update(no_key=True).filter(pk=image_id).first()
            if image is None:
                continue
            rows = image.renditions.exclude(key__in=[image.ready_key, rendition_key(image)])
            names = list(rows.values_list("file", flat=True))
            rows.delete()
            remove_files(names)


def remove_files(names: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)
        with suppress(OSError):  # a directory that holds other files stays
            default_storage.delete(str(PurePosixPath(name).parent))


@receiver(pre_delete, sender=Image)
def remove_files_with_image(instance: Image, **kwargs: object) -> None:
    """Removes a deleted picture's files on commit. (pre_delete: afterwards its renditions are gone.)"""
    names = [str(instance.file), str(instance.jpeg), *instance.renditions.values_list("file", flat=True)]
    transaction.on_commit(partial(remove_files, names), robust=True)
