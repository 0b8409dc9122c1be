"""`./dev manage migrate`: Django's, which first looks whether it can take the database over."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader

# The last commit that holds the migrations one by one which those with `replaces` stand for.
ONE_BY_ONE = "cd15c07"


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        refuse_half_migrated(options["database"])
        super().handle(*args, **options)


def refuse_half_migrated(database: str) -> None:
    """`CommandError` where only some of what a migration replaces was applied: Django would leave it out silently."""
    loader = MigrationLoader(connections[database])
    for key, migration in loader.replacements.items():
        missing = [name for name in migration.replaces if name not in loader.applied_migrations]
        if 0 < len(missing) < len(migration.replaces) and not any(name in loader.disk_migrations for name in missing):
            names = ", ".join(".".join(name) for name in missing)
            raise CommandError(
                f"This database lacks {names}, which {'.'.join(key)} now stands for together with what it has. "
                f"Check out the commit {ONE_BY_ONE}, call ./dev manage migrate, and come back."
            )
