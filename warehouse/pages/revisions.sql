-- Figures that were said differently later: each answer that took the place of another of the same figure. What counts new
-- shares after a split is another figure (`basis`).
WITH answer AS (
    SELECT *, lag(value) OVER figure AS value_before, lag(document_id) OVER figure AS document_before, lag(known_at) OVER figure AS known_before
    FROM history.company_answer
    WHERE NOT strict_answer AND metric IS NOT NULL AND period_kind IN ('quarter', 'instant') AND status NOT IN ('absent', 'withdrawn')
    WINDOW figure AS (PARTITION BY company, metric, definition, dimensions, unit, basis, period_kind, fiscal_year, fiscal_quarter, period_end ORDER BY answers_from)
)
SELECT
    company, metric, definition || CASE WHEN dimensions = '' THEN '' ELSE ' ' || dimensions END AS definition,
    'FY' || fiscal_year || coalesce('Q' || fiscal_quarter, '') AS fiscal_period, company AS series, period_end AS observed_on, value_before,
    value, value - value_before AS change, CASE WHEN value_before <> 0 THEN 100 * (value / value_before - 1) END AS change_pct, unit, status,
    document_before, document_id, known_before, known_at, source, source_url, evidence_name(source, capture_sha256, locator) AS evidence_id,
    CAST(answers_from AS DATE) AS from_on
FROM answer
WHERE abs(value - value_before) > 1e-9 * abs(value_before)
ORDER BY known_at DESC, company, metric, period_end, definition, value, evidence_id
