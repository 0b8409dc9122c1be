import django.contrib.postgres.indexes
import django.contrib.postgres.search
import news.models.publications
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

# Bodies in the SQL-standard form (RETURN …) are bound when they are made: a restored dump, which sets no search
# path, finds them. What they call is immutable, for the columns are generated.
FUNCTIONS = r"""
    -- One spelling for all: see news/folding.py, which does the same to what is searched for.
    CREATE FUNCTION news_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(
        lower(translate(replace(replace(
            regexp_replace(normalize(words, NFD), U&'[\0300-\036f\00ad\200b-\200d\2060\feff]+', '', 'g'),
            'ß', 'ss'), 'ẞ', 'ss'),
            'æÆœŒøØłŁđĐı',
            'aaoooollddi')),
        '(?<![aeiouq])([aou])e', '\1', 'g');

    -- A text without its elements and entities.
    CREATE FUNCTION news_text(html text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(html, '<[^>]*>|&[a-z0-9#]+;', ' ', 'g');

    -- Umlauts in one character, and no soft hyphens.
    CREATE FUNCTION news_seen(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN replace(normalize(words, NFC), U&'\00ad', '');

    -- Letters and digits alone, so that Postgres sees words and no hosts, paths, files or signed numbers.
    CREATE FUNCTION news_letters(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(words, U&'[\0001-/:-@[-`{-\007f\00a0-\00ac\00ae-\00bf\2000-\200a\2010-\2027\202f-\205f]+', ' ', 'g');

    -- Words as they stand, so that names survive.
    CREATE FUNCTION news_words(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('simple'::regconfig, news_letters(news_fold(words)));

    -- Their stems by the rules of the language, without the words that every text has.
    CREATE FUNCTION news_stems(language text, words text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector(
        CASE language WHEN 'de' THEN 'german'::regconfig ELSE 'english'::regconfig END,
        news_letters(news_seen(words)));

    -- All that a publication is found by: title before lead before names of files before text.
    CREATE FUNCTION news_search_vector(language text, title text, lead text, files text, body text, marks text)
    RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN marks::tsvector
        || setweight(news_words(title), 'A') || setweight(news_words(lead), 'B')
        || setweight(news_words(files), 'C') || setweight(news_words(news_text(body)), 'D')
        || setweight(news_stems(language, title), 'A') || setweight(news_stems(language, lead), 'B')
        || setweight(news_stems(language, files), 'C') || setweight(news_stems(language, news_text(body)), 'D');

    CREATE FUNCTION news_title_vector(language text, title text, marks text)
    RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN marks::tsvector || news_words(title) || news_stems(language, title);
"""

GONE = """
    DROP FUNCTION news_title_vector(text, text, text);
    DROP FUNCTION news_search_vector(text, text, text, text, text, text);
    DROP FUNCTION news_stems(text, text);
    DROP FUNCTION news_words(text);
    DROP FUNCTION news_letters(text);
    DROP FUNCTION news_seen(text);
    DROP FUNCTION news_text(text);
    DROP FUNCTION news_fold(text);
"""

