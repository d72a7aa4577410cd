-- Months from the article to the end of the year through which the rights run, by the newest announcement.
SELECT
    'level' AS series,
    happened_on AS observed_on,
    CAST(12 * (value - 2025) + 10 AS DOUBLE) AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'months' AS unit,
    known_at,
    event AS label,
    evidence_id AS evidence
FROM event_as_of($as_of)
WHERE topic = 'openai_ip' AND code = 'until' AND unit = 'year'
QUALIFY row_number() OVER (PARTITION BY topic ORDER BY happened_on DESC, event) = 1
ORDER BY series, observed_on, label
