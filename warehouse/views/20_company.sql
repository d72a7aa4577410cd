-- seq orders the rows of a series by what was known last. A row is the answer of its series from known_at until
-- known_until; a row that only repeats a value (later filings repeat most figures) leaves the answer to the row that
-- first stated it. seen_from and seen_until say the same of what this warehouse had loaded (strict).
CREATE TABLE history.company_period AS
WITH named AS (
    SELECT
        p.*,
        s.source_order,
        coalesce(metric, concept) AS subject,
        CASE WHEN period_kind IN ('quarter', 'half', 'nine_months', 'year') THEN NULL ELSE period_start END AS loose_start,
        CASE WHEN period_kind IN ('quarter', 'half', 'nine_months', 'year') THEN NULL ELSE period_end END AS loose_end
    FROM staged_company_period AS p
    INNER JOIN history.source AS s USING (source)
),
ordered AS (
    SELECT
        * EXCLUDE (subject, loose_start, loose_end),
        dense_rank() OVER (
            ORDER BY company, subject, dimensions, definition, unit, period_kind, fiscal_year, fiscal_quarter, loose_start, loose_end
        ) AS subject_id,
        dense_rank() OVER (
            ORDER BY company, subject, dimensions, definition, unit, period_kind, fiscal_year, fiscal_quarter, loose_start, loose_end,
                source, evidence_tier
        ) AS series_id,
        row_number() OVER (
            ORDER BY known_at, preference, decimals, document_id, capture_sha256, locator, concept, period_start, period_end, value
        ) AS seq
    FROM named
),
runs AS (
    SELECT
        *,
        greatest(first_seen_at, known_at) AS seen_from,
        (value, value_low, value_high, status IN ('absent', 'withdrawn')) IS DISTINCT FROM
            lag((value, value_low, value_high, status IN ('absent', 'withdrawn'))) OVER (PARTITION BY series_id ORDER BY seq) AS turns
    FROM ordered
)
SELECT
    * EXCLUDE (turns),
    CASE WHEN turns THEN coalesce(min(CASE WHEN turns THEN known_at END) OVER later, 'infinity') ELSE known_at END AS known_until,
    coalesce(min(seen_from) OVER later, 'infinity') AS seen_until
FROM runs
WINDOW later AS (PARTITION BY series_id ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
ORDER BY company, metric, period_end, seq;

-- The answers, each with the span in which it is one: of everything stated of a figure the best tier speaks, then the source
-- declared first (of two declared alike the first by name). A better source may begin later, and may withdraw what it said:
-- where several speak, the span of each is cut at every instant at which one of them begins or ends. strict_answer: by what
-- was loaded here. A macro need not choose then, which took it longer than all else it does.
CREATE TABLE history.company_answer AS
WITH span AS (
    SELECT
        subject_id, seq, {tier: evidence_tier, source_order: source_order, source: source} AS rank, UNNEST([
            {strict: false, since: known_at, until: known_until}, {strict: true, since: seen_from, until: seen_until}], recursive := true)
    FROM history.company_period
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
    evidence_tier AS tier, source, source_url, document_id, form, formula, inputs, note, capture_sha256, locator, first_seen_at,
    h.strict AS strict_answer, h.since AS answers_from, h.until - INTERVAL 1 MICROSECOND AS answers_through
FROM history.company_period INNER JOIN held AS h USING (seq)
ORDER BY company, metric, period_end, seq;

CREATE MACRO company_fact_as_of(t, strict := false) AS TABLE
    SELECT
        company, metric, concept, dimensions, definition, period_kind, fiscal_year, fiscal_quarter, calendar_year,
        calendar_quarter, period_start, period_end, value, value_low, value_high, value_exact, unit, currency, status,
        known_at, known_at_basis, tier, source, source_url, document_id, form, formula, inputs, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.company_answer
    WHERE as_of_instant(t) BETWEEN answers_from AND answers_through AND strict_answer = strict;

-- The columns stand here again, without period_kind, because a macro on a macro takes half as long again to plan: one
-- series is read in less time than that.
CREATE MACRO company_quarter_as_of(t, strict := false) AS TABLE
    SELECT
        company, metric, concept, dimensions, definition, fiscal_year, fiscal_quarter, calendar_year, calendar_quarter, period_start,
        period_end, value, value_low, value_high, value_exact, unit, currency, status, known_at, known_at_basis, tier,
        source, source_url, document_id, form, formula, inputs, note, evidence_name(source, capture_sha256, locator) AS evidence_id,
        capture_sha256, locator, first_seen_at
    FROM history.company_answer
    WHERE as_of_instant(t) BETWEEN answers_from AND answers_through AND strict_answer = strict
        AND metric IS NOT NULL AND period_kind IN ('quarter', 'instant');

-- The same with what was said first of each figure, whatever was said of it later.
CREATE MACRO company_fact_first_as_of(t) AS TABLE
    SELECT
        company, metric, concept, dimensions, definition, period_kind, fiscal_year, fiscal_quarter, calendar_year,
        calendar_quarter, period_start, period_end, value, value_low, value_high, value_exact, unit, currency, status,
        known_at, known_at_basis, evidence_tier AS tier, source, source_url, document_id, form, formula, inputs, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.company_period
    WHERE known_at <= as_of_instant(t) AND status NOT IN ('absent', 'withdrawn')
    QUALIFY row_number() OVER (
        PARTITION BY company, metric, subject_id ORDER BY known_at, evidence_tier, source_order, preference DESC, seq DESC) = 1;

CREATE MACRO company_quarter_first_as_of(t) AS TABLE
    SELECT * EXCLUDE (period_kind)
    FROM company_fact_first_as_of(t)
    WHERE metric IS NOT NULL AND period_kind IN ('quarter', 'instant');

CREATE VIEW company_fact AS FROM company_fact_as_of(as_of_now());
CREATE VIEW company_quarter AS FROM company_quarter_as_of(as_of_now());

-- What was said first of each quarter or instant; the best source of the first day.
CREATE MACRO first_print(company, metric) AS TABLE
    SELECT
        p.company, p.metric, p.definition, p.fiscal_year, p.fiscal_quarter, p.calendar_year, p.calendar_quarter, p.period_start,
        p.period_end, p.value, p.value_low, p.value_high, p.value_exact, p.unit, p.status, p.known_at, p.known_at_basis,
        p.evidence_tier AS tier, p.source, p.source_url, p.document_id, p.note,
        evidence_name(p.source, p.capture_sha256, p.locator) AS evidence_id
    FROM history.company_period AS p
    WHERE p.company = company AND p.metric = metric AND p.period_kind IN ('quarter', 'instant')
        AND p.status NOT IN ('absent', 'withdrawn')
    QUALIFY row_number() OVER (
        PARTITION BY p.subject_id ORDER BY p.known_at, p.evidence_tier, p.source_order, p.preference DESC, p.seq DESC) = 1
    ORDER BY p.definition, p.period_end;
