-- Notes of the five weeks after the report, by how they read it. Beside them, never judged: moves told by pages, and from the
-- analyst's own prices how far the share moved more than QQQ from the close before the report to that of the article's day.
WITH closes AS (
    SELECT
        s.price_on, s.price AS share, i.price AS benchmark, greatest(s.known_at, i.known_at) AS known_at, s.evidence_id
    FROM market_price_as_of($as_of) AS s
    INNER JOIN market_price_as_of($as_of) AS i ON i.price_on = s.price_on AND i.price_kind = s.price_kind AND i.currency = s.currency
    WHERE s.ticker = 'MSFT'
      AND i.ticker = 'QQQ'
      AND s.price_kind = 'close'
      AND s.currency = 'USD'
      AND s.price_on IN (DATE '2025-02-20', DATE '2025-02-25')
)

SELECT
    CASE
        WHEN code = 'oversupply' THEN 'oversupply'
        WHEN code = 'worry' THEN 'worry'
        WHEN code = 'not_oversupply' THEN 'not_oversupply'
        WHEN code = 'neutral' THEN 'neutral'
        ELSE 'beside'
    END AS series,
    happened_on AS observed_on,
    CAST(1 AS DOUBLE) AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'count' AS unit,
    known_at,
    event AS label,
    evidence_id AS evidence
FROM event_as_of($as_of)
WHERE topic IN ('market_reading', 'market_reaction')
  AND happened_on BETWEEN DATE '2025-02-21' AND DATE '2025-03-31'
UNION ALL
SELECT
    'abnormal_return', l.price_on, 100 * (l.share / e.share - l.benchmark / e.benchmark), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE),
    'pct_points', greatest(l.known_at, e.known_at), 'MSFT against QQQ since 2025-02-20', l.evidence_id
FROM closes AS l
INNER JOIN closes AS e ON e.price_on = DATE '2025-02-20'
WHERE l.price_on = DATE '2025-02-25'
ORDER BY series, observed_on, label
