-- What Microsoft said of getting more out of its fleet; its words on pace beside it.
SELECT
    CASE
        WHEN code = 'optimised' THEN 'for'
        ELSE 'beside'
    END AS series,
    happened_on AS observed_on,
    CAST(1 AS DOUBLE) AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'count' AS unit,
    known_at,
    event AS label,
    evidence_id AS evidence
FROM event_as_of($as_of)
WHERE topic IN ('fleet', 'company_on_leases')
ORDER BY series, observed_on, label
