-- Four signals, each 1 or 0 by its newest figure or statement: what is said of the shortage and of Microsoft's use, whether the
-- spending guide for one period was lowered, and whether Azure's newest print lies below the one before it. What is said of the
-- industry as a whole is no signal of Microsoft's having too much: it stands beside them.
WITH remarks AS (
    SELECT topic, code, happened_on, known_at, event, evidence_id
    FROM event_as_of($as_of)
    WHERE topic IN ('capacity_position', 'utilisation')
),

guides AS (
    SELECT
        value, known_at, bound, evidence_id,
        lag(value) OVER (PARTITION BY definition, target_start, target_end ORDER BY known_at) AS before
    FROM guidance_as_of($as_of)
    WHERE company = 'MSFT'
      AND metric = 'capex_incl_finance_leases'
      AND definition IN ('ai_datacenter_plan', 'management_capex', 'management_capex_after_reclassification')
      AND unit = 'USD'
),

azure AS (
    SELECT
        period_end, value, known_at, fiscal_year, fiscal_quarter, evidence_id, lag(value) OVER (ORDER BY period_end) AS before
    FROM company_quarter_as_of($as_of)
    WHERE company = 'MSFT' AND metric = 'azure_growth_cc_pct' AND definition = 'azure_v3' AND value IS NOT NULL
)

SELECT
    CASE
        WHEN topic = 'capacity_position' THEN 'shortage_over'
        WHEN code = 'overbuild_expected' THEN 'beside'
        ELSE 'oversupply_remark'
    END AS series,
    happened_on AS observed_on,
    CAST(CASE WHEN code IN ('sufficient', 'oversupply_against_forecast') THEN 1 ELSE 0 END AS DOUBLE) AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'count' AS unit,
    known_at,
    event AS label,
    evidence_id AS evidence
FROM remarks
UNION ALL
SELECT
    'guide_cut', CAST(known_at AS DATE), CAST(CASE WHEN value < before THEN 1 ELSE 0 END AS DOUBLE), CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE), 'count', known_at, bound, evidence_id
FROM guides
WHERE before IS NOT NULL
UNION ALL
SELECT
    'azure_slows', period_end, CAST(CASE WHEN value < before THEN 1 ELSE 0 END AS DOUBLE), CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE), 'count', known_at, concat('FY', fiscal_year, 'Q', fiscal_quarter), evidence_id
FROM azure
WHERE before IS NOT NULL
UNION ALL
SELECT
    'beside', period_end, CAST(1 AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'count', known_at, label, evidence_id
FROM lease_balance_as_of($as_of)
WHERE company = 'MSFT' AND metric = 'leases_not_yet_commenced'
ORDER BY series, observed_on, label
