"""The migrations: they take over a database of the time before they were squashed, and end where a new one begins.

`tests/fixtures/before_squash.sql.xz` is `pg_dump --no-owner --no-privileges` of the demo at commit cd15c07.
"""

import ast
import lzma
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tests.processes import DEADLINE, ROOT, database_url

DUMP = ROOT / "tests/fixtures/before_squash.sql.xz"
OURS = ("sccon", "news", "newsletter", "tickets")

# What the catalogue says, each in an order that does not depend on when a thing was made – but for columns.
SCHEMA = {
    "extensions": "SELECT extname, extversion FROM pg_extension",
    "tables": "SELECT relname, relkind, relpersistence, reloptions::text FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    "columns": """
        SELECT attrelid::regclass::text, row_number() OVER (PARTITION BY attrelid ORDER BY attnum), attname,
            format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'p') AND attnum > 0 AND NOT attisdropped
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, convalidated, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid), obj_description(oid, 'pg_trigger')
        FROM pg_trigger WHERE NOT tgisinternal
    """,
    "functions": """
        SELECT oid::regprocedure::text, pg_get_functiondef(oid)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND probin IS NULL
    """,
    "types": """
        SELECT typname, typtype, (SELECT string_agg(enumlabel, ' ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)
        FROM pg_type t WHERE typnamespace = 'public'::regnamespace
    """,
    "sequences": "SELECT sequencename, data_type, start_value, increment_by, cycle FROM pg_sequences WHERE schemaname = 'public'",
}
RIGHTS = {
    "content types": "SELECT app_label, model FROM django_content_type",
    "permissions": """
        SELECT app_label, model, codename, name
        FROM auth_permission JOIN django_content_type type ON type.id = content_type_id
    """,
    "groups": """
        SELECT "group".name, app_label, codename
        FROM auth_group "group"
            LEFT JOIN auth_group_permissions ON group_id = "group".id
            LEFT JOIN auth_permission permission ON permission.id = permission_id
            LEFT JOIN django_content_type type ON type.id = content_type_id
    """,
}
KEPT = {
    "record": "SELECT id, language, path, title, md5(body), visible::text, recorded_at FROM news_publication",
    "orders": "SELECT id, code, status, total FROM tickets_order",
    "subscribers": "SELECT id, email, status FROM newsletter_subscriber",
}
# An administrator has taken this right from its group.
TAKEN = ("tickets", "sccon", "resend_mail")


def ask(database: psycopg.Connection, questions: dict[str, str]) -> dict[str, set[tuple]]:
    return {name: {tuple(map(plain, row)) for row in database.execute(query)} for name, query in questions.items()}


def plain(value: object) -> object:
    """An `IN ('cart', 'paid')` without its casts, which PostgreSQL writes otherwise once a dump was loaded."""
    if not isinstance(value, str):
        return value
    lists = r"\(ARRAY\[([^]]*)\]\)::text\[\]|ARRAY\[([^]]*)\]"
    return re.sub(lists, lambda found: f"ARRAY{re.findall("'[^']*'", found[1] or found[2])}", value)


def load(dump: Path, database: psycopg.Connection) -> None:
    """What `psql` does with the output of `pg_dump`."""
    statements: list[str] = []
    with lzma.open(dump, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("COPY "):
                database.execute("".join(statements))
                statements.clear()
                with database.cursor().copy(line) as copy:
                    while (row := next(lines)) != "\\.\n":
                        copy.write(row)
            elif not line.startswith("\\"):
                statements.append(line)
    database.execute("".join(statements))


@dataclass
class TakenOver:
    """A database of before, after `migrate`."""

    applied_before: set[tuple[str, str]]
    kept_before: dict[str, set[tuple]]
    said: str  # by migrate
    database: psycopg.Connection


@pytest.fixture(scope="module")
def taken_over(django_db_setup: None, django_db_blocker: pytest.FixtureDef) -> Iterator[TakenOver]:
    with django_db_blocker.unblock():
        name = f"{connection.settings_dict['NAME']}_before_squash"
        url = urlsplit(database_url())._replace(path=f"/{name}").geturl()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        with psycopg.connect(url) as database:
            load(DUMP, database)
            database.execute("SET search_path TO DEFAULT")
            applied = set(database.execute("SELECT app, name FROM django_migrations").fetchall())
            kept = ask(database, KEPT)
            database.execute(
                """
                DELETE FROM auth_group_permissions USING auth_group, auth_permission, django_content_type type
                WHERE auth_group.id = group_id AND auth_permission.id = permission_id AND type.id = content_type_id
                    AND (auth_group.name, app_label, codename) = (%s, %s, %s)
                """,
                TAKEN,
            )
        migrate = subprocess.run(
            [sys.executable, "manage.py", "migrate", "--no-color"],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
        assert migrate.returncode == 0, migrate.stderr
        with psycopg.connect(url) as database:
            yield TakenOver(applied, kept, migrate.stdout, database)
    finally:
        with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def squashed() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Our migrations that stand for older ones, with those."""
    found = MigrationLoader(None).replacements
    return {key: migration.replaces for key, migration in found.items() if key[0] in OURS}


def test_every_migration_of_before_has_one_that_stands_for_it(taken_over: TakenOver):
    replaced = [name for replaces in squashed().values() for name in replaces]
    assert sorted(replaced) == sorted(name for name in taken_over.applied_before if name[0] in OURS)


def test_taking_over_executes_nothing(taken_over: TakenOver):
    executed = {line.split()[1].rstrip(".") for line in taken_over.said.splitlines() if "Applying" in line}
    assert executed & {".".join(key) for key in squashed()} == set()
    applied = set(taken_over.database.execute("SELECT app, name FROM django_migrations").fetchall())
    assert set(squashed()) <= applied
    assert ask(taken_over.database, KEPT) == taken_over.kept_before
    assert all(taken_over.kept_before.values())


@pytest.mark.django_db
def test_a_database_of_before_has_the_schema_of_a_new_one(taken_over: TakenOver):
    with psycopg.connect(database_url()) as database:
        new = ask(database, SCHEMA)
    assert all(new.values())
    for subject, found in ask(taken_over.database, SCHEMA).items():
        assert (subject, found - new[subject], new[subject] - found) == (subject, set(), set())


@pytest.mark.django_db
def test_groups_keep_the_rights_that_they_had(taken_over: TakenOver):
    with psycopg.connect(database_url()) as new:
        expected = ask(new, RIGHTS)
    assert TAKEN in expected["groups"]
    expected["groups"].remove(TAKEN)
    assert ask(taken_over.database, RIGHTS) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("missing", "stands"),
    [
        ("sccon.0003_resend_mail", "sccon.0001_tables"),
        ("news.0007_library", "news.0002_tables"),
        ("news.0013_share_pictures_change_pages", "news.0003_triggers"),
        ("newsletter.0003_group_sees_mails", "newsletter.0002_rights"),
        ("tickets.0004_retention", "tickets.0001_tables"),
    ],
)
def test_a_database_with_only_some_of_them_is_refused_with_a_sentence(missing: str, stands: str):
    for name in (missing, stands):
        app, name = name.split(".")
        assert MigrationRecorder.Migration.objects.filter(app=app, name=name).delete()[0] == 1
    with pytest.raises(CommandError, match=rf"lacks {missing}, which {stands} now stands for .* commit \w+, call "):
        call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say():
    call_command("makemigrations", "--check", "--dry-run")


@pytest.mark.parametrize("app", OURS)
def test_no_migration_imports_code_that_may_move(app: str):
    found = []
    for path in Path(apps.get_app_config(app).path, "migrations").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [f"{app}." if node.level else node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [(path.name, name) for name in names if name.split(".")[0] in OURS]
    assert [(path, name) for path, name in found if name.split(".")[1:2] != ["models"]] == []
