-- The best score of each model on the last day of each month on which a board was published, and what the model cost that day.
CREATE MACRO board_month_as_of(t) AS TABLE
    WITH scored AS (
        SELECT *, last_day(scored_on) AS month_end FROM leaderboard_score_as_of(t)
        WHERE category = 'overall' AND score IS NOT NULL AND doubt IS NULL
        QUALIFY scored_on = max(scored_on) OVER (PARTITION BY board, last_day(scored_on))
    ),
    entrants AS (
        SELECT board, scale_id, date_trunc('month', scored_on) AS month, scored_on, model, coalesce(model, entrant) AS name,
            max(score) AS score, max(known_at) AS known_at
        FROM scored GROUP BY ALL
    )
    SELECT e.*, p.developer, p.blended_usd_per_mtok, p.provider, greatest(e.known_at, p.known_at) AS priced_known_at
    FROM entrants AS e
    LEFT JOIN model_price_in_force((SELECT list(DISTINCT scored_on) FROM scored), t) AS p ON p.model = e.model AND p.day = e.scored_on AND p.currency = 'USD';

-- For each month, board and floor of quality (every 50 points of the board's scale): the cheapest model at or above it by
-- blended price, and the models that stand there without a price. Floors compare within one scale only.
CREATE MACRO price_frontier_as_of(t) AS TABLE
    WITH months AS MATERIALIZED (FROM board_month_as_of(t)),
    floors AS (
        SELECT board, month, unnest(range(CAST(50 * floor(worst / 50) AS BIGINT), CAST(best AS BIGINT) + 1, 50)) AS quality_floor
        FROM (SELECT board, month, min(score) AS worst, max(score) AS best FROM months GROUP BY board, month)
    )
    SELECT
        CAST(f.month AS DATE) AS month, f.board, m.scale_id, f.quality_floor, m.scored_on,
        arg_min(m.name, (m.blended_usd_per_mtok, m.name)) FILTER (m.blended_usd_per_mtok IS NOT NULL) AS model,
        arg_min(m.developer, (m.blended_usd_per_mtok, m.name)) FILTER (m.blended_usd_per_mtok IS NOT NULL) AS developer,
        arg_min(m.provider, (m.blended_usd_per_mtok, m.name)) FILTER (m.blended_usd_per_mtok IS NOT NULL) AS provider,
        arg_min(m.score, (m.blended_usd_per_mtok, m.name)) FILTER (m.blended_usd_per_mtok IS NOT NULL) AS score,
        min(m.blended_usd_per_mtok) AS blended_usd_per_mtok, count(m.blended_usd_per_mtok) AS models_priced,
        count(*) - count(m.blended_usd_per_mtok) AS models_unpriced,
        list(m.name ORDER BY m.name) FILTER (m.blended_usd_per_mtok IS NULL) AS unpriced, max(coalesce(m.priced_known_at, m.known_at)) AS known_at
    FROM floors AS f
    INNER JOIN months AS m ON m.board = f.board AND m.month = f.month AND m.score >= f.quality_floor
    GROUP BY ALL
    ORDER BY board, quality_floor, month;

-- How fast the price of one quality falls: the trend of the cheapest blended price at or above a floor, by least squares
-- on its logarithm, within one scale. At least six months, so that one new model is no trend.
CREATE MACRO price_decline_as_of(t) AS TABLE
    SELECT
        board, scale_id, quality_floor, min(month) AS first_month, max(month) AS last_month, count(*) AS n,
        arg_min(blended_usd_per_mtok, month) AS first_usd_per_mtok, arg_max(blended_usd_per_mtok, month) AS last_usd_per_mtok,
        100 * (1 - exp(regr_slope(ln(blended_usd_per_mtok), date_diff('day', DATE '2023-01-01', month) / 365.25))) AS decline_pct_per_year,
        max(known_at) AS known_at
    FROM price_frontier_as_of(t)
    WHERE blended_usd_per_mtok IS NOT NULL
    GROUP BY board, scale_id, quality_floor
    HAVING count(*) >= 6
    ORDER BY board, scale_id, quality_floor;

CREATE VIEW price_frontier AS FROM price_frontier_as_of(as_of_now());
CREATE VIEW price_decline AS FROM price_decline_as_of(as_of_now());
