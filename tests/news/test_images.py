"""Uploads, made here with all that cameras, layout programs and attackers put into them; and the renditions."""

import struct
import zlib
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import PIL.Image
import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import ImageCms
from PIL.PngImagePlugin import PngInfo

from news.images import (
    PLAN,
    UploadRefused,
    clean_upload,
    create_image,
    crop_box,
    focus,
    make_renditions,
    remove_old_renditions,
    rendition_key,
)
from news.models import Image, Rendition
from sccon.models import Job


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def media(settings) -> Path:
    return Path(settings.MEDIA_ROOT)


def uploaded(picture: PIL.Image.Image, kind: str, name: str = "a.jpg", **options) -> SimpleUploadedFile:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return SimpleUploadedFile(name, buffer.getvalue())


def opened(data: bytes) -> PIL.Image.Image:
    picture = PIL.Image.open(BytesIO(data))
    picture.load()
    return picture


def drawn(rendition: Rendition) -> PIL.Image.Image:
    with rendition.file.open() as file:
        return opened(file.read())


def refusal(data: bytes, name: str = "picture.jpg") -> str:
    with pytest.raises(UploadRefused) as refused:
        clean_upload(SimpleUploadedFile(name, data))
    return str(refused.value)


def quarters(width: int = 80, height: int = 40) -> PIL.Image.Image:
    """Red, green, blue and white, clockwise from the top left: shows which way up it is."""
    picture = PIL.Image.new("RGB", (width, height), "red")
    picture.paste("lime", (width // 2, 0, width, height // 2))
    picture.paste("blue", (width // 2, height // 2, width, height))
    picture.paste("white", (0, height // 2, width // 2, height))
    return picture


def close(colour: tuple[int, ...], other: tuple[int, ...], by: int = 6) -> bool:
    return all(abs(one - two) <= by for one, two in zip(colour, other, strict=True))


# --- Uploads ----------------------------------------------------------------------------------


def test_a_photo_stands_upright_and_tells_nothing_about_its_maker():
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[2] = (52.0, 30.0, 15.0)  # GPS latitude
    upload = uploaded(
        quarters(), "JPEG", exif=exif, comment=b"Secret comment", xmp=b"<x:xmpmeta>Secret XMP</x:xmpmeta>", quality=95
    )
    cleaned = clean_upload(upload)
    assert (cleaned.suffix, cleaned.width, cleaned.height) == (".jpg", 40, 80)
    for data in (cleaned.master, cleaned.jpeg):
        picture = opened(data)
        assert picture.size == (40, 80)
        assert close(picture.getpixel((30, 10)), (255, 0, 0))  # red went to the right
        assert not {"exif", "xmp", "comment", "icc_profile", "photoshop", "dpi"} & set(picture.info)
        assert dict(picture.getexif()) == {}
        assert b"Secret" not in data


def test_png_texts_and_profile_are_removed_and_its_transparency_kept():
    picture = PIL.Image.new("RGBA", (20, 10), (0, 0, 255, 0))
    texts = PngInfo()
    texts.add_text("Author", "Secret")
    texts.add_itxt("XML:com.adobe.xmp", "Secret")
    cleaned = clean_upload(uploaded(picture, "PNG", pnginfo=texts, icc_profile=srgb_profile()))
    master = opened(cleaned.master)
    assert (cleaned.suffix, master.format, master.mode, master.info) == (".png", "PNG", "RGBA", {})
    assert master.getchannel("A").getextrema() == (0, 0)
    assert close(opened(cleaned.jpeg).getpixel((5, 5)), (255, 255, 255))  # on white, not blue or black
    assert b"Secret" not in cleaned.master


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_png_becomes_rgb(mode):
    cleaned = clean_upload(uploaded(quarters().convert(mode), "PNG"))
    assert (opened(cleaned.master).mode, cleaned.suffix) == ("RGB", ".jpg")  # nothing shows through in any of them


def test_a_palette_with_a_transparent_colour_stays_transparent():
    picture = PIL.Image.new("P", (4, 4), 1)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    cleaned = clean_upload(uploaded(picture, "PNG", transparency=1))
    assert opened(cleaned.master).getpixel((0, 0)) == (0, 255, 0, 0)


def test_sixteen_bits_are_scaled_and_not_cut_off():
    cleaned = clean_upload(uploaded(PIL.Image.new("I;16", (8, 8), 32_768), "PNG"))
    assert close(opened(cleaned.master).getpixel((4, 4)), (128, 128, 128))


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def cmyk_profile() -> bytes:
    """A printer whose cyan is red: only who follows the profile sees it so."""
    white, red = bytes([255, 128, 128]), bytes([136, 208, 195])  # in 8-bit Lab
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0])
    table += struct.pack(">9i", *(65536 if at % 4 == 0 else 0 for at in range(9)))
    table += bytes(range(256)) * 4
    table += b"".join(red if inks & 0b1000 else white for inks in range(16))
    table += bytes(range(256)) * 3
    described = b"desc" + bytes(4) + struct.pack(">I", 2) + b"x\0" + bytes(78)
    white_point = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    copyright_ = b"text" + bytes(4) + b"none\0"
    tags, parts, offset = b"", b"", 128 + 4 + 4 * 12
    for name, part in ((b"A2B0", table), (b"desc", described), (b"wtpt", white_point), (b"cprt", copyright_)):
        padded = part + bytes(-len(part) % 4)
        tags += name + struct.pack(">2I", offset, len(part))
        parts, offset = parts + padded, offset + len(padded)
    head = struct.pack(">I4sI4s4s4s12s4s", offset, b"none", 0x02400000, b"prtr", b"CMYK", b"Lab ", bytes(12), b"acsp")
    head += bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", 4) + tags + parts


def test_cmyk_is_shown_as_its_profile_says():
    cyan = PIL.Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    follows = clean_upload(uploaded(cyan, "JPEG", icc_profile=cmyk_profile(), quality=95))
    red, green, blue = opened(follows.master).getpixel((8, 8))
    assert red > 100 and green < 40 and blue < 40
    without = clean_upload(uploaded(cyan, "JPEG", quality=95))
    assert close(opened(without.master).getpixel((8, 8)), (0, 255, 255))
    broken = clean_upload(uploaded(cyan, "JPEG", icc_profile=b"no profile", quality=95))
    assert opened(broken.master).tobytes() == opened(without.master).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_type_is_told_by_the_content_and_not_by_the_name(kind):
    cleaned = clean_upload(uploaded(quarters(), kind, name="drawing.svg"))
    assert (cleaned.suffix, opened(cleaned.master).format, cleaned.width) == (".jpg", "JPEG", 80)


def test_of_a_phones_picture_with_a_second_one_inside_the_first_is_taken():
    upload = uploaded(quarters(), "MPO", save_all=True, append_images=[PIL.Image.new("RGB", (80, 40))])
    assert PIL.Image.open(upload).format == "MPO"
    assert close(opened(clean_upload(upload).master).getpixel((10, 10)), (254, 0, 0))


def test_of_a_large_picture_4096_pixels_are_kept_and_1600_shown():
    cleaned = clean_upload(uploaded(PIL.Image.new("RGB", (5000, 2500), "navy"), "JPEG"))
    assert (cleaned.width, cleaned.height, opened(cleaned.jpeg).size) == (4096, 2048, (1600, 800))


def test_a_large_drawing_of_two_colours_is_made_smaller_smoothly():
    stripes = PIL.Image.frombytes("1", (8192, 8), b"\x55" * 1024 * 8)  # black and white by turns
    cleaned = clean_upload(uploaded(stripes, "PNG"))
    assert (cleaned.width, cleaned.height) == (4096, 4)
    assert close(opened(cleaned.master).getpixel((2000, 2)), (128, 128, 128), by=20)


def png_head(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(60_000, 60_000), (10_000, 9_500), (7_100, 7_100)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(size):
    # Decoded, it would be damaged: there is nothing in it.
    assert refusal(png_head(*size)).startswith("The picture has more than 50 megapixels.")


def test_more_than_20_megabytes_are_refused_unread():
    assert refusal(bytes(20 * 1024 * 1024 + 1)).startswith("The file is larger than 20 MB.")


def test_an_incomplete_picture_gets_a_sentence():
    whole = uploaded(quarters(800, 400), "JPEG").read()
    for kept in (len(whole) // 2, len(whole) - 20):
        assert refusal(whole[:kept]).startswith("The picture is damaged or incomplete.")
    assert refusal(png_head(10, 10)).startswith("The picture is damaged or incomplete.")


def test_what_is_no_accepted_picture_gets_its_own_sentence():
    gif = uploaded(quarters(), "GIF").read()
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
    iphone = b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(100)
    svg = b'<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for data in (heic, iphone):
        assert refusal(data) == "Browsers cannot show HEIC pictures. Please save it as JPEG and upload that."
    assert refusal(svg).startswith("SVG drawings can carry programs")
    for data in (gif, b"", b"<html>", b"MZ" + bytes(50), b"%PDF-1.7"):
        assert refusal(data).startswith("This is not a picture in JPEG, PNG, WebP or AVIF.")


def test_a_page_hidden_in_a_picture_does_not_survive():
    script = b"<html><script>alert(1)</script></html>"
    data = uploaded(quarters(), "JPEG", comment=script).read() + script
    cleaned = clean_upload(SimpleUploadedFile("a.html", data))
    assert b"<script" not in cleaned.master + cleaned.jpeg


def test_sentences_are_german_for_a_german():
    with translation.override("de"):
        assert refusal(b"MZ").startswith("Das ist kein Bild im Format JPEG, PNG, WebP oder AVIF.")


# --- Crops ------------------------------------------------------------------------------------


@given(
    width=st.integers(1, 9000),
    height=st.integers(1, 9000),
    ratio=st.sampled_from([Fraction(3, 2), Fraction(4, 5), Fraction(1), Fraction(16, 9)]),
    x=st.floats(0, 1),
    y=st.floats(0, 1),
)
@hypothesis_settings(max_examples=300, deadline=None)
def test_a_crop_is_the_largest_of_its_shape_inside_the_picture_and_holds_the_focal_point(width, height, ratio, x, y):
    left, top, right, bottom = crop_box(width, height, ratio, x, y)
    assert 0 <= left < right <= width and 0 <= top < bottom <= height
    assert right - left == width or bottom - top == height
    assert abs((right - left) - (bottom - top) * ratio) <= max(1, ratio)
    assert left <= x * width <= right and top <= y * height <= bottom


def test_a_crop_is_centred_on_the_focal_point_where_the_edges_allow():
    assert crop_box(3000, 1000, Fraction(3, 2), 0.5, 0.5) == (750, 0, 2250, 1000)
    assert crop_box(3000, 1000, Fraction(3, 2), 0.3, 0.9) == (150, 0, 1650, 1000)
    assert crop_box(3000, 1000, Fraction(3, 2), 0.0, 0.5) == (0, 0, 1500, 1000)
    assert crop_box(1000, 3000, Fraction(4, 5), 0.5, 1.0) == (0, 1750, 1000, 3000)


# --- Renditions -------------------------------------------------------------------------------


def create(size: tuple[int, int] = (300, 200), **fields) -> Image:
    return create_image(uploaded(quarters(*size), "JPEG", name="Halle 7.JPG"), by=None, **fields)


def shapes(image: Image) -> set[tuple[str, str, int, int]]:
    return set(image.renditions.values_list("crop", "format", "width", "height"))


def stored(media) -> set[str]:
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def names(image: Image) -> set[str]:
    return {image.file.name, image.jpeg.name, *image.renditions.values_list("file", flat=True)}


@pytest.mark.django_db
def test_an_upload_becomes_two_files_a_row_and_a_job(media):
    image = create(alt_de="Eine Halle", credit="Foto: A. B.")
    directory, name = image.file.name.split("/")
    assert (len(directory), name) == (22, "halle-7.jpg")
    assert stored(media) == {image.file.name, image.jpeg.name}
    assert (image.width, image.height, image.ready_key) == (300, 200, "")
    assert (image.alt_de, image.credit) == ("Eine Halle", "Foto: A. B.")
    job = Job.objects.get(task_name="news.make_renditions")
    assert (job.args, job.lock) == ({"image_id": image.pk}, f"news.image.{image.pk}")


@pytest.mark.django_db
def test_a_refused_row_leaves_no_files(media):
    with pytest.raises(Exception, match="image_focal_point_inside"):
        create(focal_x=2)
    assert stored(media) == set()


@pytest.mark.django_db
def test_the_worker_makes_every_shape_of_the_plan_in_its_formats(media):
    image = create((2400, 1500))
    make_renditions(image.pk)
    image.refresh_from_db()
    assert image.ready_key == rendition_key(image)
    full = {640: 400, 960: 600, 1280: 800, 1920: 1200}
    card = {320: 213, 480: 320, 640: 427, 960: 640}
    tall = {480: 600, 960: 1200}
    expected = {
        (crop, kind, width, height)
        for crop, heights in (("full", full), ("card", card), ("tall", tall))
        for kind in ("avif", "webp")
        for width, height in heights.items()
    }
    expected |= {("full", "jpeg", 1280, 800), ("card", "jpeg", 640, 427), ("tall", "jpeg", 480, 600)}
    assert shapes(image) == expected
    assert stored(media) == names(image)
    for rendition in image.renditions.all():
        picture = drawn(rendition)
        assert (picture.format.lower(), picture.size) == (rendition.format, (rendition.width, rendition.height))
        assert not {"exif", "icc_profile", "xmp"} & set(picture.info)


@pytest.mark.django_db
def test_a_small_picture_is_never_enlarged():
    image = create((300, 200))
    make_renditions(image.pk)
    assert shapes(image) == {
        (crop, kind, width, 200)
        for crop, width in (("full", 300), ("card", 300), ("tall", 160))
        for kind in ("avif", "webp", "jpeg")
    }


@pytest.mark.django_db
def test_what_shows_through_is_white_in_every_format():
    image = create_image(uploaded(PIL.Image.new("RGBA", (30, 20), (0, 0, 0, 0)), "PNG", name="logo.png"), by=None)
    make_renditions(image.pk)
    for rendition in image.renditions.all():
        picture = drawn(rendition)
        assert (picture.mode, close(picture.getpixel((10, 10)), (255, 255, 255))) == ("RGB", True), rendition


@pytest.mark.django_db
def test_a_card_shows_what_lies_at_the_focal_point():
    image = create((400, 100), focal_x=1, focal_y=0.5)
    make_renditions(image.pk)
    card = drawn(image.renditions.get(crop="card", format="jpeg"))
    assert card.size == (150, 100)
    assert close(card.getpixel((5, 5)), (0, 255, 0), by=12)  # the right half: lime above, blue below
    assert close(card.getpixel((140, 90)), (0, 0, 255), by=12)


@pytest.mark.django_db
def test_running_twice_and_for_a_picture_that_is_gone_changes_nothing(media):
    image = create()
    make_renditions(image.pk)
    before = {path: path.stat().st_mtime_ns for path in media.rglob("*.*")}
    rows = [*image.renditions.values_list(), *Image.objects.values_list()]
    make_renditions(image.pk)
    make_renditions(image.pk + 1)
    assert {path: path.stat().st_mtime_ns for path in media.rglob("*.*")} == before
    assert [*image.renditions.values_list(), *Image.objects.values_list()] == rows


class FullDisk(FileSystemStorage):
    """A disk that is full after three more files."""

    left = 3

    def _save(self, name, content):
        if not self.left:
            raise OSError("No space left on device")
        self.left -= 1
        return super()._save(name, content)


@pytest.mark.django_db
def test_a_job_that_ends_half_way_shows_nothing_and_the_next_one_completes_it(media, settings):
    image = create()
    whole = settings.STORAGES
    settings.STORAGES = {**whole, "default": {"BACKEND": "tests.news.test_images.FullDisk"}}
    with pytest.raises(OSError, match="No space"):
        make_renditions(image.pk)
    image.refresh_from_db()
    assert (image.ready_key, image.renditions.count(), len(stored(media))) == ("", 0, 2 + 3)
    settings.STORAGES = whole
    make_renditions(image.pk)
    image.refresh_from_db()
    assert (image.ready_key, stored(media)) == (rendition_key(image), names(image))


@pytest.mark.django_db
def test_a_lost_file_is_made_again():
    image = create()
    make_renditions(image.pk)
    lost = image.renditions.get(crop="card", format="jpeg").file.name
    default_storage.delete(lost)
    make_renditions(image.pk)
    assert default_storage.exists(lost)
    assert image.renditions.count() == 9


@pytest.mark.django_db
def test_a_moved_focal_point_shows_when_all_its_new_files_are_there():
    image = create()
    make_renditions(image.pk)
    image.refresh_from_db()
    first = image.ready_key
    waiting = Job.objects.filter(task_name="news.make_renditions").count()
    focus(image, 0.9, 0.1)
    image.refresh_from_db()
    assert (image.ready_key, rendition_key(image) != first) == (first, True)
    assert Job.objects.filter(task_name="news.make_renditions").count() == waiting + 1
    make_renditions(image.pk)
    image.refresh_from_db()
    assert image.ready_key == rendition_key(image)
    assert set(image.renditions.values_list("key", flat=True)) == {first, image.ready_key}


class Restless(FileSystemStorage):
    """While the last file is written, an editor moves the focal point."""

    def _save(self, name, content):
        Image.objects.update(focal_x=0.25)
        return super()._save(name, content)


@pytest.mark.django_db
def test_a_focal_point_moved_meanwhile_starts_another_job_and_leaves_nothing(media, settings):
    image = create()
    waiting = Job.objects.filter(task_name="news.make_renditions").count()
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "tests.news.test_images.Restless"}}
    make_renditions(image.pk)
    image.refresh_from_db()
    assert (image.ready_key, image.renditions.count()) == ("", 0)
    assert stored(media) == {image.file.name, image.jpeg.name}
    assert Job.objects.filter(task_name="news.make_renditions").count() == waiting + 1


# --- Removal ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_old_renditions_go_a_day_after_they_were_replaced(media):
    image = create()
    make_renditions(image.pk)
    focus(image, 0.9, 0.1)
    make_renditions(image.pk)
    both = stored(media)
    assert image.renditions.count() == 18
    hour = timezone.timedelta(hours=1)
    Image.objects.update(ready_at=timezone.now() - 23 * hour)
    remove_old_renditions(0)
    assert stored(media) == both
    Image.objects.update(ready_at=timezone.now() - 25 * hour)
    remove_old_renditions(0)
    image.refresh_from_db()
    assert set(image.renditions.values_list("key", flat=True)) == {image.ready_key}
    assert (image.renditions.count(), stored(media)) == (9, names(image))


@pytest.mark.django_db
def test_the_set_that_a_focal_point_asks_for_again_stays(media):
    image = create()
    make_renditions(image.pk)
    focus(image, 0.9, 0.1)
    make_renditions(image.pk)
    focus(image, 0.5, 0.5)  # back: its files still lie there, its job has not run yet
    Image.objects.update(ready_at=timezone.now() - timezone.timedelta(days=2))
    both = stored(media)
    remove_old_renditions(0)
    assert (image.renditions.count(), stored(media)) == (18, both)


@pytest.mark.django_db
def test_the_files_of_a_deleted_picture_go_when_that_is_committed(media, django_capture_on_commit_callbacks):
    kept = create()
    image = create()
    make_renditions(image.pk)
    everything = stored(media)
    with django_capture_on_commit_callbacks() as callbacks:
        image.delete()
        assert stored(media) == everything
    for callback in callbacks:
        callback()
    assert stored(media) == {kept.file.name, kept.jpeg.name}
    assert len([path for path in media.iterdir() if path.is_dir()]) == 1
    assert Rendition.objects.count() == 0


def test_the_plan_names_a_jpeg_of_each_crop():
    assert all(cut.jpeg_width in cut.widths for cut in PLAN.values())
