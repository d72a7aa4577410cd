-- Announced ends of the shortage, in whole months after 2025-06-30: the latest day the words allow, and their range.
SELECT
    'announced' AS series,
    CAST(known_at AS DATE) AS observed_on,
    CAST(date_diff('month', DATE '2025-06-30', coalesce(date_latest, date_earliest)) AS DOUBLE) AS value,
    CAST(date_diff('month', DATE '2025-06-30', date_earliest) AS DOUBLE) AS low,
    CAST(date_diff('month', DATE '2025-06-30', date_latest) AS DOUBLE) AS high,
    'months' AS unit,
    known_at,
    bound AS label,
    evidence_id AS evidence
FROM guidance_as_of($as_of)
WHERE company = 'MSFT' AND metric = 'capacity_constraint_end' AND definition = 'supply_meets_demand' AND unit = 'date'
ORDER BY series, observed_on, label
