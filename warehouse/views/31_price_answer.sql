-- Two prices of one magnitude: neither is more than the square root of ten times the other.
CREATE MACRO alike(one, other) AS greatest(one / other, other / one) < sqrt(10);

-- Are days asked for by what was known at the end of each? Where that is plain from the question nothing else is planned.
CREATE MACRO of_their_ends(days, t) AS
    t IS NULL OR (CAST(days AS VARCHAR) = CAST([as_of_day(t)] AS VARCHAR) AND as_of_day(t) = CAST(as_of_instant(t) AS DATE));

-- When a list was first looked at after a day on which a name began to mean another model: what it showed under the name before says
-- nothing of that model's price. `seen_from`: from when that sighting is known.
CREATE TEMP TABLE turn_seen AS
SELECT name, source, scope, strict, turn, min(seen_from) AS seen_from, CAST(arg_min(taken_at, seen_from) AS DATE) AS seen_on
FROM (
    SELECT t.name, t.turn, c.source, c.scope, c.taken_at, UNNEST([
        {strict: false, seen_from: c.taken_at}, {strict: true, seen_from: greatest(c.taken_at, c.logged_at)}], recursive := true)
    FROM (SELECT name, unnest(turns) AS turn FROM history.model_turns) AS t
    INNER JOIN (FROM history.capture SEMI JOIN (FROM history.source WHERE dataset = 'token_price' AND kind <> 'statement') AS s USING (source)) AS c
        ON c.taken_at >= t.turn AND c.outcome IN ('loaded', 'unchanged')
)
GROUP BY ALL;

