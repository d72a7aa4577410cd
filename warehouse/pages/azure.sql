-- Azure's growth beside what is contracted: every answer these figures have had, with the days on which it was the answer.
SELECT
    metric, metric AS series, definition, 'FY' || fiscal_year || coalesce('Q' || fiscal_quarter, '') AS fiscal_period,
    period_end AS observed_on, value, value_low AS low, value_high AS high, unit, definition AS label, status, known_at, tier, source,
    document_id, source_url, evidence_name(source, capture_sha256, locator) AS evidence_id, CAST(answers_from AS DATE) AS from_on,
    CASE WHEN answers_through < TIMESTAMP '9999-01-01' THEN CAST(answers_through + INTERVAL 1 MICROSECOND AS DATE) END AS until_on
FROM history.company_answer
WHERE NOT strict_answer AND company = 'MSFT' AND period_kind IN ('quarter', 'instant') AND status NOT IN ('absent', 'withdrawn')
    AND (starts_with(metric, 'azure_') OR starts_with(metric, 'rpo_'))
ORDER BY period_end DESC, unit, metric, definition, answers_from, evidence_id
