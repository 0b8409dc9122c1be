from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

# Bodies in the SQL-standard form (RETURN …) are bound when they are made: a restored dump, which sets no search
# path, finds them. What they call is immutable, for the columns are generated.
FUNCTIONS = r"""
    -- One spelling for all: Python does the same to what is searched for.
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

    -- What a draft is found by, which may lack anything.
    CREATE FUNCTION news_draft_vector(language text, title text, lead text, body text, slug text)
    RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN news_search_vector(
        language, coalesce(title, ''), coalesce(lead, ''), coalesce(slug, ''), coalesce(body, ''), '');
"""

GONE = """
    DROP FUNCTION news_draft_vector(text, text, text, text, text);
    DROP FUNCTION news_title_vector(text, text, text);
    DROP FUNCTION news_search_vector(text, text, text, text, text, text);
    DROP FUNCTION news_stems(text, text);
    DROP FUNCTION news_words(text);
    DROP FUNCTION news_letters(text);
    DROP FUNCTION news_seen(text);
    DROP FUNCTION news_text(text);
    DROP FUNCTION news_fold(text);
"""


class Migration(migrations.Migration):
    """What the tables of the news need: exclusion over texts and numbers, parts of words, and what search reads."""

    initial = True

    replaces = [
        ('news', '0001_extensions'),
        ('news', '0009_search'),
        ('news', '0013_drafts_found'),
    ]

    dependencies = []

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(FUNCTIONS, GONE),
    ]
