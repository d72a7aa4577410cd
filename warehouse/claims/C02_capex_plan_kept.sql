-- Guides for fiscal 2025 in one definition, the plan for AI data centres, in the order in which they were said.
SELECT
    'guide' AS series,
    CAST(known_at AS DATE) AS observed_on,
    value,
    low,
    high,
    unit,
    known_at,
    bound AS label,
    evidence_id AS evidence
FROM guidance_as_of($as_of)
WHERE company = 'MSFT'
  AND metric = 'capex_incl_finance_leases'
  AND definition = 'ai_datacenter_plan'
  AND unit = 'USD'
  AND target_end = DATE '2025-06-30'
ORDER BY series, observed_on, label
