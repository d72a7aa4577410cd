-- Every answer a company's figure has had, with the days on which it was the answer: company_quarter_as_of of any day.
SELECT
    company, metric, definition || CASE WHEN dimensions = '' THEN '' ELSE ' ' || dimensions END AS definition,
    coalesce(calendar_year || ' Q' || calendar_quarter, CAST(period_end AS VARCHAR)) AS calendar_period,
    'FY' || fiscal_year || coalesce('Q' || fiscal_quarter, '') AS fiscal_period, company AS series, period_end AS observed_on,
    value, value_low AS low, value_high AS high, unit, status, known_at, tier, source, document_id, source_url,
    evidence_name(source, capture_sha256, locator) AS evidence_id, CAST(answers_from AS DATE) AS from_on,
    CASE WHEN answers_through < TIMESTAMP '9999-01-01' THEN CAST(answers_through + INTERVAL 1 MICROSECOND AS DATE) END AS until_on
FROM history.company_answer
WHERE NOT strict_answer AND metric IS NOT NULL AND period_kind IN ('quarter', 'instant') AND period_end >= DATE '2019-01-01'
    AND status NOT IN ('absent', 'withdrawn')
ORDER BY period_end DESC, company, metric, definition, answers_from, evidence_id
