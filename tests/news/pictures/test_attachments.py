"""Files to download: what is taken, and that the content decides."""

import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from news.pictures.attachments import clean_attachment, title_from
from news.pictures.library import UploadRefused


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def zipped(**files: str) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            # Dated 1980, not now: every process of the run must give these tests the same names.
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def office(kind: str, **others: str) -> bytes:
    types = f'<Types><Override ContentType="application/vnd.{kind}.main+xml"/></Types>'
    return zipped(**{"[Content_Types].xml": types, **others})


OPEN_XML = "openxmlformats-officedocument."
TAKEN = [
    (b"%PDF-1.7 ...", "plan.exe", ".pdf"),
    (office(f"{OPEN_XML}wordprocessingml.document"), "plan.zip", ".docx"),
    (office(f"{OPEN_XML}spreadsheetml.sheet"), "plan.docx", ".xlsx"),
    (office(f"{OPEN_XML}presentationml.presentation"), "plan.pptx", ".pptx"),
    (zipped(mimetype="application/vnd.oasis.opendocument.text"), "plan.odt", ".odt"),
    (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "plan.ods", ".ods"),
    (zipped(mimetype="application/vnd.oasis.opendocument.presentation"), "plan.odp", ".odp"),
    ("Straße;Nr\r\nA;1\r\n".encode(), "plan.csv", ".csv"),
    ("Straße;Nr\r\n".encode("cp1252"), "plan.CSV", ".csv"),
    (b"Ein Text, 3 < 4", "plan.txt", ".txt"),
]


@pytest.mark.parametrize(("data", "name", "suffix"), TAKEN)
def test_documents_are_taken_by_their_content(data, name, suffix):
    cleaned = clean_attachment(SimpleUploadedFile(name, data))
    directory, _, stored = cleaned.path.partition("/")
    assert (len(directory), stored, cleaned.size) == (22, f"plan{suffix}", len(data))


REFUSED = [
    (b"MZ\x90\x00", "plan.pdf"),
    (b"<html><script>alert(1)</script></html>", "plan.txt"),
    (b"\xef\xbb\xbf  <!doctype html>", "plan.csv"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "plan.svg"),
    (b"#!/bin/sh\n", "plan.txt"),
    (b"Text\x00", "plan.txt"),
    (b"Text", "plan.html"),
    (b"", "plan.txt"),
    (zipped(**{"a.exe": "MZ"}), "plan.zip"),
    (office("ms-word.document.macroEnabled"), "plan.docx"),
    (office(f"{OPEN_XML}wordprocessingml.document", **{"word/vbaProject.bin": "x"}), "plan.docx"),
    (zipped(mimetype="application/vnd.oasis.opendocument.text", **{"Basic/Standard/script.xml": "x"}), "plan.odt"),
    (zipped(mimetype="application/epub+zip"), "plan.odt"),
    (zipped(mimetype="text"), "plan.odt"),
]


@pytest.mark.parametrize(("data", "name"), REFUSED)
def test_everything_else_is_refused_with_a_sentence(data, name):
    with pytest.raises(UploadRefused, match=r"^Only PDF, Word, Excel"):
        clean_attachment(SimpleUploadedFile(name, data))


def test_a_damaged_document_gets_its_own_sentence():
    whole = office(f"{OPEN_XML}wordprocessingml.document")
    with pytest.raises(UploadRefused, match=r"^The file is damaged"):
        clean_attachment(SimpleUploadedFile("plan.docx", whole[: len(whole) // 2]))


def test_more_than_20_megabytes_are_refused():
    with pytest.raises(UploadRefused, match=r"^The file is larger than 20 MB"):
        clean_attachment(SimpleUploadedFile("plan.pdf", b"%PDF-" + bytes(20 * 1024 * 1024)))


TITLES = {
    "Pressemappe_2026.pdf": "Pressemappe 2026",
    "hallenplan-der-messe-2026.pdf": "Hallenplan der messe 2026",
    "Ablauf 2026-10-01.docx": "Ablauf 2026-10-01",
    "2026-10-01.pdf": "2026-10-01",
    "programm_2026-10-01_final.v2.xlsx": "Programm 2026-10-01 final.v2",
    "über__uns%20.odt": "Über uns",
    "E-Mail-Liste Presse.csv": "E-Mail-Liste Presse",
    "Plan": "Plan",
}


@pytest.mark.parametrize("name", TITLES)
def test_a_file_proposes_a_title_that_can_be_read(name):
    assert title_from(name) == TITLES[name]
