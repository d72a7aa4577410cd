-- Whether a figure and the one it is compared with are of one vintage: the other was what it is when the figure was last
-- stated, anew or again, and where the figure was restated the other was restated too.
CREATE MACRO one_vintage(last, before, other_since) AS other_since <= last AND (before IS NULL OR other_since > before);

-- Two figures of one line of which neither was ever another are of one vintage, whichever was stated first: a comparative may
-- be stated only a year later.
CREATE MACRO never_restated(before, other_before, concept, other_concept) AS
    before IS NULL AND other_before IS NULL AND concept = other_concept;

-- Two tags may state two lines of a company's statements, and a sum over both is neither (Amazon's purchases net of incentives to
-- 2017, gross from 2018 on). What a person entered names no line.
CREATE MACRO one_line(line, other_line) AS coalesce(line = other_line OR NOT contains(line, ':') OR NOT contains(other_line, ':'), true);

-- Trailing twelve months at each fiscal quarter, within one definition, one line and one vintage: the year as filed at its end, and
-- otherwise the year before, plus the year to date, less the year to date of the year before. A restated quarter among
-- quarters that were not would give a year no filing ever said. Where one of the three is not stated, four quarters
-- are added up, restated ones with others stated since then. value is NULL
-- where that cannot be, and not_known says why; quarter_value is NULL at the end of a year that has no fourth quarter.
-- Each row with the span in which it is the answer: what is known of a line (one metric of a company by one definition) changes
-- only at a moment at which one of its figures does. strict_answer: by what was loaded here.
CREATE TEMP TABLE trailing_of_line AS
WITH held AS (
    SELECT
        n.company, n.metric, n.definition, n.unit, n.period_kind, n.fiscal_year, coalesce(n.fiscal_quarter, 4) AS fiscal_quarter, n.calendar_year,
        n.calendar_quarter, n.period_end, n.value, v.since, n.known_at AS last, v.before, n.evidence_tier AS tier, n.concept, n.line,
        dense_rank() OVER (ORDER BY v.strict_answer, n.company, n.metric, n.definition) AS line_id, v.strict_answer, v.answers_from, v.answers_through
    FROM history.vintage_answer AS v INNER JOIN history.company_period AS n ON n.seq = v.seq
),
moment AS (
    SELECT
        line_id, stands_at, lead(stands_at) OVER (PARTITION BY line_id ORDER BY stands_at) AS next_at,
        row_number() OVER (ORDER BY line_id, stands_at) AS moment_no
    FROM (
        SELECT line_id, answers_from AS stands_at FROM held
        UNION
        SELECT line_id, answers_through + INTERVAL 1 MICROSECOND FROM held WHERE isfinite(answers_through)
    )
),
stated AS MATERIALIZED (
    SELECT h.* EXCLUDE (answers_from, answers_through), m.moment_no
    FROM moment AS m INNER JOIN held AS h ON h.line_id = m.line_id AND m.stands_at BETWEEN h.answers_from AND h.answers_through
),
quarter AS (SELECT * FROM stated WHERE period_kind = 'quarter'),
-- The first quarter's year to date is the quarter.
longer AS (SELECT * FROM stated WHERE period_kind <> 'quarter' OR fiscal_quarter = 1),
of_quarters AS (
    SELECT
        moment_no, fiscal_year, fiscal_quarter, coalesce(beside_longer, false) AS beside_longer, sum(value) OVER four AS total, count(*) OVER four AS quarters,
        max(since) FILTER (before IS NOT NULL) OVER four > min(last) OVER four AS of_two_vintages, max(since) OVER four AS four_since, max(tier) OVER four AS four_tier,
        max(line) FILTER (contains(line, ':')) OVER four <> min(line) FILTER (contains(line, ':')) OVER four AS of_two_lines
    FROM quarter
    LEFT JOIN (SELECT DISTINCT moment_no, true AS beside_longer FROM stated WHERE period_kind <> 'quarter') USING (moment_no)
    WINDOW four AS (
        PARTITION BY moment_no ORDER BY fiscal_year * 4 + fiscal_quarter
        RANGE BETWEEN 3 PRECEDING AND CURRENT ROW)
),
operands AS (
    SELECT
        q.*, f.quarters IS NOT NULL AND CASE
            WHEN f.quarters < 4 THEN NOT f.beside_longer
            WHEN q.fiscal_quarter = 4 THEN y.value IS NULL
            ELSE b.value IS NULL OR n.value IS NULL OR p.value IS NULL
        END AS of_quarters_alone, f.total, f.quarters, f.of_two_vintages, f.four_since, f.four_tier, f.of_two_lines,
        {value: y.value, since: y.since, tier: y.tier} AS full_year,
        {value: b.value, since: b.since, last: b.last, before: b.before, tier: b.tier, concept: b.concept, line: b.line} AS year_before,
        {value: n.value, since: n.since, last: n.last, before: n.before, tier: n.tier, concept: n.concept, line: n.line} AS to_date,
        {value: p.value, since: p.since, before: p.before, tier: p.tier, concept: p.concept, line: p.line} AS to_date_before
    FROM quarter AS q
    LEFT JOIN of_quarters AS f USING (moment_no, fiscal_year, fiscal_quarter)
    LEFT JOIN longer AS y
        ON q.moment_no = y.moment_no AND y.period_kind = 'year' AND CASE WHEN q.fiscal_quarter = 4 THEN q.fiscal_year END = y.fiscal_year
    LEFT JOIN longer AS b
        ON q.moment_no = b.moment_no AND b.period_kind = 'year' AND CASE WHEN q.fiscal_quarter < 4 THEN q.fiscal_year - 1 END = b.fiscal_year
    LEFT JOIN longer AS n
        ON q.moment_no = n.moment_no AND q.fiscal_year = n.fiscal_year AND q.fiscal_quarter = n.fiscal_quarter AND n.fiscal_quarter < 4
    LEFT JOIN longer AS p
        ON q.moment_no = p.moment_no AND q.fiscal_year - 1 = p.fiscal_year AND q.fiscal_quarter = p.fiscal_quarter AND p.fiscal_quarter < 4
),
judged AS (
    SELECT
        *,
        CASE
            WHEN of_quarters_alone AND quarters < 4 THEN 'four quarters'
            WHEN of_quarters_alone AND of_two_lines THEN 'one line'
            WHEN of_quarters_alone AND of_two_vintages THEN 'one vintage'
            WHEN of_quarters_alone THEN NULL
            WHEN fiscal_quarter = 4 THEN CASE WHEN full_year.value IS NULL THEN 'the year' END
            WHEN year_before.value IS NULL THEN 'the year before'
            WHEN to_date.value IS NULL THEN 'the year to date'
            WHEN to_date_before.value IS NULL THEN 'the year to date a year before'
            WHEN NOT (one_line(year_before.line, to_date.line) AND one_line(to_date.line, to_date_before.line) AND one_line(year_before.line, to_date_before.line))
                THEN 'one line'
            WHEN NOT one_vintage(year_before.last, year_before.before, to_date_before.since)
                AND NOT never_restated(year_before.before, to_date_before.before, year_before.concept, to_date_before.concept) THEN 'one vintage'
            WHEN NOT one_vintage(to_date.last, to_date.before, to_date_before.since)
                AND NOT never_restated(to_date.before, to_date_before.before, to_date.concept, to_date_before.concept) THEN 'one vintage'
        END AS not_known
    FROM operands
),
summed AS (
    SELECT
        moment_no, company, metric, definition, unit, fiscal_year, fiscal_quarter, calendar_year, calendar_quarter, period_end,
        value AS quarter_value,
        CASE
            WHEN not_known IS NOT NULL THEN NULL
            WHEN of_quarters_alone THEN total
            WHEN fiscal_quarter = 4 THEN full_year.value
            ELSE year_before.value + to_date.value - to_date_before.value
        END AS value,
        not_known,
        greatest(
            since, CASE WHEN of_quarters_alone THEN four_since END, full_year.since, year_before.since, to_date.since, to_date_before.since,
            CASE WHEN to_date_before.before IS NOT NULL AND to_date_before.since > year_before.since THEN year_before.last END,
            CASE WHEN to_date_before.before IS NOT NULL AND to_date_before.since > to_date.since THEN to_date.last END) AS known_at,
        greatest(tier, CASE WHEN of_quarters_alone THEN four_tier END, full_year.tier, year_before.tier, to_date.tier, to_date_before.tier) AS tier
    FROM judged
    UNION ALL BY NAME
    -- A year whose fourth quarter nothing gives (Amazon states depreciation once a year) is no less a year.
    SELECT
        moment_no, company, metric, definition, unit, fiscal_year, fiscal_quarter, CAST(year(period_end - INTERVAL 45 DAY) AS INTEGER) AS calendar_year,
        CAST(quarter(period_end - INTERVAL 45 DAY) AS INTEGER) AS calendar_quarter, period_end, NULL::DOUBLE AS quarter_value, value,
        NULL::VARCHAR AS not_known, since AS known_at, tier
    FROM stated AS y ANTI JOIN quarter AS q USING (moment_no, fiscal_year, fiscal_quarter)
    WHERE y.period_kind = 'year'
),
-- A row that the next moment leaves as it is goes on.
run AS (
    SELECT s.*, m.stands_at, m.next_at, m.line_id, s.moment_no - dense_rank() OVER (
        PARTITION BY m.line_id, s.unit, s.fiscal_year, s.fiscal_quarter, s.calendar_year, s.calendar_quarter, s.period_end, s.quarter_value, s.value, s.not_known,
            s.known_at, s.tier
        ORDER BY s.moment_no) AS run_no
    FROM summed AS s INNER JOIN moment AS m ON m.moment_no = s.moment_no
)
SELECT * EXCLUDE (line_id, run_no)
FROM (
    SELECT
        r.* EXCLUDE (moment_no, stands_at, next_at), h.strict_answer, min(r.stands_at) AS answers_from,
        max(coalesce(r.next_at, 'infinity')) - INTERVAL 1 MICROSECOND AS answers_through
    FROM run AS r INNER JOIN (SELECT DISTINCT line_id, strict_answer FROM held) AS h ON h.line_id = r.line_id
    GROUP BY ALL
);

