-- What Microsoft said of its capacity.
SELECT
    CASE
        WHEN code = 'short' THEN 'for'
        WHEN code = 'sufficient' THEN 'against'
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
WHERE topic IN ('capacity_position')
ORDER BY series, observed_on, label
