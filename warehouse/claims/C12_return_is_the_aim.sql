-- What Microsoft said of its pace, beside a claim that cannot be tested.
SELECT
    'beside' AS series,
    happened_on AS observed_on,
    CAST(1 AS DOUBLE) AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'count' AS unit,
    known_at,
    event AS label,
    evidence_id AS evidence
FROM event_as_of($as_of)
WHERE topic IN ('company_on_leases')
ORDER BY series, observed_on, label
