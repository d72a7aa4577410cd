-- The schedule known at t: one row for each price period of each listing in each list. A period is cut where the
-- listing began to mean another model, so a name that is re-pointed is not taken for a price cut. A price that was
-- called off has no day; a listing that went in a mass removal stays, with its last price, as `absent`, and so does a price
-- that a document ended. Of the days on which a name was re-pointed none is told before it came. `price_from` is where the
-- price itself began, whatever the name meant.
-- `blended` keeps to what a blended price of a model needs: plain input and output prices (or those by the hour), of known
-- models and of what a developer sells itself under a name that nobody entered.
CREATE MACRO token_price_as_of(t, strict := false, blended := false) AS TABLE
    WITH told AS (
        FROM history.price_answer
        WHERE as_of_instant(t) BETWEEN answers_from AND answers_through AND strict_answer = strict AND (NOT blended OR blends)
    ),
    crosses AS (
        -- No ASOF join: DuckDB 1.5.5 ends with an error where a prepared statement with one is run a second time.
        SELECT c.currency, c.valid_from, arg_max(x.usd, x.rate_on) AS usd, max(x.rate_on) AS rate_on
        FROM (SELECT DISTINCT currency, valid_from FROM told WHERE currency <> 'USD') AS c
        INNER JOIN usd_cross_as_of(t, strict := strict) AS x ON x.currency = c.currency AND x.rate_on <= c.valid_from GROUP BY ALL
    )
    SELECT
        p.provider, p.model, p.listing, p.token_kind, p.tier, p.currency, p.price_per_mtok,
        CASE WHEN p.currency = 'USD' THEN p.price_per_mtok ELSE p.price_per_mtok * x.usd END AS usd_per_mtok, p.hours_utc, p.weekdays,
        x.rate_on, date_diff('day', x.rate_on, p.valid_from) > 7 AS rate_is_old, p.valid_from, p.valid_from_basis, p.valid_to, p.price_from,
        p.known_at, p.known_at_basis, p.evidence_tier, p.source, p.status, p.source_url, p.note,
        evidence_name(p.source, p.capture_sha256, p.locator) AS evidence_id, p.capture_sha256, p.locator, p.first_seen_at
    FROM told AS p
    LEFT JOIN crosses AS x ON x.currency = p.currency AND x.valid_from = p.valid_from;

