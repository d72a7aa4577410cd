CREATE TABLE history.fx_state AS
WITH ordered AS (
    SELECT
        f.*,
        s.source_order,
        greatest(f.first_seen_at, f.known_at) AS seen_from,
        dense_rank() OVER (ORDER BY source, base_currency, quote_currency, rate_on) AS series_id,
        row_number() OVER (
            ORDER BY known_at, form_rank, decimals, document_id, capture_sha256, locator, base_currency, quote_currency, rate_on
        ) AS seq
    FROM history.fx_rate AS f
    INNER JOIN history.source AS s USING (source)
)
SELECT
    *,
    coalesce(min(known_at) OVER later, 'infinity') AS known_until,
    coalesce(min(seen_from) OVER later, 'infinity') AS seen_until
FROM ordered
WINDOW later AS (PARTITION BY series_id ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
ORDER BY base_currency, quote_currency, rate_on, seq;

CREATE MACRO fx_rate_as_of(t, strict := false) AS TABLE
    SELECT
        base_currency, quote_currency, rate_on, value AS rate, value_exact, known_at, known_at_basis, evidence_tier AS tier, source,
        status, document_id, source_url, evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator,
        first_seen_at
    FROM history.fx_state
    WHERE CASE WHEN strict THEN seen_from <= as_of_instant(t) AND as_of_instant(t) < seen_until ELSE known_at <= as_of_instant(t) AND as_of_instant(t) < known_until END
        AND status NOT IN ('absent', 'withdrawn')
    QUALIFY row_number() OVER (PARTITION BY base_currency, quote_currency, rate_on ORDER BY evidence_tier, source_order) = 1;

CREATE VIEW fx_rate AS FROM fx_rate_as_of(as_of_now());
