-- Gross margin of Microsoft Cloud; operating income of four quarters over the mean of property and equipment at both ends
-- of them; the operating margin of the company beside them.
WITH figures AS (
    SELECT metric, period_start, period_end, value, value_low, value_high, known_at, fiscal_year, fiscal_quarter, evidence_id
    FROM company_quarter_as_of($as_of)
    WHERE company = 'MSFT'
      AND (
          (metric = 'operating_income' AND definition = 'gaap_operating')
          OR (metric = 'revenue' AND definition = 'revenue_total')
          OR (metric = 'ppe_net' AND definition = 'balance_sheet_net')
          OR (metric = 'cloud_gross_margin_pct' AND definition = 'microsoft_cloud')
      )
      AND value IS NOT NULL
      AND period_end >= DATE '2023-09-30'
),

flows AS (
    SELECT
        i.period_end, i.fiscal_year, i.fiscal_quarter, i.evidence_id,
        sum(i.value) OVER four AS income, sum(r.value) OVER four AS revenue, count(*) OVER four AS quarters,
        greatest(max(i.known_at) OVER four, max(r.known_at) OVER four) AS known_at
    FROM figures AS i
    INNER JOIN figures AS r ON r.metric = 'revenue' AND r.period_end = i.period_end AND r.period_start = i.period_start
    WHERE i.metric = 'operating_income'
    WINDOW four AS (ORDER BY i.period_end ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)
)

SELECT
    'cloud_margin' AS series, period_end AS observed_on, value, value_low AS low, value_high AS high, 'pct' AS unit, known_at,
    concat('FY', fiscal_year, 'Q', fiscal_quarter) AS label, evidence_id AS evidence
FROM figures
WHERE metric = 'cloud_gross_margin_pct'
UNION ALL
SELECT
    'return_on_ppe', f.period_end, 100 * f.income / ((p.value + b.value) / 2), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'pct',
    greatest(f.known_at, p.known_at, b.known_at), concat('FY', f.fiscal_year, 'Q', f.fiscal_quarter), f.evidence_id
FROM flows AS f
INNER JOIN figures AS p ON p.metric = 'ppe_net' AND p.period_end = f.period_end
INNER JOIN figures AS b ON b.metric = 'ppe_net' AND b.fiscal_year = f.fiscal_year - 1 AND b.fiscal_quarter = f.fiscal_quarter
WHERE f.quarters = 4
UNION ALL
SELECT
    'operating_margin', period_end, 100 * income / revenue, CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'pct', known_at,
    concat('FY', fiscal_year, 'Q', fiscal_quarter), evidence_id
FROM flows
WHERE quarters = 4
ORDER BY series, observed_on, label
