-- Models of other developers taken into Microsoft's products; remarks on their being exchangeable beside them.
SELECT
    CASE
        WHEN code = 'other_developer' THEN 'for'
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
WHERE topic IN ('model_offered', 'model_swappable')
ORDER BY series, observed_on, label