-- A metric computed from others has the trailing year of its terms, each of one vintage: its own figures hide whose restatement
-- moved them, and of a period that it gives for the first time a term may have been restated long before.
CREATE TABLE history.trailing_answer AS
WITH term AS (
    SELECT
        d.company, d.metric, d.definition, d.sign, o.strict_answer, o.fiscal_year, o.fiscal_quarter, o.value, o.not_known, o.known_at, o.tier,
        o.answers_from, o.answers_through
    FROM history.derivation_term AS d
    INNER JOIN trailing_of_line AS o ON o.company = d.company AND o.metric = d.operand AND o.definition = d.operand_definition
),
number_of_terms AS (SELECT company, metric, definition, count(*) AS terms FROM history.derivation_term GROUP BY ALL),
computed AS (FROM trailing_of_line SEMI JOIN number_of_terms USING (company, metric, definition)),
turn AS (
    SELECT strict_answer, company, metric, definition, fiscal_year, fiscal_quarter, answers_from AS since FROM computed
    UNION
    SELECT strict_answer, company, metric, definition, fiscal_year, fiscal_quarter, answers_through + INTERVAL 1 MICROSECOND
    FROM computed WHERE isfinite(answers_through)
    UNION
    SELECT strict_answer, company, metric, definition, fiscal_year, fiscal_quarter, answers_from FROM term
    UNION
    SELECT strict_answer, company, metric, definition, fiscal_year, fiscal_quarter, answers_through + INTERVAL 1 MICROSECOND
    FROM term WHERE isfinite(answers_through)
),
piece AS (
    SELECT
        *, coalesce(lead(since) OVER (
            PARTITION BY strict_answer, company, metric, definition, fiscal_year, fiscal_quarter ORDER BY since), 'infinity') AS until
    FROM turn
),
of_terms AS (
    SELECT
        p.strict_answer, p.company, p.metric, p.definition, p.fiscal_year, p.fiscal_quarter, p.since, p.until,
        sum(t.sign * t.value) AS value, count(t.value) AS known, min(t.not_known) AS not_known, max(t.known_at) AS known_at, max(t.tier) AS tier
    FROM piece AS p
    INNER JOIN term AS t USING (strict_answer, company, metric, definition, fiscal_year, fiscal_quarter)
    WHERE p.since BETWEEN t.answers_from AND t.answers_through
    GROUP BY ALL
),
told AS (
    SELECT
        c.company, c.metric, c.definition, c.unit, c.fiscal_year, c.fiscal_quarter, c.calendar_year, c.calendar_quarter, c.period_end,
        c.quarter_value, CASE WHEN o.known = n.terms THEN o.value END AS value,
        CASE WHEN o.known IS DISTINCT FROM n.terms THEN coalesce(c.not_known, o.not_known, 'the year to date') END AS not_known,
        greatest(c.known_at, o.known_at) AS known_at, greatest(c.tier, o.tier) AS tier, c.strict_answer, p.since, p.until
    FROM piece AS p
    INNER JOIN computed AS c USING (strict_answer, company, metric, definition, fiscal_year, fiscal_quarter)
    INNER JOIN number_of_terms AS n USING (company, metric, definition)
    LEFT JOIN of_terms AS o USING (strict_answer, company, metric, definition, fiscal_year, fiscal_quarter, since)
    WHERE p.since BETWEEN c.answers_from AND c.answers_through
),
run AS (
    SELECT *, count(*) FILTER (turns) OVER (key ORDER BY since) AS run_no
    FROM (
        SELECT
            *, (unit, calendar_year, calendar_quarter, period_end, quarter_value, value, not_known, known_at, tier, since) IS DISTINCT FROM lag(
                (unit, calendar_year, calendar_quarter, period_end, quarter_value, value, not_known, known_at, tier, until)) OVER (key ORDER BY since) AS turns
        FROM told
        WINDOW key AS (PARTITION BY strict_answer, company, metric, definition, fiscal_year, fiscal_quarter)
    )
    WINDOW key AS (PARTITION BY strict_answer, company, metric, definition, fiscal_year, fiscal_quarter)
)
FROM trailing_of_line ANTI JOIN number_of_terms USING (company, metric, definition)
UNION ALL BY NAME
SELECT
    * EXCLUDE (since, until, turns, run_no), min(since) AS answers_from, max(until) - INTERVAL 1 MICROSECOND AS answers_through
FROM run
GROUP BY ALL
ORDER BY strict_answer, company, metric, definition, period_end, answers_from;

CREATE MACRO trailing_year_as_of(t, strict := false) AS TABLE
    SELECT * EXCLUDE (strict_answer, answers_from, answers_through) FROM history.trailing_answer
    WHERE as_of_instant(t) BETWEEN answers_from AND answers_through AND strict_answer = strict;
