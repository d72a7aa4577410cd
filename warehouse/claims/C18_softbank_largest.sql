-- Stakes in per cent by holder, and statements that SoftBank's is the smaller one. Money paid in is not a stake: it stands beside.
SELECT
    CASE WHEN topic = 'openai_funding' THEN 'beside' WHEN code = 'stake' THEN 'stake' ELSE 'ranked_below' END AS series,
    happened_on AS observed_on,
    CASE code WHEN 'stake' THEN value ELSE 1 END AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    CASE code WHEN 'stake' THEN 'pct' ELSE 'count' END AS unit,
    known_at,
    CASE code WHEN 'stake' THEN subject ELSE event END AS label,
    evidence_id AS evidence
FROM event_as_of($as_of)
WHERE topic IN ('openai_stake', 'openai_funding')
  AND (topic = 'openai_funding' OR (code = 'stake' AND unit = 'pct') OR (subject = 'softbank' AND code = 'smaller_than_microsoft'))
ORDER BY series, observed_on, label
