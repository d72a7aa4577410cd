-- Which prices are in force on each day, by what was known at its end: worked out (price_found) of whatever a seller sells on the days on
-- which that may be answered otherwise than on the day before, and so of every day. Where spans are kept (forget_sights) they end on the
-- day from which all is asked anew.
CREATE OR REPLACE TEMP TABLE sold_turn AS
WITH piece AS (
    SELECT
        piece, sold_no, provider, coalesce(model, listing) AS sold_as, currency, source, scope, documentary, price_from, valid_from, valid_to,
        CAST(answers_from AS DATE) AS known_from, CAST(answers_through + INTERVAL 1 MICROSECOND AS DATE) AS known_to
    FROM history.price_answer
    WHERE NOT strict_answer AND scheduled
),
closing AS (
    SELECT p.sold_no, c.ended_on, c.stated_on, CAST(c.answers_from AS DATE) AS known_from, CAST(c.answers_through + INTERVAL 1 MICROSECOND AS DATE) AS known_to
    FROM history.price_closed AS c
    INNER JOIN (SELECT DISTINCT sold_no, provider, sold_as FROM piece) AS p ON p.provider = c.provider AND p.sold_as = c.named
    WHERE NOT c.strict_answer
),
look AS (
    SELECT *, lead(day, 1, DATE 'infinity') OVER looks AS next_day, row_number() OVER looks = 1 AS is_first, day + stale_after_days AS fresh_until
    FROM (
        SELECT DISTINCT c.source, c.scope, CAST(c.taken_at AS DATE) AS day, s.stale_after_days, s.tier, s.interface_of
        FROM history.capture AS c
        INNER JOIN history.source AS s ON s.source = c.source
        WHERE c.outcome IN ('loaded', 'unchanged') AND s.dataset = 'token_price' AND s.kind <> 'statement'
    )
    WINDOW looks AS (PARTITION BY source, scope ORDER BY day)
),
-- From when a list stands otherwise among the others: it is first looked at, is no longer fresh, or was not looked at for a month, and is
-- looked at again; or, of a seller's interface, others were looked at so much later.
stood AS (
    SELECT source, day FROM look WHERE is_first
    UNION
    SELECT source, unnest([day + 32, next_day]) FROM look WHERE next_day > day + 32
    UNION
    SELECT source, unnest([fresh_until + 1, next_day]) FROM look WHERE next_day > fresh_until + 1
    UNION
    SELECT l.source, min(o.day) FROM look AS l INNER JOIN look AS o ON o.day > l.fresh_until AND o.day < l.next_day
    WHERE l.interface_of IS NOT NULL AND o.tier > 1 GROUP BY l.source, l.day
),
-- Of a seller as a whole: which lists have anything of it, and whether one has less than a tenth of what another has.
share AS (
    SELECT *, 10 * prices_listed < max(prices_listed) OVER (PARTITION BY provider, currency, turned_at) AS is_small
    FROM (
        SELECT e.provider, e.currency, e.turned_at, e.source, CASE WHEN p.until_at IS NULL OR e.turned_at < p.until_at THEN p.prices_listed END AS prices_listed
        FROM (
            SELECT * FROM (SELECT DISTINCT provider, currency, source FROM history.price_presence) AS l
            INNER JOIN (SELECT DISTINCT provider, currency, unnest([from_at, until_at]) AS turned_at FROM history.price_presence) AS t USING (provider, currency)
        ) AS e
        ASOF LEFT JOIN history.price_presence AS p
            ON p.provider = e.provider AND p.currency = e.currency AND p.source = e.source AND p.from_at <= e.turned_at
    )
),
seller AS (
    SELECT p.provider, p.currency, s.day
    FROM (SELECT provider, currency, source FROM piece UNION SELECT provider, currency, source FROM history.price_presence) AS p
    INNER JOIN stood AS s ON s.source = p.source
    UNION
    SELECT provider, currency, CAST(turned_at AS DATE) FROM share
    QUALIFY is_small IS DISTINCT FROM lag(is_small) OVER (PARTITION BY provider, currency, source ORDER BY turned_at)
),
-- What a list was last looked at before or after: a price, or an end.
compared AS (
    SELECT x.sold_no, x.on_day, h.source, h.scope
    FROM (SELECT sold_no, price_from AS on_day FROM piece UNION SELECT sold_no, ended_on FROM closing) AS x
    INNER JOIN (SELECT DISTINCT sold_no, source, scope FROM piece WHERE NOT documentary) AS h ON h.sold_no = x.sold_no
),
turn AS (
    SELECT sold_no, unnest([known_from, greatest(valid_from, known_from), greatest(valid_to, known_from), known_to]) AS day FROM piece
    UNION
    SELECT p.sold_no, unnest([greatest(c.confirmed_from, CAST(c.answers_from AS DATE)), CAST(c.answers_through + INTERVAL 1 MICROSECOND AS DATE)])
    FROM history.price_confirmed AS c INNER JOIN piece AS p ON p.piece = c.piece
    UNION
    SELECT sold_no, unnest([known_from, greatest(ended_on, known_from), greatest(stated_on, known_from), known_to]) FROM closing
    UNION
    SELECT p.sold_no, s.day FROM (SELECT DISTINCT sold_no, provider, currency FROM piece) AS p
    INNER JOIN seller AS s ON s.provider = p.provider AND s.currency = p.currency
    UNION
    SELECT c.sold_no, l.day FROM compared AS c ASOF INNER JOIN look AS l ON l.source = c.source AND l.scope = c.scope AND c.on_day <= l.day
    UNION
    SELECT c.sold_no, l.day FROM compared AS c ASOF INNER JOIN look AS l ON l.source = c.source AND l.scope = c.scope AND c.on_day <= l.fresh_until
)
SELECT t.sold_no, t.day, lead(t.day, 1, DATE 'infinity') OVER (PARTITION BY t.sold_no ORDER BY t.day) AS next_day
FROM (
    SELECT sold_no, greatest(day, coalesce((SELECT max(day_to) FROM history.price_span), DATE '-infinity')) AS day FROM turn
    GROUP BY ALL
) AS t INNER JOIN (SELECT sold_no, min(known_from) AS since FROM piece GROUP BY sold_no) AS p ON p.sold_no = t.sold_no
WHERE t.day >= p.since AND t.day < 'infinity';

