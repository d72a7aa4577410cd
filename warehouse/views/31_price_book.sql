-- The schedule known at t: one row for each price period of each listing in each list. A period is cut where the
-- listing began to mean another model, so a name that is re-pointed is not taken for a price cut. A price that was
-- called off has no day; a listing that went in a mass removal stays, with its last price, as `absent`, and so does a price
-- that a document ended. Of the days on which a name was re-pointed none is told before it came. `price_from` is where the
-- price itself began, whatever the name meant.
-- `blended` keeps to what a blended price of a known model needs: plain input and output prices (or those of peak hours).
CREATE MACRO token_price_as_of(t, strict := false, blended := false) AS TABLE
    WITH known AS (
        SELECT
            *,
            CASE WHEN status = 'withdrawn' THEN starts_on ELSE least(next_step_on, min(covers_from) FILTER (status <> 'withdrawn') OVER (
                PARTITION BY series_id ORDER BY vintage_no RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)) END AS ends_on
        FROM history.price_state
        WHERE vintage_at <= as_of_instant(t) AND (NOT strict OR seen_from <= as_of_instant(t)) AND (NOT blended OR blends)
    ),
    pieces AS (
        SELECT
            *,
            status = 'withdrawn' OR sold IS DISTINCT FROM lag(sold) OVER timeline OR value IS DISTINCT FROM lag(value) OVER timeline
            OR hours_utc IS DISTINCT FROM lag(hours_utc) OVER timeline OR starts_on IS DISTINCT FROM lag(ends_on) OVER timeline AS opens
        FROM known
        WHERE status = 'withdrawn' OR ends_on IS NULL OR ends_on > starts_on
        WINDOW timeline AS (PARTITION BY series_id, status = 'withdrawn' ORDER BY starts_on, seq)
    ),
    periods AS (
        SELECT * REPLACE (max(ends_on) FILTER (ends_on IS NOT NULL) OVER one_price AS ends_on), bool_or(ends_on IS NULL) OVER one_price AS goes_on
        FROM (SELECT *, count_if(opens) OVER (PARTITION BY series_id, status = 'withdrawn' ORDER BY starts_on, seq) AS period_no FROM pieces)
        WINDOW one_price AS (PARTITION BY series_id, status = 'withdrawn', period_no)
        QUALIFY opens
    ),
    shown AS (
        SELECT CAST(as_of_instant(t) AS DATE) AS today, p.* EXCLUDE (goes_on, opens, period_no) REPLACE (
            CASE WHEN p.goes_on THEN NULL ELSE p.ends_on END AS ends_on,
            CASE WHEN p.status = 'absent' AND NOT p.documentary THEN 'gone in a mass removal: the last price known' ELSE p.note END AS note)
        FROM periods AS p
        LEFT JOIN history.price_removal AS r
            ON p.status = 'absent' AND p.vanished AND r.source = p.source AND r.scope = p.scope AND r.provider = p.provider
            AND r.removed_at = p.vintage_at AND r.capture_sha256 = p.vintage_name
        WHERE p.status <> 'absent' OR r.source IS NOT NULL OR p.documentary
    ),
    cuts AS (
        SELECT *, starts_on AS piece_from, ends_on AS piece_to
        FROM shown ANTI JOIN history.model_turns ON name = listing
        UNION ALL
        SELECT * EXCLUDE (name, turns), coalesce(lead(piece_from) OVER (PARTITION BY seq ORDER BY piece_from), ends_on) AS piece_to
        FROM (
            SELECT *, unnest(list_prepend(starts_on, list_filter(turns, lambda turn:
                turn > starts_on AND (ends_on IS NULL OR turn < ends_on) AND turn <= today))) AS piece_from
            FROM shown INNER JOIN history.model_turns ON name = listing
        )
    ),
    crosses AS (
        SELECT c.currency, c.piece_from, x.usd
        FROM (SELECT DISTINCT currency, piece_from FROM cuts WHERE currency <> 'USD') AS c
        ASOF LEFT JOIN usd_cross_as_of(t, strict := strict) AS x ON x.currency = c.currency AND x.rate_on <= c.piece_from
    )
    SELECT
        p.provider, a.model, p.listing, p.token_kind, p.price_tier AS tier, p.currency, p.value AS price_per_mtok,
        CASE WHEN p.currency = 'USD' THEN p.value ELSE p.value * x.usd END AS usd_per_mtok, p.hours_utc, p.piece_from AS valid_from,
        CASE
            WHEN p.piece_from > p.starts_on THEN 'alias'
            WHEN p.valid_from IS NULL AND p.known_at_basis = 'commit' THEN 'commit'
            ELSE coalesce(p.valid_from_basis, 'first_seen')
        END AS valid_from_basis,
        p.piece_to AS valid_to, p.starts_on AS price_from, p.known_at, p.known_at_basis, p.evidence_tier, p.source, p.status, p.source_url, p.note,
        evidence_name(p.source, p.capture_sha256, p.locator) AS evidence_id, p.capture_sha256, p.locator, p.first_seen_at
    FROM cuts AS p
    LEFT JOIN crosses AS x ON x.currency = p.currency AND x.piece_from = p.piece_from
    LEFT JOIN history.model_alias AS a
        ON a.name = p.listing AND (a.source IS NULL OR a.source = p.source) AND (a.provider IS NULL OR a.provider = p.provider)
        AND (a.valid_from IS NULL OR a.valid_from <= least(p.piece_from, p.today))
        AND (a.valid_to IS NULL OR least(p.piece_from, p.today) < a.valid_to);

