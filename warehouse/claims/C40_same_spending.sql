-- One definition only, as management states it with finance leases. What was guided for fiscal 2025 on the day of the
-- article: its first two quarters as printed, and the guides for the other two. For fiscal 2026: fiscal 2025 again.
WITH spent AS (
    SELECT period_end, value, value_low, value_high, unit, known_at, fiscal_year, fiscal_quarter, evidence_id
    FROM company_quarter_as_of($as_of)
    WHERE company = 'MSFT'
      AND metric = 'capex_incl_finance_leases'
      AND definition = 'management_capex'
      AND unit = 'USD'
      AND fiscal_year IN (2025, 2026)
      AND value IS NOT NULL
),

parts AS (
    SELECT concat('actual_FY', fiscal_year) AS series, * FROM spent
    UNION ALL
    SELECT 'guided_FY2025', * FROM spent WHERE fiscal_year = 2025 AND fiscal_quarter IN (1, 2)
    UNION ALL
    SELECT 'guided_FY2026', * FROM spent WHERE fiscal_year = 2025
)

SELECT
    series,
    period_end AS observed_on,
    value,
    value_low AS low,
    value_high AS high,
    unit,
    known_at,
    concat('FY', fiscal_year, 'Q', fiscal_quarter) AS label,
    evidence_id AS evidence
FROM parts
UNION ALL
SELECT
    'guided_FY2025', target_end, value, low, high, unit, known_at, concat('guide to ', CAST(target_end AS VARCHAR)), evidence_id
FROM guidance_as_of($as_of)
WHERE company = 'MSFT'
  AND metric = 'capex_incl_finance_leases'
  AND definition = 'management_capex'
  AND unit = 'USD'
  AND target_end IN (DATE '2025-03-31', DATE '2025-06-30')
  AND target_start > DATE '2024-12-31'
  AND known_at < TIMESTAMP '2025-02-26'
ORDER BY series, observed_on, label
