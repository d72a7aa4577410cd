-- What Microsoft named as short-lived assets.
SELECT
    CASE
        WHEN code = 'servers_and_chips' THEN 'for'
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
WHERE topic IN ('asset_kind')
ORDER BY series, observed_on, label
