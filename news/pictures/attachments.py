"""Attachments of articles: which kinds of file are accepted, judged by content, not by name."""

import codecs
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.files.base import File
from django.utils.translation import gettext as _

from news.models.images import secret_path
from news.pictures.library import UploadRefused
from sccon.characters import one_line

MAX_BYTES = 20 * 1024 * 1024
SMALL = 1_000_000  # bytes read of a file inside a zip, whatever size it claims

# Content type of the main part of an Office file → suffix. Files with macros have another type and are refused.
OFFICE = {
    f"application/vnd.openxmlformats-officedocument.{part}.main+xml": suffix
    for part, suffix in {
        "wordprocessingml.document": ".docx",
        "spreadsheetml.sheet": ".xlsx",
        "presentationml.presentation": ".pptx",
    }.items()
}
OASIS = {
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
}
MACROS = re.compile(r"(^|/)(vbaProject\.bin$|Basic/|Scripts/)", re.IGNORECASE)
CONTENT_TYPE = re.compile(r"""\bContentType\s*=\s*(?:"([^"]*)"|'([^']*)')""")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
PROGRAM = re.compile(r"\ufeff?\s*(<|#!|%!)")  # HTML, XML, scripts, PostScript

PDF = b"%PDF-"
PDF_WITHIN = 1024  # bytes in which readers look for it: mail programs and servers put lines before it
BEFORE_PDF = b"\xef\xbb\xbf\0\t\n\f\r "  # signs that no text could mean
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Word, Excel and PowerPoint up to 2003, and today's with a password


@dataclass(frozen=True)
class CleanedAttachment:
    path: str  # for `attachment.file.save(cleaned.path, upload, save=False)`
    size: int  # bytes


def title_from(name: str) -> str:
    """A title for a file called `name`, to be read: without suffix and underscores. So does static/js/admin-article.js."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    words = re.sub(r"[_+\s]+", " ", re.sub(r"%20", " ", stem)).strip()
    if " " not in words:  # then hyphens part the words, but for those of a date
        words = re.sub(r"-+(?!\d)|(?<!\d)-+", " ", words).strip()
    words = one_line(words)
    return words[:1].upper() + words[1:200]


def clean_attachment(upload: File) -> CleanedAttachment:
    """Checks an uploaded file and says where to store it. Raises `UploadRefused`."""
    if upload.size > MAX_BYTES:
        raise UploadRefused(_("The file is larger than 20 MB. Please save it in a smaller size, or link to it."))
    name = PurePosixPath(upload.name or "")
    upload.seek(0)
    suffix = _suffix(upload, name.suffix.lower())
    upload.seek(0)
    if suffix is None:
        raise UploadRefused(
            _("Only PDF, Word, Excel, PowerPoint, OpenDocument, CSV and plain text can be attached, without macros.")
        )
    return CleanedAttachment(secret_path(f"{name.stem}{suffix}"), upload.size)


def _suffix(upload: File, claimed: str) -> str | None:
    """The suffix for this content; None if it is not accepted. `claimed` only tells CSV from other plain text."""
    head = upload.read(PDF_WITHIN + len(PDF))
    if head.lstrip(BEFORE_PDF).startswith(PDF) or (
        claimed == ".pdf" and PDF in head and not PROGRAM.match(_text(head))
    ):
        return ".pdf"
    if head.startswith(OLE):
        raise UploadRefused(
            _(
                "This file has a password or is in the old format of Word, Excel or PowerPoint. Please save it without a "
                "password as .docx, .xlsx or .pptx, or as PDF."
            )
        )
    if head.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(upload) as archive:
                return _office_suffix(archive)
        except Exception as error:  # hostile data makes zipfile raise anything, from BadZipFile to NotImplementedError
            raise UploadRefused(
                _("The file is damaged. Please open it in the program that made it, and save it again.")
            ) from error
    if claimed in {".csv", ".txt"}:
        upload.seek(0)
        text = _text(upload.read())
        if text.strip("\ufeff \t\r\n") and not PROGRAM.match(text) and not CONTROL.search(text):
            return claimed
    return None


def _text(data: bytes) -> str:
    """`data` as text, to look for what no text has; one-byte encodings all look the same then.

    UTF-16, Excel's "Unicode text", begins with a mark. Without one, its Latin letters have a NUL beside each.
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return data.decode("utf-32", "replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    for encoding, high in (("utf-16-le", data[1::2]), ("utf-16-be", data[::2])):
        if high.count(0) * 2 > len(high):
            return data.decode(encoding, "replace")
    return data.decode("utf-8-sig", "replace")


def _office_suffix(archive: zipfile.ZipFile) -> str | None:
    names = archive.namelist()
    if any(MACROS.search(name) for name in names):
        return None
    if "mimetype" in names:
        return OASIS.get(archive.open("mimetype").read(SMALL).decode().strip())
    if "[Content_Types].xml" not in names:
        return None
    types = archive.open("[Content_Types].xml").read(SMALL)
    found = {one or other for one, other in CONTENT_TYPE.findall(_text(types))}
    return next((suffix for main_part, suffix in OFFICE.items() if main_part in found), None)
