"""The form's heartbeat. The answer says who else has the article open, and what was saved in the meantime."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from news.models import Article
from news.writing import presence
from sccon import moments
from sccon.models import User
from sccon.requests import same_origin


def sign_of_life(model_admin: Any) -> Callable[..., HttpResponse]:
    """Checks the origin of the request instead of a CSRF token: a new login in another window makes the form's token
    stale, and the answer has the new one."""

    @same_origin
    @require_POST
    def view(request: HttpRequest, pk: int | None = None) -> HttpResponse:
        if pk is None:
            if not model_admin.has_add_permission(request):
                raise PermissionDenied
            return JsonResponse(_answer(request, []))
        article = get_object_or_404(Article.objects.select_related("saved_by"), pk=pk)
        if not model_admin.has_view_or_change_permission(request, article):
            raise PermissionDenied
        user: User = request.user  # type: ignore[assignment]
        window = request.POST.get("window", "")
        if not presence.WINDOW.fullmatch(window):
            raise BadRequest("The window has no name.")
        if "left" in request.POST:
            presence.left(article, user, window)
            return HttpResponse(status=204)
        presence.seen(article, user, window)
        return JsonResponse(_answer(request, lines(article, user, window, request.POST.get("version", ""))))

    return view


def _answer(request: HttpRequest, said: list[str]) -> dict[str, Any]:
    return {"lines": said, "user": request.user.pk, "name": str(request.user), "token": get_token(request)}


def lines(article: Article, user: User, window: str = "", version: str = "") -> list[str]:
    """Sentences about the others for `user`, whose form was opened with `version`."""
    others = presence.present(article, besides=(user, window))
    if not window:  # a form that is being opened, perhaps again in the same window, is not another one
        others = [other for other in others if other.user != user]
    said = [_line(article, other, user) for other in others]
    if version.isascii() and version.isdigit() and int(version[:18]) < article.version:
        values = {"who": article.saved_by or "?", "version": article.version, "time": clock(article.saved_at)}
        if article.saved_by == user:
            sentence = _("You saved version %(version)d in another window at %(time)s. Saving here merges both.")
        else:
            sentence = _("%(who)s saved version %(version)d at %(time)s. Saving here merges both.")
        said.append(sentence % values)
    return said


def _line(article: Article, other: presence.Present, user: User) -> str:
    values = {"who": other.user, "time": clock(other.since), "saved": clock(article.saved_at)}
    if other.user == user:
        return _("You have this text open in another window, too, since %(time)s.") % values
    if article.saved_by == other.user:
        return _("%(who)s has had this text open since %(time)s (last saved: %(saved)s).") % values
    return _("%(who)s has had this text open since %(time)s.") % values


def clock(moment: datetime) -> str:
    """The time, with the date if it is not today."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return pgettext("time of day", "%(time)s") % {"time": formats.date_format(local, "TIME_FORMAT")}
    return moments.short(moment)
