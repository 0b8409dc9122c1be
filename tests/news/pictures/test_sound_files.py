"""Sound files are taken: of what stands beside a picture only its orientation counts, and refusals name the true reason.

The files in `tests/fixtures/files` are 60 × 30 pixels, red on the left and blue on the right once they stand upright.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import PIL.Image
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from news.pictures.attachments import clean_attachment
from news.pictures.library import CleanedPicture, UploadRefused, clean_upload, create_image, make_renditions

FILES = Path(__file__).parents[2] / "fixtures" / "files"
DAMAGED = "The picture is damaged or incomplete."
MOVING = "Moving pictures are not accepted."


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def taken(data: bytes) -> CleanedPicture:
    return clean_upload(SimpleUploadedFile("picture", data))


def refusal(data: bytes) -> str:
    with pytest.raises(UploadRefused) as refused:
        taken(data)
    return str(refused.value)


def colour(pixel: tuple[int, ...]) -> str:
    return "red" if pixel[0] > 180 > pixel[2] else "blue" if pixel[2] > 180 > pixel[0] else "other"


def corners(cleaned: CleanedPicture) -> tuple[str, str, str]:
    """The colours at the top left, the top right and the bottom left."""
    picture = PIL.Image.open(BytesIO(cleaned.master)).convert("RGB")
    right, bottom = picture.width - 3, picture.height - 3
    return tuple(colour(picture.getpixel(at)) for at in ((2, 2), (right, 2), (2, bottom)))


LYING, STANDING = ("red", "blue", "red"), ("red", "red", "blue")


def halves(width: int = 60, height: int = 30) -> PIL.Image.Image:
    picture = PIL.Image.new("RGB", (width, height), "#dc1414")
    picture.paste("#1414dc", (width // 2, 0, width, height))
    return picture


def encoded(kind: str, picture: PIL.Image.Image | None = None, **options: object) -> bytes:
    buffer = BytesIO()
    (picture or halves()).save(buffer, kind, **options)
    return buffer.getvalue()


def exif(*entries: tuple[int, int, int, bytes], order: str = "<") -> bytes:
    """A TIFF header and one directory of entries: tag, type, count, value of four bytes."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    rows = b"".join(struct.pack(order + "HHI", *entry[:3]) + entry[3] for entry in entries)
    return head + struct.pack(order + "IH", 8, len(entries)) + rows + bytes(4)


TURNED = (0x0112, 3, 1, b"\6\0\0\0")