-- The prices in force on each of `days`, by what was known at t. One list speaks for each seller and currency: the
-- freshest of the best tier, because a list that is no longer kept up, or never deletes, would sell what nobody sells
-- any more. A seller's own page (tier 1) shows only a part of what it sells: it goes before the list for what it states.
-- A document that names the day goes before a list as long as the list has shown no other price since, and before one
-- that states several prices for the model. Where a document ended a price, no list goes on with it: neither with what it
-- showed before that day nor, later, with the same figure; the next price a list shows counts again. A seller that states
-- prices for peak hours has ended the plain one of before.
CREATE MACRO token_price_in_force(days, t, blended := false, strict := false) AS TABLE
    WITH asked AS (SELECT DISTINCT unnest(days) AS day),
    schedule AS MATERIALIZED (
        SELECT
            p.*, s.kind = 'statement' AS documentary, row_number() OVER () AS piece,
            dense_rank() OVER (ORDER BY p.provider, coalesce(p.model, p.listing), p.token_kind, p.currency) AS series
        FROM token_price_as_of(t, strict := strict, blended := blended) AS p
        INNER JOIN history.source AS s ON s.source = p.source
        WHERE p.status <> 'withdrawn' AND (p.status <> 'absent' OR s.kind = 'statement') AND (NOT blended OR p.model IS NOT NULL)
    ),
    observed AS (
        SELECT a.day, c.source, max(c.taken_at) AS observed_at
        FROM asked AS a INNER JOIN history.capture AS c ON c.taken_at <= least(as_of_instant(a.day), as_of_instant(t))
        WHERE c.outcome IN ('loaded', 'unchanged') AND (NOT strict OR c.logged_at <= as_of_instant(t))
        GROUP BY ALL
    ),
    -- How the sources stand on each day: the fresh before the stale, then by tier and declared order.
    standing AS (
        SELECT
            a.day, s.source, s.tier = 1 OR s.kind = 'statement' AS sellers_own, CASE WHEN s.kind <> 'statement' THEN o.observed_at END AS observed_at,
            s.kind = 'statement' OR o.observed_at IS NOT NULL AS speaks, least(as_of_instant(a.day), as_of_instant(t)) AS told_by,
            dense_rank() OVER (
                PARTITION BY a.day
                ORDER BY s.kind <> 'statement' AND o.observed_at < a.day - to_days(s.stale_after_days), s.tier, s.source_order) AS place
        FROM asked AS a CROSS JOIN history.source AS s
        LEFT JOIN observed AS o ON o.day = a.day AND o.source = s.source
        WHERE s.dataset = 'token_price'
    ),
    -- From here to `spoken` rows are narrow, since there are days times listings of them.
    told AS (
        SELECT a.day, p.piece, p.series, p.tier, p.provider, p.currency, p.source, p.documentary, p.status = 'absent' AS over, p.price_from, p.price_per_mtok
        FROM asked AS a
        INNER JOIN schedule AS p ON p.valid_from <= a.day AND (p.valid_to IS NULL OR a.day < p.valid_to)
    ),
    ended AS (
        SELECT day, series, tier, max(ended_on) AS ended_on, list(ended_price) AS ended_prices
        FROM (
            SELECT day, series, tier, price_from AS ended_on, price_per_mtok AS ended_price FROM told WHERE over
            UNION ALL
            SELECT t.day, t.series, 'standard', t.price_from, NULL
            FROM told AS t INNER JOIN history.source AS s ON s.source = t.source
            WHERE t.tier = 'peak' AND NOT t.over AND (t.documentary OR s.tier = 1)
        )
        GROUP BY day, series, tier
    ),
    voiced AS (
        SELECT p.*, s.place, s.sellers_own
        FROM told AS p INNER JOIN standing AS s ON s.day = p.day AND s.source = p.source
        WHERE NOT p.over AND s.speaks
    ),
    -- A list of which a document ended every price still speaks for that seller: no worse list takes its place. So does one
    -- that sells nothing of it but what no model is known for.
    speakers AS (
        SELECT s.day, p.provider, p.currency, min(s.place) AS place
        FROM standing AS s
        INNER JOIN history.price_presence AS p
            ON p.source = s.source AND p.from_at <= s.told_by AND (p.until_at IS NULL OR s.told_by < p.until_at)
            AND (NOT strict OR p.seen_from <= as_of_instant(t))
        WHERE s.speaks AND NOT s.sellers_own
        GROUP BY s.day, p.provider, p.currency
    ),
    in_force AS (
        SELECT p.* FROM voiced AS p
        LEFT JOIN ended AS e ON e.day = p.day AND e.series = p.series AND e.tier = p.tier
        WHERE p.documentary
            OR NOT (coalesce(p.price_from < e.ended_on, false) OR coalesce(list_contains(e.ended_prices, p.price_per_mtok), false))
    ),
    spoken AS (
        SELECT p.* FROM in_force AS p
        LEFT JOIN speakers AS s ON s.day = p.day AND s.provider = p.provider AND s.currency = p.currency
        WHERE p.sellers_own OR p.place = s.place
    ),
    firsts AS (
        SELECT day, series, tier, min(place) FILTER (documentary) AS place_of_document, min(place) FILTER (NOT documentary) AS place_of_list
        FROM spoken GROUP BY day, series, tier
    ),
    best AS (
        SELECT p.* FROM spoken AS p INNER JOIN firsts AS f ON f.day = p.day AND f.series = p.series AND f.tier = p.tier
        WHERE p.place = CASE WHEN p.documentary THEN f.place_of_document ELSE f.place_of_list END
    ),
    -- A figure that a list has under a new name is as old as under the first of its names.
    figures AS (
        SELECT day, series, tier, documentary, price_per_mtok, CASE WHEN documentary THEN max(price_from) ELSE min(price_from) END AS since
        FROM best GROUP BY day, series, tier, documentary, price_per_mtok
    ),
    decided AS (
        SELECT
            day, series, tier, bool_and(documentary) AS unlisted, bool_or(documentary) AND bool_or(NOT documentary) AS contested,
            coalesce(max(since) FILTER (documentary) >= max(since) FILTER (NOT documentary), false)
            OR coalesce(max(price_per_mtok) FILTER (documentary) = max(price_per_mtok) FILTER (NOT documentary), false)
            OR coalesce(min(price_per_mtok) FILTER (NOT documentary) < max(price_per_mtok) FILTER (NOT documentary), false) AS by_document
        FROM figures GROUP BY day, series, tier
    ),
    settled AS (
        SELECT b.day, b.piece, b.series, b.tier, b.currency, b.price_from, b.price_per_mtok, d.unlisted
        FROM best AS b INNER JOIN decided AS d ON d.day = b.day AND d.series = b.series AND d.tier = b.tier
        WHERE NOT d.contested OR b.documentary = d.by_document
    ),
    -- The last that any list showed of what only a document states now: another price since the document replaced it, and
    -- when the list states nothing any more (quarantined, delisted), the old document does not come back into force.
    shown_last AS (
        SELECT a.day, a.series, a.tier, max(p.price_from) AS shown_from, arg_max(p.price_per_mtok, (p.price_from, p.price_per_mtok)) AS shown_price
        FROM (SELECT DISTINCT day, series, tier FROM settled WHERE unlisted) AS a
        INNER JOIN schedule AS p ON p.series = a.series AND p.tier = a.tier AND p.valid_from <= a.day AND NOT p.documentary
        GROUP BY ALL
    ),
    standing_prices AS (
        SELECT d.day, d.piece, d.currency FROM settled AS d
        LEFT JOIN shown_last AS l ON d.unlisted AND l.day = d.day AND l.series = d.series AND l.tier = d.tier
        WHERE NOT coalesce(l.shown_from > d.price_from AND l.shown_price <> d.price_per_mtok, false)
    ),
    crosses AS (
        SELECT c.day, c.currency, x.usd
        FROM (SELECT DISTINCT day, currency FROM standing_prices WHERE currency <> 'USD') AS c
        ASOF LEFT JOIN usd_cross_as_of(t, strict := strict) AS x ON x.currency = c.currency AND x.rate_on <= c.day
    )
    SELECT
        b.day, p.* EXCLUDE (documentary, piece, series) REPLACE (
            CASE WHEN p.currency = 'USD' THEN p.price_per_mtok ELSE p.price_per_mtok * x.usd END AS usd_per_mtok),
        CASE WHEN p.documentary THEN p.known_at ELSE s.observed_at END AS last_observed_at
    FROM standing_prices AS b
    INNER JOIN schedule AS p ON p.piece = b.piece
    INNER JOIN standing AS s ON s.day = b.day AND s.source = p.source
    LEFT JOIN crosses AS x ON x.day = b.day AND x.currency = b.currency;

