-- What a model costs beside the rivals of its quality, on each day of each board. A rival is another developer's model
-- whose interval overlaps the model's or lies higher. It contests the model when it costs no more (blended, three parts
-- input to one part output). The premium is over the median price of all its priced rivals, so that of a model cheaper than
-- they are is below 0; without a priced rival it is NULL. Within 25 % either way the two cost the same (`equivalent`). The
-- contesting rivals and their median stand beside it. held_days: how long the day stood until the board's next one, or the newest capture, at most 30.
CREATE MACRO quality_price_premium_as_of(t, strict := false) AS TABLE
    WITH scored AS MATERIALIZED (
        SELECT board, scale_id, scored_on, model, arg_max(entrant, (score, entrant)) AS entrant, max(score) AS score,
            coalesce(arg_max(low, (score, entrant)), max(score)) AS low, coalesce(arg_max(high, (score, entrant)), max(score)) AS high, max(known_at) AS known_at,
            min(organization) AS organization
        FROM leaderboard_score_as_of(t, strict := strict)
        WHERE category = 'overall' AND score IS NOT NULL AND doubt IS NULL
        GROUP BY board, scale_id, scored_on, model, coalesce(model, entrant)
    ),
    days AS (
        SELECT board, scored_on, least(30, coalesce(lead(scored_on) OVER (PARTITION BY board ORDER BY scored_on), CAST(least(as_of_instant(t), (SELECT max(taken_at) FROM history.capture)) AS DATE)) - scored_on) AS held_days
        FROM (SELECT DISTINCT board, scored_on FROM scored)
    ),
    priced AS MATERIALIZED (
        SELECT row_number() OVER () AS own_no, s.*, coalesce(m.developer, s.organization) AS developer, p.blended_usd_per_mtok, greatest(s.known_at, p.known_at) AS priced_known_at, p.evidence_id
        FROM scored AS s
        LEFT JOIN history.model AS m ON m.model = s.model
        LEFT JOIN board_price_as_of(t, strict := strict) AS p
            ON p.model = s.model AND p.day = s.scored_on AND p.currency = 'USD' AND NOT p.undeclared
    ),
    -- By one number, and not by all that a row shows: of each model there are dozens of rivals.
    rivals AS (
        SELECT
            o.own_no, count(r.blended_usd_per_mtok) AS priced, count(*) AS met,
            list(r.model ORDER BY r.model) FILTER (r.blended_usd_per_mtok <= o.blended_usd_per_mtok) AS contesting,
            median(r.blended_usd_per_mtok) FILTER (r.blended_usd_per_mtok <= o.blended_usd_per_mtok) AS contesting_median,
            median(r.blended_usd_per_mtok) AS median_price, min(r.blended_usd_per_mtok) AS cheapest,
            arg_min(r.model, (r.blended_usd_per_mtok, r.model)) FILTER (r.blended_usd_per_mtok IS NOT NULL) AS cheapest_rival,
            max(coalesce(r.priced_known_at, r.known_at)) AS known_at
        FROM priced AS o
        INNER JOIN priced AS r
            ON r.board = o.board AND r.scored_on = o.scored_on AND r.developer IS DISTINCT FROM o.developer AND r.high >= o.low
        WHERE o.blended_usd_per_mtok IS NOT NULL
        GROUP BY o.own_no
    )
    SELECT
        o.board, o.scale_id, o.scored_on, CAST(d.held_days AS INTEGER) AS held_days, o.developer, o.model, o.score, o.low, o.high, o.blended_usd_per_mtok,
        coalesce(r.priced, 0) AS rivals_priced, coalesce(r.met - r.priced, 0) AS rivals_unpriced,
        coalesce(len(r.contesting), 0) AS rivals_contesting, r.contesting IS NOT NULL AS contested, r.contesting,
        r.contesting_median AS contesting_median_usd_per_mtok, r.median_price AS rivals_median_usd_per_mtok, r.cheapest AS cheapest_rival_usd_per_mtok,
        r.cheapest_rival, 100 * (o.blended_usd_per_mtok / r.median_price - 1) AS premium_pct,
        abs(o.blended_usd_per_mtok / r.median_price - 1) <= 0.25 AS equivalent, greatest(o.priced_known_at, r.known_at) AS known_at, o.evidence_id
    FROM priced AS o
    INNER JOIN days AS d ON d.board = o.board AND d.scored_on = o.scored_on
    LEFT JOIN rivals AS r ON r.own_no = o.own_no
    WHERE o.blended_usd_per_mtok IS NOT NULL
    ORDER BY o.board, o.scored_on, o.developer, o.model;

CREATE VIEW quality_price_premium AS FROM quality_price_premium_as_of(as_of_now());
