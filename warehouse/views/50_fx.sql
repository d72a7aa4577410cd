CREATE TABLE history.fx_state AS
SELECT
    f.*,
    s.source_order,
    dense_rank() OVER (ORDER BY source, base_currency, quote_currency, rate_on) AS series_id,
    row_number() OVER (
        ORDER BY known_at, form_rank, decimals, document_id, capture_sha256, locator, base_currency, quote_currency, rate_on
    ) AS seq
FROM history.fx_rate AS f
INNER JOIN history.source AS s USING (source)
ORDER BY base_currency, quote_currency, rate_on, seq;

CREATE MACRO fx_rate_as_of(t, strict := false) AS TABLE
    WITH latest AS (
        SELECT max(seq) AS seq
        FROM history.fx_state
        WHERE known_at <= as_of_instant(t) AND (NOT strict OR first_seen_at <= as_of_instant(t))
        GROUP BY series_id
    )
    SELECT
        f.base_currency, f.quote_currency, f.rate_on, f.value AS rate, f.value_exact, f.known_at, f.known_at_basis,
        f.evidence_tier AS tier, f.source, f.status, f.document_id, f.source_url,
        evidence_name(f.source, f.capture_sha256, f.locator) AS evidence_id, f.capture_sha256, f.locator, f.first_seen_at
    FROM history.fx_state AS f SEMI JOIN latest USING (seq)
    WHERE f.status NOT IN ('absent', 'withdrawn')
    QUALIFY row_number() OVER (
        PARTITION BY f.base_currency, f.quote_currency, f.rate_on ORDER BY f.evidence_tier, f.source_order) = 1
    ORDER BY f.base_currency, f.quote_currency, f.rate_on;

CREATE VIEW fx_rate AS FROM fx_rate_as_of(as_of_now());
