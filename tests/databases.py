"""The databases of the tests: one for each process that runs some, copied from one that the migrations have made.

The template is made once for these very migrations and kept between runs. Whose turn it is, and which database is
taken, advisory locks tell: PostgreSQL drops them with the connection, even after kill -9.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql

LOCKS = 0x5CC0  # the first half of our advisory locks' keys; the second: 0 for the template, else a database's number
PACKAGES = Path(__file__).resolve().parent.parent / "uv.lock"

# Written by migrations, or by a worker that lives through several tests.
KEPT = {
    "procrastinate_workers",
    "django_migrations",
    "sccon_pageversion",  # only ever counts up: pages of an earlier test are known as such
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
}


@contextmanager
def own_database() -> Iterator[None]:
    """Django uses an empty site of this process alone inside this block."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        name, given = _free_name(server), connection.settings_dict["NAME"]
        server.execute(_put("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))  # of one that was killed
        _copy(server, name)
        _use(name)
        # What is no migration: rights, content types, functions. They follow the code of today.
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
        try:
            yield
        finally:
            _use(given)
            server.execute(_put("DROP DATABASE {} WITH (FORCE)", name))


def _free_name(server: psycopg.Connection) -> str:
    """The name of the first database that no running process uses; it is ours as long as `server` is open."""
    for number in count(1):
        found = server.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, number]).fetchone()
        if found == (True,):
            return f"test_{_site()}_{number}"
    raise AssertionError


def _copy(server: psycopg.Connection, name: str) -> None:
    """Makes the database `name`: as the migrations leave one."""
    template = f"template_{_site()}_{_migrations()}"
    server.execute("SELECT pg_advisory_lock(%s, 0)", [LOCKS])
    if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
        _make(server, template)
    server.execute(_put("CREATE DATABASE {} TEMPLATE {}", name, template))
    # Nothing in it outlives the run, so no commit waits for the disk.
    server.execute(_put("ALTER DATABASE {} SET synchronous_commit = off", name))
    server.execute("SELECT pg_advisory_unlock(%s, 0)", [LOCKS])


def _make(server: psycopg.Connection, template: str) -> None:
    """Makes the template under another name first, so that half a one is never taken for one; drops older ones."""
    like = f"template_{_site()}_%".replace("_", r"\_")
    for (old,) in server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [like]).fetchall():
        server.execute(_put("DROP DATABASE {} WITH (FORCE)", old))
    given, unfinished = connection.settings_dict["NAME"], f"{template}_new"
    server.execute(_put("CREATE DATABASE {}", unfinished))
    _use(unfinished)
    call_command("migrate", verbosity=0, interactive=False)
    _use(given)
    # Who is connected to it keeps others from copying it.
    server.execute(_put("ALTER DATABASE {} ALLOW_CONNECTIONS false", unfinished))
    server.execute(_put("ALTER DATABASE {} RENAME TO {}", unfinished, template))


def _migrations() -> str:
    """Names all migrations by what stands in them, and the packages that may bring some."""
    digest = hashlib.sha256(PACKAGES.read_bytes())
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        for file in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label}/{file.name}".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _site() -> str:
    """The name of the site's own database, without which that of another site on this server could be ours."""
    return unquote(urlsplit(os.environ["DATABASE_URL"]).path.removeprefix("/"))


def _put(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))


def _use(name: str) -> None:
    """Django connects to `name` from now on, and no connection to another is left in its pool."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict["NAME"] = name


def empty_tables(test_case: TransactionTestCase | None = None) -> None:
    """Empties every table but those migrations fill. The record's triggers would refuse: they are off meanwhile.

    A DELETE from an empty table costs nothing, while TRUNCATE makes new files for each table and index.
    """
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in KEPT]
        quoted = [connection.ops.quote_name(name) for name in tables]
        cursor.execute(
            f"LOCK TABLE {', '.join(quoted)} IN SHARE ROW EXCLUSIVE MODE;"  # what others are writing is deleted, too
            + "SET LOCAL session_replication_role = replica;"
            + "".join(f"DELETE FROM {name};" for name in quoted)
            + "SET LOCAL session_replication_role = origin"
        )
