-- What a known model costs on each of `days`, by what was known at t: the plain list price of its own developer where
-- that sells it, else the cheapest of those who do. Blended: three parts input to one part output. Where there are prices
-- for peak hours and none without hours, input, output and blended price are all the mean of the week's hours (tier by_hour;
-- that of peak hours where no off-peak price or no hours are known): one row is of one price, and a ratio of two.
-- Input and output are of one offer: one listing in one list or document. Of several offers of one seller the one most of
-- its listings make, so that a slip in one of them is outvoted; then a document's, one whose output costs no less than its
-- input, and the shortest name. Only where no listing states both are the two taken from different ones, if each is all
-- there is.
-- With `undeclared` also what a developer sells under a name that no model is entered for, each as a model of that name.
CREATE MACRO model_price_in_force(days, t, strict := false, undeclared := false, only_named := NULL) AS TABLE
    WITH priced AS MATERIALIZED (
        SELECT
            day, provider, model, listing, token_kind, tier, currency, price_per_mtok, usd_per_mtok, hours_utc, weekdays, valid_from, known_at, source,
            evidence_id
        FROM token_price_in_force(days, t, blended := true, strict := strict, only_named := only_named)
    ),
    -- The week's mean where there are peak and off-peak hours.
    weighed AS (
        SELECT p.* REPLACE (
            coalesce(w.share * p.price_per_mtok + (1 - w.share) * o.price_per_mtok, p.price_per_mtok) AS price_per_mtok,
            coalesce(w.share * p.usd_per_mtok + (1 - w.share) * o.usd_per_mtok, p.usd_per_mtok) AS usd_per_mtok,
            greatest(p.known_at, o.known_at) AS known_at, greatest(p.valid_from, o.valid_from) AS valid_from)
        FROM priced AS p
        LEFT JOIN priced AS o
            ON o.tier = 'off_peak' AND o.day = p.day AND o.provider = p.provider AND o.source = p.source AND o.token_kind = p.token_kind
            AND o.currency = p.currency AND o.listing = CASE WHEN p.tier = 'peak' THEN p.listing END
        LEFT JOIN history.week_share AS w ON w.hours_utc = p.hours_utc AND w.weekdays IS NOT DISTINCT FROM p.weekdays
        WHERE p.tier <> 'off_peak'
    ),
    listed AS (
        SELECT
            p.day, coalesce(p.model, u.name) AS model, p.model IS NULL AS is_undeclared, p.provider, p.currency, p.tier, p.source, p.listing,
            min(p.price_per_mtok) FILTER (p.token_kind = 'input') AS input_per_mtok, min(p.price_per_mtok) FILTER (p.token_kind = 'output') AS output_per_mtok,
            max(p.price_per_mtok) FILTER (p.token_kind = 'input') AS input_most, max(p.price_per_mtok) FILTER (p.token_kind = 'output') AS output_most,
            min(p.usd_per_mtok) FILTER (p.token_kind = 'input') AS input_usd_per_mtok, min(p.usd_per_mtok) FILTER (p.token_kind = 'output') AS output_usd_per_mtok,
            max(p.known_at) AS known_at, max(p.valid_from) AS valid_from,
            min(p.evidence_id) FILTER (p.token_kind = 'input') AS input_evidence, min(p.evidence_id) FILTER (p.token_kind = 'output') AS output_evidence
        FROM weighed AS p
        LEFT JOIN history.undeclared_listing AS u ON undeclared AND u.listing = p.listing AND u.provider = p.provider
        WHERE p.model IS NOT NULL OR u.name IS NOT NULL
        GROUP BY ALL
    ),
    offers AS (
        SELECT
            l.* EXCLUDE (source, listing, input_most, output_most), l.listing AS offer, l.source AS sources, true AS whole, s.kind = 'statement' AS documentary
        FROM listed AS l
        INNER JOIN history.source AS s ON s.source = l.source
        WHERE input_per_mtok IS NOT NULL AND output_per_mtok IS NOT NULL
        UNION ALL BY NAME
        SELECT
            day, model, is_undeclared, provider, currency, tier, min(input_per_mtok) AS input_per_mtok, min(output_per_mtok) AS output_per_mtok,
            min(input_usd_per_mtok) AS input_usd_per_mtok, min(output_usd_per_mtok) AS output_usd_per_mtok,
            max(known_at) AS known_at, max(valid_from) AS valid_from, min(input_evidence) AS input_evidence, min(output_evidence) AS output_evidence,
            string_agg(DISTINCT source, ', ' ORDER BY source) AS sources, false AS whole, false AS documentary
        FROM listed
        WHERE input_per_mtok IS NULL OR output_per_mtok IS NULL
        GROUP BY ALL
        HAVING min(input_per_mtok) = max(input_most) AND min(output_per_mtok) = max(output_most)
    ),
    -- By groups: a window takes as long for a handful of rows as for thousands.
    quotes AS (
        SELECT
            day, model, is_undeclared, provider, currency, tier, whole, input_per_mtok, output_per_mtok, count(*) AS listings,
            arg_min(
                {listed: NOT documentary, offer: offer, sources: sources, input_usd: input_usd_per_mtok, output_usd: output_usd_per_mtok,
                    known_at: known_at, valid_from: valid_from, evidence_id: coalesce(input_evidence, output_evidence)},
                (NOT documentary, length(offer), offer, sources)) AS said
        FROM offers
        GROUP BY ALL
    ),
    chosen AS (
        SELECT
            day, model, is_undeclared, provider, currency, tier,
            arg_min(
                {input: input_per_mtok, output: output_per_mtok, said: said},
                (NOT whole, -listings, said.listed, output_per_mtok < input_per_mtok, length(said.offer), input_per_mtok, said.offer, said.sources)) AS offer
        FROM quotes
        GROUP BY ALL
    ),
    sellers AS (
        SELECT
            c.day, c.model, c.is_undeclared, c.currency,
            arg_min(
                {provider: c.provider, developer: CASE WHEN c.is_undeclared THEN c.provider ELSE m.developer END, tier: c.tier, offer: c.offer},
                (c.provider <> CASE WHEN c.is_undeclared THEN c.provider ELSE m.developer END, c.tier <> 'standard',
                    3 * c.offer.said.input_usd + c.offer.said.output_usd, c.provider)) AS best
        FROM chosen AS c
        LEFT JOIN history.model AS m ON m.model = c.model
        WHERE c.offer.said.input_usd IS NOT NULL AND c.offer.said.output_usd IS NOT NULL
        GROUP BY ALL
    )
    SELECT
        day, model, best.developer, best.provider, currency, CASE best.tier WHEN 'peak' THEN 'by_hour' ELSE best.tier END AS tier, best.offer.input AS input_per_mtok, best.offer.output AS output_per_mtok,
        best.offer.said.input_usd AS input_usd_per_mtok, best.offer.said.output_usd AS output_usd_per_mtok, best.offer.said.known_at,
        best.offer.said.valid_from, best.offer.said.sources, best.offer.said.evidence_id,
        (3 * best.offer.said.input_usd + best.offer.said.output_usd) / 4 AS blended_usd_per_mtok, is_undeclared AS undeclared
    FROM sellers;