-- Which part of the week the hours of a price are (text of transforms/prices/hours.py); NULL without hours. Selects and no
-- functions of lists within each other: over a column with NULLs those end the process of a client before DuckDB 1.5.3.
CREATE MACRO share_of_week(hours_utc, weekdays) AS (
    SELECT sum(day_minutes * day_count) / (7 * 1440)
    FROM (
        SELECT
            (
                SELECT sum(coalesce(nullif((CAST(w[7:8] AS INTEGER) * 60 + CAST(w[10:11] AS INTEGER) - CAST(w[1:2] AS INTEGER) * 60 - CAST(w[4:5] AS INTEGER) + 1440) % 1440, 0), 1440))
                FROM (SELECT unnest(string_split(windows, ', ')) AS w)
            ) AS day_minutes,
            (
                SELECT sum(1 + (instr('MonTueWedThuFriSatSun', d[-3:]) - instr('MonTueWedThuFriSatSun', d[1:3])) // 3)
                FROM (SELECT unnest(string_split(on_days, ',')) AS d)
            ) AS day_count
        FROM (SELECT unnest(string_split(hours_utc, '; ')) AS windows, unnest(string_split(coalesce(weekdays, 'Mon-Sun'), '; ')) AS on_days)
    )
);

CREATE TABLE history.week_share AS
SELECT hours_utc, weekdays, share_of_week(hours_utc, weekdays) AS share
FROM (SELECT DISTINCT hours_utc, weekdays FROM history.price_state WHERE hours_utc IS NOT NULL);

-- Which prices are in force on each day of `questions`, by what was known at t; where t is NULL each day by what was known at its end, and of
-- one sold_no alone, which is how 31_price_span.sql asks. One list speaks for each seller and currency: the freshest of the best
-- tier, because a list that is no longer kept up, or never deletes, would sell what nobody sells any more. A seller's own page
-- (tier 1) shows only a part of what it sells: it goes before the list for what it states.
-- A document that names the day goes before a list as long as the list has shown no other price since, and before one
-- that states several prices for the model. Where a document ended a price, no list goes on with it: neither with what it
-- showed before that day nor, later, with the same figure; the next price that a list saw come counts again. A seller that states
-- prices for peak hours has ended the plain one of before; one that cuts the plain price, dearer batches and cached reads.
CREATE MACRO price_found(questions, t, blended := false, strict := false, only_named := NULL) AS TABLE
    WITH question AS (SELECT DISTINCT day, sold_no FROM (SELECT unnest(questions, recursive := true))),
    asked AS (
        SELECT *, least(as_of_instant(day), known_by) AS told_by
        FROM (SELECT day, as_of_instant(coalesce(CAST(t AS VARCHAR), CAST(day AS VARCHAR))) AS known_by FROM (SELECT DISTINCT day FROM question))
    ),
    schedule AS MATERIALIZED (
        SELECT
            piece, series, named, CASE WHEN t IS NULL THEN sold_no END AS sold_no, seat_no, answers_from, answers_through, provider,
            coalesce(model, listing) AS sold_as, token_kind, tier, currency, source, scope, documentary, status = 'absent' AS over,
            own_word, dated, doubtable, ends_plain, price_from, price_per_mtok, valid_from, valid_to, CASE WHEN blended THEN first_sight_blend ELSE first_sight END AS first_sight,
            CASE WHEN blended THEN leaps_blend ELSE leaps END AS leaps
        FROM history.price_answer
        WHERE (t IS NULL OR as_of_instant(t) BETWEEN answers_from AND answers_through) AND strict_answer = strict
            AND (CASE WHEN blended THEN scheduled_blend ELSE scheduled END) AND (only_named IS NULL OR list_contains(only_named, named))
    ),
    observed AS (
        SELECT a.day, c.source, c.scope, max(c.taken_at) AS observed_at
        FROM asked AS a INNER JOIN history.capture AS c ON c.taken_at <= a.told_by
        WHERE c.outcome IN ('loaded', 'unchanged') AND (NOT strict OR c.logged_at <= a.known_by)
        GROUP BY ALL
    ),
    -- How the sources stand on each day: the fresh before the stale, then by tier, then those looked at within the last month
    -- before those that were not, of these the one looked at last, so that no list is heard again only because the one that knew
    -- more has grown old too; then by declared order. A seller's own interface goes before any copy of it that was not looked at so
    -- much later. Each page of a seller is as old as it is, whatever other pages of it were looked at since.
    standing AS (
        SELECT
            a.day, s.source, o.scope, s.tier AS source_tier, s.tier = 1 OR s.kind = 'statement' AS sellers_own, o.observed_at,
            CAST(o.observed_at AS DATE) + s.stale_after_days AS stale_from,
            s.kind = 'statement' OR o.observed_at IS NOT NULL AS speaks, a.told_by, a.known_by,
            s.covers,
            CASE WHEN o.observed_at >= least(a.day, max(CAST(o.observed_at AS DATE)) FILTER (s.tier > 1) OVER (PARTITION BY a.day)) - to_days(s.stale_after_days)
                THEN s.interface_of END AS speaks_for,
            (
                (CASE WHEN s.kind <> 'statement' AND o.observed_at < a.day - to_days(s.stale_after_days) THEN 1000 ELSE 0 END + 10 * s.tier) * 100000
                + CASE WHEN s.kind = 'statement' OR s.tier = 1 THEN 0 ELSE 1 + greatest(date_diff('day', CAST(o.observed_at AS DATE), a.day) - 31, 0) END
            ) * 10000000000 + s.source_order AS place
        FROM history.source AS s
        INNER JOIN asked AS a ON s.dataset = 'token_price'
        LEFT JOIN observed AS o ON o.day = a.day AND o.source = s.source AND s.kind <> 'statement'
    ),
    covering AS MATERIALIZED (
        SELECT s.day, p.provider, p.currency, CASE WHEN s.speaks_for = p.provider THEN 0 ELSE s.place END AS place, p.prices_listed
        FROM standing AS s
        INNER JOIN history.price_presence AS p
            ON p.source = s.source AND p.from_at <= s.told_by AND (p.until_at IS NULL OR s.told_by < p.until_at)
            AND (NOT strict OR p.seen_from <= s.known_by)
        WHERE s.speaks AND NOT s.sellers_own AND list_has_any(s.covers, ['*', p.provider])
    ),
    -- Who speaks for a seller as a whole: its own interface, else the first list that declares to cover it. A list of which a
    -- document ended every price still does: no worse list takes its place; so does one that sells nothing but what no model
    -- is known for. One that has less than a tenth of what another has of the seller declares more than it does.
    speakers AS (
        SELECT c.day, c.provider, c.currency, min(c.place) AS place
        FROM covering AS c
        INNER JOIN (SELECT day, provider, currency, max(prices_listed) AS most_listed FROM covering GROUP BY ALL) AS m
            ON m.day = c.day AND m.provider = c.provider AND m.currency = c.currency
        WHERE c.place = 0 OR 10 * c.prices_listed >= m.most_listed
        GROUP BY c.day, c.provider, c.currency
    ),
    -- How each list stands for each of its sellers. A list that does not cover a seller is asked last: it silences nobody, whatever its tier.
    placed AS MATERIALIZED (
        SELECT
            *, CASE WHEN is_interface THEN 0 WHEN sellers_own OR covering THEN own_place ELSE own_place + 4000000000000000000 END AS place
        FROM (
            SELECT
                s.day, p.seat_no, s.observed_at, s.stale_from, s.source_tier, s.sellers_own, s.speaks_for = p.provider AS is_interface, s.place AS own_place,
                k.place AS speaker, list_has_any(s.covers, ['*', p.provider]) AND s.place >= coalesce(k.place, 0) AS covering
            FROM (SELECT DISTINCT seat_no, source, scope, documentary, provider, currency FROM schedule) AS p
            INNER JOIN standing AS s ON s.source = p.source AND (p.documentary OR s.scope = p.scope)
            LEFT JOIN speakers AS k ON k.day = s.day AND k.provider = p.provider AND k.currency = p.currency
            WHERE s.speaks
        )
    ),
    -- From here to `spoken` rows are narrow, since there are days times listings of them.
    told AS (
        SELECT
            a.day, a.known_by, p.piece, p.series, p.token_kind, p.tier, p.provider, p.sold_as, p.currency, p.source, p.seat_no, p.documentary, p.over, p.ends_plain, p.own_word,
            p.documentary OR p.dated AS lasts, p.leaps, p.first_sight, p.price_from, p.price_per_mtok
        FROM question AS q
        INNER JOIN asked AS a ON a.day = q.day
        INNER JOIN schedule AS p
            ON p.sold_no IS NOT DISTINCT FROM q.sold_no AND p.valid_from <= a.day AND (p.valid_to IS NULL OR a.day < p.valid_to)
            AND a.known_by BETWEEN p.answers_from AND p.answers_through
    ),
    -- What a document ended: its own price, or the plain one of a seller that states prices for peak hours.
    ending AS (
        SELECT day, known_by, series, tier, own_word, price_from AS ended_on, price_per_mtok AS ended_price, seat_no, lasts FROM told WHERE over
        UNION ALL
        SELECT day, known_by, series, 'standard', true, price_from, NULL, seat_no, lasts FROM told WHERE ends_plain
    ),
    -- What the seller's own word sets or has ended on a day, and what had been seen of the series before it. What a page shows
    -- without a day speaks against what comes until the page has not been looked at for so long that it is stale.
    own_word AS MATERIALIZED (
        SELECT
            w.day, w.known_by, w.series, w.tier, max(w.price_from) AS said_from, list(w.price_per_mtok) AS said,
            arg_max(CASE WHEN w.lasts THEN DATE 'infinity' ELSE s.stale_from END, (w.price_from, w.lasts)) AS heard_until
        FROM told AS w LEFT JOIN placed AS s ON s.day = w.day AND s.seat_no = w.seat_no
        WHERE w.own_word AND NOT w.over GROUP BY ALL
        UNION ALL
        SELECT
            e.day, e.known_by, e.series, e.tier, max(e.ended_on), [],
            arg_max(CASE WHEN e.lasts THEN DATE 'infinity' ELSE s.stale_from END, (e.ended_on, e.lasts))
        FROM ending AS e
        LEFT JOIN placed AS s ON s.day = e.day AND s.seat_no = e.seat_no
        ANTI JOIN (FROM told WHERE own_word AND NOT over) AS w ON w.day = e.day AND w.series = e.series AND w.tier = e.tier
        -- Of a name that means another model from that day on the end is not that model's.
        SEMI JOIN schedule AS p
            ON p.series = e.series AND p.tier = e.tier AND NOT p.over AND p.valid_from < e.ended_on AND e.known_by BETWEEN p.answers_from AND p.answers_through
        WHERE e.own_word GROUP BY ALL
    ),
    beside AS MATERIALIZED (
        SELECT
            w.day, w.said_from, w.said, w.heard_until, p.piece, p.series, p.tier, p.price_per_mtok, p.price_from, p.valid_from, p.valid_to, p.source, p.doubtable, p.dated,
            p.first_sight
        FROM own_word AS w
        INNER JOIN schedule AS p ON p.series = w.series AND p.tier = w.tier AND w.known_by BETWEEN p.answers_from AND p.answers_through
    ),
    former AS (SELECT DISTINCT day, series, tier, price_per_mtok FROM beside WHERE price_from < said_from),
    -- A first sighting says that a price was in force at some day before, not that it began on that day; and a price that
    -- was replaced is not back because one list shows it. Two lists of which one has seen it change are believed.
    questioned AS (
        SELECT
            day, piece, series, tier, price_per_mtok, source, first_sight, price_from > said_from AS after_it, valid_to IS NULL OR day < valid_to AS now
        FROM beside
        WHERE doubtable AND valid_from <= day AND NOT list_contains(said, price_per_mtok) AND NOT (dated AND price_from > said_from)
            AND (price_from <= said_from OR (first_sight AND price_from <= heard_until) OR (day, series, tier, price_per_mtok) IN (FROM former))
    ),
    -- A price that leaps (31_price_answer.sql) rather slipped: it counts once another list, or another seller of the same weights,
    -- has had one of its magnitude.
    unconfirmed AS (
        SELECT t.day, t.piece FROM told AS t
        ANTI JOIN (
            SELECT l.day, l.piece FROM told AS l
            INNER JOIN history.price_confirmed AS c ON c.piece = l.piece
            WHERE (c.of_blend OR NOT blended) AND c.confirmed_from <= l.day AND l.known_by BETWEEN c.answers_from AND c.answers_through
        ) AS s ON s.day = t.day AND s.piece = t.piece
        WHERE t.leaps
    ),
    refuted AS (
        FROM unconfirmed
        UNION
        SELECT q.day, q.piece
        FROM questioned AS q ANTI JOIN (
            SELECT day, series, tier, price_per_mtok FROM questioned WHERE after_it AND now
            GROUP BY ALL HAVING count(DISTINCT source) > 1 AND bool_or(NOT first_sight)
        ) AS c ON q.after_it AND c.day = q.day AND c.series = q.series AND c.tier = q.tier AND c.price_per_mtok = q.price_per_mtok
    ),
    ended AS (
        SELECT day, series, tier, max(ended_on) AS ended_on, list(ended_price) AS ended_prices
        FROM ending GROUP BY day, series, tier
    ),
    voiced AS (
        SELECT p.*, s.observed_at, s.stale_from, s.source_tier, s.sellers_own, s.speaker, s.covering, s.place
        FROM told AS p INNER JOIN placed AS s ON s.day = p.day AND s.seat_no = p.seat_no
        WHERE NOT p.over
    ),
    -- What a list calls ended by the seller's own word, no list goes on with that was not looked at since; what the seller's own
    -- interface calls so, no copy of it.
    -- DuckDB 1.4 finds too little in an anti join on more than equalities: what it leaves out is found before.
    outlived AS (
        SELECT p.day, p.piece FROM voiced AS p
        INNER JOIN history.price_closed AS c ON c.provider = p.provider AND c.named = p.sold_as
        INNER JOIN history.source AS s ON s.source = c.source
        WHERE c.strict_answer = strict AND c.source <> p.source AND c.ended_on <= p.day
            AND (p.observed_at < c.ended_on OR (s.interface_of = p.provider AND NOT p.sellers_own))
            AND p.known_by BETWEEN c.answers_from AND c.answers_through
    ),
    in_force AS MATERIALIZED (
        SELECT p.* FROM voiced AS p
        ANTI JOIN refuted AS r ON r.day = p.day AND r.piece = p.piece
        ANTI JOIN outlived AS o ON o.day = p.day AND o.piece = p.piece
        LEFT JOIN ended AS e ON e.day = p.day AND e.series = p.series AND e.tier = p.tier
        WHERE p.documentary
            OR NOT (coalesce(p.price_from < e.ended_on, false) OR coalesce(list_contains(e.ended_prices, p.price_per_mtok), false))
    ),
    -- What another list of the tier saw change after the list that speaks was last looked at, that one cannot know: of this it speaks.
    outdated AS MATERIALIZED (
        SELECT p.day, p.piece, q.piece AS newer
        FROM in_force AS p
        INNER JOIN in_force AS q ON q.day = p.day AND q.series = p.series AND q.tier = p.tier AND q.source_tier = p.source_tier
        WHERE p.place = p.speaker AND p.place > 0 AND NOT p.sellers_own AND q.covering AND NOT q.sellers_own AND NOT q.first_sight
            AND q.price_from > CAST(p.observed_at AS DATE) AND q.price_per_mtok <> p.price_per_mtok
    ),
    spoken AS (
        FROM (
            FROM in_force WHERE sellers_own OR NOT covering OR speaker IS NULL OR place = speaker OR (day, piece) IN (SELECT (day, newer) FROM outdated)
        ) AS p ANTI JOIN outdated AS o ON o.day = p.day AND o.piece = p.piece
    ),
    -- What a stale page shows is not back because a list that saw another price since has grown old too.
    heard AS (
        FROM spoken AS p ANTI JOIN (
            SELECT p.day, p.piece FROM spoken AS p
            INNER JOIN spoken AS q ON q.day = p.day AND q.series = p.series AND q.tier = p.tier
            WHERE p.sellers_own AND NOT p.lasts AND NOT q.sellers_own AND q.price_from > p.stale_from
        ) AS o ON o.day = p.day AND o.piece = p.piece
    ),
    firsts AS (
        SELECT day, series, tier, min(place) FILTER (documentary) AS place_of_document, min(place) FILTER (NOT documentary) AS place_of_list
        FROM heard GROUP BY day, series, tier
    ),
    best AS (
        SELECT p.*, f.place_of_list IS NULL AS unlisted, f.place_of_document IS NOT NULL AND f.place_of_list IS NOT NULL AS contested
        FROM heard AS p INNER JOIN firsts AS f ON f.day = p.day AND f.series = p.series AND f.tier = p.tier
        WHERE p.place = CASE WHEN p.documentary THEN f.place_of_document ELSE f.place_of_list END
    ),
    -- A figure that a list has under a new name is as old as under the first of its names.
    figures AS (
        SELECT day, series, tier, documentary, price_per_mtok, CASE WHEN documentary THEN max(price_from) ELSE min(price_from) END AS since
        FROM best WHERE contested GROUP BY day, series, tier, documentary, price_per_mtok
    ),
    decided AS (
        SELECT
            day, series, tier,
            coalesce(max(since) FILTER (documentary) >= max(since) FILTER (NOT documentary), false)
            OR coalesce(max(price_per_mtok) FILTER (documentary) = max(price_per_mtok) FILTER (NOT documentary), false)
            OR coalesce(min(price_per_mtok) FILTER (NOT documentary) < max(price_per_mtok) FILTER (NOT documentary), false) AS by_document
        FROM figures GROUP BY day, series, tier
    ),
    settled AS (
        SELECT
            b.day, b.known_by, b.piece, b.series, b.provider, b.sold_as, b.token_kind, b.tier, b.currency, b.observed_at, b.documentary, b.price_from, b.price_per_mtok,
            b.unlisted
        FROM best AS b LEFT JOIN decided AS d ON d.day = b.day AND d.series = b.series AND d.tier = b.tier
        WHERE NOT b.contested OR b.documentary = d.by_document
    ),
    -- The last that any list showed, under whichever names, of what only a document states now: another price since the document replaced it, and
    -- when the list states nothing any more (quarantined, delisted), the old document does not come back into force.
    shown_last AS (
        SELECT day, series, tier, max(shown_from) AS shown_from, list(price_per_mtok) AS shown_prices
        FROM (
            SELECT a.day, a.series, a.tier, p.price_per_mtok, max(p.price_from) AS shown_from
            FROM (SELECT DISTINCT day, known_by, series, tier FROM settled WHERE unlisted) AS a
            INNER JOIN schedule AS p
                ON p.series = a.series AND p.tier = a.tier AND p.valid_from <= a.day AND NOT p.documentary AND a.known_by BETWEEN p.answers_from AND p.answers_through
            ANTI JOIN refuted AS r ON r.day = a.day AND r.piece = p.piece
            GROUP BY a.day, a.series, a.tier, p.price_per_mtok
            QUALIFY rank() OVER (PARTITION BY a.day, a.series, a.tier ORDER BY max(p.price_from) DESC) = 1
        )
        GROUP BY ALL
    ),
    -- Nor does a document go on beyond an end that a list has stated ahead, where no list that speaks for the seller has the price.
    closed AS (
        SELECT DISTINCT d.day, d.piece FROM settled AS d
        INNER JOIN history.price_closed AS c ON c.provider = d.provider AND c.named = d.sold_as
        WHERE d.unlisted AND c.strict_answer = strict AND c.stated_on <= d.day AND d.price_from < c.stated_on
            AND d.known_by BETWEEN c.answers_from AND c.answers_through
    ),
    unreplaced AS MATERIALIZED (
        SELECT d.* FROM settled AS d
        ANTI JOIN closed AS c ON c.day = d.day AND c.piece = d.piece
        LEFT JOIN shown_last AS l ON l.day = d.day AND l.series = d.series AND l.tier = d.tier
        WHERE NOT coalesce(l.shown_from > d.price_from AND NOT list_contains(l.shown_prices, d.price_per_mtok), false)
    ),
    -- Batches, flex and cached reads cost no more than plain tokens: what a list has of them above the plain price that a document
    -- set is of before that.
    dearer AS (
        SELECT p.day, p.piece
        FROM unreplaced AS p
        INNER JOIN (
            SELECT day, provider, sold_as, currency, token_kind, max(price_per_mtok) AS asked
            FROM unreplaced WHERE documentary AND tier = 'standard' GROUP BY ALL
        ) AS w
            ON w.day = p.day AND w.provider = p.provider AND w.sold_as = p.sold_as AND w.currency = p.currency
            AND w.token_kind = CASE WHEN p.tier = 'standard' THEN 'input' ELSE p.token_kind END
        WHERE NOT p.documentary AND (p.tier IN ('batch', 'flex') OR (p.tier = 'standard' AND p.token_kind = 'cache_read')) AND p.price_per_mtok > w.asked
    )
    SELECT p.day, p.piece, p.observed_at FROM unreplaced AS p ANTI JOIN dearer AS d ON d.day = p.day AND d.piece = p.piece;

-- The prices in force on each of `days`, by what was known at t; where t is NULL each day by what was known at its end.
CREATE MACRO token_price_in_force(days, t, blended := false, strict := false, only_named := NULL) AS TABLE
    WITH asked AS (
        SELECT day, as_of_instant(coalesce(CAST(t AS VARCHAR), CAST(day AS VARCHAR))) AS known_by FROM (SELECT DISTINCT unnest(days) AS day)
    ),
    crosses AS (
        SELECT d.day, x.currency, arg_max(x.usd, x.rate_on) AS usd, max(x.rate_on) AS rate_on
        FROM asked AS d
        INNER JOIN history.usd_cross_answer AS x
            ON x.strict_answer = strict AND d.known_by BETWEEN x.answers_from AND x.answers_through AND x.rate_on <= d.day GROUP BY ALL
    )
    SELECT
        f.day, p.provider, p.model, p.listing, p.token_kind, p.tier, p.currency, p.price_per_mtok,
        CASE WHEN p.currency = 'USD' THEN p.price_per_mtok ELSE p.price_per_mtok * x.usd END AS usd_per_mtok, p.hours_utc, p.weekdays,
        x.rate_on, date_diff('day', x.rate_on, f.day) > 7 AS rate_is_old, p.valid_from, p.valid_from_basis, p.valid_to, p.price_from,
        p.known_at, p.known_at_basis, p.evidence_tier, p.source, p.status, p.source_url, p.note,
        evidence_name(p.source, p.capture_sha256, p.locator) AS evidence_id, p.capture_sha256, p.locator, p.first_seen_at,
        CASE WHEN p.documentary THEN p.known_at ELSE f.observed_at END AS last_observed_at
    FROM (
        SELECT d.day, s.piece, o.observed_at
        FROM asked AS d
        INNER JOIN history.price_span AS s ON s.day_from <= d.day AND d.day < s.day_to AND coalesce(s.of_blend = blended, true)
        LEFT JOIN (
            SELECT d.day, c.source, c.scope, max(c.taken_at) AS observed_at
            FROM asked AS d INNER JOIN history.capture AS c ON c.taken_at <= d.known_by
            WHERE c.outcome IN ('loaded', 'unchanged') GROUP BY ALL
        ) AS o ON o.day = d.day AND o.source = s.source AND o.scope = s.scope
        WHERE of_their_ends(days, t) AND NOT strict
        UNION ALL
        FROM price_found(list_transform(days, lambda asked: {day: asked, sold_no: NULL}), t, blended := blended, strict := strict, only_named := only_named)
        WHERE CASE WHEN strict THEN as_of_instant(t) IS NOT NULL ELSE NOT of_their_ends(days, t) END
    ) AS f
    INNER JOIN history.price_answer AS p ON p.piece = f.piece AND p.strict_answer = strict AND (t IS NULL OR as_of_instant(t) BETWEEN p.answers_from AND p.answers_through)
    LEFT JOIN crosses AS x ON x.day = f.day AND x.currency = p.currency
    WHERE (NOT blended OR p.scheduled_blend) AND (only_named IS NULL OR list_contains(only_named, p.named));

-- The prices in force on day d, by what was known at `known` (or by the end of d).
CREATE MACRO token_price_on(d, known := NULL, strict := false) AS TABLE
    SELECT * EXCLUDE (day)
    FROM token_price_in_force([CAST(as_of_instant(d) AS DATE)], coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)), strict := strict);

