-- Names that a list itself calls another name of one of its listings: they mean what that listing means, from the day the
-- list was seen to say so until it says otherwise. An entered name goes before, save a moving one (`-latest`) that is only entered as a
-- model of its own, because nothing said what it means: from that day on it means for every list what was said, and where nothing is
-- said of it any more it is the model of its own again.
CREATE TEMP TABLE said_alias AS
WITH told AS (
    SELECT DISTINCT listing AS name, source, provider, alias_of, captured_at
    FROM history.token_price
    -- A row without a price says nothing of what its name means: it is one kind that is kept out, or at its end.
    WHERE status <> 'absent' AND (listing, source) IN (SELECT (listing, source) FROM history.token_price WHERE alias_of IS NOT NULL)
),
turned AS (
    SELECT * EXCLUDE (captured_at), CAST(captured_at AS DATE) AS said_from
    FROM told
    QUALIFY alias_of IS DISTINCT FROM lag(alias_of) OVER (PARTITION BY name, source, provider ORDER BY captured_at)
),
said AS (SELECT *, lead(said_from) OVER (PARTITION BY name, source, provider ORDER BY said_from) AS said_until FROM turned),
meant AS (
    SELECT
        said.name, said.source, said.provider, a.model, greatest(said.said_from, coalesce(a.valid_from, said.said_from)) AS valid_from,
        least(said.said_until, a.valid_to) AS valid_to
    FROM said
    INNER JOIN history.model_alias AS a
        ON a.name = said.alias_of AND (a.source IS NULL OR a.source = said.source) AND (a.provider IS NULL OR a.provider = said.provider)
)
SELECT m.*, e.name IS NOT NULL AS moves
FROM meant AS m
LEFT JOIN (SELECT name, valid_from FROM history.model_alias WHERE model LIKE '%-latest' AND valid_to IS NULL) AS e
    ON e.name = m.name AND coalesce(e.valid_from < m.valid_from, true)
ANTI JOIN history.model_alias AS entered
    ON entered.name = m.name AND coalesce(entered.valid_to > m.valid_from, true)
    AND NOT (entered.model LIKE '%-latest' AND entered.valid_to IS NULL AND coalesce(entered.valid_from < m.valid_from, true))
WHERE coalesce(m.valid_from < m.valid_to, true);

-- What a developer sells under its own name and no model is entered for: its price counts under the name of the listing,
-- written as an id, on the days on which no list says what the name means.
CREATE TABLE history.undeclared_listing AS
SELECT DISTINCT listing, provider, trim(regexp_replace(lower(regexp_extract(listing, '[^/]*$')), '[^a-z0-9]+', '-', 'g'), '-') AS name
FROM history.token_price
SEMI JOIN history.model AS m ON m.developer = provider
ANTI JOIN history.model_alias AS a ON a.name = listing
ORDER BY ALL;

CREATE TEMP TABLE moved_alias AS
SELECT name, model, valid_from, least(until, lead(valid_from) OVER turns) AS valid_to, lead(valid_from) OVER turns AS next_from
FROM (
    SELECT name, arg_min(model, (source, model)) AS model, valid_from, CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END AS until
    FROM said_alias WHERE moves GROUP BY name, valid_from
)
WINDOW turns AS (PARTITION BY name ORDER BY valid_from);

INSERT INTO moved_alias
SELECT a.name, a.model, m.valid_to, m.next_from, NULL
FROM moved_alias AS m
INNER JOIN history.model_alias AS a ON a.name = m.name AND a.model LIKE '%-latest' AND a.valid_to IS NULL
WHERE m.valid_to < coalesce(m.next_from, 'infinity');

UPDATE history.model_alias SET valid_to = m.first_on
FROM (SELECT name, min(valid_from) AS first_on FROM moved_alias GROUP BY name) AS m
WHERE model_alias.name = m.name AND model_alias.model LIKE '%-latest' AND model_alias.valid_to IS NULL;

