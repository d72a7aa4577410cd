-- Shares as intervals of words. To fiscal 2025 Microsoft gave the long-lived share, of another sum: the unit says of which.
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
FROM company_quarter_as_of($as_of)
WHERE company = 'MSFT'
  AND metric IN ('long_lived_share_pct', 'short_lived_share_pct')
  AND value_low IS NOT NULL
  AND (period_end IN (DATE '2024-09-30', DATE '2024-12-31') OR (period_end >= DATE '2025-09-30' AND metric = 'short_lived_share_pct'))
UNION ALL
-- What is left of all spending for long-lived assets, in dollars, where a share of all spending is known.
SELECT
    'long_lived', s.period_end, t.value * (1 - (s.value_low + s.value_high) / 200), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'USD',
    greatest(s.known_at, t.known_at), concat('FY', s.fiscal_year, 'Q', s.fiscal_quarter), s.evidence_id
FROM company_quarter_as_of($as_of) AS s
INNER JOIN company_quarter_as_of($as_of) AS t
    ON t.company = s.company AND t.period_end = s.period_end AND t.metric = 'capex_incl_finance_leases' AND t.definition = 'management_capex'
WHERE s.company = 'MSFT' AND s.metric = 'short_lived_share_pct' AND s.definition = 'all_capex' AND s.value_low IS NOT NULL
ORDER BY series, observed_on, label
