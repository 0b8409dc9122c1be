-- What an editorial office has after years: articles of the usual length, some in two languages, one in six hours back
-- into the past, each with a picture and its renditions, an author and three of twelve topics; an event on sale; legal pages.
-- What is not named here is empty, so that a new column does not break the bench.
DO $$
DECLARE missing record;
BEGIN
    FOR missing IN
        SELECT table_name, column_name, data_type FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name ~ '^(news|tickets)_' AND is_nullable = 'NO'
            AND column_default IS NULL AND is_identity = 'NO' AND column_name !~ '_id$'
            AND data_type IN ('character varying', 'text', 'boolean', 'integer', 'smallint')
    LOOP
        EXECUTE format('ALTER TABLE %%I ALTER COLUMN %%I SET DEFAULT %%L', missing.table_name, missing.column_name,
            CASE WHEN missing.data_type = 'boolean' THEN 'false' WHEN missing.data_type ~ 'int' THEN '0' ELSE '' END);
    END LOOP;
END $$;

INSERT INTO news_topic (name_de, name_en, slug_de, slug_en, accent)
SELECT 'Thema ' || n, 'Topic ' || n, 'thema-' || n, 'topic-' || n, 'violet' FROM generate_series(1, 12) n;

-- What follows is consistent, and a hundred thousand rows need not be judged by the triggers one by one.
SET LOCAL session_replication_role = replica;

INSERT INTO news_author (name, role_de, role_en, email)
SELECT 'Autorin ' || n, 'Redaktion', 'Editor', '' FROM generate_series(1, 8) n;

INSERT INTO news_image (file, jpeg, width, height, alt_de, alt_en, caption_de, caption_en, credit, decorative, focal_x,
    focal_y, ready_key, ready_at, uploaded_at)
SELECT 'MDEyMzQ1Njc4OWFiY2RlZg/bild-' || n || '.png', 'MDEyMzQ1Njc4OWFiY2RlZg/bild-' || n || '.jpg', 2400, 1600,
    'Was auf dem Bild zu sehen ist', 'What the picture shows', 'Eine Bildunterschrift', 'A caption', 'Foto: N. N.', false,
    0.5, 0.5, 'abcdef012345', now(), now()
FROM generate_series(1, 60) n;

INSERT INTO news_rendition (image_id, key, crop, format, width, height, file)
SELECT image.id, ready_key, crop, format, cut.width, cut.width * 2 / 3,
    'MDEyMzQ1Njc4OWFiY2RlZg/bild-' || image.id || '-' || crop || '-' || cut.width || '-' || ready_key || '.' || format
FROM news_image image, (VALUES
    ('full', 640), ('full', 960), ('full', 1280), ('full', 1920),
    ('card', 320), ('card', 480), ('card', 640), ('card', 960), ('tall', 480), ('tall', 960)) AS cut(crop, width),
    unnest(ARRAY['avif', 'webp', 'jpeg']) format
WHERE format <> 'jpeg' OR (crop, cut.width) IN (('full', 1280), ('card', 640), ('tall', 480));

INSERT INTO news_article (kind, title_de, title_en, slug_de, slug_en, image_position, version, created_at, saved_at)
SELECT 'news', 'Titel ' || n, 'Title ' || n, 'bench-' || n, 'bench-' || n, 'top', 1, now(), now()
FROM generate_series(1, %(articles)s::int) n;

INSERT INTO news_article (kind, role, title_de, title_en, slug_de, slug_en, image_position, version, created_at, saved_at)
SELECT 'page', role, role, role, role, role, 'top', 1, now(), now()
FROM unnest(ARRAY['imprint', 'privacy', 'accessibility', 'terms']) role;

INSERT INTO news_publication (article_id, language, kind, role, path, title, lead, body, seo_title, seo_description,
    notice, image_id, image_position, author_id, visible, first_published_at)
SELECT article.id, language, kind, role, CASE kind WHEN 'page' THEN slug_de ELSE 'news/' || slug_de END,
    'Ein Titel von üblicher Länge, Nummer ' || slug_de,
    repeat('Der Vorspann sagt, worum es geht. ', 6), repeat('<p>' || repeat('Wörter eines Absatzes. ', 25) || '</p>', 8),
    '', '', '',
    CASE kind WHEN 'news' THEN (SELECT min(id) FROM news_image) + article.id %% 60 END, 'top',
    CASE kind WHEN 'news' THEN (SELECT min(id) FROM news_author) + article.id %% 8 END,
    tstzrange(clock_timestamp(), NULL),
    now() - CASE kind WHEN 'news' THEN substr(slug_de, 7)::int ELSE 1 END * interval '6 hours'
FROM news_article article, unnest(ARRAY['de', 'en']) language
WHERE language = 'de' OR kind = 'page' OR article.id %% 10 = 7;

INSERT INTO news_publicationtopic (publication_id, topic_id, position)
SELECT publication.id, topic.id, topic.rank FROM news_publication publication
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS rank FROM news_topic) topic
    ON (publication.article_id + topic.rank) %% 4 = 0
WHERE kind = 'news';

INSERT INTO tickets_event (name_de, name_en, venue_de, venue_en, address, starts_at, ends_at, sales_start, sales_end,
    current, test_mode, seller_name, seller_address, seller_email, seller_phone, tax_number, iban, bic, payment_days,
    grace_days, transfer_days, cart_minutes, cart_minutes_most)
SELECT 'Kongress', 'Congress', 'Halle 25', 'Hall 25', '', now() + interval '90 days', now() + interval '92 days',
    now() - interval '1 day', now() + interval '90 days', true, false, 'Messe GmbH', 'Platz 1, 10115 Berlin',
    'tickets@example.org', '', '', 'DE02120300000000202051', 'BYLADEM1001', 10, 3, 5, 30, 120
WHERE %(articles)s::int > 0;

INSERT INTO tickets_product (event_id, section, position, name_de, name_en, price, tax_rate, tax_category, active,
    min_per_order, max_per_order)
SELECT event.id, 'admission', n, 'Ticket ' || n, 'Ticket ' || n, 100 * n, 19, 'S', true, 1, 10
FROM tickets_event event, generate_series(1, 5) n
