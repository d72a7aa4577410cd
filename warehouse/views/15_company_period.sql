-- seq orders the rows of a series by what was known last. A row is the answer of its series from known_at until
-- known_until; a row that only repeats a value (later filings repeat most figures) leaves the answer to the row that
-- first stated it. A figure stated at last ends the difference that gave it before, whatever it says. seen_from and seen_until say the same of what this warehouse had loaded (strict).
-- Companies share no series, so they come some at a time (staged_company_period): all at once would be several times the
-- file in memory. The rows are wide: what is ordered is their places, one company at a time, and the rest is fetched at the end.
CREATE TEMP VIEW staged_period AS
WITH company AS (
    SELECT company, row_number() OVER (ORDER BY company) << 32 AS base FROM (SELECT DISTINCT company FROM history.company_fact)
),
latest AS (
    SELECT
        rowid AS place,
        row_number() OVER (
            PARTITION BY company
            ORDER BY known_at, preference, decimals, document_id, capture_sha256, locator, concept, period_start, period_end, value
        ) AS nth
    FROM staged_company_period
),
named AS (
    SELECT
        rowid AS place, company, dimensions, definition, unit, period_kind, fiscal_year, fiscal_quarter, source, evidence_tier,
        -- A doubtful figure answers for nothing but itself, and nothing else is ended where it is doubted no more.
        CASE WHEN status = 'doubtful' OR (status = 'withdrawn' AND metric IS NULL AND starts_with(set_aside, 'doubtful: ')) THEN concat('doubtful ', concept) ELSE coalesce(metric, concept) END AS subject,
        CASE WHEN period_kind IN ('quarter', 'half', 'nine_months', 'year') THEN NULL ELSE period_start END AS loose_start,
        CASE WHEN period_kind IN ('quarter', 'half', 'nine_months', 'year') THEN NULL ELSE period_end END AS loose_end
    FROM staged_company_period
),
alike AS (
    SELECT
        place,
        company,
        dense_rank() OVER subjects AS subject_nth,
        dense_rank() OVER (
            PARTITION BY company
            ORDER BY subject, dimensions, definition, unit, period_kind, fiscal_year, fiscal_quarter, loose_start, loose_end,
                source, evidence_tier
        ) AS series_nth
    FROM named
    WINDOW subjects AS (
        PARTITION BY company
        ORDER BY subject, dimensions, definition, unit, period_kind, fiscal_year, fiscal_quarter, loose_start, loose_end)
),
ordered AS (
    SELECT place, base + subject_nth AS subject_id, base + series_nth AS series_id, base + nth AS seq
    FROM alike INNER JOIN latest USING (place) INNER JOIN company USING (company)
),
-- Of several rows of one instant only the last is ever an answer.
placed AS (
    SELECT
        o.*,
        p.known_at,
        greatest(p.first_seen_at, p.known_at) AS seen_from,
        {value: value, low: value_low, high: value_high, gone: status IN ('absent', 'withdrawn'), derived: status = 'derived'} AS state,
        seq = max(seq) OVER (PARTITION BY series_id, p.known_at) AS last_of_instant
    FROM ordered AS o INNER JOIN staged_company_period AS p ON o.place = p.rowid
),
runs AS (
    SELECT * EXCLUDE (state), last_of_instant AND state IS DISTINCT FROM lag(state) OVER (PARTITION BY series_id, last_of_instant ORDER BY seq) AS turns
    FROM placed
),
spans AS (
    SELECT
        place, subject_id, series_id, seq, seen_from,
        CASE WHEN turns THEN coalesce(min(CASE WHEN turns THEN known_at END) OVER later, 'infinity') ELSE known_at END AS known_until,
        coalesce(min(seen_from) OVER later, 'infinity') AS seen_until
    FROM runs
    WINDOW later AS (PARTITION BY series_id ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
)
SELECT p.*, s.source_order, o.* EXCLUDE (place)
FROM staged_company_period AS p
INNER JOIN spans AS o ON p.rowid = o.place
INNER JOIN history.source AS s USING (source)
ORDER BY company, metric, period_end, seq;

CREATE TABLE history.company_period AS FROM staged_period;

-- The answers, each with the span in which it is one: of everything stated of a figure the best tier speaks, then the source
-- declared first (of two declared alike the first by name). A better source may begin later, and may withdraw what it said:
-- where several speak, the span of each is cut at every instant at which one of them begins or ends. strict_answer: by what
-- was loaded here. A macro need not choose then, which took it longer than all else it does.
CREATE TEMP VIEW staged_answer AS
WITH period AS NOT MATERIALIZED (
    FROM history.company_period SEMI JOIN (SELECT DISTINCT company FROM staged_company_period) USING (company)
),
span AS (
    SELECT
        subject_id, seq, {tier: evidence_tier, source_order: source_order, source: source} AS rank, UNNEST([
            {strict: false, since: known_at, until: known_until}, {strict: true, since: seen_from, until: seen_until}], recursive := true)
    FROM period
    WHERE status NOT IN ('absent', 'withdrawn')
),
spoken AS (FROM span WHERE since < until),
rivals AS (
    SELECT subject_id FROM spoken GROUP BY subject_id HAVING count(DISTINCT rank) > 1
),
turn AS (
    SELECT DISTINCT subject_id, strict, unnest([since, until]) AS since FROM spoken SEMI JOIN rivals USING (subject_id)
),
piece AS (
    SELECT *, lead(since) OVER (PARTITION BY subject_id, strict ORDER BY since) AS until FROM turn
),
held AS (
    SELECT seq, strict, since, until FROM spoken ANTI JOIN rivals USING (subject_id)
    UNION ALL
    SELECT arg_min(s.seq, s.rank), p.strict, p.since, p.until
    FROM piece AS p INNER JOIN spoken AS s
        ON p.subject_id = s.subject_id AND p.strict = s.strict AND s.since <= p.since AND p.since < s.until
    GROUP BY p.subject_id, p.strict, p.since, p.until
)
SELECT
    company, metric, concept, dimensions, definition, period_kind, fiscal_year, fiscal_quarter, calendar_year, calendar_quarter,
    period_start, period_end, value, value_low, value_high, value_exact, unit, currency, status, known_at, known_at_basis,
    evidence_tier AS tier, source, source_url, document_id, form, formula, inputs, basis, note, capture_sha256, locator, first_seen_at,
    h.strict AS strict_answer, h.since AS answers_from, h.until - INTERVAL 1 MICROSECOND AS answers_through
FROM period INNER JOIN held AS h USING (seq)
ORDER BY company, metric, period_end, seq;

CREATE TABLE history.company_answer AS FROM staged_answer;