def segment(marker: int, data: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(*segments: bytes, **options: object) -> bytes:
    data = encoded("JPEG", quality=95, **options)
    return data[:2] + b"".join(segments) + data[2:]


def jpeg_exif(data: bytes) -> bytes:
    return jpeg(segment(0xE1, b"Exif\0\0" + data))


def chunk(kind: bytes, data: bytes, *, sound: bool = True) -> bytes:
    checksum = zlib.crc32(kind + data) if sound else 0xBADBAD
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def png(*chunks: bytes) -> bytes:
    data = encoded("PNG")
    return data[:33] + b"".join(chunks) + data[33:]  # after the header


def webp(*chunks: tuple[bytes, bytes], flags: int) -> bytes:
    """A still WebP with further chunks behind the picture, announced by `flags`."""
    picture = encoded("WEBP", quality=95)[12:]
    header = b"VP8X" + struct.pack("<I", 10) + bytes([flags, 0, 0, 0]) + b"\x3b\0\0\x1d\0\0"
    body = header + picture + b"".join(kind + struct.pack("<I", len(data)) + data for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def avif_with_exif() -> bytes:
    """An AVIF whose EXIF a decoder cannot read."""
    sound = exif((0x010F, 2, 4, b"abc\0"))
    data = encoded("AVIF", exif=b"Exif\0\0" + sound)
    assert data.count(sound) == 1
    return data.replace(sound, b"\0\x08\0\2" + bytes(len(sound) - 4))


LARGE = b" " * 3_000_000

# --- As given -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["exif-rotated-resolution-as-text.jpg", "exif-rotated-unit-as-byte.jpg"])
def test_odd_exif_tags_neither_refuse_a_picture_nor_lay_it_on_its_side(name: str):
    cleaned = taken((FILES / name).read_bytes())
    assert (cleaned.width, cleaned.height, corners(cleaned)) == (30, 60, STANDING)


@pytest.mark.parametrize("name", ["no-eoi.jpg", "png-exif-garbage.png", "png-large-xmp.png"])
def test_what_stands_beside_a_picture_does_not_refuse_it(name: str):
    cleaned = taken((FILES / name).read_bytes())
    assert (cleaned.width, cleaned.height, corners(cleaned)) == (60, 30, LYING)


@pytest.mark.parametrize("name", ["animated.png", "animated.webp"])
def test_moving_pictures_are_refused_for_that_reason(name: str):
    assert refusal((FILES / name).read_bytes()).startswith(MOVING)
    with translation.override("de"):
        assert refusal((FILES / name).read_bytes()).startswith("Bewegte Bilder ")


CONTROLS = sorted(path.name for path in (FILES / "controls").iterdir() if path.suffix != ".pdf")


@pytest.mark.parametrize("name", CONTROLS)
def test_what_was_judged_rightly_before_still_is(name: str):
    data = (FILES / "controls" / name).read_bytes()
    if name == "half.jpg":
        assert refusal(data).startswith(DAMAGED)
    elif name == "animated.gif":
        assert refusal(data).startswith("This is not a picture in JPEG, PNG, WebP or AVIF.")
    else:
        cleaned = taken(data)
        with PIL.Image.open(FILES / "controls" / name) as picture:
            size = picture.size[::-1] if "-rotated" in name else picture.size
        assert (cleaned.width, cleaned.height) == size
        if size in {(60, 30), (30, 60)}:
            assert corners(cleaned) == (LYING if size == (60, 30) else STANDING)


# --- Their neighbours ---------------------------------------------------------------------------

UPRIGHTED: dict[str, Callable[[], bytes]] = {
    "JPEG, a byte count beyond the file": lambda: jpeg_exif(exif((0x010F, 2, 2**31, b"\xff" * 4), TURNED)),
    "JPEG, a resolution of type 99": lambda: jpeg_exif(exif((0x011A, 99, 1, bytes(4)), TURNED)),
    "JPEG, orientation as a long number": lambda: jpeg_exif(exif((0x0112, 4, 1, b"\6\0\0\0"))),
    "JPEG, big-endian, more entries promised": lambda: jpeg_exif(
        exif((0x0112, 3, 1, b"\0\6\0\0"), order=">").replace(b"\0\1\x01\x12", b"\xff\xff\x01\x12")
    ),
    "JPEG, a resolution as a signed byte": lambda: jpeg_exif(exif(TURNED, (0x0128, 6, 1, b"\2\0\0\0"))),
    "PNG, its checksum wrong": lambda: png(chunk(b"eXIf", exif(TURNED), sound=False)),
    "PNG, a resolution as text": lambda: png(chunk(b"eXIf", exif(TURNED, (0x011A, 2, 3, b"72\0\0")))),
    "WebP, a resolution as text": lambda: webp((b"EXIF", exif(TURNED, (0x011A, 2, 4, b"72 \0"))), flags=8),
}


@pytest.mark.parametrize("kind", UPRIGHTED)
def test_the_orientation_is_read_whatever_else_the_exif_holds(kind: str):
    assert corners(taken(UPRIGHTED[kind]())) == STANDING


SOUND: dict[str, Callable[[], bytes]] = {
    "JPEG, half an end marker": lambda: jpeg()[:-1],
    "JPEG, zeros instead of its end": lambda: jpeg()[:-2] + bytes(600),
    "JPEG, progressive without an end": lambda: jpeg(progressive=True)[:-2],
    "JPEG, restart markers without an end": lambda: jpeg(restart_marker_blocks=2)[:-2],
    "JPEG, JFIF cut short": lambda: jpeg(segment(0xE0, b"JFIF\0")),
    "JPEG, Adobe cut short": lambda: jpeg(segment(0xEE, b"Adobe")),
    "JPEG, Photoshop's block broken": lambda: jpeg(segment(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\xff")),
    "JPEG, several pictures announced and missing": lambda: jpeg(segment(0xE2, b"MPF\0II*\0\x08\0\0\0\xff\xff")),
    "JPEG, EXIF without a head": lambda: jpeg_exif(b"\0" * 12),
    "JPEG, EXIF of a directory outside": lambda: jpeg_exif(b"II*\0\xff\xff\xff\x7f"),
    "JPEG, a profile in odd pieces": lambda: jpeg(
        segment(0xE2, b"ICC_PROFILE\0"), segment(0xE2, b"ICC_PROFILE\0\5\2x")
    ),
    "PNG, text with a wrong checksum": lambda: png(chunk(b"tEXt", b"Comment\0x", sound=False)),
    "PNG, size with a wrong checksum": lambda: png(chunk(b"pHYs", bytes(9), sound=False)),
    "PNG, size cut short": lambda: png(chunk(b"pHYs", b"\1")),
    "PNG, colours cut short": lambda: png(chunk(b"cHRM", b"\1"), chunk(b"gAMA", b"")),
    "PNG, transparency cut short": lambda: png(chunk(b"tRNS", b"\1")),
    "PNG, large profile": lambda: png(chunk(b"iCCP", b"x\0\0" + zlib.compress(LARGE))),
    "PNG, broken profile": lambda: png(chunk(b"iCCP", b"x\0\0" + b"broken")),
    "PNG, large compressed text": lambda: png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(LARGE))),
    "PNG, large plain text": lambda: png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + LARGE)),
    "PNG, no end": lambda: encoded("PNG")[:-12],
    "PNG, end cut off": lambda: encoded("PNG")[:-4],
    "PNG, a wrong checksum at its end": lambda: encoded("PNG")[:-4] + bytes(4),
    "PNG, moving with a single picture": lambda: png(chunk(b"acTL", struct.pack(">2I", 1, 0))),
    "PNG, an announcement of moving pictures cut short": lambda: png(chunk(b"acTL", b"\0")),
    "WebP, broken EXIF": lambda: webp((b"EXIF", b"\0\x08\0\2"), flags=8),
    "WebP, broken profile": lambda: webp((b"ICCP", b"none"), flags=0x20),
    "WebP, XMP cut off": lambda: webp((b"XMP ", bytes(400)), flags=4)[:-300],
    "AVIF, broken EXIF": avif_with_exif,
}


