-- What happened or was said, one row for each document that tells it, with the days on which that telling stood.
SELECT
    event, topic, subject, code, topic AS series, event AS label, happened_on AS observed_on, happened_until, value, value_low AS low,
    value_high AS high, unit, statement_zh, statement_en, known_at, evidence_tier AS tier, source, document_id, source_url,
    evidence_name(source, capture_sha256, locator) AS evidence_id, CAST(known_at AS DATE) AS from_on,
    CASE WHEN known_until < 'infinity' THEN CAST(known_until AS DATE) END AS until_on
FROM history.event_state
WHERE status NOT IN ('absent', 'withdrawn')
ORDER BY happened_on DESC, event, evidence_tier, document_id, evidence_id
