-- The best score of each model on the last day of each month on which a board was published, and what the model cost that day.
CREATE MACRO board_month_as_of(t, strict := false) AS TABLE
    WITH scored AS (
        SELECT *, last_day(scored_on) AS month_end FROM leaderboard_score_as_of(t, strict := strict)
        WHERE category = 'overall' AND score IS NOT NULL AND doubt IS NULL
        QUALIFY scored_on = max(scored_on) OVER (PARTITION BY board, last_day(scored_on))
    ),
    entrants AS (
        SELECT board, scale_id, CAST(date_trunc('month', scored_on) AS DATE) AS month, scored_on, model, coalesce(model, entrant) AS name,
            max(score) AS score, max(known_at) AS known_at
        FROM scored GROUP BY ALL
    )
    SELECT e.* REPLACE (coalesce(e.model, p.model, e.name) AS name), coalesce(p.undeclared, false) AS undeclared, p.developer, p.blended_usd_per_mtok, p.provider, greatest(e.known_at, p.known_at) AS priced_known_at, p.input_usd_per_mtok, p.output_usd_per_mtok
    FROM entrants AS e
    LEFT JOIN board_price_as_of(t, strict := strict) AS p
        ON p.model = coalesce(e.model, trim(regexp_replace(lower(e.name), '[^a-z0-9]+', '-', 'g'), '-')) AND p.undeclared = (e.model IS NULL) AND p.day = e.scored_on AND p.currency = 'USD';

-- A model that nobody has entered counts by its developer's own listing of the name the board writes, and is marked.
-- For each month, board and floor of quality (every 50 points of the board's scale): the cheapest model at or above it by
-- blended price, or by input price alone (`by_input`), and the models that stand there without a price. Floors compare within
-- one scale only.
CREATE MACRO cheapest_at_quality(t, by_input, strict := false) AS TABLE
    WITH months AS MATERIALIZED (
        SELECT *, CASE WHEN by_input THEN input_usd_per_mtok ELSE blended_usd_per_mtok END AS asked FROM board_month_as_of(t, strict := strict)
    ),
    floors AS (
        SELECT board, month, unnest(range(CAST(50 * floor(worst / 50) AS BIGINT), CAST(best AS BIGINT) + 1, 50)) AS quality_floor
        FROM (SELECT board, month, min(score) AS worst, max(score) AS best FROM months GROUP BY board, month)
    )
    SELECT
        f.month, f.board, m.scale_id, f.quality_floor, m.scored_on,
        arg_min(m.name, (m.asked, m.name)) FILTER (m.asked IS NOT NULL) AS model,
        arg_min(m.developer, (m.asked, m.name)) FILTER (m.asked IS NOT NULL) AS developer,
        arg_min(m.provider, (m.asked, m.name)) FILTER (m.asked IS NOT NULL) AS provider,
        arg_min(m.score, (m.asked, m.name)) FILTER (m.asked IS NOT NULL) AS score,
        coalesce(arg_min(m.undeclared, (m.asked, m.name)) FILTER (m.asked IS NOT NULL), false) AS undeclared,
        min(m.asked) AS asked, count(m.asked) AS models_priced, count(*) - count(m.asked) AS models_unpriced,
        list(m.name ORDER BY m.name) FILTER (m.asked IS NULL) AS unpriced, max(coalesce(m.priced_known_at, m.known_at)) AS known_at
    FROM floors AS f
    INNER JOIN months AS m ON m.board = f.board AND m.month = f.month AND m.score >= f.quality_floor
    GROUP BY f.month, f.board, m.scale_id, f.quality_floor, m.scored_on;

CREATE MACRO price_frontier_as_of(t, strict := false) AS TABLE
    SELECT * RENAME (asked AS blended_usd_per_mtok) FROM cheapest_at_quality(t, false, strict := strict)
    ORDER BY board, quality_floor, month;

CREATE MACRO input_price_frontier_as_of(t, strict := false) AS TABLE
    SELECT * RENAME (asked AS input_usd_per_mtok) FROM cheapest_at_quality(t, true, strict := strict)
    ORDER BY board, quality_floor, month;

-- How fast the price of one quality falls: the trend of the cheapest blended price at or above a floor, by least squares
-- on its logarithm, within one scale. At least six months, so that one new model is no trend.
CREATE MACRO price_decline_as_of(t, strict := false) AS TABLE
    SELECT
        board, scale_id, quality_floor, min(month) AS first_month, max(month) AS last_month, count(*) AS n,
        arg_min(blended_usd_per_mtok, month) AS first_usd_per_mtok, arg_max(blended_usd_per_mtok, month) AS last_usd_per_mtok,
        100 * (1 - exp(regr_slope(ln(blended_usd_per_mtok), date_diff('day', DATE '2023-01-01', month) / 365.25))) AS decline_pct_per_year,
        max(known_at) AS known_at
    FROM price_frontier_as_of(t, strict := strict)
    WHERE blended_usd_per_mtok IS NOT NULL
    GROUP BY board, scale_id, quality_floor
    HAVING count(*) >= 6
    ORDER BY board, scale_id, quality_floor;

CREATE VIEW price_frontier AS FROM price_frontier_as_of(as_of_now());
CREATE VIEW price_decline AS FROM price_decline_as_of(as_of_now());
CREATE VIEW input_price_frontier AS FROM input_price_frontier_as_of(as_of_now());
