-- Operating margin of the two segments by quarter. Segments were redrawn on 2024-08-21, so figures of one document and one
-- definition only are divided by each other.
WITH segment AS (
    SELECT metric, definition, period_end, value, known_at, document_id, fiscal_year, fiscal_quarter, evidence_id
    FROM company_fact_as_of($as_of)
    WHERE company = 'MSFT'
      AND period_kind = 'quarter'
      AND metric IN ('segment_operating_income', 'segment_revenue')
      AND definition IN (
          'productivity_and_business_processes_v1', 'productivity_and_business_processes_v2', 'intelligent_cloud_v1', 'intelligent_cloud_v2'
      )
      AND unit = 'USD'
      AND value IS NOT NULL
)

SELECT
    CASE WHEN i.definition IN ('intelligent_cloud_v1', 'intelligent_cloud_v2') THEN 'lower' ELSE 'higher' END AS series,
    i.period_end AS observed_on,
    100 * i.value / r.value AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'pct' AS unit,
    greatest(i.known_at, r.known_at) AS known_at,
    concat('FY', i.fiscal_year, 'Q', i.fiscal_quarter) AS label,
    i.evidence_id AS evidence
FROM segment AS i
INNER JOIN segment AS r ON r.definition = i.definition AND r.period_end = i.period_end AND r.document_id = i.document_id
WHERE i.metric = 'segment_operating_income'
  AND r.metric = 'segment_revenue'
  AND r.value > 0
QUALIFY row_number() OVER (PARTITION BY series, i.period_end ORDER BY greatest(i.known_at, r.known_at) DESC, i.evidence_id) = 1
ORDER BY series, observed_on, label
