SELECT
    company, metric, definition, 'FY' || fiscal_year || coalesce('Q' || fiscal_quarter, '') AS fiscal_period, period_end, unit, chosen_value, chosen_low,
    chosen_high, chosen_source, chosen_tier, chosen_document_id, other_value, other_low, other_high, other_source, other_tier, other_document_id, chosen_because, known_at,
    source_url, evidence_id, CAST(known_at AS DATE) AS from_on
FROM contradiction
ORDER BY known_at DESC, company, metric, period_end, evidence_id