-- The schedule of prices as spans: every piece of it with the time in which it stood so. It changes only where something becomes
-- known of its listing, or a day comes on which the listing's name began to mean another model: so each listing in each list
-- (a line) is worked out at those moments alone, and an as-of question only filters. strict_answer: by what was loaded here.
CREATE TABLE history.price_answer AS
WITH state AS (
    SELECT
        s.seq, s.series_id, dense_rank() OVER (ORDER BY s.source, s.provider, s.listing, s.token_kind, s.price_tier, s.currency) AS line_id, s.listing, s.source, s.scope, s.documentary, s.vintage_no, s.starts_on, s.next_step_on, s.covers_from, s.status, s.sold, s.value, s.hours_utc, s.weekdays,
        s.told_at, s.until_at, s.seen_from, s.unseen_from, s.status = 'withdrawn' AS called_off,
        s.status <> 'absent' OR s.documentary OR r.source IS NOT NULL AS told
    FROM history.price_state AS s
    LEFT JOIN history.price_removal AS r
        ON s.status = 'absent' AND s.vanished AND r.source = s.source AND r.scope = s.scope AND r.provider = s.provider
        AND r.removed_at = s.vintage_at AND r.capture_sha256 = s.vintage_name
    WHERE NOT s.retracted
),
told AS (
    SELECT false AS strict, told_at AS since, until_at AS until, * EXCLUDE (told_at, until_at, seen_from, unseen_from) FROM state
    UNION ALL
    SELECT true, seen_from, unseen_from, * EXCLUDE (told_at, until_at, seen_from, unseen_from) FROM state
),
moment AS (
    SELECT *, lead(stands_at) OVER (PARTITION BY strict, line_id ORDER BY stands_at) AS next_at, row_number() OVER (ORDER BY strict, line_id, stands_at) AS moment_no
    FROM (
        SELECT strict, line_id, since AS stands_at FROM told
        UNION
        SELECT strict, line_id, until FROM told WHERE until IS NOT NULL
        UNION
        SELECT strict, line_id, stands_at FROM (
            SELECT k.strict, k.line_id, k.since, unnest(m.turns)::TIMESTAMP AS stands_at
            FROM (SELECT strict, line_id, listing, min(since) AS since FROM told GROUP BY ALL) AS k INNER JOIN history.model_turns AS m ON m.name = k.listing
        ) WHERE stands_at > since
        UNION
        SELECT k.strict, k.line_id, w.seen_from
        FROM told AS k INNER JOIN turn_seen AS w ON w.name = k.listing AND w.source = k.source AND w.scope = k.scope AND w.strict = k.strict
        WHERE w.seen_from > k.since AND NOT k.documentary
    )
),
known AS (
    SELECT
        k.* EXCLUDE (line_id, since, until), m.moment_no, m.stands_at, CAST(m.stands_at AS DATE) AS today,
        CASE WHEN called_off THEN starts_on ELSE least(next_step_on, min(covers_from) FILTER (NOT called_off) OVER (
            PARTITION BY m.moment_no, series_id ORDER BY vintage_no RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)) END AS ends_on
    FROM moment AS m
    INNER JOIN told AS k ON k.strict = m.strict AND k.line_id = m.line_id AND k.since <= m.stands_at AND coalesce(k.until > m.stands_at, true)
),
pieces AS (
    SELECT
        *,
        -- What several documents call off is called off once, as the last of them says.
        CASE WHEN called_off THEN (starts_on, value) IS DISTINCT FROM (lead(starts_on) OVER timeline, lead(value) OVER timeline) ELSE
        -- Each end that a document states is one of its own: what a list saw come between two is ended by the second.
        (documentary AND NOT sold) OR sold IS DISTINCT FROM lag(sold) OVER timeline OR value IS DISTINCT FROM lag(value) OVER timeline
        OR (hours_utc, weekdays) IS DISTINCT FROM (lag(hours_utc) OVER timeline, lag(weekdays) OVER timeline) OR starts_on IS DISTINCT FROM lag(ends_on) OVER timeline END AS opens
    FROM known
    WHERE called_off OR ends_on IS NULL OR ends_on > starts_on
    WINDOW timeline AS (PARTITION BY moment_no, series_id, called_off ORDER BY starts_on, seq)
),
periods AS (
    SELECT moment_no, stands_at, strict, today, seq, listing, source, scope, documentary, starts_on, told, CASE WHEN NOT bool_or(ends_on IS NULL) OVER one_price THEN max(ends_on) OVER one_price END AS ends_on
    FROM (SELECT *, count_if(opens) OVER (PARTITION BY moment_no, series_id, called_off ORDER BY starts_on, seq) AS period_no FROM pieces)
    WINDOW one_price AS (PARTITION BY moment_no, series_id, called_off, period_no)
    QUALIFY opens
),
turned AS MATERIALIZED (
    SELECT *, coalesce(lead(piece_from) OVER (PARTITION BY moment_no, seq ORDER BY piece_from), ends_on) AS piece_to
    FROM (
        SELECT
            moment_no, stands_at, strict, today, seq, listing, source, scope, documentary, starts_on, ends_on,
            unnest(list_prepend(starts_on, list_filter(turns, lambda turn:
                turn > starts_on AND (ends_on IS NULL OR turn < ends_on) AND turn <= today))) AS piece_from
        FROM periods INNER JOIN history.model_turns ON name = listing WHERE told
    )
),
cuts AS (
    SELECT moment_no, today, seq, starts_on AS piece_from, ends_on AS piece_to
    FROM periods ANTI JOIN history.model_turns ON name = listing WHERE told
    UNION ALL
    SELECT moment_no, today, seq, piece_from, piece_to FROM turned WHERE documentary OR piece_from = starts_on
    UNION ALL
    SELECT p.moment_no, p.today, p.seq, p.piece_from, p.piece_to
    FROM turned AS p
    INNER JOIN turn_seen AS w ON w.name = p.listing AND w.source = p.source AND w.scope = p.scope AND w.strict = p.strict AND w.turn = p.piece_from
    WHERE NOT p.documentary AND p.piece_from > p.starts_on AND w.seen_from <= p.stands_at AND coalesce(w.seen_on < p.piece_to, true)
),
cut AS MATERIALIZED (SELECT *, row_number() OVER () AS cut_no FROM cuts),
-- An inner join of its own: a left join on more than equalities compares every row with every other.
meant AS (
    SELECT c.cut_no, a.model
    FROM cut AS c
    INNER JOIN history.price_state AS p ON p.seq = c.seq
    INNER JOIN history.model_alias AS a
        ON a.name = p.listing AND (a.source IS NULL OR a.source = p.source) AND (a.provider IS NULL OR a.provider = p.provider)
        AND (a.valid_from IS NULL OR a.valid_from <= least(c.piece_from, c.today))
        AND (a.valid_to IS NULL OR least(c.piece_from, c.today) < a.valid_to)
),
named AS (
    SELECT
        a.model, m.strict AS strict_answer, m.stands_at AS answers_from, coalesce(m.next_at, 'infinity') - INTERVAL 1 MICROSECOND AS answers_through,
        c.cut_no, c.moment_no, c.piece_from, c.piece_to, o.tier AS source_tier, o.interface_of, p.*,
        CASE
            WHEN c.piece_from > p.starts_on THEN 'alias'
            WHEN p.valid_from IS NULL AND p.known_at_basis = 'commit' THEN 'commit'
            ELSE coalesce(p.valid_from_basis, 'first_seen')
        END AS basis,
        p.status <> 'withdrawn' AND (p.status <> 'absent' OR p.documentary) AS scheduled,
        p.status <> 'withdrawn' AND (p.status <> 'absent' OR p.documentary) AND p.blends AND (a.model IS NOT NULL OR u.listing IS NOT NULL) AS scheduled_blend
    FROM cut AS c
    INNER JOIN moment AS m ON m.moment_no = c.moment_no
    INNER JOIN history.price_state AS p ON p.seq = c.seq
    INNER JOIN history.source AS o ON o.source = p.source
    LEFT JOIN history.undeclared_listing AS u ON u.listing = p.listing AND u.provider = p.provider
    LEFT JOIN meant AS a ON a.cut_no = c.cut_no
),
worded AS (
    SELECT *, basis = 'documented' AS dated, coalesce(evidence_tier, source_tier) = 1 OR (documentary AND basis = 'documented') AS own_word FROM named
),
-- A price that a list moves by ten times or more from what it last showed of what the name stands for, undated, unless the list
-- had that figure before.
leap AS (
    SELECT p.cut_no, p.of_blend
    FROM (
        SELECT cut_no, moment_no, alias_of, starts_on, value, scheduled_blend, unnest([false, true]) AS of_blend
        FROM worded WHERE scheduled AND NOT documentary AND NOT own_word AND NOT dated
    ) AS p
    INNER JOIN worded AS q ON q.moment_no = p.moment_no AND q.starts_on < p.starts_on AND q.scheduled AND q.alias_of IS NOT DISTINCT FROM p.alias_of
    WHERE NOT p.of_blend OR (p.scheduled_blend AND q.scheduled_blend)
    GROUP BY p.cut_no, p.of_blend, p.starts_on, p.value
    HAVING greatest(p.value / arg_max(q.value, q.starts_on), arg_max(q.value, q.starts_on) / p.value) >= 9.999999
        AND NOT coalesce(bool_or(q.piece_to < p.starts_on AND alike(q.value, p.value)), false)
)
SELECT
    provider, model, listing, token_kind, price_tier AS tier, currency, value AS price_per_mtok, hours_utc, weekdays, piece_from AS valid_from,
    basis AS valid_from_basis, piece_to AS valid_to, starts_on AS price_from,
    -- A name says nothing of a model before it means it.
    CASE basis WHEN 'alias' THEN greatest(known_at, CAST(piece_from AS TIMESTAMP)) ELSE known_at END AS known_at, known_at_basis, evidence_tier, source, status, source_url,
    CASE WHEN status = 'absent' AND NOT documentary THEN 'gone in a mass removal: the last price known' ELSE note END AS note,
    capture_sha256, locator, first_seen_at, blends,
    -- What token_price_in_force asks of each: see there.
    documentary, scope, row_number() OVER (ORDER BY strict_answer, provider, listing, token_kind, price_tier, seq, answers_from, piece_from, model) AS piece, dense_rank() OVER (ORDER BY provider, coalesce(model, listing), token_kind, currency) AS series,
    dense_rank() OVER (ORDER BY provider, coalesce(model, listing), currency) AS sold_no, dense_rank() OVER (ORDER BY source, scope, provider, currency) AS seat_no,
    coalesce(model, lower(regexp_extract(listing, '[^/]*$'))) AS named,
    own_word, dated, NOT documentary AND NOT own_word AND interface_of IS DISTINCT FROM provider AS doubtable,
    price_tier = 'peak' AND status <> 'absent' AND (documentary OR source_tier = 1) AS ends_plain, scheduled, scheduled_blend,
    scheduled AND cut_no IN (SELECT cut_no FROM leap WHERE NOT of_blend) AS leaps, scheduled AND cut_no IN (SELECT cut_no FROM leap WHERE of_blend) AS leaps_blend,
    -- No price of the listing ended on that day: the list did not see it change, be it new there or listed again.
    NOT list_contains(list(piece_to) FILTER (scheduled) OVER listing_then, starts_on) AS first_sight,
    NOT list_contains(list(piece_to) FILTER (scheduled_blend) OVER listing_then, starts_on) AS first_sight_blend,
    strict_answer, answers_from, answers_through
