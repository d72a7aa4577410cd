-- What Microsoft named as short: chips would bear it out, power or space do not.
SELECT
    CASE
        WHEN code = 'chips' THEN 'for'
        WHEN code = 'power_or_space' THEN 'against'
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
WHERE topic IN ('binding_constraint')
ORDER BY series, observed_on, label
