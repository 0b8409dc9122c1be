-- Places are taken inside the database: one round trip, and no Python while a quota is locked. Installed after every
-- `migrate` (see tickets/apps.py), so that the functions always match the code beside them. A function whose parameters
-- or result change gets a new name: a server of the previous version may still call the old one.

-- Takes places, a number per product (negative: gives them back), out of the products' quotas: one conditional UPDATE
-- per quota, in id order. `also`: quotas to lock as well, for what the caller does next. Returns NULL, or all these
-- quotas if one has not enough room: then the caller must roll back.
CREATE OR REPLACE FUNCTION tickets_take(products bigint[], numbers integer[], also bigint[], patience text)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    places record;
BEGIN
    PERFORM set_config('lock_timeout', patience, true);
    -- Keeps the products' quotas from being rearranged; the statements below see what others committed meanwhile.
    PERFORM FROM tickets_product WHERE id = ANY (products) ORDER BY id FOR KEY SHARE;
    FOR places IN
        SELECT quota, sum(number)::integer AS number, array_agg(quota) OVER () AS quotas
        FROM (
            SELECT link.quota_id AS quota, wanted.number
            FROM unnest(products, numbers) AS wanted (product, number)
            JOIN tickets_productquota AS link ON link.product_id = wanted.product
            UNION ALL
            SELECT unnest(also), 0
        ) AS wanted
        GROUP BY quota
        ORDER BY quota
    LOOP
        UPDATE tickets_quota SET taken = taken + places.number
        WHERE id = places.quota AND (places.number <= 0 OR size IS NULL OR taken + places.number <= size);
        IF NOT FOUND THEN
            RETURN places.quotas;
        END IF;
    END LOOP;
    RETURN NULL;
END;
$$;

-- Inserts positions into a cart, a number per product, with today's names and prices, in the shop's order.
CREATE OR REPLACE FUNCTION tickets_fill(cart bigint, products bigint[], numbers integer[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets_position (
        order_id, product_id, product_name_de, product_name_en, declaration_de, declaration_en,
        gross, tax_rate, tax_category
    )
    SELECT
        cart, product.id, product.name_de, product.name_en, product.declaration_de, product.declaration_en,
        product.price, product.tax_rate, product.tax_category
    FROM unnest(products, numbers) AS wanted (product, number)
    JOIN tickets_product AS product ON product.id = wanted.product
    CROSS JOIN generate_series(1, wanted.number)
    ORDER BY product.section, product.position, product.id;
END;
$$;

-- Creates a cart with positions, a number per product, all or nothing; returns its id, or the quotas that have not
-- enough room, or why its network may not have them (`tickets_network_refused`; without `keys` nobody asks).
CREATE OR REPLACE FUNCTION tickets_open(
    event bigint, language text, test boolean, until timestamptz,
    products bigint[], numbers integer[], patience text,
    keys bytea[], factors smallint[], most integer, most_guarded integer, lift integer,
    OUT cart bigint, OUT quotas bigint[], OUT refused text
) LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(keys) > 0 THEN
        refused := tickets_network_refused(keys, factors, products, numbers, most, most_guarded, lift);
        IF refused IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    INSERT INTO tickets_order (event_id, language, test, expires_at) VALUES (event, language, test, until)
    RETURNING id INTO cart;
    INSERT INTO tickets_origin (order_id, kind, key, factor)
    SELECT cart, 'network', network.key, network.factor FROM unnest(keys, factors) AS network (key, factor);
    PERFORM tickets_fill(cart, products, numbers);
    SET CONSTRAINTS ALL IMMEDIATE;  -- checks the foreign keys now, and not while the quotas are locked
    SET CONSTRAINTS ALL DEFERRED;
    quotas := tickets_take(products, numbers, '{}', patience);
    IF quotas IS NOT NULL THEN
        RAISE SQLSTATE 'TKT01';
    END IF;
EXCEPTION WHEN SQLSTATE 'TKT01' THEN  -- everything above is undone, but for what `quotas` holds
    cart := NULL;
END;
$$;
