-- What a known model costs on each of `days`, by what was known at t: the plain list price of its own developer where
-- that sells it, else the cheapest of those who do. Blended: three parts input to one part output. Where there are prices
-- for peak hours and none without hours, those of peak hours.
CREATE MACRO model_price_in_force(days, t) AS TABLE
    WITH quoted AS (
        SELECT
            p.day, p.model, m.developer, p.provider, p.currency, p.tier,
            min(p.price_per_mtok) FILTER (p.token_kind = 'input') AS input_per_mtok,
            min(p.price_per_mtok) FILTER (p.token_kind = 'output') AS output_per_mtok,
            min(p.usd_per_mtok) FILTER (p.token_kind = 'input') AS input_usd_per_mtok,
            min(p.usd_per_mtok) FILTER (p.token_kind = 'output') AS output_usd_per_mtok,
            max(p.known_at) AS known_at, min(p.valid_from) AS valid_from, string_agg(DISTINCT p.source, ', ' ORDER BY p.source) AS sources,
            arg_min(p.evidence_id, (p.token_kind, p.price_per_mtok, p.evidence_id)) AS evidence_id
        FROM token_price_in_force(days, t, blended := true) AS p
        INNER JOIN history.model AS m ON m.model = p.model
        GROUP BY ALL
    )
    SELECT *, (3 * input_usd_per_mtok + output_usd_per_mtok) / 4 AS blended_usd_per_mtok
    FROM quoted
    WHERE input_usd_per_mtok IS NOT NULL AND output_usd_per_mtok IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY day, model, currency
        ORDER BY tier <> 'standard', provider <> developer, (3 * input_usd_per_mtok + output_usd_per_mtok), provider) = 1;

-- How many times one model costs another on day d, token kind by token kind, each list against each: a seller's dollar
-- list and its yuan list are two quotes. Ratios are taken in dollars at the reference rates of the day.
CREATE MACRO price_ratio_on(numerator, denominator, d, known := NULL) AS TABLE
    WITH quoted AS (
        SELECT *, unnest(['input', 'output', 'blended']) AS token_kind, unnest([input_per_mtok, output_per_mtok, (3 * input_per_mtok + output_per_mtok) / 4]) AS price_per_mtok,
            unnest([input_usd_per_mtok, output_usd_per_mtok, blended_usd_per_mtok]) AS usd_per_mtok
        FROM model_price_in_force([CAST(as_of_instant(d) AS DATE)], coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)))
    ),
    yuan AS (
        SELECT usd AS usd_per_cny FROM usd_cross_as_of(coalesce(CAST(known AS VARCHAR), CAST(d AS VARCHAR)))
        WHERE currency = 'CNY' AND rate_on <= CAST(as_of_instant(d) AS DATE)
        ORDER BY rate_on DESC LIMIT 1
    )
    SELECT
        CAST(as_of_instant(d) AS DATE) AS day, a.token_kind,
        a.model AS numerator, a.provider AS numerator_provider, a.currency AS numerator_currency, a.price_per_mtok AS numerator_price_per_mtok,
        a.usd_per_mtok AS numerator_usd_per_mtok, a.usd_per_mtok / usd_per_cny AS numerator_cny_per_mtok,
        b.model AS denominator, b.provider AS denominator_provider, b.currency AS denominator_currency,
        b.price_per_mtok AS denominator_price_per_mtok, b.usd_per_mtok AS denominator_usd_per_mtok, b.usd_per_mtok / usd_per_cny AS denominator_cny_per_mtok,
        a.usd_per_mtok / b.usd_per_mtok AS ratio, greatest(a.known_at, b.known_at) AS known_at
    FROM quoted AS a
    INNER JOIN quoted AS b ON b.token_kind = a.token_kind AND b.model = denominator
    LEFT JOIN yuan ON true
    WHERE a.model = numerator
    ORDER BY a.token_kind, a.currency, b.currency;

CREATE MACRO price_ratio_as_of(t, numerator, denominator) AS TABLE
    FROM price_ratio_on(numerator, denominator, CAST(as_of_instant(t) AS DATE), known := CAST(as_of_instant(t) AS VARCHAR));
