-- Azure growth at constant currency, definition of August 2024 only; beside it the same without the points of AI services.
WITH growth AS (
    SELECT period_end, value, value_low, value_high, unit, known_at, fiscal_year, fiscal_quarter, evidence_id
    FROM company_quarter_as_of($as_of)
    WHERE company = 'MSFT' AND metric = 'azure_growth_cc_pct' AND definition = 'azure_v3' AND unit = 'pct' AND value IS NOT NULL
),

ai AS (
    SELECT period_end, value, known_at
    FROM company_quarter_as_of($as_of)
    WHERE company = 'MSFT' AND metric = 'azure_ai_points' AND definition = 'azure_v3' AND value IS NOT NULL
)

SELECT
    'growth' AS series, period_end AS observed_on, value, value_low AS low, value_high AS high, unit, known_at,
    concat('FY', fiscal_year, 'Q', fiscal_quarter) AS label, evidence_id AS evidence
FROM growth
UNION ALL
SELECT
    'without_ai', g.period_end, g.value - a.value, CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), g.unit, greatest(g.known_at, a.known_at),
    concat('FY', g.fiscal_year, 'Q', g.fiscal_quarter), g.evidence_id
FROM growth AS g
INNER JOIN ai AS a USING (period_end)
ORDER BY series, observed_on, label
