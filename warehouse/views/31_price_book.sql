-- The schedule known at t: one row for each price period of each listing in each list. A period is cut where the
-- listing began to mean another model, so a name that is re-pointed is not taken for a price cut. A price that was
-- called off has no day; a listing that went in a mass removal stays, with its last price, as `absent`.
-- `blended` keeps to what a blended price of a known model needs: plain input and output prices (or those of peak hours).
CREATE MACRO token_price_as_of(t, strict := false, blended := false) AS TABLE
    WITH known AS (
        SELECT
            *,
            CASE WHEN status = 'withdrawn' THEN starts_on ELSE least(next_step_on, min(covers_from) FILTER (status <> 'withdrawn') OVER (
                PARTITION BY series_id, token_kind, price_tier, currency ORDER BY vintage_no RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)) END AS ends_on
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
        WINDOW timeline AS (PARTITION BY series_id, token_kind, price_tier, currency, status = 'withdrawn' ORDER BY starts_on, seq)
    ),
    periods AS (
        SELECT * REPLACE (max(ends_on) FILTER (ends_on IS NOT NULL) OVER one_price AS ends_on), bool_or(ends_on IS NULL) OVER one_price AS goes_on
        FROM (SELECT *, count_if(opens) OVER (PARTITION BY series_id, token_kind, price_tier, currency, status = 'withdrawn' ORDER BY starts_on, seq) AS period_no FROM pieces)
        WINDOW one_price AS (PARTITION BY series_id, token_kind, price_tier, currency, status = 'withdrawn', period_no)
        QUALIFY opens
    ),
    shown AS (
        SELECT CAST(as_of_instant(t) AS DATE) AS today, p.* EXCLUDE (goes_on, opens, period_no) REPLACE (
            CASE WHEN p.goes_on THEN NULL ELSE p.ends_on END AS ends_on,
            CASE WHEN p.status = 'absent' THEN 'gone in a mass removal: the last price known' ELSE p.note END AS note)
        FROM periods AS p
        LEFT JOIN history.price_removal AS r
            ON p.status = 'absent' AND p.vanished AND r.source = p.source AND r.scope = p.scope AND r.provider = p.provider
            AND r.removed_at = p.vintage_at AND r.capture_sha256 = p.vintage_name
        WHERE p.status <> 'absent' OR r.source IS NOT NULL
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
    crosses AS (SELECT currency, rate_on, usd FROM usd_cross_as_of(t) WHERE currency IN (SELECT DISTINCT currency FROM cuts))
    SELECT
        p.provider, a.model, p.listing, p.token_kind, p.price_tier AS tier, p.currency, p.value AS price_per_mtok,
        CASE WHEN p.currency = 'USD' THEN p.value ELSE p.value * x.usd END AS usd_per_mtok, p.hours_utc, p.piece_from AS valid_from,
        CASE
            WHEN p.piece_from > p.starts_on THEN 'alias'
            WHEN p.valid_from IS NULL AND p.known_at_basis = 'commit' THEN 'commit'
            ELSE coalesce(p.valid_from_basis, 'first_seen')
        END AS valid_from_basis,
        p.piece_to AS valid_to, p.known_at, p.known_at_basis, p.evidence_tier, p.source, p.status, p.source_url, p.note,
        evidence_name(p.source, p.capture_sha256, p.locator) AS evidence_id, p.capture_sha256, p.locator, p.first_seen_at
    FROM cuts AS p
    ASOF LEFT JOIN crosses AS x ON x.currency = p.currency AND x.rate_on <= p.piece_from
    LEFT JOIN history.model_alias AS a
        ON a.name = p.listing AND (a.source IS NULL OR a.source = p.source) AND (a.provider IS NULL OR a.provider = p.provider)
        AND (a.valid_from IS NULL OR a.valid_from <= least(p.piece_from, p.today))
        AND (a.valid_to IS NULL OR least(p.piece_from, p.today) < a.valid_to);

-- The prices in force on each of `days`, by what was known at t. One list speaks for each seller and currency: the
-- freshest of the best tier, because a list that is no longer kept up, or never deletes, would sell what nobody sells
-- any more. A seller's own page (tier 1) shows only a part of what it sells: it goes before the list for what it states.
-- A document that names the day goes before a list as long as the list has shown no other price since.
CREATE MACRO token_price_in_force(days, t, blended := false) AS TABLE
    WITH asked AS (SELECT DISTINCT unnest(days) AS day),
    schedule AS MATERIALIZED (
        SELECT * FROM token_price_as_of(t, blended := blended)
        WHERE status NOT IN ('absent', 'withdrawn') AND (NOT blended OR model IS NOT NULL)
    ),
    observed AS (
        SELECT a.day, c.source, max(c.taken_at) AS observed_at
        FROM asked AS a INNER JOIN history.capture AS c ON c.taken_at <= least(as_of_instant(a.day), as_of_instant(t))
        WHERE c.outcome IN ('loaded', 'unchanged')
        GROUP BY ALL
    ),
    in_force AS (
        SELECT
            a.day, p.*, CASE s.kind WHEN 'statement' THEN p.known_at ELSE o.observed_at END AS last_observed_at,
            s.kind <> 'statement' AND o.observed_at < a.day - to_days(s.stale_after_days) AS stale, s.tier AS source_tier,
            s.source_order, s.kind = 'statement' AS documentary
        FROM asked AS a
        INNER JOIN schedule AS p ON p.valid_from <= a.day AND (p.valid_to IS NULL OR a.day < p.valid_to)
        INNER JOIN history.source AS s ON s.source = p.source
        LEFT JOIN observed AS o ON o.source = p.source AND o.day = a.day
        WHERE s.kind = 'statement' OR o.observed_at IS NOT NULL
    ),
    speaking AS (
        SELECT * FROM in_force
        QUALIFY source_tier = 1 OR documentary OR dense_rank() OVER (
            PARTITION BY day, provider, currency, source_tier = 1 OR documentary ORDER BY stale, source_tier, source_order) = 1
    ),
    best AS (
        SELECT * FROM speaking
        QUALIFY dense_rank() OVER (
            PARTITION BY day, provider, coalesce(model, listing), token_kind, tier, currency, documentary
            ORDER BY stale, source_tier, source_order) = 1
    ),
    settled AS (
        SELECT *, count(*) FILTER (NOT documentary) OVER one_price = 0 AS unlisted FROM best
        WINDOW one_price AS (PARTITION BY day, provider, coalesce(model, listing), token_kind, tier, currency)
        QUALIFY documentary = (
            coalesce(max(valid_from) FILTER (documentary) OVER one_price >= max(valid_from) FILTER (NOT documentary) OVER one_price, documentary)
            OR coalesce(max(price_per_mtok) FILTER (documentary) OVER one_price = max(price_per_mtok) FILTER (NOT documentary) OVER one_price, false))
    ),
    -- The last that any list showed of what only a document states now: another price since the document replaced it, and
    -- when the list states nothing any more (quarantined, delisted), the old document does not come back into force.
    shown_last AS (
        SELECT a.day, p.provider, coalesce(p.model, p.listing) AS sold_as, p.token_kind, p.tier, p.currency,
            max(p.valid_from) AS shown_from, arg_max(p.price_per_mtok, p.valid_from) AS shown_price
        FROM asked AS a
        INNER JOIN schedule AS p ON p.valid_from <= a.day
        INNER JOIN history.source AS s ON s.source = p.source AND s.kind <> 'statement'
        GROUP BY ALL
    ),
    crosses AS (SELECT currency, rate_on, usd FROM usd_cross_as_of(t) WHERE currency IN (SELECT DISTINCT currency FROM settled))
    SELECT
        b.* EXCLUDE (stale, source_tier, source_order, documentary, unlisted) REPLACE (
            CASE WHEN b.currency = 'USD' THEN b.price_per_mtok ELSE b.price_per_mtok * x.usd END AS usd_per_mtok)
    FROM (
        SELECT d.* FROM settled AS d LEFT JOIN shown_last AS l
            ON l.day = d.day AND l.provider = d.provider AND l.sold_as = coalesce(d.model, d.listing)
            AND l.token_kind = d.token_kind AND l.tier = d.tier AND l.currency = d.currency
        WHERE NOT (d.unlisted AND d.documentary AND coalesce(l.shown_from > d.valid_from AND l.shown_price <> d.price_per_mtok, false))
    ) AS b
    ASOF LEFT JOIN crosses AS x ON x.currency = b.currency AND x.rate_on <= b.day;

-- The prices in force on day d, by what was known at `known` (or by the end of d).
CREATE MACRO token_price_on(d, known := NULL) AS TABLE
    SELECT * EXCLUDE (day)
    FROM token_price_in_force([CAST(as_of_instant(d) AS DATE)], coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)));

-- The part of both that the blended prices of known models are made of: a tenth of the rows, for whoever asks often.
CREATE MACRO model_price_as_of(t) AS TABLE
    FROM token_price_as_of(t, blended := true) WHERE model IS NOT NULL AND status NOT IN ('absent', 'withdrawn');

CREATE MACRO model_price_on(d, known := NULL) AS TABLE
    SELECT * EXCLUDE (day)
    FROM token_price_in_force([CAST(as_of_instant(d) AS DATE)], coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)), blended := true);

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
