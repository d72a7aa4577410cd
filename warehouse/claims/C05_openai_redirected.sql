-- a) OpenAI's share of the commercial contracts, quarter by quarter; b) dated remarks on where capacity went (C05), and the steps
-- of the contract between the two (C20).
SELECT
    'number' AS series,
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
  AND metric = 'rpo_openai_share_pct'
  AND definition = 'customers_commercial'
  AND unit = 'pct'
  AND value IS NOT NULL
UNION ALL
SELECT
    CASE
        WHEN topic = 'openai_exclusivity' AND code = 'loosened' THEN 'contract_for'
        WHEN topic = 'openai_exclusivity' THEN 'contract_against'
        WHEN code IN ('moved_away', 'own_products_first') THEN 'remark_for'
        WHEN code = 'commitment_rising' THEN 'remark_against'
        ELSE 'remark_beside'
    END,
    happened_on,
    CAST(1 AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    'count',
    known_at,
    event,
    evidence_id
FROM event_as_of($as_of)
WHERE topic IN ('openai_workload', 'openai_exclusivity')
ORDER BY series, observed_on, label
