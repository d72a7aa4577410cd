-- Input list prices. The pair the claim names, on a day on which both stood in the lists; the pair on sale on the day
-- of the article; and the reference rates that turn the dollar price into yuan. A list may name a model by several
-- listings: their prices make a range. Beside the pair that decides what each list and document says of it, so that each can be
-- judged alone, and which of its sides no issuer's own page tells (secondary).
WITH claimed AS (
    SELECT CASE model WHEN 'gpt-4-turbo' THEN 'numerator' ELSE 'denominator' END AS series, DATE '2024-06-01' AS day, *
    FROM model_price_on(DATE '2024-06-01', known := $as_of)
    WHERE (provider = 'openai' AND model = 'gpt-4-turbo') OR (provider = 'deepseek' AND model = 'deepseek-v2')
),

on_sale AS (
    SELECT
        CASE provider WHEN 'openai' THEN 'numerator_on_sale' ELSE 'denominator_on_sale' END AS series,
        DATE '2025-02-25' AS day,
        *
    FROM model_price_on(DATE '2025-02-25', known := $as_of)
    WHERE (provider = 'openai' AND listing = 'gpt-4o') OR (provider = 'deepseek' AND model = 'deepseek-v3')
),

prices AS (
    SELECT * FROM claimed
    UNION ALL
    SELECT * FROM on_sale
),

listed AS (
    SELECT model, price_per_mtok, known_at, evidence_id
    FROM token_price_as_of($as_of)
    WHERE ((provider = 'openai' AND model = 'gpt-4-turbo') OR (provider = 'deepseek' AND model = 'deepseek-v2'))
      AND token_kind = 'input'
      AND tier = 'standard'
      AND currency = 'USD'
      AND price_per_mtok > 0
      AND status NOT IN ('absent', 'withdrawn')
      AND valid_from <= DATE '2024-06-01'
      AND coalesce(valid_to, DATE '9999-12-31') > DATE '2024-06-01'
)

SELECT
    series,
    day AS observed_on,
    CAST(price_per_mtok AS DOUBLE) AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'USD/Mtok' AS unit,
    known_at,
    model AS label,
    evidence_id AS evidence
FROM prices
WHERE token_kind = 'input'
  AND tier = 'standard'
  AND currency = 'USD'
  AND price_per_mtok > 0
  AND status NOT IN ('absent', 'withdrawn')
UNION ALL
SELECT
    CASE model WHEN 'gpt-4-turbo' THEN 'numerator_by_source' ELSE 'denominator_by_source' END, DATE '2024-06-01', CAST(price_per_mtok AS DOUBLE),
    CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'USD/Mtok', known_at, model, evidence_id
FROM listed
UNION ALL
SELECT 'secondary', day, CAST(min(evidence_tier) AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'tier', max(known_at), model, min(evidence_id)
FROM claimed
WHERE token_kind = 'input' AND tier = 'standard' AND currency = 'USD' AND price_per_mtok > 0 AND status NOT IN ('absent', 'withdrawn')
GROUP BY day, model
HAVING min(evidence_tier) = 3
UNION ALL
SELECT
    CASE quote_currency WHEN 'USD' THEN 'fx_numerator' ELSE 'fx_other' END AS series,
    rate_on AS observed_on,
    rate AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    concat(quote_currency, '/EUR') AS unit,
    known_at,
    quote_currency AS label,
    evidence_id AS evidence
FROM fx_rate_as_of($as_of)
WHERE base_currency = 'EUR'
  AND quote_currency IN ('USD', 'CNY')
  AND rate_on <= DATE '2025-02-25'
QUALIFY row_number() OVER (PARTITION BY quote_currency ORDER BY rate_on DESC) = 1
ORDER BY series, observed_on, label
