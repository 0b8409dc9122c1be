"""Serves the files of pictures and attachments, in development and production alike.

A file is readable exactly while a public text shows it: knowing the address of a file that is not yet, or no longer,
public does not help.
"""

import hashlib
import re
from enum import Enum
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from news.models import Attachment, Image, PublicationAttachment, SharePicture
from news.writing import preview_links
from sccon.statements import fetch

# Content types. Our own table: the system's differs between machines.
PICTURES = {f".{kind}": f"image/{kind}" for kind in ("jpeg", "png", "webp", "avif")} | {".jpg": "image/jpeg"}
OFFICE = "application/vnd.openxmlformats-officedocument"
OASIS = "application/vnd.oasis.opendocument"
FILES = {
    ".pdf": "application/pdf",
    ".docx": f"{OFFICE}.wordprocessingml.document",
    ".xlsx": f"{OFFICE}.spreadsheetml.sheet",
    ".pptx": f"{OFFICE}.presentationml.presentation",
    ".odt": f"{OASIS}.text",
    ".ods": f"{OASIS}.spreadsheet",
    ".odp": f"{OASIS}.presentation",
    ".csv": "text/csv",
    ".txt": "text/plain",
}

# Names as made by `secret_path` and for renditions. Others never reach database or storage.
NAME = re.compile(r"[A-Za-z0-9_-]{22}/[a-z0-9_-]+\.[a-z0-9]+")

# Of a picture, its JPEG and its renditions are public, never the upload. Each of the five ways to a publication has an
# index, and EXISTS stops at the first row, since a picture may be on every page.
STANDING = """
WITH picture AS (
    SELECT id FROM news_image WHERE jpeg = %(name)s
    UNION ALL
    SELECT image_id FROM news_rendition WHERE file = %(name)s
), shown AS NOT MATERIALIZED (
    SELECT visible FROM news_publication WHERE image_id IN (SELECT id FROM picture)
    UNION ALL
    SELECT visible FROM news_publication WHERE id IN (
        SELECT publication_id FROM news_publicationimage WHERE image_id IN (SELECT id FROM picture)
    )
    UNION ALL
    SELECT visible FROM news_publication WHERE author_id IN (
        SELECT id FROM news_author WHERE portrait_id IN (SELECT id FROM picture)
    )
    UNION ALL
    SELECT visible FROM news_publication WHERE id IN (
        SELECT publication_id FROM news_publicationattachment WHERE file = %(name)s
    )
    UNION ALL
    SELECT visible FROM news_publication WHERE id IN (
        SELECT publication_id FROM news_sharepicture WHERE file = %(name)s
    )
)
SELECT
    EXISTS (SELECT FROM shown WHERE visible @> statement_timestamp()),
    EXISTS (SELECT FROM shown WHERE lower(visible) <= statement_timestamp())
"""


class Standing(Enum):
    PUBLIC = "a public text shows it"
    GONE = "a text showed it that is public no longer"
    UNKNOWN = "nothing public ever showed it"


def standing(name: str) -> Standing:
    """Whether the file is public now, was once, or never."""
    ((public, begun),) = fetch(STANDING, {"name": name})
    if public:
        return Standing.PUBLIC
    return Standing.GONE if begun else Standing.UNKNOWN


def is_ours(name: str) -> bool:
    """Whether any row refers to the file; staff who see drafts may see it then."""
    rows = [
        Image.objects.filter(file=name),
        Image.objects.filter(jpeg=name),
        Image.objects.filter(renditions__file=name),
        Attachment.objects.filter(file=name),
        PublicationAttachment.objects.filter(file=name),
        SharePicture.objects.filter(file=name),
    ]
    first, *others = (row.order_by().values("pk") for row in rows)
    return first.union(*others, all=True).exists()


@require_safe
def serve_media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A picture or an attachment: 200 while it is public, 410 afterwards, 404 before.

    A page under a preview link adds `?preview=` to the addresses of the draft's files, which opens these.
    """
    if not NAME.fullmatch(path):
        raise Http404
    found = standing(path)
    if found is Standing.PUBLIC:
        return send_file(request, path, "public, max-age=300, must-revalidate")
    if (token := request.GET.get("preview")) and preview_links.opens(token, path):
        return send_file(request, path, "private, no-store")
    # The session is read only here: public files need no cookie.
    if request.user.is_staff and request.user.has_perm("news.view_article") and is_ours(path):
        return send_file(request, path, "private, no-store")
    if found is Standing.GONE:
        gone = HttpResponse(_("This file is no longer public."), status=410, content_type="text/plain; charset=utf-8")
        gone.headers["Cache-Control"] = "no-store"
        return gone
    raise Http404


def send_file(request: HttpRequest, path: str, caching: str) -> HttpResponseBase:
    """The file, by us or by the proxy, with `caching` as its Cache-Control."""
    suffix = PurePosixPath(path).suffix
    # The file at a path never changes, so the ETag is made of the path. (Weak: a rendition that is made again is the
    # same picture, perhaps not the same bytes.)
    etag = f'W/"{hashlib.sha256(path.encode()).hexdigest()[:24]}"'
    headers = {
        "Cache-Control": caching,
        "ETag": etag,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if unchanged := get_conditional_response(request, etag=etag):
        for name, value in headers.items():  # browsers take over the headers of a 304
            unchanged.headers[name] = value
        return unchanged
    name = PurePosixPath(path).name
    kind = PICTURES.get(suffix) or FILES.get(suffix, "application/octet-stream")
    attached = suffix not in PICTURES
    if settings.MEDIA_BY_PROXY:
        return _by_proxy(path, kind, headers, content_disposition_header(attached, name))
    try:
        file = default_storage.open(path)
    except FileNotFoundError as error:
        raise Http404 from error
    # The web server's entry sends it without a thread of ours (sccon.site.rsgi).
    return FileResponse(file, as_attachment=attached, filename=name, content_type=kind, headers=headers)


def _by_proxy(path: str, kind: str, headers: dict[str, str], disposition: str | None) -> HttpResponse:
    """The permission to send the file: the proxy, which reads the same storage, sends it."""
    if not default_storage.exists(path):
        raise Http404
    if settings.MEDIA_BY_PROXY == "x-sendfile":
        headers["X-Sendfile"] = default_storage.path(path)
    else:
        headers["X-Accel-Redirect"] = f"/protected-media/{path}"
    if disposition:
        headers["Content-Disposition"] = disposition
    return HttpResponse(content_type=kind, headers=headers)
