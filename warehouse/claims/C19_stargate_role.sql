-- The list of partners: technology partner, and who funds it, which is another reading of having a part.
SELECT
    CASE
        WHEN code = 'technology_partner' THEN 'for'
        WHEN code = 'not_a_funder' THEN 'other_reading'
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
WHERE topic IN ('stargate')
ORDER BY series, observed_on, label
