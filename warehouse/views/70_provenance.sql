CREATE VIEW source AS
SELECT
    source, title, publisher, homepage, licence, attribution, redistribution, dataset, kind, tier, source_order, cadence_days,
    stale_after_days, known_at_proof, fetched, covers, interface_of
FROM history.source
ORDER BY source;

CREATE VIEW capture AS
SELECT
    source, scope, sha256, taken_at, taken_at_basis, fetched_at, logged_at, origin, url, size, http_status, headers, outcome, reason,
    rows_stated, rows_added, rows_quarantined
FROM history.capture
WHERE taken_at <= as_of_instant(as_of_now())
ORDER BY taken_at, source, scope;

-- What repeats from capture to capture is one issue: where it stood first, and when it was seen last. Rows of one capture that
-- read alike (nth) stay apart.
CREATE VIEW issue AS
WITH told AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY source, scope, severity, reason, detail, captured_at, capture_sha256 ORDER BY locator) AS nth
    FROM history.issue
    WHERE captured_at <= as_of_instant(as_of_now())
)
SELECT
    source, scope, severity, reason, arg_min(locator, (captured_at, capture_sha256)) AS locator, detail,
    min(captured_at) AS captured_at, arg_min(capture_sha256, (captured_at, capture_sha256)) AS capture_sha256,
    min(first_seen_at) AS first_seen_at, max(captured_at) AS last_captured_at, count(*) AS captures
FROM told
GROUP BY source, scope, severity, reason, detail, nth
ORDER BY captured_at, source, scope, reason, locator;

-- How old the last sight of each source was on the day asked for, or when this file was published. Why a source could not
-- be asked is known of the run that published it alone.
CREATE VIEW freshness AS
WITH day AS (SELECT least(as_of_instant(as_of_now()), published_at) AS ended_at, published_at FROM history.meta),
seen AS (
    SELECT
        source,
        max(taken_at) FILTER (outcome IN ('loaded', 'unchanged')) AS last_good_at,
        arg_max(outcome, (logged_at, taken_at)) AS last_outcome,
        arg_max(reason, (logged_at, taken_at)) AS last_reason
    FROM history.capture
    WHERE taken_at <= (SELECT ended_at FROM day)
    GROUP BY source
),
known AS (
    SELECT source, max(known_at) AS last_known_at FROM history.source_known
    WHERE known_at <= (SELECT ended_at FROM day)
    GROUP BY source
)
SELECT
    s.source, s.title, s.fetched, seen.last_good_at, k.last_known_at,
    date_diff('second', seen.last_good_at, d.ended_at) / 86400.0 AS age_days, s.cadence_days,
    coalesce(a.unreachable, '') AS unreachable,
    CASE
        WHEN coalesce(a.switched_off, false) THEN 'switched_off'
        WHEN seen.last_outcome = 'refused' THEN 'refused'
        WHEN coalesce(a.unreachable, '') <> '' THEN 'unreachable'
        WHEN seen.last_good_at IS NULL THEN 'never'
        WHEN NOT s.fetched THEN 'starter'
        WHEN date_diff('second', seen.last_good_at, d.ended_at) > 86400 * 2 * s.cadence_days THEN 'late'
        ELSE 'fresh'
    END AS state,
    coalesce(seen.last_reason, '') AS last_reason
FROM history.source AS s
LEFT JOIN seen ON seen.source = s.source
LEFT JOIN known AS k ON k.source = s.source
LEFT JOIN (FROM history.attempt WHERE (SELECT ended_at = published_at FROM day)) AS a ON a.source = s.source
CROSS JOIN day AS d
ORDER BY s.source;

-- How finely a figure is stated: its decimals where the source says them (-100: it does not). Otherwise the trailing zeros
-- of an amount tell, billions at most, and the digits after the point of anything else.
CREATE MACRO stated_to(unit, decimals, exact) AS
    CASE
        WHEN decimals > -100 THEN pow(10.0, -decimals)
        WHEN exact IS NULL THEN 0
        WHEN contains(exact, '.') THEN pow(10.0, -length(split_part(exact, '.', 2)))
        WHEN unit = 'USD' THEN least(1e9, pow(10.0, length(exact) - length(rtrim(exact, '0'))))
        ELSE 1
    END;

-- Who disagrees with whom about a company's figure, and which of them is chosen why. Two that agree within the rounding of
-- the coarser do not disagree; where one of them gives an interval alone they do not where the two have a value in common.
CREATE MACRO contradiction_as_of(t, strict := false) AS TABLE
    WITH ranked AS (
        SELECT
            p.*,
            row_number() OVER w AS choice,
            first_value(p.value) OVER w AS chosen_value,
            first_value(p.value_low) OVER w AS chosen_low,
            first_value(p.value_high) OVER w AS chosen_high,
            first_value(stated_to(p.unit, p.decimals, p.value_exact)) OVER w AS chosen_to,
            first_value(p.source) OVER w AS chosen_source,
            first_value(p.evidence_tier) OVER w AS chosen_tier,
            first_value(p.document_id) OVER w AS chosen_document_id,
            first_value(p.known_at) OVER w AS chosen_known_at
        FROM history.company_period AS p
        WHERE CASE
                WHEN strict THEN p.seen_from <= as_of_instant(t) AND as_of_instant(t) < p.seen_until
                ELSE p.known_at <= as_of_instant(t) AND as_of_instant(t) < p.known_until
            END
            AND p.status NOT IN ('absent', 'withdrawn') AND p.metric IS NOT NULL
        WINDOW w AS (PARTITION BY p.subject_id ORDER BY p.evidence_tier, p.source_order, p.seq DESC)
    )
    SELECT
        company, metric, definition, fiscal_year, fiscal_quarter, period_end, unit, chosen_value, chosen_low, chosen_high, chosen_source, chosen_tier,
        chosen_document_id, value AS other_value, value_low AS other_low, value_high AS other_high, source AS other_source, evidence_tier AS other_tier, document_id AS other_document_id,
        CASE WHEN chosen_tier < evidence_tier THEN 'better tier' ELSE 'declared order' END AS chosen_because,
        greatest(known_at, chosen_known_at) AS known_at, source_url, evidence_name(source, capture_sha256, locator) AS evidence_id
    FROM ranked
    WHERE choice > 1 AND coalesce(
            abs(value - chosen_value),
            greatest(coalesce(value, value_low) - coalesce(chosen_value, chosen_high), coalesce(chosen_value, chosen_low) - coalesce(value, value_high))
        ) > 0.5 * greatest(stated_to(unit, decimals, value_exact), chosen_to) + 1e-9 * coalesce(greatest(abs(value), abs(chosen_value)), 0)
    ORDER BY company, metric, period_end, other_tier, other_document_id;

CREATE VIEW contradiction AS FROM contradiction_as_of(as_of_now());

CREATE VIEW meta AS FROM history.meta;
