"""Pages for the history of an article, for comparing two of its texts, and for restoring an earlier version."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from news.admin import standing
from news.models import Article, ArticleVersion, Publication
from news.publishing.states import state
from news.versions import comparing, snapshots
from news.versions.history import Entry, field_labels, history
from news.writing import drafting, restoring
from sccon import moments
from sccon.admin.pages import own_page
from sccon.clock import page_instant
from sccon.translated import LANGUAGES, NAMES

PARTS = "publication_topics", "publication_related", "publication_attachments"
VIEWS = ("text", "beside")


def _article(request: HttpRequest, model_admin: Any, pk: int, *, change: bool = False) -> Article:
    """The article, if the user may see (or change) its form."""
    article = get_object_or_404(Article.objects.select_related("saved_by"), pk=pk)
    may = model_admin.has_change_permission if change else model_admin.has_view_or_change_permission
    if not may(request, article):
        raise PermissionDenied
    return article


def _page(request: HttpRequest, template: str, article: Article, title: str, context: dict[str, Any]) -> HttpResponse:
    return own_page(request, template, Article, title, {"article": article, **context})


# --- The list and the comparison ------------------------------------------------------------------


class Side:
    """One side of a comparison, with its name."""

    def __init__(self, snapshot: snapshots.Snapshot, value: str, name: str, mark: standing.Mark):
        self.snapshot, self.value, self.name, self.mark = snapshot, value, name, mark

    @property
    def at(self) -> datetime:
        return self.snapshot.saved_at


def history_page(model_admin: Any) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        article = _article(request, model_admin, pk)
        language = request.GET.get("language", "")
        language = language if language in LANGUAGES else ""
        page = history(article, at=page_instant(request), language=language, before=_moment(request.GET.get("before")))
        chosen = request.GET.get("old", ""), request.GET.get("new", "")
        context: dict[str, Any] = {
            "lines": [_line(entry) for entry in page.entries],
            "filters": _filters(request.GET, language),
            "language": language,
            "older": _query(request.GET, before=page.older.isoformat()) if page.older else "",
            "newest": _query(request.GET, before=None) if "before" in request.GET else "",
            "may_restore": model_admin.has_change_permission(request, article),
            "shortcut": _since_publication(request, article),
        }
        title = _("History")
        if any(chosen):
            context |= _comparison(request, article, chosen)
            title = context["comparison_title"]
        return _page(request, "admin/news/article/history.html", article, title, context)

    return never_cache(view)


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        raise Http404
    return moment


def _query(given: QueryDict, **changes: str | None) -> str:
    kept = {name: given[name] for name in ("old", "new", "language", "before", "view") if given.get(name)}
    return "?" + urlencode({name: value for name, value in (kept | changes).items() if value})


def _filters(given: QueryDict, language: str) -> list[dict[str, Any]]:
    choices = [("", _("Both languages")), *NAMES.items()]
    return [
        {"name": name, "url": _query(given, language=code, before=None), "current": code == language}
        for code, name in choices
    ]


def _since_publication(request: HttpRequest, article: Article) -> str:
    """A link to the comparison that is wanted most: the public text with the draft."""
    at = page_instant(request)
    for language in LANGUAGES:
        now = state(article, language, at)
        if now.current and now.changes:
            return _query(request.GET, old=f"p{now.current.pk}", new="draft")
    return ""


SHAPES = {
    "saved": "draft",
    "public": "live",
    "planned": "plan",
    "ended": "past",
    "withdrawn": "gone",
    "returned": "returned",
    "taken_back": "past",
}


def _line(entry: Entry) -> dict[str, Any]:
    """A line of the list, in words."""
    language = str(NAMES[entry.languages[0]]) if entry.languages else ""
    said = {
        "public": _("%(language)s public under a notice") if entry.note else _("%(language)s public"),
        "planned": _("%(language)s planned"),
        "ended": _("%(language)s ended"),
        "withdrawn": _("%(language)s withdrawn"),
        "confirmed": _("%(language)s found to match the German"),
        "asked": _("%(language)s given to review"),
        "returned": _("%(language)s returned from review"),
        "taken_back": _("%(language)s taken back from review"),
    }
    details = []
    if entry.kind == "planned" and entry.publication:
        details.append(_("for %(date)s") % {"date": moments.short(entry.publication.visible.lower)})
    if entry.kind == "confirmed":
        details.append(_("that of version %(number)d") % {"number": entry.version})
    elif entry.kind != "saved" and entry.version:
        details.append(_("from version %(number)d") % {"number": entry.version})
    if entry.kind in {"withdrawn", "asked", "returned", "taken_back"} and entry.note:
        details.append(entry.note)
    if entry.by:
        details.append(entry.by)
    if entry.kind == "saved":
        details += _what(entry)
    return {
        "entry": entry,
        "when": moments.short(entry.at),
        "words": said.get(entry.kind, "") % {"language": language},
        "shape": SHAPES.get(entry.kind, "review"),
        "details": details,
    }


def _what(entry: Entry) -> list[str]:
    """What a save changed, in words."""
    if entry.restored_from:
        return [_("restored from version %(number)d") % {"number": entry.restored_from}]
    if entry.version == 1:
        return [_("first version")]
    labels = field_labels(entry.changed)
    shown = ", ".join(labels[:3]) + (" …" if len(labels) > 3 else "")
    languages = ", ".join(str(NAMES[code]) for code in entry.languages)
    said = [f"{languages}: {shown}" if languages else shown] if labels else [_("nothing changed")]
    if entry.spares_translations:
        said.append(_("does not concern translations"))
    return said


def _comparison(request: HttpRequest, article: Article, chosen: Sequence[str]) -> dict[str, Any]:
    old, new = (_side(article, value or "draft", page_instant(request)) for value in chosen)
    if old.at > new.at:
        old, new = new, old
    if not set(old.snapshot.languages) & set(new.snapshot.languages):
        return {
            "old": old,
            "new": new,
            "comparison_title": _("Compare versions"),
            "sides": [old, new],
            "incomparable": _("One is German, the other English: choose two of the same language."),
        }
    between = ArticleVersion.objects.filter(
        article=article, number__gt=old.snapshot.version, number__lte=new.snapshot.version
    )
    compared = comparing.compare(old.snapshot, new.snapshot, saves=between.select_related("by").order_by("number"))
    view = request.GET.get("view")
    view = view if view in VIEWS else VIEWS[0]
    public = old.mark.shape == "live" and new.value == str(article.version)
    return {
        "old": old,
        "new": new,
        "sides": [old, new],
        "comparison": compared,
        "comparison_title": _("What has changed since it was published") if public else _("Compare versions"),
        "views": [
            {"name": name, "url": _query(request.GET, view=code), "current": code == view}
            for code, name in zip(VIEWS, (_("In the text"), _("Side by side")), strict=True)
        ],
        "beside": view == "beside",
        "restorable": old.snapshot.version if old.snapshot.version != article.version else None,
    }


def _side(article: Article, value: str, at: datetime) -> Side:
    """A side by its value in the query: "14" is a version, "p7" a publication, "draft" the newest version."""
    if value.startswith("p") and value[1:].isdecimal() and len(value) < 19:
        row = get_object_or_404(
            Publication.objects.select_related("published_by").prefetch_related(*PARTS),
            article=article,
            pk=int(value[1:]),
        )
        snapshot = snapshots.published(row)
        name = _("%(language)s, published") % {"language": NAMES[row.language]}
        if snapshot.version:
            name = _("Version %(number)d") % {"number": snapshot.version}
        begin, end = row.visible.lower, row.visible.upper
        if begin > at:
            mark = standing.Mark("plan", _("planned for %(date)s") % {"date": moments.full(begin)})
        elif end and end <= at:
            mark = standing.Mark("past", _("public until %(date)s") % {"date": moments.full(end)})
        else:
            mark = standing.Mark("live", _("public since %(date)s") % {"date": moments.full(begin)})
        return Side(snapshot, value, name, mark)
    number = article.version if value == "draft" else int(value) if value.isdecimal() and len(value) < 10 else None
    if number is None:
        raise Http404
    is_draft = number == article.version
    if is_draft:
        snapshot = snapshots.current(article)
    else:
        try:
            snapshot = snapshots.snapshot(article, number)
        except snapshots.UnknownVersion as unknown:
            raise Http404 from unknown
    words = _("draft, %(date)s") if is_draft else _("saved %(date)s")
    mark = standing.Mark("draft" if is_draft else "past", words % {"date": moments.full(snapshot.saved_at)})
    return Side(snapshot, str(number), _("Version %(number)d") % {"number": number}, mark)


# --- Restoring -----------------------------------------------------------------------------------


def restore_page(model_admin: Any) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, pk: int, number: int) -> HttpResponse:
        article = _article(request, model_admin, pk, change=True)
        try:
            kept = snapshots.snapshot(article, number)
        except snapshots.UnknownVersion as unknown:
            raise Http404 from unknown
        given = request.POST if request.method == "POST" else request.GET
        asked = [code for code in given.getlist("parts") if code in restoring.PARTS]
        parts = asked or ([] if request.method == "POST" else _wanted(article, kept))
        error = ""
        if request.method == "POST" and "_look" not in request.POST:
            error = _restore(request, article, kept, parts)
            if not error:
                return HttpResponseRedirect(reverse("admin:news_article_change", args=[article.pk]))
            article = _article(request, model_admin, pk, change=True)  # what somebody else saved in the meantime
        plan = restoring.plan(article, kept, parts)
        context = {
            "number": number,
            "kept": kept,
            "when": moments.full(kept.saved_at),
            "comparison": comparing.compare(plan.now, plan.then),
            "choices": _choices(article, kept, parts),
            "losses": plan.losses,
            "error": error,
            "chosen": parts,
        }
        title = _("Restore version %(number)d") % {"number": number}
        return _page(request, "admin/news/article/restore.html", article, title, context)

    return never_cache(view)


def _wanted(article: Article, kept: snapshots.Snapshot) -> list[str]:
    """The chosen parts; at first all that differ."""
    return [choice["code"] for choice in _choices(article, kept, ()) if choice["changes"]]


def _choices(article: Article, kept: snapshots.Snapshot, parts: Sequence[str]) -> list[dict[str, Any]]:
    whole = restoring.plan(article, kept, restoring.PARTS)
    changes = Counter(comparing.part_of(name) for name in snapshots.changed_fields(whole.now, whole.then))
    return [
        {"code": code, "name": name, "changes": changes[code], "checked": code in parts}
        for code, name in comparing.part_names().items()
    ]


def _restore(request: HttpRequest, article: Article, kept: snapshots.Snapshot, parts: Sequence[str]) -> str:
    """Restores the chosen parts and adds a message; returns the reason if it could not."""
    if not parts:
        return _("Choose what to restore.")
    seen = request.POST.get("seen_version", "")
    plan = restoring.plan(article, kept, parts)
    if not snapshots.changed_fields(plan.now, plan.then):
        return _("The draft says that already: there is nothing to restore.")
    try:
        restoring.restore(
            plan,
            article,
            version=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
            by=request.user,  # type: ignore[arg-type]
        )
    except drafting.Conflict as conflict:
        stored = conflict.stored
        return _(
            "%(who)s saved version %(version)d meanwhile. Nothing has been restored yet: below stands what that "
            "version says beside what would come back. Restoring once more replaces it; it stays in the history."
        ) % {"who": stored.saved_by or "?", "version": stored.version}
    names = [choice["name"] for choice in _choices(article, kept, parts) if choice["code"] in parts]
    sentence = ngettext(
        "%(parts)s is as in version %(number)d again, saved as version %(new)d. Nothing public has changed.",
        "%(parts)s are as in version %(number)d again, saved as version %(new)d. Nothing public has changed.",
        len(names),
    )
    messages.success(
        request, sentence % {"parts": ", ".join(map(str, names)), "number": kept.version, "new": article.version}
    )
    return ""
