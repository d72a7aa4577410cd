-- The cheapest model at or above each floor of quality, month by month: what a level of quality has cost through time.
SELECT
    board, scale_id, '≥ ' || quality_floor AS series, quality_floor, month AS observed_on, blended_usd_per_mtok AS value, 'USD/Mtok' AS unit,
    model, developer, provider, score, scored_on, models_priced, models_unpriced, known_at, model AS label,
    CAST(known_at AS DATE) AS from_on
FROM price_frontier
WHERE blended_usd_per_mtok IS NOT NULL
ORDER BY board, scale_id, quality_floor, month
