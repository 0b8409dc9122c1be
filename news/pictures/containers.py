"""Takes a picture out of its file: what decoders need, which way up it stands, its colour profile, and nothing else.

Decoders refuse sound pictures because of what stands beside them: a camera's odd EXIF tag, a large XMP packet, a wrong
checksum over a comment. So they get a file that has none of it. What a picture consists of stays as it came: whether
that is sound is theirs to judge.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

MOST_METADATA = 8 * 1024 * 1024  # bytes of a profile or XMP once unpacked; what has more is ignored
UPRIGHT = 1

JPEG, PNG, RIFF = b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF"
END = b"\xff\xd9"  # of a JPEG
EXIF = b"Exif\0\0"
XMP_ORIENTATION = re.compile(rb"tiff:Orientation(?:=[\"']|>)([1-8])")

# A marker that ends a JPEG's entropy-coded data: neither an escaped FF nor a restart marker.
MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
DECODED_FRAMES = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}
TABLES = {0xC4, 0xCC, 0xDB, 0xDC, 0xDD}
JFIF = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"  # density and thumbnail left out; says how colours are kept


class Moving(Exception):
    """The file holds several pictures that are shown one after another."""


class Unusual(Exception):
    """The file is a JPEG of a kind that neither browsers nor our decoder know, such as one of 12 bits."""


@dataclass
class Contents:
    """What a file consists of."""

    data: bytes
    orientation: int = UPRIGHT  # as in EXIF
    profile: bytes = b""
    ended: bool = True  # False: nothing in the file says that the picture is whole, so whoever decodes it must find out


def contents(data: bytes) -> Contents | None:
    """The picture of a JPEG, PNG, WebP or AVIF file; None for any other. Raises `Moving` and `Unusual`."""
    if data.startswith(JPEG):
        return _jpeg(data)
    if data.startswith(PNG):
        return _png(data)
    if data.startswith(RIFF) and data[8:12] == b"WEBP":
        return _webp(data)
    if data[4:8] == b"ftyp" and re.search(b"avi[fs]", data[8 : min(_long(data, 0), 256)]):
        return _avif(data)
    return None


def _long(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _turned(exif: bytes, xmp: bytes = b"") -> int:
    """The orientation that EXIF (a TIFF file) or else XMP tell, and upright where neither can be read."""
    exif = exif.removeprefix(EXIF)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    with suppress(struct.error):
        if order:
            (start,) = struct.unpack_from(order + "I", exif, 4)
            (count,) = struct.unpack_from(order + "H", exif, start)
            for at in range(start + 2, start + 2 + 12 * count, 12):
                tag, kind = struct.unpack_from(order + "HH", exif, at)
                form = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}.get(kind)
                if tag == 0x0112 and form:
                    (value,) = struct.unpack_from(order + form, exif, at + 8)
                    if 1 <= value <= 8:
                        return int(value)
    found = XMP_ORIENTATION.search(xmp)
    return int(found[1]) if found else UPRIGHT


def _unpacked(data: bytes) -> bytes:
    """`data` decompressed; empty if it is broken or larger than any metadata worth reading."""
    unpacker = zlib.decompressobj()
    with suppress(zlib.error):
        found = unpacker.decompress(data, MOST_METADATA)
        return found if unpacker.eof else b""
    return b""


# --- JPEG -------------------------------------------------------------------------------------


def _jpeg(data: bytes) -> Contents:
    """Keeps frame, tables, scans and what says how colours are coded; of several pictures (MPO) the first."""
    kept, scans = [JPEG], []
    profile: dict[int, bytes] = {}  # in numbered pieces
    exif = xmp = frame = b""
    at, ended = 2, False
    while found := MARKER.search(data, at):
        marker, at = found[1][0], found.end()
        if marker == 0xD9:
            ended = True
            break
        if marker in (0x01, 0xD8):  # without a length
            continue
        size = int.from_bytes(data[at : at + 2], "big")
        if at + max(size, 2) > len(data):
            break
        part, at = data[at + 2 : at + size], at + max(size, 2)
        whole = b"\xff" + bytes([marker]) + size.to_bytes(2, "big") + part
        if marker in FRAMES:
            if marker not in DECODED_FRAMES or part[:1] != b"\x08":
                raise Unusual
            frame = frame or part
            kept.append(whole)
        elif marker == 0xDA:
            # In the entropy-coded data, the next marker ends the scan; without one all the rest belongs to it.
            following = MARKER.search(data, at)
            end = following.start() if following else len(data)
            scans.append(part)
            kept += [whole, data[at:end]]
            at = end
        elif marker in TABLES:
            kept.append(whole)
        elif marker == 0xE0 and part.startswith(b"JFIF"):
            kept.append(JFIF)
        elif marker == 0xEE and part.startswith(b"Adobe") and len(part) >= 12:
            kept.append(whole)
        elif marker == 0xE1 and part.startswith(EXIF):
            exif = exif or part
        elif marker == 0xE1 and b"ns.adobe.com/xap" in part[:32]:
            xmp = xmp or part
        elif marker == 0xE2 and part.startswith(b"ICC_PROFILE\0") and len(part) > 14:
            profile.setdefault(part[12], part[14:])
    if not ended:
        kept[-1] = kept[-1].rstrip(b"\xff")  # half an end marker
        if not _all_sent(frame, scans):
            kept = kept[:1]  # what is missing cannot be decoded, and what is there is no whole picture
    joined = b"".join(profile[number] for number in sorted(profile))
    return Contents(b"".join([*kept, END]), _turned(exif, xmp), joined, ended)


def _all_sent(frame: bytes, scans: list[bytes]) -> bool:
    """Whether the scans bring every coefficient of every component down to its last bit."""
    components = {frame[at] for at in range(6, len(frame), 3)}
    missing = {(component, number) for component in components for number in range(64)}
    for scan in scans:
        if len(scan) < 6 or len(scan) != 4 + 2 * scan[0]:
            return False
        first, last, bits = scan[-3:]
        if bits & 0x0F == 0:
            missing -= {(scan[at], number) for at in range(1, len(scan) - 3, 2) for number in range(first, last + 1)}
    return bool(components) and not missing


# --- PNG --------------------------------------------------------------------------------------


def _png(data: bytes) -> Contents:
    """Keeps the critical chunks and the transparency, the latter with a right checksum."""
    kept = [PNG]
    exif = xmp = profile = b""
    frames = begun = False
    for kind, part, checksum in _chunks(data):
        if kind == b"IEND":
            break
        begun = begun or kind == b"IDAT"
        if kind == b"acTL" and not begun:
            frames = _long(part, 0) > 1
        elif kind == b"fdAT" and frames:
            raise Moving
        elif kind == b"tRNS" and not begun and _transparency_fits(kept, part):
            kept.append(_chunk(kind, part))
        elif kind == b"iCCP":
            profile = profile or _unpacked(part.partition(b"\0")[2][1:])
        elif kind == b"eXIf":
            exif = exif or part
        elif kind in (b"zTXt", b"tEXt") and part.startswith((b"Raw profile type exif\0", b"Raw profile type APP1\0")):
            exif = exif or _raw_profile(kind, part)
        elif kind == b"iTXt" and part.startswith(b"XML:com.adobe.xmp\0"):
            packed, text = part[18:19] == b"\1", part[20:].split(b"\0", 2)[-1]
            xmp = xmp or (_unpacked(text) if packed else text)
        elif kind[:1].isupper():  # critical
            kept.append(len(part).to_bytes(4, "big") + kind + part + checksum)
    return Contents(b"".join([*kept, _chunk(b"IEND", b"")]), _turned(exif, xmp), profile)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    at = len(PNG)
    while at + 8 <= len(data):
        size, kind = _long(data, at), data[at + 4 : at + 8]
        part, checksum = data[at + 8 : at + 8 + size], data[at + 8 + size : at + 12 + size]
        if len(checksum) < 4:  # cut off; if the picture's data are all there, that does no harm
            checksum = zlib.crc32(kind + part).to_bytes(4, "big")
        yield kind, part, checksum
        at += 12 + size


def _chunk(kind: bytes, part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + kind + part + zlib.crc32(kind + part).to_bytes(4, "big")


def _transparency_fits(kept: list[bytes], part: bytes) -> bool:
    """Whether a tRNS chunk has the length that the picture's kind of colours asks for."""
    colours = kept[1][8 + 9] if len(kept) > 1 and len(kept[1]) == 25 else -1
    return len(part) == {0: 2, 2: 6}.get(colours, -1) or (colours == 3 and 1 <= len(part) <= 256)


