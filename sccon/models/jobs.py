"""What became of the worker's jobs."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob


class JobQuerySet(models.QuerySet["Job"]):
    def failed(self) -> Self:
        """Jobs that gave up after their last attempt."""
        return self.filter(status="failed")


class Job(ProcrastinateJob):
    """A piece of work for the worker, as the admin shows it."""

    objects = JobQuerySet.as_manager()  # type: ignore[assignment,misc]

    class Meta:
        proxy = True
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        permissions = [("retry_job", _("Can run failed jobs again"))]


class JobError(models.Model):
    """Why an attempt at a job failed. Goes with its job when old jobs are removed (see `sccon.jobs`)."""

    job_id = models.BigIntegerField(_("job"), db_index=True)
    attempt = models.PositiveIntegerField(_("attempt"))
    at = models.DateTimeField(_("time"), auto_now_add=True)
    error = models.TextField(_("error"))
    traceback = models.TextField(_("traceback"))

    class Meta:
        verbose_name = _("job error")
        verbose_name_plural = _("job errors")
        constraints = [models.UniqueConstraint(fields=["job_id", "attempt"], name="one_error_an_attempt")]

    def __str__(self) -> str:
        return self.error