@pytest.mark.parametrize("kind", SOUND)
def test_no_metadata_and_no_missing_end_refuses_a_sound_picture(kind: str):
    assert corners(taken(SOUND[kind]())) == LYING


def test_a_large_colour_profile_is_followed():
    swapped = PIL.Image.new("RGB", (16, 16), (200, 40, 40))
    profile = linear_profile(padding=1_500_000)
    plain = PIL.Image.open(BytesIO(taken(encoded("PNG", swapped)).master)).getpixel((8, 8))
    large = PIL.Image.open(BytesIO(taken(png_of(swapped, profile)).master)).getpixel((8, 8))
    assert large[1] > plain[1] + 40  # linear light is brighter in sRGB's numbers


def linear_profile(*, padding: int) -> bytes:
    """sRGB's primaries without its curve, and a private tag of `padding` bytes."""
    curve = b"curv" + bytes(8)  # no points: a straight line
    primaries = {
        b"rXYZ": (0.4361, 0.2225, 0.0139),
        b"gXYZ": (0.3851, 0.7169, 0.0971),
        b"bXYZ": (0.1431, 0.0606, 0.7141),
    }
    white = (0.9642, 1.0, 0.8249)
    parts = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    for name, values in {**primaries, b"wtpt": white}.items():
        parts[name] = b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))
    parts |= {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 2) + b"x\0" + bytes(78),
        b"cprt": b"text" + bytes(4) + b"x\0",
    }
    parts |= {b"priv": b"data" + bytes(padding)}
    tags, blob, offset = b"", b"", 128 + 4 + 12 * len(parts)
    for name, part in parts.items():
        padded = part + bytes(-len(part) % 4)
        tags += name + struct.pack(">2I", offset + len(blob), len(part))
        blob += padded
    head = struct.pack(
        ">I4sI4s4s4s12s4s", offset + len(blob), b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ", bytes(12), b"acsp"
    )
    head += bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(parts)) + tags + blob