FROM worded
WINDOW listing_then AS (PARTITION BY moment_no)
ORDER BY piece;

-- The spans of days in which a price is in force by what was known at the end of each (31_price_span.sql).
CREATE TABLE history.price_span AS SELECT piece, source, scope, false AS of_blend, valid_from AS day_from, valid_to AS day_to FROM history.price_answer LIMIT 0;

-- When a price that leaps is confirmed: another list, or another seller of the same weights, has had one of its magnitude since then.
CREATE TABLE history.price_confirmed AS
SELECT
    l.piece, c.valid_from AS confirmed_from, c.scheduled_blend AS of_blend, greatest(l.answers_from, c.answers_from) AS answers_from,
    least(l.answers_through, c.answers_through) AS answers_through
FROM history.price_answer AS l
INNER JOIN history.price_answer AS c
    ON c.named = l.named AND c.token_kind = l.token_kind AND c.tier = l.tier AND c.currency = l.currency AND c.strict_answer = l.strict_answer
WHERE (l.leaps OR l.leaps_blend) AND c.scheduled AND (c.source <> l.source OR c.provider <> l.provider) AND alike(c.price_per_mtok, l.price_per_mtok)
    AND (c.valid_to IS NULL OR l.price_from < c.valid_to) AND l.answers_from <= c.answers_through AND c.answers_from <= l.answers_through
