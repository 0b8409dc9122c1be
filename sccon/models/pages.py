"""Whether anything changed that public pages show: a number that counts up when it did."""

import pgtrigger
from django.db import models
from django.db.models import Q

# Once a transaction, as its last act: publishers wait for each other no longer than a commit takes. The marker is
# the transaction's own and goes with it. (A sequence would be seen before the commit.)
COUNT_UP = """
    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN
        PERFORM set_config('sccon.pages_changed', 'yes', true);
        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)
        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;
    END IF;
    RETURN NULL;
"""


class PageVersion(models.Model):
    """The number of transactions that changed a public page, in one row. See `sccon.pagecache`."""

    version = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = "page version"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_page_version")]

    def __str__(self) -> str:
        return str(self.version)


def changes_pages() -> pgtrigger.Trigger:
    """For `Meta.triggers` of every table that public pages show: a change of it counts, whoever makes it."""
    return pgtrigger.Trigger(
        name="changes_pages",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        func=COUNT_UP,
    )