-- The prices in force on day d, by what was known at `known` (or by the end of d).
CREATE MACRO token_price_on(d, known := NULL, strict := false) AS TABLE
    SELECT * EXCLUDE (day)
    FROM token_price_in_force([CAST(as_of_instant(d) AS DATE)], coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)), strict := strict);

-- The part of both that the blended prices of known models are made of: a tenth of the rows, for whoever asks often.
CREATE MACRO model_price_as_of(t, strict := false) AS TABLE
    FROM token_price_as_of(t, strict := strict, blended := true) WHERE model IS NOT NULL AND status NOT IN ('absent', 'withdrawn');

CREATE MACRO model_price_on(d, known := NULL, strict := false) AS TABLE
    SELECT * EXCLUDE (day)
    FROM token_price_in_force(
        [CAST(as_of_instant(d) AS DATE)], coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)), blended := true, strict := strict);

CREATE VIEW token_price AS FROM token_price_as_of(as_of_now());

CREATE VIEW price_removal AS FROM history.price_removal WHERE removed_at <= as_of_instant(as_of_now());

-- Names of price lists that config/models.yml does not know, sellers' own pages first: their prices reach no comparison.
CREATE VIEW unmatched_listing AS
SELECT
    listing, provider, source, min(evidence_tier) AS evidence_tier, count(*) AS prices, min(valid_from) AS first_on,
    bool_or(valid_to IS NULL AND status NOT IN ('absent', 'withdrawn')) AS is_listed
FROM token_price
WHERE model IS NULL
GROUP BY listing, provider, source
ORDER BY evidence_tier, is_listed DESC, listing, provider, source;
