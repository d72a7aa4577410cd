-- What each price list says of a model on a day, where they do not all say the same. Every list votes once, with the
-- lowest price it states for the model at that seller; what most of them say is the majority (none where they tie). A list
-- nobody has looked at for longer than its stale_after_days has no vote. A row is known when all that vote are. `newest` asks for the last day by d on which any
-- price list was looked at.
CREATE MACRO price_disagreement_on(d, known := NULL, strict := false, newest := false) AS TABLE
    WITH asked AS MATERIALIZED (
        SELECT coalesce(CAST(max(taken_at) FILTER (newest) AS DATE), CAST(as_of_instant(d) AS DATE)) AS asked_on
        FROM history.capture INNER JOIN history.source USING (source)
        WHERE taken_at <= as_of_instant(d) AND (NOT strict OR logged_at <= as_of_instant(coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR))))
            AND outcome IN ('loaded', 'unchanged') AND dataset = 'token_price' AND kind = 'snapshot'
    ),
    observed AS (
        SELECT source, max(taken_at) AS last_observed_at
        FROM history.capture CROSS JOIN asked
        WHERE outcome IN ('loaded', 'unchanged')
            AND taken_at <= least(as_of_instant(asked_on), as_of_instant(coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR))))
            AND (NOT strict OR logged_at <= as_of_instant(coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR))))
        GROUP BY source
    ),
    stated AS (
        SELECT
            p.provider, p.model, p.token_kind, p.tier, p.currency, p.source, arg_min(p.listing, (p.price_per_mtok, p.listing)) AS listing,
            min(p.price_per_mtok) AS price_per_mtok, arg_min(p.valid_from, (p.price_per_mtok, p.listing)) AS valid_from,
            arg_min(p.evidence_id, (p.price_per_mtok, p.listing)) AS evidence_id, max(p.known_at) AS known_at, any_value(p.evidence_tier) AS evidence_tier
        FROM token_price_as_of(coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)), strict := strict) AS p
        INNER JOIN asked ON p.valid_from <= asked_on AND (p.valid_to IS NULL OR asked_on < p.valid_to)
        INNER JOIN history.source AS s ON s.source = p.source
        LEFT JOIN observed AS o ON o.source = p.source
        WHERE p.status NOT IN ('absent', 'withdrawn') AND p.model IS NOT NULL
            AND (s.kind = 'statement' OR o.last_observed_at >= asked_on - to_days(s.stale_after_days))
        GROUP BY ALL
    ),
    votes AS (
        SELECT provider, model, token_kind, tier, currency, price_per_mtok, count(*) AS votes, max(known_at) AS known_at
        FROM stated GROUP BY ALL
    ),
    majority AS (
        SELECT
            provider, model, token_kind, tier, currency, sum(votes) AS sources, count(*) AS prices, max(known_at) AS known_at,
            CASE WHEN count(*) FILTER (votes = most) = 1 THEN max(price_per_mtok) FILTER (votes = most) END AS majority_price_per_mtok
        FROM (SELECT *, max(votes) OVER (PARTITION BY provider, model, token_kind, tier, currency) AS most FROM votes)
        GROUP BY ALL
    )
    SELECT
        s.provider, s.model, s.token_kind, s.tier, s.currency, s.source, s.listing, s.price_per_mtok, v.votes,
        CAST(m.sources AS BIGINT) AS list_count, m.majority_price_per_mtok,
        100 * (s.price_per_mtok / m.majority_price_per_mtok - 1) AS deviation_pct, s.valid_from, m.known_at, s.evidence_tier, s.evidence_id
    FROM stated AS s
    INNER JOIN votes AS v USING (provider, model, token_kind, tier, currency, price_per_mtok)
    INNER JOIN majority AS m USING (provider, model, token_kind, tier, currency)
    WHERE m.prices > 1
    ORDER BY provider, model, token_kind, tier, currency, source;

CREATE MACRO price_disagreement_as_of(t, strict := false) AS TABLE
    FROM price_disagreement_on(t, known := t, strict := strict, newest := true);

CREATE VIEW price_disagreement AS FROM price_disagreement_as_of(as_of_now());
