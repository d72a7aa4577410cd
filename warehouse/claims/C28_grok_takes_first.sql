-- OpenAI's lead on each day of the boards before July 2024 (C23) and in 2025 (C28); the label is the other developer.
SELECT
    concat(CASE WHEN scored_on < DATE '2024-07-01' THEN 'before_' ELSE 'in_2025_' END, board) AS series,
    scored_on AS observed_on,
    gap AS value,
    gap_low AS low,
    gap_high AS high,
    'points' AS unit,
    known_at,
    other_organization AS label,
    evidence_id AS evidence
FROM openai_lead_as_of($as_of)
WHERE board IN ('arena_text', 'arena_text_style_control', 'epoch_eci', 'aider_polyglot')
  AND category = 'overall'
  AND (scored_on < DATE '2024-07-01' OR scored_on BETWEEN DATE '2025-01-01' AND DATE '2025-12-31')
  AND gap IS NOT NULL
ORDER BY series, observed_on, label
