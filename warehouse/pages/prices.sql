-- Plain input and output prices of known models, with what the model's own developer asks for the same beside them.
WITH price AS (
    SELECT p.*, m.developer
    FROM token_price AS p
    INNER JOIN history.model AS m USING (model)
    WHERE p.token_kind IN ('input', 'output') AND p.tier = 'standard' AND p.price_per_mtok IS NOT NULL
)
SELECT
    model, developer, provider, token_kind, provider || ' ' || token_kind || ' (' || source || ')' AS series, valid_from AS observed_on,
    usd_per_mtok AS value, 'USD/Mtok' AS unit, price_per_mtok, currency, provider = developer AS is_developers, listing, valid_from,
    valid_to, known_at, evidence_tier AS tier, source, status, source_url, evidence_id, CAST(known_at AS DATE) AS from_on
FROM price
ORDER BY model, token_kind, valid_from DESC, provider, known_at, source, listing, evidence_id
