-- The days on which a listing began to mean another model.
CREATE TABLE history.model_turns AS
SELECT name, list(DISTINCT turn ORDER BY turn) AS turns
FROM (SELECT name, unnest([valid_from, valid_to]) AS turn FROM history.model_alias)
WHERE turn IS NOT NULL
GROUP BY name;

CREATE TABLE history.price_state AS
SELECT
    p.*,
    s.source_order,
    s.stale_after_days,
    row_number() OVER (ORDER BY p.known_at, p.capture_sha256, p.source, p.scope, p.provider, p.listing, p.token_kind, p.price_tier, p.currency) AS seq
FROM history.token_price AS p
INNER JOIN history.source AS s USING (source)
ORDER BY provider, listing, token_kind, price_tier, seq;

-- The schedule known at t: one row for each price period of each listing in each list. A period is cut where the
-- listing began to mean another model, so a name that is re-pointed is not taken for a price cut.
CREATE MACRO token_price_as_of(t, strict := false) AS TABLE
    WITH states AS (
        SELECT *, coalesce(valid_from, CAST(known_at AS DATE)) AS starts_on
        FROM history.price_state
        WHERE known_at <= as_of_instant(t) AND (NOT strict OR first_seen_at <= as_of_instant(t))
    ),
    periods AS (
        SELECT
            *,
            lead(starts_on) OVER (
                PARTITION BY source, scope, provider, listing, token_kind, price_tier, currency ORDER BY seq) AS ends_on
        FROM states
    ),
    cuts AS (
        SELECT *, starts_on AS piece_from, ends_on AS piece_to
        FROM periods ANTI JOIN history.model_turns ON name = listing
        WHERE status <> 'absent' AND (ends_on IS NULL OR ends_on > starts_on)
        UNION ALL
        SELECT * EXCLUDE (name, turns), coalesce(lead(piece_from) OVER (PARTITION BY seq ORDER BY piece_from), ends_on) AS piece_to
        FROM (
            SELECT *, unnest(list_prepend(starts_on, list_filter(turns, lambda turn:
                turn > starts_on AND (ends_on IS NULL OR turn < ends_on)))) AS piece_from
            FROM periods INNER JOIN history.model_turns ON name = listing
            WHERE status <> 'absent' AND (ends_on IS NULL OR ends_on > starts_on)
        )
    )
    SELECT
        p.provider, a.model, p.listing, p.token_kind, p.price_tier AS tier, p.currency, p.value AS price_per_mtok,
        CASE WHEN p.currency = 'USD' THEN p.value END AS usd_per_mtok, p.piece_from AS valid_from,
        CASE WHEN p.piece_from > p.starts_on THEN 'alias' ELSE coalesce(p.valid_from_basis, 'first_seen') END AS valid_from_basis,
        p.piece_to AS valid_to, p.known_at, p.known_at_basis, p.evidence_tier, p.source, p.status, p.source_url, p.note,
        evidence_name(p.source, p.capture_sha256, p.locator) AS evidence_id, p.capture_sha256, p.locator, p.first_seen_at
    FROM cuts AS p
    LEFT JOIN history.model_alias AS a
        ON a.name = p.listing AND (a.source IS NULL OR a.source = p.source) AND (a.provider IS NULL OR a.provider = p.provider)
        AND (a.valid_from IS NULL OR a.valid_from <= p.piece_from) AND (a.valid_to IS NULL OR p.piece_from < a.valid_to);

-- The prices in force on day d, by what was known at `known`. One list speaks for each provider: the freshest of the
-- best tier, because a list that is no longer kept up, or never deletes, would sell what nobody sells any more.
CREATE MACRO token_price_on(d, known := NULL) AS TABLE
    WITH in_force AS (
        SELECT * FROM token_price_as_of(coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)))
        WHERE valid_from <= CAST(as_of_instant(d) AS DATE) AND (valid_to IS NULL OR CAST(as_of_instant(d) AS DATE) < valid_to)
    ),
    observed AS (
        SELECT source, max(taken_at) AS last_observed_at
        FROM history.capture
        WHERE outcome IN ('loaded', 'unchanged')
            AND taken_at <= least(as_of_instant(CAST(as_of_instant(d) AS DATE)), as_of_instant(coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR))))
        GROUP BY source
    )
    SELECT p.*, o.last_observed_at
    FROM in_force AS p
    INNER JOIN observed AS o USING (source)
    INNER JOIN history.source AS s USING (source)
    QUALIFY dense_rank() OVER (
        PARTITION BY p.provider
        ORDER BY o.last_observed_at < CAST(as_of_instant(d) AS DATE) - to_days(s.stale_after_days), s.tier, s.source_order) = 1;

CREATE VIEW token_price AS FROM token_price_as_of(as_of_now());
