"""What tells of an article's text without being one: mails, the admin's log, what technology keeps for a while.

`news.retention` lists all places. A mail and a line of the log know which article they are about; other lines, and what
the database quoted in an error, are found by the titles that the texts had.
"""

from collections.abc import Collection

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q
from django.db.models.functions import Now
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from news.models import Article, Attachment, Image, Pin, PreviewLink, Publication, Review
from sccon import sent_forms
from sccon.models import JobError, Mail

LONGEST_NAME = 200  # of a thing in the admin's log


def empty_mails(article: Article) -> int:
    """Empties the mails about the article; those that were not sent are not sent any more."""
    page = f"{reverse('admin:news_article_changelist')}{article.pk}/"  # mails about an article lead to its pages
    mails = Mail.objects.filter(emptied_at=None, context__url__icontains=page)
    unsent, _by_model = mails.filter(status=Mail.Status.QUEUED).delete()
    return unsent + mails.update(context={}, headers={}, attachments=[], error="", emptied_at=Now())


def empty_log(article: Article, titles: Collection[str], *, images: Collection[int]) -> int:
    """Empties the lines of the admin's log about the article, its parts and deleted pictures: who and when stay."""
    about = _lines(Article, [article.pk]) | _lines(Image, images)
    for model in (Attachment, Pin, PreviewLink, Publication, Review):
        about |= _lines(model, model._default_manager.filter(article=article).values_list("pk", flat=True))
    about |= Q(object_repr__in=[title[:LONGEST_NAME] for title in titles])
    lines = LogEntry.objects.filter(about).exclude(object_repr="", change_message="")
    return lines.update(object_repr="", change_message="")


def _lines(model: type[Model], ids: Collection[int]) -> Q:
    return Q(content_type=ContentType.objects.get_for_model(model), object_id__in=[str(pk) for pk in ids])


def empty_technical(article: Article, titles: Collection[str]) -> int:
    """Deletes errors of jobs about the texts, or that quote them, and pages kept for a form that comes twice."""
    ids = list(article.publications.values_list("pk", flat=True))
    jobs = ProcrastinateJob.objects.filter(args__publication_id__in=ids).values_list("pk", flat=True)
    errors = Q(job_id__in=list(jobs))
    for title in titles:
        errors |= Q(error__contains=title) | Q(traceback__contains=title)
    return JobError.objects.filter(errors).delete()[0] + sent_forms.forget_pages()
