-- a) OpenAI's share of the commercial contracts, quarter by quarter; b) steps of the contract.
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
    CASE WHEN code = 'loosened' THEN 'for' ELSE 'against' END,
    happened_on,
    CAST(1 AS DOUBLE),
    CAST(NULL AS DOUBLE),
    CAST(NULL AS DOUBLE),
    'count',
    known_at,
    event,
    evidence_id
FROM event_as_of($as_of)
WHERE topic = 'openai_exclusivity'
ORDER BY series, observed_on, label
