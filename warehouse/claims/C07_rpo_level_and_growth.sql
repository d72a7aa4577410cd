-- Commercial RPO of Microsoft by quarter (level); beside it, never judged: total RPO, what is due when, OpenAI's share and the rest.
-- For C43 the growth of commercial RPO and of Azure at constant currency (definition of August 2024), print by print.
SELECT
    CASE metric
        WHEN 'rpo_commercial' THEN 'level'
        WHEN 'rpo_total' THEN 'total'
        WHEN 'rpo_next12m_growth_pct' THEN 'due_within_12m'
        WHEN 'rpo_beyond12m_growth_pct' THEN 'due_beyond_12m'
        WHEN 'rpo_commercial_ex_openai' THEN 'without_openai'
        WHEN 'rpo_commercial_ex_openai_growth_pct' THEN 'without_openai_growth'
        WHEN 'rpo_openai_share_pct' THEN 'openai_share'
        WHEN 'rpo_commercial_growth_pct' THEN 'rpo_growth'
        ELSE 'azure_growth'
    END AS series,
    period_end AS observed_on,
    coalesce(value, (value_low + value_high) / 2) AS value,
    value_low AS low,
    value_high AS high,
    unit,
    known_at,
    concat('FY', fiscal_year, 'Q', fiscal_quarter) AS label,
    evidence_id AS evidence
FROM company_quarter_as_of($as_of)
WHERE company = 'MSFT'
  AND coalesce(value, value_low) IS NOT NULL
  AND status NOT IN ('absent', 'withdrawn')
  AND (
      (metric = 'rpo_commercial' AND definition = 'customers_commercial' AND unit = 'USD')
      OR (metric = 'rpo_total' AND definition = 'xbrl_total' AND unit = 'USD')
      OR (
          metric IN (
              'rpo_next12m_growth_pct', 'rpo_beyond12m_growth_pct', 'rpo_openai_share_pct', 'rpo_commercial_ex_openai_growth_pct'
          )
          AND definition = 'customers_commercial' AND unit = 'pct'
      )
      OR (metric = 'rpo_commercial_ex_openai' AND definition = 'customers_commercial' AND unit = 'USD')
      OR (metric = 'rpo_commercial_growth_pct' AND definition = 'customers_commercial' AND unit = 'pct' AND value IS NOT NULL)
      OR (metric = 'azure_growth_cc_pct' AND definition = 'azure_v3' AND unit = 'pct' AND value IS NOT NULL)
  )
ORDER BY series, observed_on, label
