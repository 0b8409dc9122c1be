"""Writing issues: the one place that saves their content. Fills an issue from articles, and makes the next from one."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from news.models import Article, Publication
from newsletter.models import Edition, Issue, IssueItem
from sccon.models import User
from sccon.translated import LANGUAGES

MOST = 12  # articles that an issue is filled with
FIRST = 5  # articles when there is no issue before


class Conflict(Exception):
    """Somebody saved it meanwhile, or it is on its way; nothing was saved."""


@transaction.atomic
def save(
    issue: Issue, items: Sequence[IssueItem], *, removed: Sequence[IssueItem] = (), version: int, by: User | None
) -> None:
    """Saves issue and items as they stand, in their order. Raises `Conflict` unless `version` is the stored one."""
    if issue.pk:
        stored = Issue.objects.select_for_update().filter(pk=issue.pk).values_list("version", "status").first()
        if stored != (version, Issue.Status.DRAFT):
            raise Conflict
    else:
        issue.created_by = by
    issue.version, issue.saved_by = version + 1, by
    issue.save(update_fields=_content(issue) if issue.pk else None)
    for item in removed:
        item.delete()
    for number, item in enumerate(items, 1):
        item.issue, item.position = issue, number
        item.save()


def _content(issue: Issue) -> list[str]:
    """What the form writes. The run's columns are another's: a save must not put old ones back."""
    names = [f"{name}_{code}" for name in ("subject", "preheader", "intro") for code in LANGUAGES]
    return [
        *names,
        *("only", "commercial", "in_archive", "to_all", "send_at", "window_from", "window_until"),
        *("version", "saved_by", "saved_at"),
    ]


def articles_since(issue: Issue | None = None) -> list[Article]:
    """Articles that appeared since the last issue began, newest first; not those that `issue` has."""
    public = Publication.objects.filter(visible__contains=Now()).news()
    last = Edition.objects.aggregate(made=Max("made_at"))["made"]
    if last:
        public = public.filter(first_published_at__gt=last)
    known = set(issue.items.values_list("article", flat=True)) if issue and issue.pk else set()
    newest = public.order_by("-first_published_at", "-article").values_list("article", flat=True)
    ids = [pk for pk in dict.fromkeys(newest[: 8 * MOST]) if pk not in known][: MOST if last else FIRST]
    found = Article.objects.in_bulk(ids)
    return [found[pk] for pk in ids]


@transaction.atomic
def fill(issue: Issue, *, by: User) -> int:
    """Adds the articles since the last issue; returns how many."""
    items = list(issue.items.all())
    articles = articles_since(issue)
    if articles:
        new = [IssueItem(issue=issue, article=article) for article in articles]
        save(issue, [*items, *new], version=issue.version, by=by)
    return len(articles)


@transaction.atomic
def next_from(issue: Issue, *, by: User) -> Issue:
    """A draft with everything that comes again: the blocks, the intro, for whom. Articles were news once."""
    made = Issue()
    again = ("only", "commercial", "in_archive", "to_all", "window_from", "window_until")
    for name in [*again, *(f"{name}_{code}" for name in ("subject", "preheader", "intro") for code in LANGUAGES)]:
        setattr(made, name, getattr(issue, name))
    blocks = list(issue.items.filter(article=None))
    for block in blocks:
        block.pk = None
        block._state.adding = True
    save(made, blocks, version=0, by=by)
    made.topics.set(issue.topics.all())
    return made