def _raw_profile(kind: bytes, part: bytes) -> bytes:
    """EXIF as ImageMagick wrote it before PNG had a chunk for it: a name and a length, then hexadecimal digits."""
    text = part.partition(b"\0")[2]
    lines = (_unpacked(text[1:]) if kind == b"zTXt" else text).split(b"\n", 3)
    with suppress(ValueError):
        return bytes.fromhex(lines[-1].decode("ascii"))
    return b""


# --- WebP -------------------------------------------------------------------------------------


def _webp(data: bytes) -> Contents:
    """Keeps the picture's chunks; the header's bits for profile, EXIF and XMP are cleared."""
    kept: list[bytes] = []
    frames = 0
    exif = xmp = profile = b""
    at = 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        part = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
        if kind == b"VP8X" and part:
            part = bytes([part[0] & 0b0001_0010]) + part[1:]
        if kind == b"EXIF":
            exif = exif or part
        elif kind == b"XMP ":
            xmp = xmp or part
        elif kind == b"ICCP":
            profile = profile or part
        elif kind in (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"):
            frames += kind == b"ANMF"
            kept.append(kind + size.to_bytes(4, "little") + part + bytes(size % 2 if len(part) == size else 0))
    if frames > 1:
        raise Moving
    body = b"WEBP" + b"".join(kept)
    return Contents(RIFF + len(body).to_bytes(4, "little") + body, _turned(exif, xmp), profile)


# --- AVIF -------------------------------------------------------------------------------------


def _avif(data: bytes) -> Contents:
    """Calls EXIF and XMP by a name that no decoder asks for: offsets into the file forbid cutting them out.

    Which way up the picture stands is no metadata here: decoders tell it.
    """
    changed = bytearray(data)
    for kind, start, end in _boxes(data, 0, len(data)):
        if kind != b"meta":
            continue
        for inner, inner_start, inner_end in _boxes(data, start + 4, end):
            if inner != b"iinf":
                continue
            entries = inner_start + (6 if data[inner_start : inner_start + 1] == b"\0" else 8)
            for entry, at, _end in _boxes(data, entries, inner_end):
                # Version and flags, number (longer from version 3 on), protection, type.
                name = at + (8 if data[at : at + 1] == b"\2" else 10)
                if entry == b"infe" and changed[name : name + 4] in (b"Exif", b"mime"):
                    changed[name : name + 4] = b"skip"
    return Contents(bytes(changed))


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of what is in each box."""
    while at + 8 <= end:
        size, head = _long(data, at), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = size or end - at  # 0: to the end
        if size < head:
            return
        yield data[at + 4 : at + 8], at + head, min(at + size, end)
        at += size
