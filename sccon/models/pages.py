"""The version of all public pages: every transaction that changes one increments it."""

import pgtrigger
from django.db import models
from django.db.models import Q

# Once per transaction, at its commit (deferred): publishers wait for each other no longer than a commit takes. The
# marker `sccon.pages_changed` is local to the transaction. (A sequence would be visible before the commit.)
COUNT_UP = """
    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN
        PERFORM set_config('sccon.pages_changed', 'yes', true);
        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)
        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;
    END IF;
    RETURN NULL;
"""


class PageVersion(models.Model):
    """How many transactions have changed a public page; a single row. See `sccon.pagecache`."""

    version = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = "page version"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_page_version")]

    def __str__(self) -> str:
        return str(self.version)


def changes_pages() -> pgtrigger.Trigger:
    """For `Meta.triggers` of every table that public pages show: each change of it increments the version."""
    return pgtrigger.Trigger(
        name="changes_pages",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        func=COUNT_UP,
    )