-- A blended price of a model is asked of the plain input and output prices alone (of_blend): of them the same is in force, unless one leaps,
-- is confirmed or is seen first otherwise among them than among all. of_blend is NULL where the same is.
CREATE OR REPLACE TEMP TABLE blend_apart AS
SELECT DISTINCT sold_no FROM history.price_answer
WHERE NOT strict_answer AND scheduled_blend
    AND (leaps <> leaps_blend OR first_sight <> first_sight_blend OR piece IN (SELECT piece FROM history.price_confirmed WHERE NOT of_blend));

CREATE OR REPLACE TEMP TABLE made_span AS
WITH found AS (
    SELECT piece, day, NULL AS of_blend FROM price_found((SELECT list({day: day, sold_no: sold_no}) FROM sold_turn), NULL)
    UNION ALL
    SELECT piece, day, true FROM price_found((SELECT list({day: day, sold_no: sold_no}) FROM sold_turn SEMI JOIN blend_apart USING (sold_no)), NULL, blended := true)
),
told AS (
    SELECT f.piece, p.source, p.scope, CASE WHEN b.sold_no IS NOT NULL THEN f.of_blend IS NOT NULL END AS of_blend, f.day AS day_from, t.next_day AS day_to
    FROM found AS f
    INNER JOIN history.price_answer AS p ON p.piece = f.piece
    INNER JOIN sold_turn AS t ON t.sold_no = p.sold_no AND t.day = f.day
    LEFT JOIN blend_apart AS b ON b.sold_no = p.sold_no
    UNION ALL
    FROM history.price_span
),
opened AS (
    SELECT *, day_from IS DISTINCT FROM lag(day_to) OVER (PARTITION BY piece, of_blend ORDER BY day_from) AS opens FROM told
)
SELECT piece, source, scope, of_blend, min(day_from) AS day_from, max(day_to) AS day_to
FROM (SELECT *, count_if(opens) OVER (PARTITION BY piece, of_blend ORDER BY day_from) AS span_no FROM opened)
GROUP BY piece, source, scope, of_blend, span_no;

DELETE FROM history.price_span;
INSERT INTO history.price_span FROM made_span ORDER BY piece, of_blend, day_from;
