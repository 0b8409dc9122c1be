-- How much may still be reserved from one place (see `tickets.orders.origins`). Installed like `reserving.sql`.
-- `enable_seqscan = off`: a connection keeps its plan from when a sale opened and the tables were nearly empty.

-- Whether a network may reserve so many places more. `keys`: the network, and for IPv6 the wider ones around it, which
-- have `factors` times its limits. Returns NULL, or what stands against it: 'network', or 'guard'.
--
-- What a network has reserved in 24 hours and nobody confirmed counts against it, also when its places went back long
-- ago, or were taken out of the cart before the rest was ordered; what was confirmed within the week lets it have `lift` times as much more. Two requests at once count in turn.
CREATE OR REPLACE FUNCTION tickets_network_refused(
    keys bytea[], factors smallint[], products bigint[], numbers integer[],
    most integer, most_guarded integer, lift integer
) RETURNS text LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    wanted integer := (SELECT coalesce(sum(number), 0) FROM unnest(numbers) AS number);
    guarded boolean;
    confirmed bigint;
    over boolean;
    place record;
BEGIN
    PERFORM pg_advisory_xact_lock(('x' || encode(substr(key, 1, 8), 'hex'))::bit(64)::bigint)
    FROM (SELECT key FROM unnest(keys) AS key ORDER BY key) AS ordered;
    guarded := EXISTS (
        SELECT FROM tickets_productquota AS link JOIN tickets_quota AS quota ON quota.id = link.quota_id
        WHERE link.product_id = ANY (products) AND quota.guarded
    );
    SELECT
        max(counted.confirmed) FILTER (WHERE asked.key = keys[1]),
        bool_or(coalesce(counted.reserved, 0) + wanted >
            asked.factor * CASE WHEN guarded THEN most_guarded ELSE most END + lift * coalesce(counted.confirmed, 0))
    INTO confirmed, over
    FROM unnest(keys, factors) AS asked (key, factor)
    LEFT JOIN (
        SELECT origin.key,
            count(position.id) FILTER (WHERE ("order".confirmed_at IS NULL OR position.cancelled_at IS NOT NULL)
                AND "order".created_at > clock_timestamp() - interval '24 hours') AS reserved,
            count(position.id) FILTER (WHERE "order".confirmed_at IS NOT NULL AND position.cancelled_at IS NULL)
                AS confirmed
        FROM tickets_origin AS origin
        JOIN tickets_order AS "order" ON "order".id = origin.order_id
        JOIN tickets_position AS position ON position.order_id = origin.order_id
        WHERE origin.key = ANY (keys)
        GROUP BY origin.key
    ) AS counted ON counted.key = asked.key;
    IF over THEN
        RETURN CASE WHEN guarded THEN 'guard' ELSE 'network' END;
    END IF;
    IF NOT guarded OR confirmed > 0 THEN
        RETURN NULL;
    END IF;
    -- Networks from which nothing was ever confirmed share a small part of a guarded quota.
    FOR place IN
        SELECT quota.id, quota.size, sum(number) AS number
        FROM unnest(products, numbers) AS wished (product, number)
        JOIN tickets_productquota AS link ON link.product_id = wished.product
        JOIN tickets_quota AS quota ON quota.id = link.quota_id
        WHERE quota.guarded
        GROUP BY quota.id
    LOOP
        IF place.number + (
            SELECT count(*)
            FROM tickets_order AS "order"
            JOIN tickets_position AS position ON position.order_id = "order".id AND position.cancelled_at IS NULL
            JOIN tickets_productquota AS link ON link.product_id = position.product_id AND link.quota_id = place.id
            WHERE "order".status IN ('cart', 'pending') AND "order".confirmed_at IS NULL
                AND "order".expires_at > clock_timestamp()
                AND NOT EXISTS (
                    SELECT
                    FROM tickets_origin AS mine
                    JOIN tickets_origin AS other ON other.key = mine.key
                    JOIN tickets_order AS good ON good.id = other.order_id AND good.confirmed_at IS NOT NULL
                    WHERE mine.order_id = "order".id AND mine.kind = 'network' AND mine.factor = 1
                )
        ) > greatest(5, place.size * 4 / 100) THEN
            RETURN 'guard';
        END IF;
    END LOOP;
    RETURN NULL;
END;
$$;

-- The same for the places that a cart is to have more, by the network it came from; NULL without one.
CREATE OR REPLACE FUNCTION tickets_more_refused(
    cart bigint, products bigint[], numbers integer[], most integer, most_guarded integer, lift integer
) RETURNS text LANGUAGE sql AS $$
    SELECT tickets_network_refused(
        array_agg(key ORDER BY factor), array_agg(factor ORDER BY factor), products, numbers, most, most_guarded, lift
    )
    FROM tickets_origin WHERE order_id = cart AND kind = 'network'
    HAVING count(*) > 0
$$;

-- Whether a mailbox and its `domains` may order `places` more; if so, they are kept as origins of the order. Returns NULL,
-- or 'mailbox' or 'domain'. Here only money counts in their favour: who has a mailbox can click in every mail. Against
-- them counts what they ordered or confirmed in 24 hours without paying, and what still waits for their money; `orders`
-- without the click are the most for a mailbox. `factors`: how many times the limit each domain has.
CREATE OR REPLACE FUNCTION tickets_buyer_refused(
    placed bigint, mailbox bytea, domains bytea[], factors smallint[], places integer, orders integer, most integer,
    most_domain integer, lift integer
) RETURNS text LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    refused text;
BEGIN
    SELECT CASE counted.key WHEN mailbox THEN 'mailbox' ELSE 'domain' END INTO refused
    FROM (
        SELECT origin.key,
            count(DISTINCT "order".id) FILTER (WHERE "order".confirmed_at IS NULL AND recent) AS waiting,
            count(*) FILTER (WHERE "order".paid = "order".taken_back AND (recent OR "order".status = 'pending')) AS unpaid,
            count(*) FILTER (WHERE "order".paid > "order".taken_back) AS paid
        FROM tickets_origin AS origin
        JOIN tickets_order AS "order" ON "order".id = origin.order_id
        JOIN tickets_position AS position
            ON position.order_id = origin.order_id AND position.cancelled_at IS NULL
        CROSS JOIN LATERAL (
            SELECT coalesce("order".confirmed_at, "order".created_at) > clock_timestamp() - interval '24 hours' AS recent
        ) AS lately
        WHERE origin.key = ANY (domains || mailbox)
        GROUP BY origin.key
    ) AS counted
    WHERE CASE counted.key
        WHEN mailbox THEN waiting >= orders OR unpaid + places > most + lift * paid
        ELSE unpaid + places > most_domain * factors[array_position(domains, counted.key)] + lift * paid END
    LIMIT 1;
    IF refused IS NULL THEN
        INSERT INTO tickets_origin (order_id, kind, key, factor)
        SELECT placed, 'mailbox', mailbox, 1::smallint
        UNION ALL SELECT placed, 'domain', domain.key, domain.factor FROM unnest(domains, factors) AS domain (key, factor);
    END IF;
    RETURN refused;
END;
$$;
