CREATE TABLE history.event_state AS
WITH ordered AS (
    SELECT
        e.*,
        s.source_order,
        greatest(e.first_seen_at, e.known_at) AS seen_from,
        dense_rank() OVER (ORDER BY source, event, document_id) AS series_id,
        row_number() OVER (ORDER BY known_at, form_rank, document_id, capture_sha256, locator) AS seq
    FROM history.event AS e
    INNER JOIN history.source AS s USING (source)
)
SELECT
    *,
    coalesce(min(known_at) OVER later, 'infinity') AS known_until,
    coalesce(min(seen_from) OVER later, 'infinity') AS seen_until
FROM ordered
WINDOW later AS (PARTITION BY series_id ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
ORDER BY topic, happened_on, event, seq;

-- One row for each event: the telling of the best tier, among equals the first. told_by counts the documents known.
CREATE MACRO event_as_of(t, strict := false) AS TABLE
    SELECT
        event, topic, subject, code, happened_on, happened_until, value, value_low, value_high, unit, statement_en, statement_zh,
        known_at, known_at_basis, evidence_tier AS tier, count(*) OVER (PARTITION BY event) AS told_by, source, status, document_id, form,
        source_url, note, evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.event_state
    WHERE CASE WHEN strict THEN seen_from <= as_of_instant(t) AND as_of_instant(t) < seen_until ELSE known_at <= as_of_instant(t) AND as_of_instant(t) < known_until END
        AND status NOT IN ('absent', 'withdrawn')
    QUALIFY row_number() OVER (PARTITION BY event ORDER BY evidence_tier, source_order, known_at, seq) = 1;

CREATE VIEW event AS FROM event_as_of(as_of_now());

CREATE TABLE history.guidance_state AS
WITH ordered AS (
    SELECT
        g.*,
        s.source_order,
        greatest(g.first_seen_at, g.known_at) AS seen_from,
        dense_rank() OVER (ORDER BY source, company, metric, definition, unit, target_start, target_end, document_id) AS series_id,
        row_number() OVER (ORDER BY known_at, form_rank, document_id, capture_sha256, locator) AS seq
    FROM history.guidance AS g
    INNER JOIN history.source AS s USING (source)
)
SELECT
    *,
    coalesce(min(known_at) OVER newer, 'infinity') AS known_until,
    coalesce(min(seen_from) OVER newer, 'infinity') AS seen_until
FROM ordered
WINDOW newer AS (PARTITION BY series_id ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
ORDER BY company, metric, definition, target_end, seq;

-- What was guided, and what came of it: the outcome is the figure of the same metric, definition and unit for the same
-- period, or the sum of its quarters where all of them are known. Figures of another definition never stand in.
CREATE MACRO guidance_as_of(t, strict := false) AS TABLE
    WITH known AS (
        SELECT *, min_by(date_earliest, seq) OVER (PARTITION BY company, metric, definition, unit) AS first_date
        FROM history.guidance_state
        WHERE CASE WHEN strict THEN seen_from <= as_of_instant(t) AND as_of_instant(t) < seen_until ELSE known_at <= as_of_instant(t) AND as_of_instant(t) < known_until END
            AND status NOT IN ('absent', 'withdrawn')
    ),
    quarter AS (
        SELECT company, metric, definition, unit, period_start, period_end, value, known_at
        FROM company_quarter_as_of(t, strict := strict)
        WHERE period_start IS NOT NULL AND value IS NOT NULL
    ),
    outcome AS (
        SELECT
            k.seq, max(q.known_at) AS actual_known_at,
            CASE WHEN k.unit = 'USD' THEN sum(q.value) ELSE any_value(q.value) END AS actual
        FROM known AS k
        INNER JOIN quarter AS q
            ON q.company = k.company AND q.metric = k.metric AND q.definition = k.definition AND q.unit = k.unit
            AND q.period_start >= k.target_start AND q.period_end <= k.target_end
        GROUP BY k.seq, k.unit, k.target_start, k.target_end
        HAVING count(*) = round(date_diff('day', k.target_start, k.target_end) / 91.0) AND (k.unit = 'USD' OR count(*) = 1)
    )
    SELECT
        company, metric, definition, target_start, target_end, bound, value, value_low AS low, value_high AS high, unit, date_earliest,
        date_latest,
        row_number() OVER (PARTITION BY company, metric, definition, unit, target_start, target_end ORDER BY known.seq DESC) = 1 AS in_force,
        actual, actual_known_at,
        CASE WHEN unit = 'USD' THEN 100 * (actual / value - 1) ELSE actual - value END AS miss,
        CASE WHEN actual IS NULL THEN NULL WHEN unit = 'USD' THEN 'pct' ELSE 'pct_points' END AS miss_unit,
        round(date_diff('day', first_date, date_earliest) / 30.436875, 1) AS slippage_months,
        statement_en, statement_zh, known_at, known_at_basis, evidence_tier AS tier, source, status, document_id, form, source_url, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM known
    LEFT JOIN outcome USING (seq);

CREATE VIEW guidance AS FROM guidance_as_of(as_of_now());

-- Private inputs: in the analyst's own published file, never in an export. The newest state of the analyst's file speaks for
-- every past day: a line that was mended or taken out was never public, and the day of a price is when it was.
CREATE MACRO market_price_as_of(t, strict := false) AS TABLE
    SELECT
        ticker, price_on, price_kind, currency, value AS price, known_at, source, document_id, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.market_price
    WHERE known_at <= as_of_instant(t) AND (NOT strict OR first_seen_at <= as_of_instant(t))
    QUALIFY row_number() OVER (PARTITION BY ticker, price_on, price_kind, currency ORDER BY captured_at DESC, locator DESC) = 1 AND status <> 'absent';

CREATE VIEW market_price AS FROM market_price_as_of(as_of_now());

CREATE MACRO estimate_as_of(t, strict := false) AS TABLE
    SELECT
        company, metric, horizon, estimated_on, unit, value, known_at, source, document_id, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.estimate
    WHERE known_at <= as_of_instant(t) AND (NOT strict OR first_seen_at <= as_of_instant(t))
    QUALIFY row_number() OVER (PARTITION BY company, metric, horizon, estimated_on, unit ORDER BY captured_at DESC, locator DESC) = 1 AND status <> 'absent';

CREATE VIEW estimate AS FROM estimate_as_of(as_of_now());
