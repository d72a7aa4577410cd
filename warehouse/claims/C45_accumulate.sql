-- Return of the share, of QQQ and of the mean of four other hyperscalers, from the last close before the article to those 6, 12
-- and 18 months later, from the analyst's own prices. Only prices of one kind and of one day are set against each other, total
-- return before closes, which leave dividends out: the label says which. Single prices from pages beside them decide nothing.
WITH days AS (
    SELECT
        ticker, price_on, price, price_kind, known_at, evidence_id,
        CASE
            WHEN price_on BETWEEN DATE '2025-02-18' AND DATE '2025-02-24' THEN 0
            WHEN price_on BETWEEN DATE '2025-08-20' AND DATE '2025-08-25' THEN 6
            WHEN price_on BETWEEN DATE '2026-02-20' AND DATE '2026-02-25' THEN 12
            WHEN price_on BETWEEN DATE '2026-08-20' AND DATE '2026-08-25' THEN 18
        END AS months
    FROM market_price_as_of($as_of)
    WHERE ticker IN ('MSFT', 'QQQ', 'AMZN', 'GOOGL', 'META', 'ORCL') AND currency = 'USD'
),

-- The newest day of each window on which the share and the other have a price of one kind.
pairs AS (
    SELECT
        o.ticker, s.months, s.price_kind, s.price_on, s.price AS share, o.price AS other, greatest(s.known_at, o.known_at) AS known_at,
        s.evidence_id AS share_evidence, o.evidence_id AS other_evidence
    FROM days AS s
    INNER JOIN days AS o ON o.price_on = s.price_on AND o.price_kind = s.price_kind AND o.ticker <> 'MSFT'
    WHERE s.ticker = 'MSFT' AND s.months IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY o.ticker, s.months, s.price_kind ORDER BY s.price_on DESC) = 1
),

returns AS (
    SELECT
        n.ticker, n.months, n.price_kind, n.price_on, 100 * (n.share / b.share - 1) AS share, 100 * (n.other / b.other - 1) AS other,
        greatest(n.known_at, b.known_at) AS known_at, n.share_evidence, n.other_evidence
    FROM pairs AS n
    INNER JOIN pairs AS b ON b.ticker = n.ticker AND b.price_kind = n.price_kind AND b.months = 0
    WHERE n.months > 0
    QUALIFY row_number() OVER (PARTITION BY n.ticker, n.months ORDER BY n.price_kind = 'total_return_index' DESC) = 1
),

basket AS (
    SELECT months, price_kind, max(price_on) AS price_on, avg(share - other) AS ahead, max(known_at) AS known_at, min(other_evidence) AS evidence
    FROM returns
    WHERE ticker <> 'QQQ'
    GROUP BY months, price_kind
    HAVING count(*) = 4 AND min(price_on) = max(price_on)
)

SELECT
    concat('share_', months) AS series,
    price_on AS observed_on,
    share AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'pct' AS unit,
    known_at,
    concat('MSFT ', price_kind) AS label,
    share_evidence AS evidence
FROM returns
WHERE ticker = 'QQQ'
UNION ALL
SELECT concat('benchmark_', months), price_on, other, CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'pct', known_at, concat('QQQ ', price_kind), other_evidence
FROM returns
WHERE ticker = 'QQQ'
UNION ALL
SELECT concat('basket_', months), price_on, ahead, CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'pct_points', known_at, concat('AMZN GOOGL META ORCL ', price_kind), evidence
FROM basket
UNION ALL
SELECT
    'beside', happened_on, value, value_low, value_high, unit, known_at, event, evidence_id
FROM event_as_of($as_of)
WHERE topic IN ('share_price', 'index_level') AND value IS NOT NULL AND unit = 'USD'
ORDER BY series, observed_on, label
