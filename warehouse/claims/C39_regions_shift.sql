-- Long-lived assets in the United States over all, from the geography note of the annual reports (dimensional facts);
-- remarks on regions beside it.
WITH assets AS (
    SELECT dimensions, period_end, value, known_at, fiscal_year, evidence_id
    FROM company_fact_as_of($as_of)
    WHERE company = 'MSFT'
      AND concept IN ('us-gaap:NoncurrentAssets', 'us-gaap:LongLivedAssets')
      AND period_kind = 'instant'
      AND unit = 'USD'
      AND value > 0
)

SELECT
    'us_share' AS series,
    us.period_end AS observed_on,
    100 * us.value / total.value AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'pct' AS unit,
    greatest(us.known_at, total.known_at) AS known_at,
    concat('FY', us.fiscal_year) AS label,
    us.evidence_id AS evidence
FROM assets AS us
INNER JOIN assets AS total ON total.period_end = us.period_end AND coalesce(total.dimensions, '') = ''
WHERE ends_with(us.dimensions, '=country:US') AND NOT contains(us.dimensions, ';')
UNION ALL
SELECT
    'beside', happened_on, CAST(1 AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'count', known_at, event, evidence_id
FROM event_as_of($as_of)
WHERE topic = 'region'
ORDER BY series, observed_on, label
