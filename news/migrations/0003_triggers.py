import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """What the database does by itself: the record stays, pages get a new version, addresses and words are collected."""

    replaces = [
        ('news', '0009_page_version'),
        ('news', '0010_take_down_of_all_parts'),
        ('news', '0011_frozen_with_search'),
        ('news', '0013_share_pictures_change_pages'),
    ]

    dependencies = [
        ('sccon', '0001_tables'),  # whose page version they count up
        ('news', '0002_tables'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='image',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='94ba783ff7a5378f04f9c7838a838f29ef69a0b8', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_ecfb8', table='news_image', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='author',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='3fd717140f34ef13adf76f7de8add0465be2a33d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_73e11', table='news_author', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='author',
            trigger=pgtrigger.compiler.Trigger(name='remember_addresses', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n    INSERT INTO news_authoraddress (author_id, slug)\n    SELECT NEW.id, NEW.slug\n    WHERE NEW.slug IS NOT NULL AND NOT EXISTS (\n        SELECT FROM news_authoraddress known WHERE known.author_id = NEW.id AND known.slug = NEW.slug\n    );\n    RETURN NULL;\n', hash='15d4a71f30d64d58ea53d3dc541d8c69e6b146fc', operation='INSERT OR UPDATE OF "slug"', pgid='pgtrigger_remember_addresses_8ca38', table='news_author', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rendition',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='9eb721890f60f509e9bc98f1834c833697576f55', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_95bb5', table='news_rendition', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='topic',
            trigger=pgtrigger.compiler.Trigger(name='remember_addresses', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO news_topicaddress (topic_id, language, slug)\n    SELECT NEW.id, pair.language, pair.slug\n    FROM (VALUES ('de', NEW.slug_de), ('en', NEW.slug_en)) AS pair(language, slug)\n    WHERE pair.slug IS NOT NULL AND NOT EXISTS (\n        SELECT FROM news_topicaddress known\n        WHERE known.topic_id = NEW.id AND known.language = pair.language AND known.slug = pair.slug\n    );\n    RETURN NULL;\n", hash='bbe02cdc3c84c787d4950f0cbffebc449554ce86', operation='INSERT OR UPDATE OF "slug_de", "slug_en"', pgid='pgtrigger_remember_addresses_bbe5f', table='news_topic', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='topic',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='74fe8e9c6a567b88c2361945f1a2e3c68f366fcf', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_202d5', table='news_topic', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='article',
            trigger=pgtrigger.compiler.Trigger(name='index_draft', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO news_articleindex (article_id, search)\n    VALUES (\n        NEW.id,\n        news_draft_vector('de', NEW.title_de, NEW.lead_de, NEW.body_de, NEW.slug_de)\n            || news_draft_vector('en', NEW.title_en, NEW.lead_en, NEW.body_en, NEW.slug_en)\n    )\n    ON CONFLICT (article_id) DO UPDATE SET search = EXCLUDED.search;\n    RETURN NULL;\n", hash='a4e8820e80d430abc71ae117e98c04a05942d689', operation='INSERT OR UPDATE OF "title_de", "title_en", "lead_de", "lead_en", "body_de", "body_en", "slug_de", "slug_en"', pgid='pgtrigger_index_draft_31955', table='news_article', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pin',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='761591ec3a1338c7336a0ca3408a6f48f6e40f8b', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_448e4', table='news_pin', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='recorded', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF lower(NEW.visible) < transaction_timestamp() THEN\n        RAISE EXCEPTION 'A publication cannot begin in the past.' USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    NEW.recorded_at = transaction_timestamp();\n    RETURN NEW;\n", hash='824a49a2f2da2310b3e44daad3e9d793de3810ed', operation='INSERT', pgid='pgtrigger_recorded_59408', table='news_publication', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF lower(OLD.visible) <= clock_timestamp() THEN\n        RAISE EXCEPTION 'Publication % has been public: it stays on record.', OLD.id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN OLD;\n", hash='ef97175896e5185dbd485b94ccc207fafebe4c82', operation='DELETE', pgid='pgtrigger_kept_61a59', table='news_publication', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'What has been public stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='9e8d7e1ff99a1f8b8c1a63e54ef0d312c4a26dbc', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_47909', table='news_publication', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='bf77ef1c84c8e2d16154122e6731f2a06f5528e9', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_5de07', table='news_publication', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='collect_words', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.kind <> 'page')", func="\n    INSERT INTO news_word (language, key, shown)\n    SELECT DISTINCT ON (key) NEW.language, key, shown\n    FROM (\n        SELECT shown, news_fold(shown) AS key\n        FROM (\n            SELECT DISTINCT word AS shown\n            FROM string_to_table(\n                news_letters(\n                    news_seen(concat_ws(' ', NEW.title, NEW.lead, NEW.search_files, news_text(NEW.body)))\n                ), ' '\n            ) AS word\n            WHERE length(word) BETWEEN 4 AND 60 AND word !~ '[0-9]'\n        ) AS words\n    ) AS folded\n    WHERE NOT EXISTS (SELECT FROM news_word known WHERE known.language = NEW.language AND known.key = folded.key)\n    ORDER BY key, shown DESC;\n    RETURN NULL;\n", hash='b6a9fde3906c786338482c8511f2d011d0716bca', operation='INSERT', pgid='pgtrigger_collect_words_f2e71', table='news_publication', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF lower(OLD.visible) > clock_timestamp() THEN  -- only planned: nobody has read it yet\n        IF lower(NEW.visible) < transaction_timestamp() THEN\n            RAISE EXCEPTION 'A publication cannot begin in the past.' USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;\n    END IF;\n    IF OLD.redacted_at IS NULL AND NEW.redacted_at IS NOT NULL THEN  -- that nothing is left of it, a CHECK demands\n        IF NEW.redacted_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()\n            OR NEW.image_id <> OLD.image_id\n            OR to_jsonb(NEW) - '{title,lead,body,seo_title,seo_description,notice,boilerplate,image_id,image_alt,redacted_at,redacted_by_id,redaction_reason}'::text[] - '{search,search_title,search_files,search_marks}'::text[]\n                IS DISTINCT FROM to_jsonb(OLD) - '{title,lead,body,seo_title,seo_description,notice,boilerplate,image_id,image_alt,redacted_at,redacted_by_id,redaction_reason}'::text[] - '{search,search_title,search_files,search_marks}'::text[]\n        THEN\n            RAISE EXCEPTION 'Publication % can be emptied, but not change otherwise.', OLD.id\n                USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;\n    END IF;\n    -- What search finds it by may be made anew; it is generated after this, and only from what may not change.\n    IF to_jsonb(NEW) - '{search,search_title,search_files,search_marks}'::text[] - 'visible' IS DISTINCT FROM to_jsonb(OLD) - '{search,search_title,search_files,search_marks}'::text[] - 'visible'\n        OR lower(NEW.visible) IS DISTINCT FROM lower(OLD.visible)\n        OR coalesce(upper(NEW.visible), 'infinity') > coalesce(upper(OLD.visible), 'infinity')\n        OR (NEW.visible <> OLD.visible AND upper(NEW.visible) < transaction_timestamp())\n    THEN\n        RAISE EXCEPTION 'Publication % has been public: it can end, but not change.', OLD.id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n", hash='719de989a8d1a3bdc6232ef1d9d227971aa92dc9', operation='UPDATE', pgid='pgtrigger_frozen_14310', table='news_publication', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationattachment',
            trigger=pgtrigger.compiler.Trigger(name='with_its_publication', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NOT EXISTS (\n        SELECT FROM news_publication\n        WHERE id = NEW.publication_id AND recorded_at = transaction_timestamp()\n    ) THEN\n        RAISE EXCEPTION 'Publication % is complete.', NEW.publication_id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n", hash='0ff7fcd9d5e3079c2485462bf89b7547e3e02d7f', operation='INSERT', pgid='pgtrigger_with_its_publication_4e517', table='news_publicationattachment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationattachment',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT FROM news_publication WHERE id = OLD.publication_id AND lower(visible) <= clock_timestamp()\n    ) THEN\n        RAISE EXCEPTION 'Publication % has been public: it stays on record.', OLD.publication_id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN OLD;\n", hash='0a8b212449317e37f54365027f1403f347d61b9f', operation='DELETE', pgid='pgtrigger_kept_3db68', table='news_publicationattachment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationattachment',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'What has been public stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='bb80f5cbf4985701c471a7f24b10aed2031624b2', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_0f7a5', table='news_publicationattachment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationattachment',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='4aed80b00f3d9254dc26a793f54bf45946aa5750', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_d2aac', table='news_publicationattachment', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationattachment',
            trigger=pgtrigger.compiler.Trigger(name='frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NEW.title <> '' OR NEW.file <> ''\n        OR to_jsonb(NEW) - '{title,file}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{title,file}'::text[]\n        OR NOT EXISTS (SELECT FROM news_publication WHERE id = OLD.publication_id AND redacted_at IS NOT NULL)\n    THEN\n        RAISE EXCEPTION 'What has been public stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n", hash='7b39d3d2eae2694478b9f4d546556687816e312f', operation='UPDATE', pgid='pgtrigger_frozen_d4227', table='news_publicationattachment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationimage',
            trigger=pgtrigger.compiler.Trigger(name='with_its_publication', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NOT EXISTS (\n        SELECT FROM news_publication\n        WHERE id = NEW.publication_id AND recorded_at = transaction_timestamp()\n    ) THEN\n        RAISE EXCEPTION 'Publication % is complete.', NEW.publication_id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n", hash='fecbe7ebc9a09aad86a194b553fa63d871889798', operation='INSERT', pgid='pgtrigger_with_its_publication_56dd8', table='news_publicationimage', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationimage',
            trigger=pgtrigger.compiler.Trigger(name='frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'What has been public stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='dbe5ceff0e8b05870ff3036dec4ec27c346618f4', operation='UPDATE', pgid='pgtrigger_frozen_7cefa', table='news_publicationimage', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationimage',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'What has been public stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='cc3752c1f0710062766444171fa4c316afc2d0f8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_dff63', table='news_publicationimage', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationimage',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='cee3d6801c31b33535ea16076208ad3d59519912', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_f88f7', table='news_publicationimage', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationimage',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT FROM news_publication\n        WHERE id = OLD.publication_id AND lower(visible) <= clock_timestamp() AND redacted_at IS NULL\n    ) THEN\n        RAISE EXCEPTION 'Publication % has been public: it stays on record.', OLD.publication_id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN OLD;\n", hash='69ccb75defd61db36158beb0d0945cb5a7d02a4a', operation='DELETE', pgid='pgtrigger_kept_fb5a9', table='news_publicationimage', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationrelated',
            trigger=pgtrigger.compiler.Trigger(name='with_its_publication', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NOT EXISTS (\n        SELECT FROM news_publication\n        WHERE id = NEW.publication_id AND recorded_at = transaction_timestamp()\n    ) THEN\n        RAISE EXCEPTION 'Publication % is complete.', NEW.publication_id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n", hash='37f753bfe8b077a2b71f48d35cac91cbb8f1adae', operation='INSERT', pgid='pgtrigger_with_its_publication_27a0b', table='news_publicationrelated', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationrelated',
            trigger=pgtrigger.compiler.Trigger(name='frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'What has been public stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='ee04172ff278eee5869caceab9ce30930f452c12', operation='UPDATE', pgid='pgtrigger_frozen_7077e', table='news_publicationrelated', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationrelated',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT FROM news_publication WHERE id = OLD.publication_id AND lower(visible) <= clock_timestamp()\n    ) THEN\n        RAISE EXCEPTION 'Publication % has been public: it stays on record.', OLD.publication_id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN OLD;\n", hash='7b6c19d26d716005811e2322e5e9dc82b0c1480d', operation='DELETE', pgid='pgtrigger_kept_2b78e', table='news_publicationrelated', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationrelated',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'What has been public stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='0552ae9c407639cb4195df3e88dcc7623e4dbfd8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_8a8ae', table='news_publicationrelated', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationrelated',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='6efccb1e82fad35cfec17c1b98e169a3adbf490e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_3c1a4', table='news_publicationrelated', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationtopic',
            trigger=pgtrigger.compiler.Trigger(name='with_its_publication', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NOT EXISTS (\n        SELECT FROM news_publication\n        WHERE id = NEW.publication_id AND recorded_at = transaction_timestamp()\n    ) THEN\n        RAISE EXCEPTION 'Publication % is complete.', NEW.publication_id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n", hash='845792ca4580ce7962f6e326fdb54f060a67975b', operation='INSERT', pgid='pgtrigger_with_its_publication_c469c', table='news_publicationtopic', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationtopic',
            trigger=pgtrigger.compiler.Trigger(name='frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'What has been public stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='a45ad190a219f98ffc8ef452fadc52fd6f7d1e67', operation='UPDATE', pgid='pgtrigger_frozen_e62e8', table='news_publicationtopic', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationtopic',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT FROM news_publication WHERE id = OLD.publication_id AND lower(visible) <= clock_timestamp()\n    ) THEN\n        RAISE EXCEPTION 'Publication % has been public: it stays on record.', OLD.publication_id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN OLD;\n", hash='d99ab9d6ceb9aaec16c97da2b20539b65b072c39', operation='DELETE', pgid='pgtrigger_kept_80e68', table='news_publicationtopic', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationtopic',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'What has been public stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='9c56e03cec7e38a68fc66e2dd70208f1ab49a1c4', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_33dda', table='news_publicationtopic', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationtopic',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='6fc4da1860c2b41714ef595eb868b50dc92694f3', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_94d09', table='news_publicationtopic', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sharepicture',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='07ace78b31cbb5a0298d50b4393134638f37c76b', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_33964', table='news_sharepicture', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
    ]
