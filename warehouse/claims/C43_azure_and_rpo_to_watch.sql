-- Azure growth at constant currency (definition of August 2024) and growth of commercial RPO, print by print.
SELECT
    CASE metric WHEN 'azure_growth_cc_pct' THEN 'azure_growth' ELSE 'rpo_growth' END AS series,
    period_end AS observed_on,
    value,
    value_low AS low,
    value_high AS high,
    unit,
    known_at,
    concat('FY', fiscal_year, 'Q', fiscal_quarter) AS label,
    evidence_id AS evidence
FROM company_quarter_as_of($as_of)
WHERE company = 'MSFT'
  AND value IS NOT NULL
  AND unit = 'pct'
  AND (
      (metric = 'azure_growth_cc_pct' AND definition = 'azure_v3')
      OR (metric = 'rpo_commercial_growth_pct' AND definition = 'customers_commercial')
  )
ORDER BY series, observed_on, label
