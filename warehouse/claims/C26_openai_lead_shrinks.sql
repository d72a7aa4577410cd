-- OpenAI's lead (its best model minus the best of all others) on each day of each board; the label is the scale.
SELECT
    board AS series,
    scored_on AS observed_on,
    gap AS value,
    gap_low AS low,
    gap_high AS high,
    'points' AS unit,
    known_at,
    scale_id AS label,
    evidence_id AS evidence
FROM openai_lead_as_of($as_of)
WHERE board IN ('arena_text', 'arena_text_style_control', 'epoch_eci', 'aider_polyglot', 'aider_edit')
  AND category = 'overall'
  AND gap IS NOT NULL
  AND best_openai IS NOT NULL
  AND best_other IS NOT NULL
ORDER BY series, observed_on, label