# What was published before: `publish` writes these from now on, and a trigger collects the words.
BACKFILL = r"""
    UPDATE news_publication p SET
        search_marks = concat_ws(' ',
            (SELECT string_agg('§topic' || t.topic_id || ':1B', ' ') FROM news_publicationtopic t WHERE t.publication_id = p.id),
            '§author' || p.author_id || ':1C'),
        search_files = coalesce(
            (SELECT string_agg(concat_ws(' ', a.title, regexp_replace(a.file, '^.*/', '')), E'\n')
             FROM news_publicationattachment a WHERE a.publication_id = p.id), '');
    INSERT INTO news_word (language, key, shown)
    SELECT DISTINCT ON (language, key) language, key, shown
    FROM (
        SELECT DISTINCT p.language, word AS shown, news_fold(word) AS key
        FROM news_publication p, string_to_table(
            news_letters(news_seen(concat_ws(' ', p.title, p.lead, p.search_files, news_text(p.body)))), ' '
        ) AS word
        WHERE p.kind <> 'page' AND length(word) BETWEEN 4 AND 60 AND word !~ '[0-9]'
    ) AS words
    ORDER BY language, key, shown DESC;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('news', '0010_open_forms'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        migrations.RunSQL(FUNCTIONS, GONE),
        migrations.CreateModel(
            name='Word',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2)),
                ('key', models.CharField(max_length=60)),
                ('shown', models.CharField(max_length=60)),
            ],
        ),
        migrations.AlterModelOptions(
            name='publication',
            options={'base_manager_name': 'objects', 'ordering': ['-visible'], 'verbose_name': 'publication', 'verbose_name_plural': 'publications'},
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='publication',
            name='frozen',
        ),
        migrations.AddField(
            model_name='publication',
            name='search_files',
            field=models.TextField(blank=True, db_default='', editable=False),
        ),
        migrations.AddField(
            model_name='publication',
            name='search_marks',
            field=models.TextField(blank=True, db_default='', editable=False),
        ),
        migrations.AddField(
            model_name='publication',
            name='search',
            field=news.models.publications.Vector(db_persist=True, expression=models.Func('language', 'title', 'lead', 'search_files', 'body', 'search_marks', function='news_search_vector'), output_field=django.contrib.postgres.search.SearchVectorField()),
        ),
        migrations.AddField(
            model_name='publication',
            name='search_title',
            field=news.models.publications.Vector(db_persist=True, expression=models.Func('language', 'title', 'search_marks', function='news_title_vector'), output_field=django.contrib.postgres.search.SearchVectorField()),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF lower(OLD.visible) > clock_timestamp() THEN  -- only planned: nobody has read it yet\n        IF lower(NEW.visible) < transaction_timestamp() THEN\n            RAISE EXCEPTION 'A publication cannot begin in the past.' USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;\n    END IF;\n    -- What search finds it by may be made anew; it is generated after this, and only from what may not change.\n    IF to_jsonb(NEW) - '{search,search_title,search_files,search_marks}'::text[] - 'visible' IS DISTINCT FROM to_jsonb(OLD) - '{search,search_title,search_files,search_marks}'::text[] - 'visible'\n        OR lower(NEW.visible) IS DISTINCT FROM lower(OLD.visible)\n        OR coalesce(upper(NEW.visible), 'infinity') > coalesce(upper(OLD.visible), 'infinity')\n        OR (NEW.visible <> OLD.visible AND upper(NEW.visible) < transaction_timestamp())\n    THEN\n        RAISE EXCEPTION 'Publication % has been public: it can end, but not change.', OLD.id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n", hash='acfa24b1499fa1888beb16ba24ff3b6f1730bb8b', operation='UPDATE', pgid='pgtrigger_frozen_14310', table='news_publication', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='collect_words', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.kind <> 'page')", func="\n    INSERT INTO news_word (language, key, shown)\n    SELECT DISTINCT ON (key) NEW.language, key, shown\n    FROM (\n        SELECT shown, news_fold(shown) AS key\n        FROM (\n            SELECT DISTINCT word AS shown\n            FROM string_to_table(\n                news_letters(\n                    news_seen(concat_ws(' ', NEW.title, NEW.lead, NEW.search_files, news_text(NEW.body)))\n                ), ' '\n            ) AS word\n            WHERE length(word) BETWEEN 4 AND 60 AND word !~ '[0-9]'\n        ) AS words\n    ) AS folded\n    WHERE NOT EXISTS (SELECT FROM news_word known WHERE known.language = NEW.language AND known.key = folded.key)\n    ORDER BY key, shown DESC;\n    RETURN NULL;\n", hash='b6a9fde3906c786338482c8511f2d011d0716bca', operation='INSERT', pgid='pgtrigger_collect_words_f2e71', table='news_publication', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('language', 'de'), models.Q(('kind', 'page'), _negated=True)), fastupdate=False, fields=['search'], name='publication_search_de'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('language', 'en'), models.Q(('kind', 'page'), _negated=True)), fastupdate=False, fields=['search'], name='publication_search_en'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('language', 'de'), models.Q(('kind', 'page'), _negated=True)), fastupdate=False, fields=['search_title'], name='publication_search_title_de'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('language', 'en'), models.Q(('kind', 'page'), _negated=True)), fastupdate=False, fields=['search_title'], name='publication_search_title_en'),
        ),
        migrations.AddIndex(
            model_name='word',
            index=models.Index(fields=['language', 'key'], name='word_key'),
        ),
        migrations.AddIndex(
            model_name='word',
            index=django.contrib.postgres.indexes.GinIndex(fields=['key'], name='word_parts', opclasses=['gin_trgm_ops']),
        ),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
    ]
