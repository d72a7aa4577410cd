-- Announced amounts of OpenAI's compute contracts; a total takes the place of the first contract it contains.
SELECT
    CASE WHEN subject = 'microsoft' THEN 'own' ELSE 'other' END AS series,
    happened_on AS observed_on,
    value,
    value_low AS low,
    value_high AS high,
    unit,
    known_at,
    event AS label,
    evidence_id AS evidence
FROM event_as_of($as_of)
WHERE topic = 'openai_contract' AND unit = 'USD' AND code IN ('incremental', 'first', 'total', 'press') AND value IS NOT NULL
QUALIFY code <> 'first' OR NOT bool_or(code = 'total') OVER (PARTITION BY subject)
ORDER BY series, observed_on, label
