-- What companies said of their own future, and what came of it.
SELECT
    company, metric, definition AS series, definition, target_start, target_end AS observed_on, bound, value, low, high, unit, date_earliest,
    date_latest, actual, actual_known_at, miss, miss_unit, slippage_months, statement_zh, statement_en, known_at, tier, source,
    document_id, source_url, evidence_id, CAST(known_at AS DATE) AS from_on
FROM guidance
ORDER BY known_at DESC, company, metric, definition, target_end, evidence_id
