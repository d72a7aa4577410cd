-- Shares as intervals of words. To fiscal 2025 Microsoft gave the long-lived share, of another sum: the unit says of which.
WITH shares AS (
    SELECT metric, definition, period_end, value_low, value_high, known_at, fiscal_year, fiscal_quarter, evidence_id
    FROM company_quarter_as_of($as_of)
    WHERE company = 'MSFT'
      AND metric IN ('long_lived_share_pct', 'short_lived_share_pct')
      AND definition IN ('cloud_ai_spend', 'own_spend', 'all_capex')
      AND value_low IS NOT NULL
),

spent AS (
    SELECT period_end, value, known_at
    FROM company_quarter_as_of($as_of)
    WHERE company = 'MSFT' AND metric = 'capex_incl_finance_leases' AND definition = 'management_capex'
)

SELECT
    CASE WHEN period_end <= DATE '2024-12-31' THEN 'before' ELSE 'after' END AS series,
    period_end AS observed_on,
    CASE metric WHEN 'long_lived_share_pct' THEN 100 - (value_low + value_high) / 2 ELSE (value_low + value_high) / 2 END AS value,
    CASE metric WHEN 'long_lived_share_pct' THEN 100 - value_high ELSE value_low END AS low,
    CASE metric WHEN 'long_lived_share_pct' THEN 100 - value_low ELSE value_high END AS high,
    concat('pct of ', definition) AS unit,
    known_at,
    concat('FY', fiscal_year, 'Q', fiscal_quarter) AS label,
    evidence_id AS evidence
FROM shares
WHERE period_end IN (DATE '2024-09-30', DATE '2024-12-31') OR (period_end >= DATE '2025-09-30' AND metric = 'short_lived_share_pct')
UNION ALL
-- What is left of all spending for long-lived assets, in dollars, where a share of all spending is known.
SELECT
    'long_lived', s.period_end, t.value * (1 - (s.value_low + s.value_high) / 200), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'USD',
    greatest(s.known_at, t.known_at), concat('FY', s.fiscal_year, 'Q', s.fiscal_quarter), s.evidence_id
FROM shares AS s
INNER JOIN spent AS t USING (period_end)
WHERE s.metric = 'short_lived_share_pct' AND s.definition = 'all_capex'
ORDER BY series, observed_on, label