ORDER BY ALL;

-- Since when a list calls a model ended by the seller's own word, with the span in which that was the last it said. `stated_on`: the
-- day that it named ahead; of an end that is past when a list first tells it the day is only known to have been before.
CREATE TABLE history.price_closed AS
WITH stated AS (
    SELECT
        k.provider, coalesce(a.model, k.listing) AS named, k.source, k.series_id, k.vintage_no, k.starts_on, k.valid_from, k.sold, k.absence, UNNEST([
            {strict: false, since: k.vintage_at}, {strict: true, since: greatest(k.vintage_at, k.seen_from)}], recursive := true)
    FROM history.price_state AS k
    LEFT JOIN (
        SELECT s.seq, a.model
        FROM history.price_state AS s
        INNER JOIN history.model_alias AS a
            ON a.name = s.listing AND (a.source IS NULL OR a.source = s.source) AND (a.provider IS NULL OR a.provider = s.provider)
            -- What it meant when that was said: of an end ahead nobody knew what the name would mean by then.
            AND (a.valid_from IS NULL OR a.valid_from <= least(s.starts_on, CAST(s.vintage_at AS DATE)))
            AND (a.valid_to IS NULL OR least(s.starts_on, CAST(s.vintage_at AS DATE)) < a.valid_to)
    ) AS a ON a.seq = k.seq
    WHERE NOT k.documentary AND k.status <> 'withdrawn' AND k.token_kind IN ('input', 'output')
),
ending AS (
    SELECT * FROM stated
    SEMI JOIN (SELECT DISTINCT provider, named, source FROM stated WHERE NOT sold AND absence = 'ended') USING (provider, named, source)
),
moment AS (
    SELECT *, lead(stands_at) OVER (PARTITION BY series_id, named, strict ORDER BY stands_at) AS next_at
    FROM (SELECT DISTINCT series_id, named, strict, since AS stands_at FROM ending)
),
closing AS (
    SELECT
        e.provider, e.named, e.source, e.sold, e.starts_on AS ended_on,
        max(e.valid_from) FILTER (NOT e.sold AND e.absence = 'ended') OVER (PARTITION BY m.series_id, m.named, m.strict, m.stands_at) AS stated_on, m.strict, m.stands_at AS since, coalesce(m.next_at, 'infinity') AS until
    FROM moment AS m
    INNER JOIN ending AS e ON e.series_id = m.series_id AND e.named = m.named AND e.strict = m.strict AND e.since <= m.stands_at
    QUALIFY (e.sold OR e.absence = 'ended') AND rank() OVER (PARTITION BY m.series_id, m.named, m.strict, m.stands_at ORDER BY e.vintage_no DESC, e.starts_on DESC) = 1
),
turn AS (
    SELECT *, lead(turned_at, 1, 'infinity') OVER (PARTITION BY provider, named, source, strict ORDER BY turned_at) AS next_at
    FROM (SELECT DISTINCT provider, named, source, strict, since AS turned_at FROM closing UNION SELECT provider, named, source, strict, until FROM closing WHERE until < 'infinity')
)
SELECT
    t.provider, t.named, t.source, max(c.ended_on) AS ended_on, max(c.stated_on) AS stated_on, t.strict AS strict_answer, t.turned_at AS answers_from,
    t.next_at - INTERVAL 1 MICROSECOND AS answers_through
