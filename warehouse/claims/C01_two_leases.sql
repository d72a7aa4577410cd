-- What the broker's note counts: leases would bear the claim out, operators do not. Megawatts and qualifications beside it.
SELECT
    CASE
        WHEN code = 'leases' THEN 'for'
        WHEN code = 'operators' THEN 'against'
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
WHERE topic IN ('lease_report')
  AND code IN ('leases', 'operators', 'megawatts', 'qualification')
UNION ALL
SELECT
    'beside', period_end, CAST(1 AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'count', known_at, label, evidence_id
FROM lease_balance_as_of($as_of)
WHERE company = 'MSFT' AND metric = 'leases_not_yet_commenced'
ORDER BY series, observed_on, label
