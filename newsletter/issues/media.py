"""Serves the pictures of editions: public from the start of the run until taken down, whatever becomes of the article."""

import re

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from news.media import send_file
from newsletter.models import EditionPicture

from .pictures import FOLDER

NAME = re.compile(r"[A-Za-z0-9_-]{22}/[a-z0-9-]+\.(?:jpg|png)")


@require_safe
def serve_picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """200 to everybody without a cookie; 410 once every edition that had it is taken down; else 404.

    A file without an edition was made for a test mail: whoever got that mail sees it.
    """
    if not NAME.fullmatch(path):
        raise Http404
    name = f"{FOLDER}/{path}"
    taken_down = EditionPicture.objects.filter(file=name).values_list("edition__redacted_at", flat=True)
    if None in taken_down:
        return send_file(request, name, "public, max-age=86400")
    if taken_down:
        gone = HttpResponse(_("This file is no longer public."), status=410, content_type="text/plain; charset=utf-8")
        gone.headers["Cache-Control"] = "no-store"
        return gone
    if not default_storage.exists(name):
        raise Http404
    return send_file(request, name, "private, no-store")