INSERT INTO history.model_alias BY NAME
SELECT name, source, provider, model, valid_from, least(valid_to, lead(valid_from) OVER (PARTITION BY name, source, provider ORDER BY valid_from)) AS valid_to
FROM said_alias WHERE NOT moves
UNION ALL BY NAME
SELECT name, model, valid_from, valid_to FROM moved_alias
ORDER BY ALL;

-- The days on which a listing began to mean another model.
CREATE TABLE history.model_turns AS
SELECT name, list(DISTINCT turn ORDER BY turn) AS turns
FROM (SELECT name, unnest([valid_from, valid_to]) AS turn FROM history.model_alias)
WHERE turn IS NOT NULL
GROUP BY name;

-- What was said of a series at one time is a vintage: every step a list stated at one capture, or the steps of one
-- document. Most lists state one undated step, the price they show. One that documents days states several, future ones
-- included. A list's dated step that is gone before its day was called off: `withdrawn`, with the price that will not come.
-- A document keeps its place among the documents by its own day, whatever is mended in it later: each version of it counts
-- from `told_at` to `until_at`, and what a version no longer states (`retracted`) it never said.
CREATE TEMP TABLE price_step AS
WITH stated AS (
    SELECT
        p.*, s.kind = 'statement' AS documentary,
        CASE s.kind WHEN 'statement' THEN p.known_at ELSE p.captured_at END AS vintage_at,
        s.kind = 'statement' AND p.absence IS NOT DISTINCT FROM 'unlisted' AS retracted,
        CASE s.kind WHEN 'statement' THEN p.document_id ELSE p.capture_sha256 END AS vintage_name,
        dense_rank() OVER (ORDER BY source, scope, provider, listing, token_kind, price_tier, currency) AS series_id,
        lag(p.value) OVER (
            PARTITION BY source, scope, provider, listing, token_kind, price_tier, currency, valid_from
            ORDER BY captured_at, capture_sha256) AS value_before,
        -- Where a row last stood that the list has no more: not where it stood in whichever capture was loaded first.
        lag(p.locator) OVER (
            PARTITION BY source, scope, provider, listing, token_kind, price_tier, currency, valid_from
            ORDER BY captured_at, capture_sha256) AS locator_before
    FROM history.token_price AS p INNER JOIN history.source AS s USING (source)
),
dated AS (SELECT DISTINCT series_id FROM stated WHERE valid_from IS NOT NULL AND NOT documentary),
vintage AS (
    SELECT series_id, vintage_at, vintage_name, max(first_seen_at) AS vintage_seen_at
    FROM stated SEMI JOIN dated USING (series_id) GROUP BY ALL
),
version AS (
    SELECT
        series_id, vintage_name, vintage_at AS told_at, max(first_seen_at) AS vintage_seen_at,
        min(vintage_at) OVER (PARTITION BY series_id, vintage_name) AS vintage_at,
        lead(vintage_at) OVER versions AS until_at, lead(max(first_seen_at)) OVER versions AS until_seen_at
    FROM stated WHERE documentary GROUP BY series_id, vintage_name, vintage_at
    WINDOW versions AS (PARTITION BY series_id, vintage_name ORDER BY vintage_at)
),
together AS (
    SELECT *, vintage_at AS told_at, first_seen_at AS vintage_seen_at, true AS said_now
    FROM stated ANTI JOIN dated USING (series_id) WHERE NOT documentary
    UNION ALL BY NAME
    SELECT s.* REPLACE (v.vintage_at AS vintage_at), v.told_at, v.until_at, v.vintage_seen_at, v.until_seen_at, true AS said_now
    FROM version AS v
    INNER JOIN stated AS s ON s.series_id = v.series_id AND s.vintage_name = v.vintage_name AND s.vintage_at <= v.told_at
    WHERE s.documentary
    QUALIFY rank() OVER (PARTITION BY v.series_id, v.vintage_name, v.told_at, s.valid_from ORDER BY s.vintage_at DESC) = 1
    UNION ALL BY NAME
    SELECT s.* REPLACE (v.vintage_at AS vintage_at, v.vintage_name AS vintage_name), v.vintage_at AS told_at, v.vintage_seen_at,
        (s.vintage_at, s.vintage_name) = (v.vintage_at, v.vintage_name) AS said_now
    FROM vintage AS v
    INNER JOIN stated AS s ON s.series_id = v.series_id AND (s.vintage_at, s.vintage_name) <= (v.vintage_at, v.vintage_name)
    QUALIFY row_number() OVER (
        PARTITION BY v.series_id, v.vintage_at, v.vintage_name, s.valid_from ORDER BY s.vintage_at DESC, s.vintage_name DESC) = 1
)
SELECT
    * EXCLUDE (value_before, locator_before) REPLACE (
        CASE WHEN absence = 'unlisted' THEN coalesce(locator_before, locator) ELSE locator END AS locator,
        CASE WHEN status = 'absent' AND valid_from > CAST(vintage_at AS DATE) AND NOT documentary AND absence <> 'ended'
            AND value_before IS NOT NULL THEN 'withdrawn' ELSE status END AS status,
        CASE WHEN status = 'absent' AND NOT documentary THEN value_before ELSE value END AS value),
    -- A price without a day counts from the day of its document, whenever that came to us, or from the capture that shows it.
    coalesce(valid_from, CAST(CASE WHEN documentary THEN vintage_at ELSE captured_at END AS DATE)) AS starts_on,
    status NOT IN ('absent', 'withdrawn') AS sold,
    absence IS NOT DISTINCT FROM 'unlisted' AS vanished
