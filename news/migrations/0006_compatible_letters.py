from django.db import migrations

FUNCTIONS = r"""
    -- Numbers in one piece, whatever separates their thousands; ™ and ℠ are no letters of the word before.
    CREATE OR REPLACE FUNCTION news_joined(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(
        translate(words, '™℠', '  '), U&'(?<=[0-9])[.,''’\00a0\2009\202f](?=[0-9]{3}(?![0-9]))', '', 'g');

    CREATE OR REPLACE FUNCTION news_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(
        lower(translate(replace(replace(
            regexp_replace(
                normalize(news_joined(words), NFKD), U&'[\0300-\036f\00ad\200b-\200d\2060\feff]+', '', 'g'),
            'ß', 'ss'), 'ẞ', 'ss'),
            'æÆœŒøØłŁđĐı',
            'aaoooollddi')),
        '(?<![aeiouq])([aou])e', '\1', 'g');

    -- Elements within a word do not part it: CO<sub>2</sub>.
    CREATE OR REPLACE FUNCTION news_text(html text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(
        regexp_replace(html, '</?(a|em|strong|s|q|sub|sup)(\s[^>]*)?>', '', 'g'), '<[^>]*>|&[a-z0-9#]+;', ' ', 'g');

    CREATE OR REPLACE FUNCTION news_seen(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN replace(normalize(news_joined(words), NFKC), U&'\00ad', '');
"""

# The columns of search are generated from these two, too; of a publication that was public nothing else may change.
INDEXED_ANEW = """
    UPDATE news_publication SET search_files = search_files, search_marks = search_marks;

    UPDATE news_articleindex SET search =
        news_draft_vector('de', title_de, lead_de, body_de, slug_de)
        || news_draft_vector('en', title_en, lead_en, body_en, slug_en)
    FROM news_article WHERE news_article.id = article_id;

    UPDATE news_word SET key = left(news_fold(shown), 60), shown = news_seen(shown) WHERE key <> news_fold(shown);
"""


class Migration(migrations.Migration):
    """Search compares compatible letters (CO₂ and CO2, Ⅳ and IV), and numbers whatever separates their thousands."""

    dependencies = [("news", "0005_old_addresses")]
    operations = [
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(INDEXED_ANEW, migrations.RunSQL.noop),
    ]