-- How many times one model costs another on day d, token kind by token kind, each list against each: a seller's dollar
-- list and its yuan list are two quotes. Ratios are taken in dollars at the reference rates of each side's day. A model that
-- was not on sale on d has no row; `denominator_on` prices it on another day, when it was.
CREATE MACRO price_ratio_on(numerator, denominator, d, known := NULL, strict := false, denominator_on := NULL) AS TABLE
    WITH asked AS MATERIALIZED (
        SELECT declared_name(numerator, models, 'model_alias') AS own, declared_name(denominator, models, 'model_alias') AS other, CAST(as_of_instant(d) AS DATE) AS own_day, CAST(as_of_instant(coalesce(CAST(denominator_on AS VARCHAR), CAST(d AS VARCHAR))) AS DATE) AS other_day
        FROM (SELECT list(model) AS models FROM history.model)
    ),
    quoted AS MATERIALIZED (
        SELECT *, unnest(['input', 'output', 'blended']) AS token_kind, unnest([input_per_mtok, output_per_mtok, (3 * input_per_mtok + output_per_mtok) / 4]) AS price_per_mtok,
            unnest([input_usd_per_mtok, output_usd_per_mtok, blended_usd_per_mtok]) AS usd_per_mtok
        FROM model_price_in_force(
            list_distinct([CAST(as_of_instant(d) AS DATE), CAST(as_of_instant(coalesce(CAST(denominator_on AS VARCHAR), CAST(d AS VARCHAR))) AS DATE)]),
            coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)), strict := strict,
            only_named := [numerator, denominator])
        WHERE model IN (numerator, denominator)
    ),
    yuan AS (
        SELECT q.day, arg_max(x.usd, x.rate_on) AS usd_per_cny  -- no ASOF join: 31_price_book.sql
        FROM (SELECT DISTINCT unnest([own_day, other_day]) AS day FROM asked) AS q
        LEFT JOIN (
            SELECT usd, rate_on FROM usd_cross_as_of(coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)), strict := strict) WHERE currency = 'CNY'
        ) AS x ON x.rate_on <= q.day
        GROUP BY q.day
    ),
    quotes AS (SELECT q.*, q.usd_per_mtok / y.usd_per_cny AS cny_per_mtok FROM quoted AS q INNER JOIN yuan AS y ON y.day = q.day)
    SELECT
        a.day, a.token_kind,
        a.model AS numerator, a.provider AS numerator_provider, a.currency AS numerator_currency, a.price_per_mtok AS numerator_price_per_mtok,
        a.usd_per_mtok AS numerator_usd_per_mtok, a.cny_per_mtok AS numerator_cny_per_mtok,
        b.day AS denominator_day, b.model AS denominator, b.provider AS denominator_provider, b.currency AS denominator_currency,
        b.price_per_mtok AS denominator_price_per_mtok, b.usd_per_mtok AS denominator_usd_per_mtok, b.cny_per_mtok AS denominator_cny_per_mtok,
        a.usd_per_mtok / b.usd_per_mtok AS ratio, greatest(a.known_at, b.known_at) AS known_at
    FROM asked AS d
    INNER JOIN quotes AS a ON a.model = d.own AND a.day = d.own_day
    INNER JOIN quotes AS b ON b.token_kind = a.token_kind AND b.model = d.other AND b.day = d.other_day
    ORDER BY a.token_kind, a.currency, b.currency;

CREATE MACRO price_ratio_as_of(t, numerator, denominator, strict := false, denominator_on := NULL) AS TABLE
    FROM price_ratio_on(numerator, denominator, t, known := t, strict := strict, denominator_on := denominator_on);
