-- Notes of the five weeks after the report, by how they read it; share prices beside them.
SELECT
    CASE
        WHEN code = 'oversupply' THEN 'oversupply'
        WHEN code = 'worry' THEN 'worry'
        WHEN code = 'not_oversupply' THEN 'not_oversupply'
        WHEN code = 'neutral' THEN 'neutral'
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
WHERE topic IN ('market_reading', 'market_reaction')
  AND happened_on BETWEEN DATE '2025-02-21' AND DATE '2025-03-31'
ORDER BY series, observed_on, label
