-- What was said of the use of the capacity given up: so far only who took it, which decides nothing.
SELECT
    CASE
        WHEN code = 'training_only' THEN 'for'
        WHEN code = 'relet_for_inference' THEN 'against'
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
WHERE topic IN ('fungibility')
ORDER BY series, observed_on, label
