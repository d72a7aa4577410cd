-- Return of the share and of QQQ from the close before the article to those 6, 12 and 18 months later, from the analyst's
-- own prices (total return where given). Single prices from pages beside them decide nothing.
WITH days AS (
    SELECT
        ticker, price_on, price, price_kind, known_at, evidence_id,
        CASE
            WHEN price_on BETWEEN DATE '2025-02-20' AND DATE '2025-02-25' THEN 0
            WHEN price_on BETWEEN DATE '2025-08-20' AND DATE '2025-08-25' THEN 6
            WHEN price_on BETWEEN DATE '2026-02-20' AND DATE '2026-02-25' THEN 12
            WHEN price_on BETWEEN DATE '2026-08-20' AND DATE '2026-08-25' THEN 18
        END AS months
    FROM market_price_as_of($as_of)
    WHERE ticker IN ('MSFT', 'QQQ') AND currency = 'USD'
),

nearest AS (
    SELECT *
    FROM days
    WHERE months IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY ticker, months ORDER BY price_kind = 'total_return_index' DESC, price_on DESC) = 1
)

SELECT
    concat(CASE n.ticker WHEN 'MSFT' THEN 'share' ELSE 'benchmark' END, '_', n.months) AS series,
    n.price_on AS observed_on,
    100 * (n.price / b.price - 1) AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'pct' AS unit,
    greatest(n.known_at, b.known_at) AS known_at,
    n.ticker AS label,
    n.evidence_id AS evidence
FROM nearest AS n
INNER JOIN nearest AS b ON b.ticker = n.ticker AND b.price_kind = n.price_kind AND b.months = 0
WHERE n.months > 0
UNION ALL
SELECT
    'beside', happened_on, value, value_low, value_high, unit, known_at, event, evidence_id
FROM event_as_of($as_of)
WHERE topic IN ('share_price', 'index_level') AND value IS NOT NULL AND unit = 'USD'
ORDER BY series, observed_on, label