FROM turn AS t
INNER JOIN closing AS c
    ON c.provider = t.provider AND c.named = t.named AND c.source = t.source AND c.strict = t.strict AND c.since <= t.turned_at AND t.turned_at < c.until
GROUP BY ALL
HAVING NOT bool_or(c.sold)
ORDER BY ALL;

-- What a list has above the plain price that a document set for the same time, and costs no more than that anywhere: it is in the
-- schedule and not in force (token_price_in_force).
INSERT INTO history.issue BY NAME
SELECT
    l.source, '' AS scope, l.capture_sha256, greatest(l.known_at, p.known_at) AS captured_at, 'notice' AS severity,
    'dearer than the plain price of a document' AS reason, l.locator,
    format('{} {} {}, {}: {} beside {} since {}', l.provider, l.listing, l.token_kind, l.tier, l.price_per_mtok, p.price_per_mtok, p.valid_from) AS detail,
    greatest(l.first_seen_at, p.first_seen_at) AS first_seen_at
FROM history.price_answer AS l
INNER JOIN history.price_answer AS p
    ON p.provider = l.provider AND coalesce(p.model, p.listing) = coalesce(l.model, l.listing) AND p.currency = l.currency
    AND p.token_kind = CASE WHEN l.tier = 'standard' THEN 'input' ELSE l.token_kind END
WHERE NOT l.documentary AND l.scheduled AND l.answers_through > TIMESTAMP '9999-01-01' AND NOT l.strict_answer
    AND (l.tier IN ('batch', 'flex') OR (l.tier = 'standard' AND l.token_kind = 'cache_read'))
    AND p.documentary AND p.scheduled AND p.tier = 'standard' AND p.status <> 'absent' AND p.answers_through > TIMESTAMP '9999-01-01' AND NOT p.strict_answer
    AND l.price_per_mtok > p.price_per_mtok AND (l.valid_to IS NULL OR p.valid_from < l.valid_to) AND (p.valid_to IS NULL OR l.valid_from < p.valid_to)
ORDER BY ALL;
