-- What was reported of leases and land; that the land stands in an older note, and what Microsoft said, beside it.
SELECT
    CASE
        WHEN code IN ('megawatts', 'qualification', 'letters_of_intent', 'parcels', 'project_paused', 'capacity_dropped', 'confirmed_slowing') THEN 'for'
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
WHERE topic IN ('lease_report', 'company_on_leases')
UNION ALL
SELECT
    'beside', period_end, CAST(1 AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'count', known_at, label, evidence_id
FROM lease_balance_as_of($as_of)
WHERE company = 'MSFT' AND metric = 'leases_not_yet_commenced'
ORDER BY series, observed_on, label