FROM together;

-- A price book is a timeline: each vintage overrides what was said before, from its own first day on. The state `absent`
-- stands where a list states no price in force; its value is the last one known. A document says nothing of the days
-- before those it names.
CREATE TABLE history.price_state AS
WITH kept AS (
    SELECT * FROM price_step WHERE sold OR (status = 'absent' AND (documentary OR (absence = 'ended' AND valid_from IS NOT NULL)))
    UNION ALL
    SELECT * FROM price_step WHERE status = 'withdrawn' AND said_now
    UNION ALL
    SELECT * REPLACE (CAST(vintage_at AS DATE) AS starts_on, 'absent' AS status, false AS sold) FROM (
        FROM price_step
        QUALIFY NOT documentary AND NOT bool_or(sold AND starts_on <= CAST(vintage_at AS DATE)) OVER (PARTITION BY series_id, vintage_at, vintage_name)
    )
    QUALIFY row_number() OVER (PARTITION BY series_id, vintage_at, vintage_name ORDER BY valid_from NULLS FIRST) = 1
)
SELECT
    k.* EXCLUDE (said_now, until_seen_at),
    -- What a blended price of a model is made of; the same for every row of a series.
    token_kind IN ('input', 'output') AND price_tier IN ('standard', 'peak', 'off_peak')
    AND (listing IN (SELECT name FROM history.model_alias) OR (listing, provider) IN (SELECT (listing, provider) FROM history.undeclared_listing)) AS blends,
    s.source_order,
    s.stale_after_days,
    greatest(told_at, vintage_seen_at) AS seen_from,
    greatest(until_at, until_seen_at) AS unseen_from,
    dense_rank() OVER (PARTITION BY series_id ORDER BY vintage_at, vintage_name) AS vintage_no,
    least(
        CASE WHEN NOT documentary THEN CAST(vintage_at AS DATE) END,
        min(starts_on) FILTER (NOT retracted AND (documentary OR status <> 'withdrawn')) OVER (
            PARTITION BY series_id, vintage_at, vintage_name, told_at)) AS covers_from,
    CASE WHEN status = 'withdrawn' THEN starts_on ELSE lead(starts_on) OVER (
        PARTITION BY series_id, vintage_at, vintage_name, told_at, retracted, status = 'withdrawn' ORDER BY starts_on, valid_from NULLS FIRST) END AS next_step_on,
    row_number() OVER (
        ORDER BY vintage_at, vintage_name, told_at, source, scope, provider, listing, token_kind, price_tier, currency, sold, starts_on,
            valid_from NULLS FIRST) AS seq
FROM kept AS k
INNER JOIN history.source AS s USING (source)
ORDER BY provider, listing, token_kind, price_tier, seq;

