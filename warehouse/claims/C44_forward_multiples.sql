-- The newest close before the day of the article over the newest consensus before it, both from the analyst's own files: what
-- is dated the day itself was public only after it. A close older than a week, or a consensus older than the print of January,
-- is none of that day. Single readings from pages beside them decide nothing; no earnings that came later stand in for what
-- was expected.
WITH price AS (
    SELECT price, known_at
    FROM market_price_as_of($as_of)
    WHERE ticker = 'MSFT' AND price_kind = 'close' AND currency = 'USD' AND price_on BETWEEN DATE '2025-02-18' AND DATE '2025-02-24'
    QUALIFY row_number() OVER (PARTITION BY ticker ORDER BY price_on DESC) = 1
),

consensus AS (
    SELECT CASE horizon WHEN 'NTM' THEN 'ntm' ELSE 'next_fy' END AS series, horizon, value, known_at, estimated_on, evidence_id
    FROM estimate_as_of($as_of)
    WHERE company = 'MSFT'
      AND metric = 'eps_diluted'
      AND unit = 'USD/shares'
      AND horizon IN ('NTM', 'NEXT_FY', 'FY2026')
      AND estimated_on BETWEEN DATE '2025-01-30' AND DATE '2025-02-24'
    QUALIFY row_number() OVER (PARTITION BY series ORDER BY estimated_on DESC, horizon DESC) = 1
)

SELECT
    c.series,
    c.estimated_on AS observed_on,
    p.price / c.value AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'times' AS unit,
    greatest(c.known_at, p.known_at) AS known_at,
    c.horizon AS label,
    c.evidence_id AS evidence
FROM consensus AS c
CROSS JOIN price AS p
UNION ALL
SELECT
    'beside', happened_on, value, value_low, value_high, unit, known_at, event, evidence_id
FROM event_as_of($as_of)
WHERE topic = 'valuation' AND unit = 'times' AND value IS NOT NULL
ORDER BY series, observed_on, label