-- The part of both that the blended prices of known models are made of: a tenth of the rows, for whoever asks often.
CREATE MACRO model_price_as_of(t, strict := false) AS TABLE
    FROM token_price_as_of(t, strict := strict, blended := true) WHERE model IS NOT NULL AND tier <> 'off_peak' AND status NOT IN ('absent', 'withdrawn');

CREATE MACRO model_price_on(d, known := NULL, strict := false) AS TABLE
    SELECT * EXCLUDE (day)
    FROM token_price_in_force(
        [CAST(as_of_instant(d) AS DATE)], coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)), blended := true, strict := strict)
    WHERE model IS NOT NULL AND tier <> 'off_peak';

CREATE VIEW token_price AS FROM token_price_as_of(as_of_now());

CREATE VIEW price_removal AS FROM history.price_removal WHERE removed_at <= as_of_instant(as_of_now());

-- Names of price lists that config/models.yml does not know, flagships first: what a developer sells under its own name and
-- still lists, the dear before the cheap, what more lists have before what few do, and the newer. Their prices reach no
-- comparison but the price frontier. `lists` counts the sources that have the name, however they prefix it.
CREATE VIEW unmatched_listing AS
SELECT
    *, count(DISTINCT source) OVER (PARTITION BY regexp_extract(listing, '[^/]*$')) AS lists
FROM (
    SELECT
        p.listing, p.provider, p.source, min(p.evidence_tier) AS evidence_tier, count(*) AS prices, min(p.valid_from) AS first_on,
        bool_or(p.valid_to IS NULL AND p.status NOT IN ('absent', 'withdrawn')) AS is_listed,
        p.provider IN (SELECT developer FROM history.model) AS first_party,
        arg_max(p.usd_per_mtok, p.valid_from) FILTER (p.token_kind = 'input' AND p.tier = 'standard') AS input_usd_per_mtok,
        arg_max(p.usd_per_mtok, p.valid_from) FILTER (p.token_kind = 'output' AND p.tier = 'standard') AS output_usd_per_mtok
    FROM token_price AS p
    WHERE p.model IS NULL
    GROUP BY p.listing, p.provider, p.source
)
ORDER BY is_listed DESC, first_party DESC, evidence_tier = 1 DESC, 3 * coalesce(input_usd_per_mtok, 0) + coalesce(output_usd_per_mtok, 0) DESC, lists DESC, first_on DESC, listing, provider, source;
