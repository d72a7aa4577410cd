-- What each known model cost at the end of each month since its first price: input, output and blended (three parts input to
-- one part output), in dollars. The month of t has the last whole day known. What a day costs is known on that day, not on the
-- day from which the price has stood; a list that nobody looked at since goes on, and last_observed_at says since when.
CREATE MACRO model_price_month_as_of(t, strict := false) AS TABLE
    WITH days AS MATERIALIZED (
        SELECT least(CAST(last_day(m) AS DATE), CAST(least(as_of_instant(t), (SELECT max(taken_at) FROM history.capture)) AS DATE)) AS day
        FROM (SELECT unnest(generate_series(
            TIMESTAMP '2022-12-01', least(as_of_instant(t), (SELECT max(taken_at) FROM history.capture)), INTERVAL 1 MONTH)) AS m)
    ),
    priced AS MATERIALIZED (
        SELECT *, least(as_of_instant(day), as_of_instant(t)) AS told_by
        FROM model_price_in_force((SELECT list(day) FROM days), t, strict := strict)
    ),
    looks AS (  -- no ASOF join: 31_price_book.sql
        SELECT p.sources, p.told_by, max(c.taken_at) AS taken_at
        FROM (SELECT DISTINCT sources, told_by FROM priced) AS p INNER JOIN history.capture AS c ON c.source = p.sources AND c.taken_at <= p.told_by
        WHERE c.outcome IN ('loaded', 'unchanged') AND (NOT strict OR c.logged_at <= as_of_instant(t))
        GROUP BY ALL
    )
    SELECT
        CAST(date_trunc('month', p.day) AS DATE) AS month, p.day AS priced_on, p.model, p.developer, p.provider, p.tier, p.currency,
        p.input_usd_per_mtok, p.output_usd_per_mtok, p.blended_usd_per_mtok, p.valid_from, p.sources, p.evidence_id,
        CASE WHEN s.kind = 'statement' THEN p.known_at ELSE l.taken_at END AS last_observed_at, greatest(p.known_at, CAST(p.day AS TIMESTAMP)) AS known_at
    FROM priced AS p
    LEFT JOIN looks AS l ON l.sources = p.sources AND l.told_by = p.told_by
    LEFT JOIN history.source AS s ON s.source = p.sources
    ORDER BY p.model, p.day, p.currency;

CREATE VIEW model_price_month AS FROM model_price_month_as_of(as_of_now());
