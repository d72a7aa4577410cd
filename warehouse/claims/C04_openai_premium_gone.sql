-- For each board day of the last four months: OpenAI's best model that has a list price, and the cheapest rival as good, one
-- whose score interval reaches the lower end of its own. The value is 1 where that rival costs at most as much (blended, three
-- parts input to one output), 0 where none does, and 0.5 where none of the priced does but others as good have no listed price.
-- Beside it premium_<board>: its price over the median of the priced rivals as good, in per cent; and own_<board>: what OpenAI
-- asks at least for a model as good as its best of the first of these days, so that its own cuts at one quality show.
-- Of a board that has none of these days the four months to its newest day are given, so that the last day that told is said.
WITH known AS (
    SELECT
        board, scored_on, model, organization, score, coalesce(low, score) AS low, coalesce(high, score) AS high, known_at, evidence_id
    FROM leaderboard_score_as_of($as_of)
    WHERE board IN ('arena_text', 'arena_text_style_control', 'epoch_eci', 'aider_polyglot')
      AND category = 'overall'
      AND model IS NOT NULL
      AND organization IS NOT NULL
      AND score IS NOT NULL
      AND doubt IS NULL
),

told AS (
    SELECT board, CASE WHEN max(scored_on) > CAST($as_of AS DATE) - INTERVAL 120 DAY THEN CAST($as_of AS DATE) ELSE max(scored_on) END AS until_on
    FROM known GROUP BY board
),

scores AS (
    SELECT k.* FROM known AS k INNER JOIN told AS t ON t.board = k.board AND k.scored_on > t.until_on - INTERVAL 120 DAY
),

listed AS (
    SELECT model, provider, source, listing, token_kind, price_per_mtok, valid_from, coalesce(valid_to, DATE '9999-12-31') AS valid_to, known_at
    FROM model_price_as_of($as_of)
    WHERE tier = 'standard'
      AND currency = 'USD'
      AND token_kind IN ('input', 'output')
      AND price_per_mtok > 0
      AND model IN (SELECT model FROM scores)
      AND coalesce(valid_to, DATE '9999-12-31') > (SELECT min(scored_on) FROM scores)
),

days AS (
    SELECT DISTINCT scored_on FROM scores
),

blended AS (
    SELECT
        d.scored_on, l.model, l.provider,
        (3 * min(l.price_per_mtok) FILTER (l.token_kind = 'input') + min(l.price_per_mtok) FILTER (l.token_kind = 'output')) / 4 AS price,
        max(l.known_at) AS known_at
    FROM days AS d
    INNER JOIN listed AS l ON l.valid_from <= d.scored_on AND d.scored_on < l.valid_to
    GROUP BY d.scored_on, l.model, l.provider, l.source, l.listing
    HAVING price IS NOT NULL
),

priced AS (
    SELECT s.board, s.scored_on, s.model, s.organization, s.score, s.low, s.high, b.price, greatest(s.known_at, b.known_at) AS known_at, s.evidence_id
    FROM scores AS s
    INNER JOIN blended AS b USING (scored_on, model)
    WHERE s.organization <> 'openai' OR b.provider = 'openai'
    QUALIFY row_number() OVER (PARTITION BY s.board, s.scored_on, s.model ORDER BY b.price, b.provider, s.score DESC, s.evidence_id, greatest(s.known_at, b.known_at)) = 1
),

best AS (
    SELECT * FROM priced WHERE organization = 'openai'
    QUALIFY row_number() OVER (PARTITION BY board, scored_on ORDER BY score DESC, model) = 1
),

cheapest AS (
    SELECT o.board, o.scored_on, r.model, r.price, r.known_at, count(*) OVER (PARTITION BY o.board, o.scored_on) AS priced, median(r.price) OVER (PARTITION BY o.board, o.scored_on) AS middle
    FROM best AS o
    INNER JOIN priced AS r ON r.board = o.board AND r.scored_on = o.scored_on AND r.organization <> 'openai' AND r.high >= o.low
    QUALIFY row_number() OVER (PARTITION BY o.board, o.scored_on ORDER BY r.price, r.model) = 1
),

as_good AS (
    SELECT o.board, o.scored_on, count(DISTINCT r.model) AS rivals
    FROM best AS o
    INNER JOIN scores AS r ON r.board = o.board AND r.scored_on = o.scored_on AND r.organization <> 'openai' AND r.high >= o.low
    GROUP BY o.board, o.scored_on
),

first_best AS (
    SELECT * FROM best QUALIFY row_number() OVER (PARTITION BY board ORDER BY scored_on) = 1
)

SELECT
    o.board AS series,
    o.scored_on AS observed_on,
    CAST(CASE WHEN r.price <= o.price THEN 1 WHEN coalesce(g.rivals, 0) > coalesce(r.priced, 0) THEN 0.5 ELSE 0 END AS DOUBLE) AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'count' AS unit,
    greatest(o.known_at, coalesce(r.known_at, o.known_at)) AS known_at,
    concat(
        o.model,
        CASE WHEN r.model IS NULL THEN ' against none' ELSE concat(' against ', r.model, ' ', CAST(round(100 * (r.price / o.price - 1)) AS INTEGER), ' %') END,
        ', as good ', coalesce(g.rivals, 0), ', priced ', coalesce(r.priced, 0)
    ) AS label,
    o.evidence_id AS evidence
FROM best AS o
LEFT JOIN cheapest AS r ON r.board = o.board AND r.scored_on = o.scored_on
LEFT JOIN as_good AS g ON g.board = o.board AND g.scored_on = o.scored_on
UNION ALL
SELECT
    concat('premium_', o.board), o.scored_on, 100 * (o.price / r.middle - 1), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'pct',
    greatest(o.known_at, r.known_at), o.model, o.evidence_id
FROM best AS o
INNER JOIN cheapest AS r ON r.board = o.board AND r.scored_on = o.scored_on
UNION ALL
SELECT
    concat('own_', p.board), p.scored_on, p.price, CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), 'usd_per_mtok',
    greatest(p.known_at, f.known_at), p.model, p.evidence_id
FROM priced AS p
INNER JOIN first_best AS f ON f.board = p.board AND p.organization = 'openai' AND p.high >= f.low
QUALIFY row_number() OVER (PARTITION BY p.board, p.scored_on ORDER BY p.price, p.model) = 1
ORDER BY series, observed_on, label