def png_of(picture: PIL.Image.Image, profile: bytes) -> bytes:
    data = encoded("PNG", picture)
    return data[:33] + chunk(b"iCCP", b"x\0\0" + zlib.compress(profile)) + data[33:]


def moving(kind: str, pictures: int = 2) -> bytes:
    others = [PIL.Image.new("RGB", (60, 30), shade) for shade in ("lime", "navy", "white")]
    return encoded(kind, save_all=True, append_images=others[: pictures - 1], duration=100)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("pictures", [2, 4])
def test_every_kind_of_moving_picture_is_refused_for_that_reason(kind: str, pictures: int):
    assert refusal(moving(kind, pictures)).startswith(MOVING)


def test_a_jpeg_that_browsers_cannot_show_is_refused_for_that_reason():
    lossless = jpeg().replace(b"\xff\xc0\0\x11\x08", b"\xff\xc3\0\x11\x08")
    twelve_bits = jpeg().replace(b"\xff\xc0\0\x11\x08", b"\xff\xc1\0\x11\x0c")
    for data in (lossless, twelve_bits):
        assert refusal(data).startswith("Browsers cannot show this kind of JPEG.")


def noise(width: int = 320, height: int = 160) -> PIL.Image.Image:
    return PIL.Image.merge("RGB", [PIL.Image.effect_noise((width, height), 60) for _channel in range(3)])


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("missing", [12, 40, 400, 4000])
def test_a_jpeg_whose_data_are_missing_is_still_refused(progressive: bool, missing: int):
    whole = encoded("JPEG", noise(), quality=90, progressive=progressive)
    assert refusal(whole[:-missing]).startswith(DAMAGED)


def test_a_progressive_jpeg_whose_last_scan_is_missing_is_refused():
    whole = encoded("JPEG", noise(), quality=90, progressive=True)
    assert refusal(whole[: whole.rindex(b"\xff\xda")]).startswith(DAMAGED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("kept", [14, 0.3, 0.7])
def test_a_part_of_a_picture_is_called_incomplete_and_not_of_another_type(kind: str, kept: float):
    whole = encoded(kind, noise())
    assert refusal(whole[: kept if kept > 1 else int(len(whole) * kept)]).startswith(DAMAGED)


# --- Tall pictures ------------------------------------------------------------------------------


def test_a_tall_infographic_keeps_its_width():
    cleaned = taken((FILES / "infographic-tall.png").read_bytes())
    assert (cleaned.width, cleaned.height) == (1080, 12_000)


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((800, 20_000), (800, 20_000)),
        ((1400, 14_000), (1280, 12_800)),
        ((2000, 24_000), (1280, 15_360)),
        ((4000, 8000), (2048, 4096)),
        ((3000, 10_000), (1280, 4267)),
        ((5000, 6000), (3413, 4096)),
        ((200, 5000), (200, 5000)),
        ((500, 70_000), (468, 65_500)),
    ],
)
def test_what_is_tall_is_made_smaller_only_as_far_as_it_can_be_read(size: tuple[int, int], kept: tuple[int, int]):
    cleaned = taken(encoded("PNG", PIL.Image.new("1", size)))
    assert (cleaned.width, cleaned.height) == kept


