-- Operating cash flow of Microsoft for the fiscal years to 2024-06-30 (C21, and the earlier of C22) and 2025-06-30.
SELECT
    concat('FY', fiscal_year) AS series,
    period_end AS observed_on,
    value,
    value_low AS low,
    value_high AS high,
    unit,
    known_at,
    concat('FY', fiscal_year) AS label,
    evidence_id AS evidence
FROM company_fact_as_of($as_of)
WHERE company = 'MSFT'
  AND metric = 'operating_cash_flow'
  AND definition = 'cash_operating'
  AND coalesce(dimensions, '') = ''
  AND period_kind = 'year'
  AND fiscal_year IN (2024, 2025)
  AND unit = 'USD'
  AND value IS NOT NULL
  AND status NOT IN ('absent', 'withdrawn')
ORDER BY series, observed_on, label
