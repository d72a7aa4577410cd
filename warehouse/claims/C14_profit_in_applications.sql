-- Operating margin of the two segments by quarter, from the dimensional facts of the filings. Segments were redrawn on
-- 2024-08-21, so figures of one filing only are divided by each other.
WITH segment AS (
    SELECT
        concept, dimensions, period_end, value, known_at, document_id, fiscal_year, fiscal_quarter, evidence_id,
        CASE WHEN contains(dimensions, 'ProductivityAndBusinessProcesses') THEN 'higher' ELSE 'lower' END AS series
    FROM company_fact_as_of($as_of)
    WHERE company = 'MSFT'
      AND period_kind = 'quarter'
      AND (contains(dimensions, 'ProductivityAndBusinessProcesses') OR contains(dimensions, 'IntelligentCloud'))
      AND concept IN ('us-gaap:OperatingIncomeLoss', 'us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax', 'us-gaap:Revenues')
      AND unit = 'USD'
      AND value IS NOT NULL
)

SELECT
    i.series,
    i.period_end AS observed_on,
    100 * i.value / r.value AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'pct' AS unit,
    greatest(i.known_at, r.known_at) AS known_at,
    concat('FY', i.fiscal_year, 'Q', i.fiscal_quarter) AS label,
    i.evidence_id AS evidence
FROM segment AS i
INNER JOIN segment AS r ON r.series = i.series AND r.period_end = i.period_end AND r.document_id = i.document_id AND r.dimensions = i.dimensions
WHERE i.concept = 'us-gaap:OperatingIncomeLoss'
  AND r.concept IN ('us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax', 'us-gaap:Revenues')
  AND r.value > 0
QUALIFY row_number() OVER (PARTITION BY i.series, i.period_end ORDER BY greatest(i.known_at, r.known_at) DESC, i.evidence_id) = 1
ORDER BY series, observed_on, label
