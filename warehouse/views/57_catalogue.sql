-- What is declared, in the file itself: nobody needs a YAML to know what a company, a metric or a definition is.
CREATE VIEW company AS
SELECT
    c.company, c.name, c.cik, c.other_tickers, c.fiscal_year_ends, c.followed,
    coalesce((SELECT list(g.company_group ORDER BY g.company_group) FROM history.company_group AS g WHERE g.company = c.company), []) AS company_groups
FROM history.company AS c
ORDER BY c.company;

CREATE VIEW company_group AS
SELECT company_group, title_en, title_zh, meaning, company FROM history.company_group ORDER BY company_group, company;

CREATE VIEW metric AS
SELECT metric, title_en, title_zh, definition, meaning, unit, period, additive, quantity, concepts, formulas, asked_of
FROM history.metric
ORDER BY metric;

-- By which names lists and boards call a model, in which of them, with which seller and from when to when.
CREATE VIEW model_alias AS
SELECT
    m.model, m.developer, m.released_on, a.name, a.source, a.provider, a.valid_from,
    CASE WHEN a.valid_to <= as_of_instant(as_of_now()) THEN a.valid_to END AS valid_to
FROM history.model AS m
LEFT JOIN history.model_alias AS a ON a.model = m.model
WHERE coalesce(a.valid_from <= as_of_instant(as_of_now()), true)
ORDER BY m.model, a.name, a.valid_from NULLS FIRST, a.source, a.provider;

-- A definition as it is declared, beside what is held of it at t: by whom it was stated first and last, for which periods,
-- and the document that stated it first. One that only statements entered by hand carry has no declaration. An end or a
-- beginning that lies after t is none yet: nobody knew of it.
CREATE MACRO definition_as_of(t, strict := false) AS TABLE
    WITH held AS (
        SELECT
            f.metric, f.definition, f.company, min(f.period_end) AS first_period_end, max(f.period_end) AS last_period_end,
            count(*) AS figures, arg_min(f.document_id, (f.known_at, f.period_end)) AS document_id,
            arg_min(f.source_url, (f.known_at, f.period_end)) AS source_url,
            arg_min(f.evidence_id, (f.known_at, f.period_end)) AS evidence_id, min(f.known_at) AS known_at
        FROM company_fact_as_of(t, strict := strict) AS f
        WHERE f.metric IS NOT NULL
        GROUP BY f.metric, f.definition, f.company
    ),
    -- What is declared for one company goes before what is declared for any.
    declared AS (
        SELECT h.metric, h.definition, h.company, d.stated_by, d.valid_from, d.valid_to, d.formula
        FROM held AS h
        INNER JOIN history.definition AS d
            ON d.metric = h.metric AND d.definition = h.definition AND d.company IN ('', h.company)
        QUALIFY row_number() OVER (
            PARTITION BY h.metric, h.definition, h.company ORDER BY d.company = '', d.valid_from NULLS FIRST, d.formula) = 1
    )
    SELECT
        h.metric, h.definition, h.company, coalesce(d.stated_by, 'statement') AS stated_by,
        CASE WHEN d.valid_from <= as_of_instant(t) THEN d.valid_from END AS valid_from,
        CASE WHEN d.valid_to <= as_of_instant(t) THEN d.valid_to END AS valid_to, d.formula,
        m.definition = h.definition AS is_default, h.first_period_end, h.last_period_end, h.figures, h.document_id, h.source_url,
        h.evidence_id, h.known_at
    FROM held AS h
    LEFT JOIN declared AS d ON d.metric = h.metric AND d.definition = h.definition AND d.company = h.company
    LEFT JOIN history.metric AS m ON m.metric = h.metric
    ORDER BY h.metric, h.company, h.first_period_end, h.definition;

CREATE VIEW definition AS FROM definition_as_of(as_of_now());