@pytest.mark.django_db
@pytest.mark.parametrize(("height", "formats"), [(16_000, {"avif", "webp", "jpeg"}), (17_000, {"jpeg"})])
def test_a_format_that_cannot_be_as_tall_leaves_the_picture_to_jpeg(height: int, formats: set[str]):
    upload = SimpleUploadedFile("a.png", encoded("PNG", PIL.Image.new("1", (60, height))))
    image = create_image(upload, by=None)
    make_renditions(image.pk)
    image.refresh_from_db()
    assert image.ready_key
    full = image.renditions.filter(crop="full")
    assert {(row.format, row.width, row.height) for row in full} == {(kind, 60, height) for kind in formats}


# --- Attachments --------------------------------------------------------------------------------


def stored(data: bytes, name: str) -> str:
    return clean_attachment(SimpleUploadedFile(name, data)).path.rpartition(".")[2]


@pytest.mark.parametrize(
    "name", ["controls/plain.pdf", "pdf-bom.pdf", "pdf-newline.pdf", "excel-unicode.csv", "single-quotes.docx"]
)
def test_documents_are_taken_as_other_programs_write_them(name: str):
    assert stored((FILES / name).read_bytes(), name) == name.rpartition(".")[2]


PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n"


@pytest.mark.parametrize(
    "before",
    [
        b"\n\n  ",
        b"\0" * 128,  # MacBinary
        b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
        b"Content-Type: application/pdf\r\n\r\n",
        b"\xef\xbb\xbf\r\n",
        b"\x1b%-12345X@PJL ENTER LANGUAGE=PDF\r\n",
        b"x" * 1024,
    ],
)
def test_a_pdf_may_begin_within_its_first_kilobyte(before: bytes):
    assert stored(before + PDF, "plan.pdf") == "pdf"


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"x" * 1025 + PDF, "plan.pdf"), (b"<script>alert(1)</script>" + PDF, "plan.pdf"), (b"MZ\0" + PDF, "plan.exe")],
)
def test_what_only_mentions_pdf_is_none(data: bytes, name: str):
    with pytest.raises(UploadRefused, match=r"^Only PDF, Word, Excel"):
        stored(data, name)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("name", ["liste.csv", "liste.txt"])
@pytest.mark.parametrize("text", ["Straße\tNr\r\nGrünweg\t1\r\n", "Wie %PDF-1.7 beginnt"])
def test_texts_may_be_in_any_unicode(encoding: str, name: str, text: str):
    assert stored(text.encode(encoding), name) == name.rpartition(".")[2]
    if encoding == "utf-16":
        assert stored(b"\xfe\xff" + text.encode("utf-16-be"), name) == name.rpartition(".")[2]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "#!/bin/sh\n", "Text\x00Text", " \r\n"])
def test_what_is_no_text_is_none_in_utf_16_either(text: str):
    with pytest.raises(UploadRefused, match=r"^Only PDF, Word, Excel"):
        stored(text.encode("utf-16"), "plan.txt")


MAIN = "application/vnd.openxmlformats-officedocument.{}.main+xml"


def office(types: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("[Content_Types].xml"), types)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("types", "suffix"),
    [
        (f"<Types><Override ContentType='{MAIN.format('spreadsheetml.sheet')}'/></Types>".encode(), "xlsx"),
        (f"<Types><Override ContentType = '{MAIN.format('presentationml.presentation')}' /></Types>".encode(), "pptx"),
        (f'<Types><Default\nContentType\n=\n"{MAIN.format("wordprocessingml.document")}"/></Types>'.encode(), "docx"),
        (
            f'<Types><Override ContentType="{MAIN.format("wordprocessingml.document")}"/></Types>'.encode("utf-16"),
            "docx",
        ),
        (f"<Types><Override ContentType='{MAIN.format('spreadsheetml.sheet')}'/></Types>".encode("utf-16"), "xlsx"),
    ],
)
def test_office_files_are_known_however_their_xml_is_written(types: bytes, suffix: str):
    assert stored(office(types), "plan.zip") == suffix


@pytest.mark.parametrize("name", ["plan.docx", "plan.doc", "plan.xls"])
def test_a_password_or_an_old_format_is_the_reason_that_is_named(name: str):
    with pytest.raises(UploadRefused, match=r"^This file has a password or is in the old format"):
        stored(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), name)
