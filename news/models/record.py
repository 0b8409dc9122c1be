"""Triggers that protect the record (see `publications`) against every change that is not allowed, whoever makes it."""

import pgtrigger

from sccon.models.pages import changes_pages

from .words import collect_words

# Columns of search: two are generated from the row's other columns, and only search reads any of them.
SEARCHED = "{search,search_title,search_files,search_marks}"

# Columns that a take-down empties, and those in which it records itself.
REDACTED = "{title,lead,body,seo_title,seo_description,notice,boilerplate,image_id,image_alt,redacted_at,redacted_by_id,redaction_reason}"

FROZEN = f"""
    IF lower(OLD.visible) > clock_timestamp() THEN  -- only planned: nobody has read it yet
        IF lower(NEW.visible) < transaction_timestamp() THEN
            RAISE EXCEPTION 'A publication cannot begin in the past.' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.redacted_at IS NULL AND NEW.redacted_at IS NOT NULL THEN  -- that nothing is left of it, a CHECK demands
        IF NEW.redacted_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
            OR NEW.image_id <> OLD.image_id
            OR to_jsonb(NEW) - '{REDACTED}'::text[] - '{SEARCHED}'::text[]
                IS DISTINCT FROM to_jsonb(OLD) - '{REDACTED}'::text[] - '{SEARCHED}'::text[]
        THEN
            RAISE EXCEPTION 'Publication % can be emptied, but not change otherwise.', OLD.id
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    -- What search finds it by may be made anew; it is generated after this, and only from what may not change.
    IF to_jsonb(NEW) - '{SEARCHED}'::text[] - 'visible' IS DISTINCT FROM to_jsonb(OLD) - '{SEARCHED}'::text[] - 'visible'
        OR lower(NEW.visible) IS DISTINCT FROM lower(OLD.visible)
        OR coalesce(upper(NEW.visible), 'infinity') > coalesce(upper(OLD.visible), 'infinity')
        OR (NEW.visible <> OLD.visible AND upper(NEW.visible) < transaction_timestamp())
    THEN
        RAISE EXCEPTION 'Publication % has been public: it can end, but not change.', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""

RECORDED = """
    IF lower(NEW.visible) < transaction_timestamp() THEN
        RAISE EXCEPTION 'A publication cannot begin in the past.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.recorded_at = transaction_timestamp();
    RETURN NEW;
"""

KEPT = """
    IF lower(OLD.visible) <= clock_timestamp() THEN
        RAISE EXCEPTION 'Publication % has been public: it stays on record.', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
"""

REFUSED = """
    RAISE EXCEPTION 'What has been public stays on record.' USING ERRCODE = 'integrity_constraint_violation';
"""

# Parts of a publication are inserted in the transaction that inserts it, and never change afterwards.
PART_INSERTED = """
    IF NOT EXISTS (
        SELECT FROM news_publication
        WHERE id = NEW.publication_id AND recorded_at = transaction_timestamp()
    ) THEN
        RAISE EXCEPTION 'Publication % is complete.', NEW.publication_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""

PART_DELETED = """
    IF EXISTS (
        SELECT FROM news_publication WHERE id = OLD.publication_id AND lower(visible) <= clock_timestamp()
    ) THEN
        RAISE EXCEPTION 'Publication % has been public: it stays on record.', OLD.publication_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
"""

# The link to a picture may be deleted once its publication is taken down.
IMAGE_DELETED = """
    IF EXISTS (
        SELECT FROM news_publication
        WHERE id = OLD.publication_id AND lower(visible) <= clock_timestamp() AND redacted_at IS NULL
    ) THEN
        RAISE EXCEPTION 'Publication % has been public: it stays on record.', OLD.publication_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
"""

# Of a file, a take-down keeps only the size.
ATTACHMENT_EMPTIED = """
    IF NEW.title <> '' OR NEW.file <> ''
        OR to_jsonb(NEW) - '{title,file}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{title,file}'::text[]
        OR NOT EXISTS (SELECT FROM news_publication WHERE id = OLD.publication_id AND redacted_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'What has been public stays on record.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


def _trigger(
    name: str, operation: pgtrigger.Operation, func: str, level: pgtrigger.Level = pgtrigger.Row
) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(name=name, operation=operation, when=pgtrigger.Before, func=func, level=level)


def _no_truncate() -> pgtrigger.Trigger:
    return _trigger("no_truncate", pgtrigger.Truncate, REFUSED, level=pgtrigger.Statement)


def publication_triggers() -> list[pgtrigger.Trigger]:
    return [
        _trigger("recorded", pgtrigger.Insert, RECORDED),
        _trigger("frozen", pgtrigger.Update, FROZEN),
        _trigger("kept", pgtrigger.Delete, KEPT),
        _no_truncate(),
        changes_pages(),
        collect_words(),
    ]


def part_triggers(changed: str = REFUSED, deleted: str = PART_DELETED) -> list[pgtrigger.Trigger]:
    return [
        _trigger("with_its_publication", pgtrigger.Insert, PART_INSERTED),
        _trigger("frozen", pgtrigger.Update, changed),
        _trigger("kept", pgtrigger.Delete, deleted),
        _no_truncate(),
        changes_pages(),
    ]