-- What is held of each company and metric, quarter by quarter, and what is not: a series that is not there at all has a row
-- too. What is expected are the followed companies times the metrics that any filing may state by tag, and what a company
-- is asked for by hand on print day.
CREATE MACRO coverage_as_of(t, strict := false) AS TABLE
    WITH fact AS (
        SELECT company, metric, definition, unit, period_kind, fiscal_year, fiscal_quarter, period_end, source, known_at
        FROM company_fact_as_of(t, strict := strict)
        WHERE metric IS NOT NULL
    ),
    held AS (
        SELECT
            company, metric, definition, any_value(unit) AS unit, min(period_end) AS first_period_end, max(period_end) AS last_period_end,
            list(DISTINCT fiscal_year * 4 + fiscal_quarter) FILTER (period_kind IN ('quarter', 'instant') AND fiscal_quarter IS NOT NULL) AS quarters,
            count(DISTINCT fiscal_year) FILTER (period_kind = 'year') AS years_held,
            list_sort(list(DISTINCT source)) AS sources, max(known_at) AS last_known_at
        FROM fact
        GROUP BY company, metric, definition
    ),
    -- Up to which quarter a company has said anything.
    told AS (
        SELECT company, max(fiscal_year * 4 + fiscal_quarter) AS newest
        FROM fact
        WHERE period_kind = 'quarter'
        GROUP BY company
    ),
    wanted AS (
        SELECT c.company, m.metric
        FROM history.company AS c CROSS JOIN history.metric AS m
        WHERE c.followed AND (len(m.concepts) > 0 AND m.formulas = [] AND NOT contains(m.metric, 'class') OR list_contains(m.asked_of, c.company))
        UNION
        SELECT company, metric FROM held
    ),
    series AS (
        SELECT w.company, w.metric, h.* EXCLUDE (company, metric), max(list_max(h.quarters)) OVER (PARTITION BY w.company, w.metric) AS newest_of_any
        FROM wanted AS w
        LEFT JOIN held AS h ON h.company = w.company AND h.metric = w.metric
    ),
    missed AS (
        SELECT
            s.company, s.metric, s.definition,
            list(concat('FY', q.fiscal_year, 'Q', q.fiscal_quarter) ORDER BY q.period_end)
                FILTER (q.fiscal_year * 4 + q.fiscal_quarter < list_max(s.quarters)) AS between_them,
            list(concat('FY', q.fiscal_year, 'Q', q.fiscal_quarter) ORDER BY q.period_end)
                FILTER (q.fiscal_year * 4 + q.fiscal_quarter > list_max(s.quarters)) AS since
        FROM series AS s
        INNER JOIN told AS n ON n.company = s.company
        INNER JOIN history.fiscal_quarter AS q
            ON q.company = s.company AND q.fiscal_year * 4 + q.fiscal_quarter BETWEEN list_min(s.quarters) AND n.newest
        WHERE NOT list_contains(s.quarters, q.fiscal_year * 4 + q.fiscal_quarter)
        GROUP BY s.company, s.metric, s.definition
    )
    SELECT
        s.company, s.metric, s.definition, s.unit, s.first_period_end, s.last_period_end, coalesce(len(s.quarters), 0) AS quarters_held,
        coalesce(s.years_held, 0) AS years_held, coalesce(m.between_them, []) || coalesce(m.since, []) AS quarters_missing,
        list_filter([
            CASE WHEN s.definition IS NULL THEN 'no source that was read states it' END,
            CASE WHEN s.quarters IS NULL AND s.years_held > 0 THEN 'stated by the year alone' END,
            CASE WHEN s.quarters IS NULL AND s.years_held = 0 THEN 'stated for no quarter or year' END,
            CASE WHEN len(m.between_them) > 0 AND s.years_held > 0 THEN 'quarters between others that only longer periods cover' END,
            CASE WHEN len(m.between_them) > 0 AND s.years_held = 0 THEN 'quarters between others that no source states' END,
            CASE WHEN len(m.since) > 0 AND s.newest_of_any > list_max(s.quarters) THEN 'goes on by another definition' END,
            CASE WHEN len(m.since) > 0 AND s.newest_of_any = list_max(s.quarters) THEN 'not stated since' END], lambda reason: reason IS NOT NULL) AS reasons,
        coalesce(s.sources, []) AS sources, s.last_known_at,
        date_diff('day', s.last_known_at, least(as_of_instant(t), (SELECT max(taken_at) FROM history.capture))) AS days_since
    FROM series AS s
    LEFT JOIN missed AS m ON m.company = s.company AND m.metric = s.metric AND m.definition = s.definition
    ORDER BY s.company, s.metric, s.definition;

CREATE VIEW coverage AS FROM coverage_as_of(as_of_now());

-- A board as each source has it, and which of its days are known. A source that reads one board alone declares none of its own.
CREATE VIEW board AS
SELECT
    coalesce(b.board, s.board) AS board, coalesce(b.source, s.source) AS source, b.part, b.score_unit, b.refitted, b.whole, b.told_afterwards,
    b.categories, s.first_scored_on, s.last_scored_on, coalesce(s.days, 0) AS days
FROM history.board AS b
FULL JOIN (
    SELECT l.board, l.source, min(l.scored_on) AS first_scored_on, max(l.scored_on) AS last_scored_on, count(DISTINCT l.scored_on) AS days
    FROM history.leaderboard_score AS l
    WHERE l.known_at <= as_of_instant(as_of_now()) AND l.status NOT IN ('absent', 'withdrawn')
    GROUP BY l.board, l.source
) AS s ON s.board = b.board AND s.source = b.source
ORDER BY 1, 2;

CREATE VIEW claim_test AS
SELECT test, meaning, parameters, final_verdicts, private, claims FROM history.claim_test ORDER BY test;
