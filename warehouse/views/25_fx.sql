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

-- The rate of each day and pair, with the span in which it is the answer: of those stated, the best source's. strict_answer: by
-- what was loaded here.
CREATE TABLE history.fx_answer AS
WITH span AS (
    SELECT seq, base_currency, quote_currency, rate_on, {tier: evidence_tier, source_order: source_order} AS rank, UNNEST([
        {strict: false, since: known_at, until: known_until}, {strict: true, since: seen_from, until: seen_until}], recursive := true)
    FROM history.fx_state
    WHERE status NOT IN ('absent', 'withdrawn')
),
spoken AS (FROM span WHERE since < until),
piece AS (
    SELECT *, lead(since) OVER (PARTITION BY base_currency, quote_currency, rate_on, strict ORDER BY since) AS until
    FROM (SELECT DISTINCT base_currency, quote_currency, rate_on, strict, unnest([since, until]) AS since FROM spoken)
)
SELECT arg_min(s.seq, s.rank) AS seq, p.strict AS strict_answer, p.since AS answers_from, p.until - INTERVAL 1 MICROSECOND AS answers_through
FROM piece AS p
INNER JOIN spoken AS s USING (base_currency, quote_currency, rate_on, strict)
WHERE s.since <= p.since AND p.since < s.until
GROUP BY base_currency, quote_currency, rate_on, p.strict, p.since, p.until;

CREATE MACRO fx_rate_as_of(t, strict := false) AS TABLE
    SELECT
        base_currency, quote_currency, rate_on, value AS rate, value_exact, known_at, known_at_basis, evidence_tier AS tier, source,
        status, document_id, source_url, evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator,
        first_seen_at
    FROM history.fx_state
    INNER JOIN (
        SELECT seq FROM history.fx_answer WHERE as_of_instant(t) BETWEEN answers_from AND answers_through AND strict_answer = strict
    ) USING (seq);

CREATE VIEW fx_rate AS FROM fx_rate_as_of(as_of_now());
