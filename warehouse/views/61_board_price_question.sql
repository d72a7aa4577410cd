-- What Stage.add_board_prices asks yet of model_price_in_force: board_price_question.
CREATE OR REPLACE TEMP TABLE unpriced_day AS
SELECT scored_on AS day, least(min(known_at), CAST(scored_on AS TIMESTAMP) + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND) AS since
FROM history.board_score
WHERE category = 'overall' AND value IS NOT NULL AND scored_on NOT IN (SELECT day FROM history.board_price_day)
GROUP BY scored_on;

-- The models on boards, each with the name under which its prices are scheduled; those that nobody entered by the name a board writes.
CREATE OR REPLACE TEMP TABLE board_model AS
WITH entrant AS (SELECT DISTINCT model, trim(regexp_replace(lower(entrant), '[^a-z0-9]+', '-', 'g'), '-') AS name FROM history.board_score WHERE category = 'overall')
SELECT DISTINCT model, false AS undeclared, model AS named FROM entrant WHERE model IS NOT NULL
UNION ALL
SELECT DISTINCT u.name, true, lower(regexp_extract(u.listing, '[^/]*$'))
FROM history.undeclared_listing AS u SEMI JOIN (FROM entrant WHERE model IS NULL) AS e ON e.name = u.name;

-- The instants from which the days since touched_from, until touched_until, may be priced anew.
CREATE OR REPLACE TEMP TABLE price_turn AS
WITH piece AS (
    SELECT
        hash(*COLUMNS(* EXCLUDE (piece, valid_to, first_sight, scheduled, scheduled_blend, blends, strict_answer, answers_from, answers_through))) AS same,
        named, series, tier, own_word, price_from, valid_from, coalesce(valid_to, DATE 'infinity') AS valid_to, answers_from, answers_through + INTERVAL 1 MICROSECOND AS answers_until
    FROM history.price_answer
    WHERE NOT strict_answer AND scheduled_blend AND named IN (SELECT named FROM board_model)
),
-- A price from before the seller's own word counts among the former ones of its series, whenever its name came to mean the model.
word AS (SELECT series, tier, price_from, min(valid_from) AS valid_from FROM piece WHERE own_word GROUP BY ALL),
reach AS (
    SELECT p.same, least(p.valid_from, min(w.valid_from)) AS touched_from
    FROM (SELECT DISTINCT same, series, tier, price_from, valid_from FROM piece) AS p
    LEFT JOIN word AS w ON w.series = p.series AND w.tier = p.tier AND w.price_from > p.price_from
    GROUP BY p.same, p.valid_from
),
stood AS (
    SELECT
        *, CASE WHEN lag(answers_until) OVER times = answers_from THEN lag(valid_to) OVER times END AS valid_before,
        coalesce(lead(answers_from) OVER times = answers_until, false) AS is_followed
    FROM piece INNER JOIN reach USING (same)
    WINDOW times AS (PARTITION BY same ORDER BY answers_from)
),
closing AS (
    SELECT provider, named, source, ended_on, answers_from, answers_through + INTERVAL 1 MICROSECOND AS answers_until
    FROM history.price_closed WHERE NOT strict_answer
),
closed AS (
    SELECT t.provider, t.named, t.source, t.turned_at, c.ended_on
    FROM (SELECT DISTINCT provider, named, source, unnest([answers_from, answers_until]) AS turned_at FROM closing) AS t
    LEFT JOIN closing AS c
        ON c.provider = t.provider AND c.named = t.named AND c.source = t.source AND c.answers_from <= t.turned_at AND t.turned_at < c.answers_until
),
-- What is closed is no longer priced by another list that has not been looked at since.
silenced AS (
    SELECT DISTINCT c.turned_at, c.ended_on, p.source, p.named
    FROM (
        SELECT provider, named, source, turned_at, unnest([ended_on, ended_before]) AS ended_on
        FROM (SELECT *, lag(ended_on) OVER (PARTITION BY provider, named, source ORDER BY turned_at) AS ended_before FROM closed)
        WHERE ended_on IS DISTINCT FROM ended_before
    ) AS c
    INNER JOIN history.price_answer AS p ON p.provider = c.provider AND coalesce(p.model, p.listing) = c.named AND p.source <> c.source
    WHERE NOT p.strict_answer AND p.scheduled_blend AND (p.valid_to IS NULL OR p.valid_to > c.ended_on)
)
SELECT answers_from AS turned_at, named, CASE WHEN valid_before IS NULL THEN touched_from ELSE least(valid_to, valid_before) END AS touched_from, DATE 'infinity' AS touched_until
FROM stood WHERE valid_to IS DISTINCT FROM valid_before
UNION
SELECT answers_until, named, touched_from, DATE 'infinity' FROM stood WHERE NOT is_followed
UNION
SELECT s.turned_at, s.named, s.ended_on, coalesce(CAST(min(c.taken_at) AS DATE), DATE 'infinity')
FROM silenced AS s
LEFT JOIN (FROM history.capture WHERE outcome IN ('loaded', 'unchanged')) AS c ON c.source = s.source AND c.taken_at >= s.ended_on
GROUP BY s.turned_at, s.named, s.ended_on, s.source
UNION
SELECT a.answers_from, m.named, s.rate_on, DATE 'infinity'
FROM history.fx_answer AS a INNER JOIN history.fx_state AS s USING (seq) CROSS JOIN board_model AS m
WHERE NOT a.strict_answer AND a.answers_from >= CAST(s.rate_on AS TIMESTAMP) + INTERVAL 1 DAY
UNION
-- Before its end a day is not settled by any list that is looked at.
SELECT c.taken_at, m.named, d.day, d.day + 1
FROM unpriced_day AS d
INNER JOIN history.capture AS c ON d.since < c.taken_at AND c.taken_at < CAST(d.day AS TIMESTAMP) + INTERVAL 1 DAY
CROSS JOIN board_model AS m;

-- One row for each day, model and span. Where the end of the day is in the span, that is asked (known_by NULL), else the last instant of the span.
-- Some days at a time, because prices in force are wide.
CREATE OR REPLACE TEMP TABLE board_price_question AS
SELECT
    *, CASE WHEN CAST(day AS TIMESTAMP) + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND NOT BETWEEN answers_from AND answers_through
        THEN least(answers_through, TIMESTAMP '9998-12-31') END AS known_by,
    CASE WHEN known_by IS NULL OR known_by = TIMESTAMP '9998-12-31' THEN CAST(dense_rank() OVER (ORDER BY day) // 64 AS INTEGER) ELSE 0 END AS part
FROM (
    SELECT *, since AS answers_from, lead(since, 1, TIMESTAMP 'infinity') OVER later - INTERVAL 1 MICROSECOND AS answers_through
    FROM (
        SELECT day, since, model, undeclared, named FROM unpriced_day CROSS JOIN board_model
        UNION
        SELECT d.day, t.turned_at, m.model, m.undeclared, m.named
        FROM unpriced_day AS d
        INNER JOIN price_turn AS t ON t.turned_at > d.since AND t.turned_at < TIMESTAMP '9998-12-31' AND t.touched_from <= d.day AND d.day < t.touched_until
        INNER JOIN board_model AS m ON m.named = t.named
    )
    WINDOW later AS (PARTITION BY day, model, undeclared, named ORDER BY since)
);
