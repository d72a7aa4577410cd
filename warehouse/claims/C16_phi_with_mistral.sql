-- Who is named as the developer of the two models; Microsoft's money for Mistral beside it.
SELECT
    CASE
        WHEN code = 'mistral' THEN 'for'
        WHEN code IN ('microsoft', 'no_joint_model') THEN 'against'
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
WHERE topic IN ('model_developer')
ORDER BY series, observed_on, label
