-- What a known model costs on each of `days`, by what was known at t: the plain list price of its own developer where
-- that sells it, else the cheapest of those who do. Blended: three parts input to one part output. Where there are prices
-- for peak hours and none without hours, those of peak hours.
-- Input and output are of one offer: one listing in one list or document. Of several offers of one seller the one most of
-- its listings make, so that a slip in one of them is outvoted; then a document's, one whose output costs no less than its
-- input, and the shortest name. Only where no listing states both are the two taken from different ones, if each is all
-- there is.
CREATE MACRO model_price_in_force(days, t, strict := false) AS TABLE
    WITH stated AS (
        SELECT p.*, m.developer, s.kind = 'statement' AS documentary,
            count(DISTINCT p.token_kind) OVER (PARTITION BY p.day, p.provider, p.currency, p.tier, p.model, p.source, p.listing) = 2 AS whole
        FROM token_price_in_force(days, t, blended := true, strict := strict) AS p
        INNER JOIN history.model AS m ON m.model = p.model
        INNER JOIN history.source AS s ON s.source = p.source
    ),
    offers AS (
        SELECT
            day, model, developer, provider, currency, tier, whole, CASE WHEN whole THEN source END AS offered_in, CASE WHEN whole THEN listing END AS offer,
            min(price_per_mtok) FILTER (token_kind = 'input') AS input_per_mtok,
            min(price_per_mtok) FILTER (token_kind = 'output') AS output_per_mtok,
            min(usd_per_mtok) FILTER (token_kind = 'input') AS input_usd_per_mtok,
            min(usd_per_mtok) FILTER (token_kind = 'output') AS output_usd_per_mtok,
            max(known_at) AS known_at, min(valid_from) AS valid_from, string_agg(DISTINCT source, ', ' ORDER BY source) AS sources,
            arg_min(evidence_id, (token_kind, evidence_id)) AS evidence_id, bool_and(documentary) AS documentary
        FROM stated
        GROUP BY ALL
        HAVING count(DISTINCT token_kind) = 2 AND (whole OR count(DISTINCT (token_kind, price_per_mtok)) = 2)
    ),
    chosen AS (
        SELECT *
        FROM (SELECT *, count(*) OVER (PARTITION BY day, model, provider, currency, tier, input_per_mtok, output_per_mtok) AS listings FROM offers)
        QUALIFY row_number() OVER (
            PARTITION BY day, model, provider, currency, tier
            ORDER BY NOT whole, listings DESC, NOT documentary, output_per_mtok < input_per_mtok, length(offer), input_per_mtok, offer) = 1
    )
    SELECT
        day, model, developer, provider, currency, tier, input_per_mtok, output_per_mtok, input_usd_per_mtok, output_usd_per_mtok,
        known_at, valid_from, sources, evidence_id, (3 * input_usd_per_mtok + output_usd_per_mtok) / 4 AS blended_usd_per_mtok
    FROM chosen
    WHERE input_usd_per_mtok IS NOT NULL AND output_usd_per_mtok IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY day, model, currency
        ORDER BY provider <> developer, tier <> 'standard', (3 * input_usd_per_mtok + output_usd_per_mtok), provider) = 1;

-- How many times one model costs another on day d, token kind by token kind, each list against each: a seller's dollar
-- list and its yuan list are two quotes. Ratios are taken in dollars at the reference rates of each side's day. A model that
-- was not on sale on d has no row; `denominator_on` prices it on another day, when it was.
CREATE MACRO price_ratio_on(numerator, denominator, d, known := NULL, strict := false, denominator_on := NULL) AS TABLE
    WITH quoted AS (
        SELECT *, unnest(['input', 'output', 'blended']) AS token_kind, unnest([input_per_mtok, output_per_mtok, (3 * input_per_mtok + output_per_mtok) / 4]) AS price_per_mtok,
            unnest([input_usd_per_mtok, output_usd_per_mtok, blended_usd_per_mtok]) AS usd_per_mtok
        FROM model_price_in_force(
            [CAST(as_of_instant(d) AS DATE), CAST(as_of_instant(coalesce(CAST(denominator_on AS VARCHAR), CAST(d AS VARCHAR))) AS DATE)],
            coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)), strict := strict)
    ),
    yuan AS (
        SELECT usd AS usd_per_cny, rate_on FROM usd_cross_as_of(coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)), strict := strict)
        WHERE currency = 'CNY'
    ),
    quotes AS (SELECT q.*, q.usd_per_mtok / usd_per_cny AS cny_per_mtok FROM quoted AS q ASOF LEFT JOIN yuan AS y ON y.rate_on <= q.day)
    SELECT
        a.day, a.token_kind,
        a.model AS numerator, a.provider AS numerator_provider, a.currency AS numerator_currency, a.price_per_mtok AS numerator_price_per_mtok,
        a.usd_per_mtok AS numerator_usd_per_mtok, a.cny_per_mtok AS numerator_cny_per_mtok,
        b.day AS denominator_day, b.model AS denominator, b.provider AS denominator_provider, b.currency AS denominator_currency,
        b.price_per_mtok AS denominator_price_per_mtok, b.usd_per_mtok AS denominator_usd_per_mtok, b.cny_per_mtok AS denominator_cny_per_mtok,
        a.usd_per_mtok / b.usd_per_mtok AS ratio, greatest(a.known_at, b.known_at) AS known_at
    FROM quotes AS a
    INNER JOIN quotes AS b ON b.token_kind = a.token_kind AND b.model = denominator
        AND b.day = CAST(as_of_instant(coalesce(CAST(denominator_on AS VARCHAR), CAST(d AS VARCHAR))) AS DATE)
    WHERE a.model = numerator AND a.day = CAST(as_of_instant(d) AS DATE)
    ORDER BY a.token_kind, a.currency, b.currency;

CREATE MACRO price_ratio_as_of(t, numerator, denominator, strict := false, denominator_on := NULL) AS TABLE
    FROM price_ratio_on(
        numerator, denominator, CAST(as_of_instant(t) AS DATE), known := CAST(as_of_instant(t) AS VARCHAR), strict := strict,
        denominator_on := denominator_on);