-- The spans in which a list sold anything of a seller, known model or not, and how many prices: only a list that does can speak
-- for the seller, and one that does speaks, whatever part of its rows is asked for.
CREATE TABLE history.price_presence AS
WITH vintage AS (
    SELECT
        source, provider, currency, series_id, vintage_no, vintage_at, min(seen_from) AS seen_from,
        CAST(bool_or(sold AND starts_on <= CAST(vintage_at AS DATE)) AS INTEGER) AS sells
    FROM history.price_state WHERE NOT documentary AND status <> 'withdrawn' GROUP BY ALL
),
turn AS (
    SELECT *, sells - coalesce(lag(sells) OVER (PARTITION BY series_id ORDER BY vintage_no), 0) AS more
    FROM vintage
)
SELECT
    source, provider, currency, vintage_at AS from_at, lead(vintage_at) OVER listed AS until_at, min(seen_from) AS seen_from,
    CAST(sum(sum(more)) OVER listed AS BIGINT) AS prices_listed
FROM turn
WHERE more <> 0
GROUP BY source, provider, currency, vintage_at
WINDOW listed AS (PARTITION BY source, provider, currency ORDER BY vintage_at)
QUALIFY prices_listed > 0
ORDER BY source, provider, currency, vintage_at;

-- Many listings gone in one capture are upkeep of the list, not so many models taken off sale: at least 20, and a tenth
-- of the list or half of what it has of one seller. A listing is counted by its plain input price.
CREATE TABLE history.price_removal AS
WITH turn AS (
    SELECT
        source, scope, provider, listing, vintage_at, vintage_name, vanished, status = 'absent' AS gone,
        coalesce(lag(status = 'absent') OVER (PARTITION BY series_id ORDER BY seq), true) AS was_gone
    FROM history.price_state
    WHERE token_kind = 'input' AND price_tier = 'standard' AND status <> 'withdrawn' AND NOT documentary AND absence IS DISTINCT FROM 'ended'
),
by_seller AS (
    SELECT
        source, scope, provider, vintage_at, vintage_name,
        count(*) FILTER (gone AND NOT was_gone AND vanished) AS removed,
        count(*) FILTER (NOT gone AND was_gone) - count(*) FILTER (gone AND NOT was_gone) AS net
    FROM turn GROUP BY ALL
),
by_list AS (
    SELECT
        *,
        coalesce(sum(net_in_list) OVER (
            PARTITION BY source, scope ORDER BY vintage_at, vintage_name ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS listed_before
    FROM (
        SELECT source, scope, vintage_at, vintage_name, sum(removed) AS removed_in_list, sum(net) AS net_in_list
        FROM by_seller GROUP BY ALL
    )
)
SELECT
    source, scope, provider, vintage_at AS removed_at, vintage_name AS capture_sha256, removed AS listings_removed,
    CAST(coalesce(sum(net) OVER (
        PARTITION BY source, scope, provider ORDER BY vintage_at, vintage_name ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
        AS BIGINT) AS listings_before,
    CAST(removed_in_list AS BIGINT) AS removed_in_list, CAST(listed_before AS BIGINT) AS listed_before
FROM by_seller INNER JOIN by_list USING (source, scope, vintage_at, vintage_name)
QUALIFY removed > 0 AND (
    (removed_in_list >= 20 AND removed_in_list >= 0.1 * listed_before) OR (removed >= 20 AND removed >= 0.5 * listings_before))
ORDER BY removed_at, source, scope, provider;

INSERT INTO history.issue BY NAME
SELECT
    source, scope, capture_sha256, removed_at AS captured_at, 'notice' AS severity, 'mass removal' AS reason, '' AS locator,
    format('{} of {} listings of {} are gone from the list ({} of {} in all): upkeep, kept as absent',
        listings_removed, listings_before, provider, removed_in_list, listed_before) AS detail,
    removed_at AS first_seen_at
FROM history.price_removal;

-- A quarter of a list's prices gone, or more, since the capture before: told of whatever is compared with that when it comes.
INSERT INTO history.issue BY NAME
WITH turn AS (
    SELECT
        source, scope, captured_at, capture_sha256, first_seen_at, status <> 'absent' AS stated,
        coalesce(lag(status <> 'absent') OVER (
            PARTITION BY source, scope, provider, listing, token_kind, price_tier, currency, valid_from ORDER BY captured_at, capture_sha256), false) AS stated_before
    FROM history.token_price SEMI JOIN (FROM history.source WHERE kind = 'snapshot') AS s USING (source)
),
counted AS (
    SELECT
        source, scope, captured_at, capture_sha256, max(first_seen_at) AS first_seen_at, count_if(stated_before AND NOT stated) AS gone,
        count_if(stated AND NOT stated_before) - count_if(stated_before AND NOT stated) AS net
    FROM turn GROUP BY ALL
),
compared AS (
    SELECT *, CAST(coalesce(sum(net) OVER (
        PARTITION BY source, scope ORDER BY captured_at, capture_sha256 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS BIGINT) AS held
    FROM counted
)
SELECT
    source, scope, capture_sha256, captured_at, 'notice' AS severity, 'much of a list is gone' AS reason, '' AS locator,
    format('{:,} of the {:,} figures of the capture before', gone, held) AS detail, first_seen_at
FROM compared
SEMI JOIN (FROM history.capture WHERE outcome = 'loaded' AND origin IN ('fetched', 'ingested')) AS c
    ON c.source = compared.source AND c.scope = compared.scope AND c.taken_at = captured_at AND c.sha256 = capture_sha256
WHERE held >= 10 AND gone >= 0.25 * held
ORDER BY ALL;

-- What a list moved by ten times or more in one capture is told; token_price_in_force (31_price_book.sql) says when it counts.
INSERT INTO history.issue BY NAME
SELECT
    source, scope, capture_sha256, captured_at, 'notice' AS severity, 'ten times off the same listing before' AS reason, locator,
    format('{} {} {}: {} after {}', provider, listing, token_kind, value, value_before) AS detail, first_seen_at
FROM (
    -- A name that means another listing now has moved no price.
    SELECT *, CASE WHEN alias_of IS NOT DISTINCT FROM lag(alias_of) OVER states THEN lag(value) OVER states END AS value_before
    FROM history.price_state WHERE NOT documentary AND status NOT IN ('absent', 'withdrawn')
    WINDOW states AS (PARTITION BY series_id ORDER BY seq)
)
WHERE valid_from IS NULL AND greatest(value / value_before, value_before / value) >= 9.999999
ORDER BY ALL;

-- What one unit of each currency a list may quote in costs in dollars, day by day; the euro itself included. Each with the span in
-- which both of its rates were the answer.
CREATE TABLE history.usd_cross_answer AS
WITH rates AS (
    SELECT s.quote_currency, s.rate_on, s.value AS rate, a.strict_answer, a.answers_from, a.answers_through
    FROM history.fx_answer AS a INNER JOIN history.fx_state AS s USING (seq)
    WHERE s.base_currency = 'EUR'
),
dollar AS (FROM rates WHERE quote_currency = 'USD')
SELECT
    r.quote_currency AS currency, r.rate_on, d.rate / r.rate AS usd, r.strict_answer, greatest(r.answers_from, d.answers_from) AS answers_from,
    least(r.answers_through, d.answers_through) AS answers_through
FROM rates AS r
INNER JOIN dollar AS d ON d.rate_on = r.rate_on AND d.strict_answer = r.strict_answer
WHERE r.quote_currency <> 'USD' AND r.answers_from <= d.answers_through AND d.answers_from <= r.answers_through
UNION ALL
SELECT 'EUR', rate_on, rate, strict_answer, answers_from, answers_through FROM dollar
ORDER BY strict_answer, currency, rate_on, answers_from;

CREATE MACRO usd_cross_as_of(t, strict := false) AS TABLE
    SELECT currency, rate_on, usd FROM history.usd_cross_answer
    WHERE as_of_instant(t) BETWEEN answers_from AND answers_through AND strict_answer = strict;
