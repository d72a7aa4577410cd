-- What was kept from every metric, and why: two lines, convenience translations, slips of the filer. One row for each tag and
-- reason; a doubtful figure stands by itself.
INSERT INTO history.issue BY NAME
SELECT
    arg_min(source, known_at) AS source, arg_min(scope, known_at) AS scope, arg_min(capture_sha256, known_at) AS capture_sha256,
    arg_min(captured_at, known_at) AS captured_at, 'notice' AS severity,
    CASE WHEN status = 'doubtful' THEN 'doubtful figure' ELSE 'tag set aside' END AS reason, arg_min(locator, known_at) AS locator,
    concat(
        company, ' ', meant, ': ', concept, ', ',
        CASE WHEN count(DISTINCT period_end) > 1 THEN concat(count(*), ' figures of ', min(period_end), ' to ', max(period_end)) ELSE CAST(min(period_end) AS VARCHAR) END,
        ', first in ', arg_min(document_id, known_at), ': ', set_aside) AS detail,
    min(first_seen_at) AS first_seen_at
FROM history.company_period AS p
WHERE set_aside IS NOT NULL AND status <> 'withdrawn' AND NOT EXISTS (  -- taken back where a later filing shows one line
    FROM history.company_period AS l
    WHERE l.meant = p.meant AND l.capture_sha256 = p.capture_sha256 AND l.locator = p.locator AND l.status = 'withdrawn' AND l.known_at > p.known_at)
GROUP BY company, meant, concept, set_aside, status, CASE WHEN status = 'doubtful' THEN seq END;

-- Figures per share or counts of shares that a later filing states by a whole factor, or by three for two: a split that nobody
-- declared, or one after those declared. Without it a series mixes two bases. Small factors need two periods that show them.
INSERT INTO history.issue BY NAME
WITH said AS (
    SELECT company, metric, unit, basis, period_start, period_end, document_id, known_at, value, source, scope, capture_sha256, captured_at, locator, first_seen_at
    FROM history.company_period
    WHERE unit IN ('USD/shares', 'shares') AND metric IS NOT NULL AND status = 'reported' AND value <> 0
),
restated AS (
    SELECT l.*, e.value AS before, CASE l.unit WHEN 'shares' THEN l.value / e.value ELSE e.value / l.value END AS times
    FROM said AS l INNER JOIN said AS e
        ON l.company = e.company AND l.metric = e.metric AND l.unit = e.unit AND l.period_end = e.period_end
        AND l.period_start IS NOT DISTINCT FROM e.period_start AND l.basis IS NOT DISTINCT FROM e.basis AND e.known_at < l.known_at
),
factor AS (
    SELECT
        *, abs(times / 1.5 - 1) < 0.01 AS by_half,
        CASE WHEN by_half THEN 3 ELSE greatest(round(times), 0) END AS new_shares,
        CASE WHEN by_half THEN 2 ELSE greatest(round(1 / times), 0) END AS old_shares
    FROM restated
),
split AS (
    SELECT
        company, known_at, any_value(document_id) AS document_id, new_shares, old_shares,
        any_value(source) AS source, any_value(scope) AS scope, any_value(capture_sha256) AS capture_sha256, any_value(captured_at) AS captured_at,
        min(locator) AS locator, min(first_seen_at) AS first_seen_at, count(DISTINCT (metric, period_end)) AS periods
    FROM factor
    WHERE by_half OR (times > 1.8 AND abs(times / round(times) - 1) < 0.04) OR (times BETWEEN 0.001 AND 0.55 AND abs(1 / times / round(1 / times) - 1) < 0.04)
    GROUP BY company, known_at, new_shares, old_shares
    HAVING periods >= 2 OR greatest(new_shares, old_shares) >= 4
)
SELECT
    source, scope, capture_sha256, captured_at, 'notice' AS severity, 'split not declared' AS reason, locator,
    concat(
        company, ': ', document_id, ' states ', periods, ' figures per share or counts of shares anew by a factor of ',
        CASE WHEN new_shares = 3 AND old_shares = 2 THEN '3 for 2' WHEN new_shares >= 2 THEN concat(CAST(new_shares AS BIGINT), ' for 1') ELSE concat('1 for ', CAST(old_shares AS BIGINT)) END,
        ': declare it under splits in config/companies.yml; until then its series mixes two bases') AS detail,
    first_seen_at
FROM split
QUALIFY row_number() OVER (PARTITION BY company, new_shares, old_shares ORDER BY known_at) = 1;

-- Prints of a chain for whose period nobody has proved a definition. A release says so itself when it is read.
INSERT INTO history.issue BY NAME
SELECT
    arg_min(source, known_at) AS source, arg_min(scope, known_at) AS scope, arg_min(capture_sha256, known_at) AS capture_sha256,
    arg_min(captured_at, known_at) AS captured_at, 'notice' AS severity, 'definition not declared for the period' AS reason,
    arg_min(locator, known_at) AS locator,
    concat(company, ' ', metric, ' to ', period_end, ' stands under ', definition, ': declare the chain''s next step in config/companies.yml, with its evidence') AS detail,
    min(first_seen_at) AS first_seen_at
FROM history.company_period
WHERE definition LIKE '%\_undeclared' ESCAPE '\' AND source <> 'sec_press_release'
GROUP BY company, metric, period_end, definition;

-- Periods of tags that are neither a fiscal quarter nor a part of a year: the declared calendar does not fit. What would fit
-- stands in the filings: where a year ends that is none of ours, and how many weeks its quarters have. At t only what had been
-- filed by then shows it.
CREATE MACRO off_calendar_as_of(t, strict := false) AS TABLE
    WITH known AS (
        FROM history.company_period
        WHERE metric IS NOT NULL AND known_at <= as_of_instant(t) AND (NOT strict OR first_seen_at <= as_of_instant(t))
    ),
    spans AS (
        SELECT DISTINCT company, period_start, period_end, period_kind, form, known_at, date_diff('day', period_start, period_end) + 1 AS days
        FROM known
        WHERE source LIKE 'sec_%' AND form LIKE '10-%' AND period_start IS NOT NULL AND status <> 'derived'
    ),
    runs AS (
        SELECT
            company, period_start, list(DISTINCT CAST(round(days / 7) AS INTEGER) ORDER BY CAST(round(days / 7) AS INTEGER)) AS weeks,
            max(known_at) AS known_at
        FROM spans SEMI JOIN (FROM spans WHERE days BETWEEN 357 AND 371) AS y USING (company, period_start)
        WHERE days < 300
        GROUP BY company, period_start
        HAVING len(weeks) = 3
    ),
    weeks AS (
        SELECT company, arg_max(weeks, period_start) AS w, arg_max(known_at, period_start) AS known_at FROM runs GROUP BY company
    ),
    moved AS (
        SELECT
            company, max(period_end) FILTER (form LIKE '10-_T%' AND days < 350) AS until,
            arg_max(month(period_end), period_end) FILTER (period_kind = 'other' AND days BETWEEN 350 AND 378) AS year_end_month,
            arg_max(known_at, period_end) FILTER (form LIKE '10-_T%' AND days < 350) AS known_at
        FROM spans
        GROUP BY company
    )
    SELECT
        s.company, s.period_start, s.period_end, greatest(min(s.known_at), coalesce(any_value(m.known_at), any_value(w.known_at))) AS known_at,
        CASE
            WHEN any_value(contains(c.fiscal_year_ends, CAST(m.until AS VARCHAR)))
                THEN 'moved year end, as declared: its periods end with no quarter of today''s calendar, and stand in company_fact as they are'
            WHEN any_value(m.until) IS NOT NULL THEN concat(
                'moved year end: declare calendar: {former: [{year_end_month: ', any_value(m.year_end_month), ', until: ', any_value(m.until), '}]}')
            WHEN any_value(w.w) IS NOT NULL THEN concat(
                'unequal quarters: declare calendar: {weeks: [', any_value(w.w[1]), ', ', any_value(w.w[2] - w.w[1]), ', ', any_value(w.w[3] - w.w[2]), ', ',
                any_value(52 - w.w[3]), ']}')
            ELSE 'periods off the fiscal calendar: check calendar'
        END AS reason
    FROM spans AS s
    LEFT JOIN moved AS m USING (company)
    LEFT JOIN weeks AS w USING (company)
    LEFT JOIN history.company AS c USING (company)
    WHERE s.period_kind = 'other' AND (
            s.days BETWEEN 75 AND 125 OR (m.until IS NOT NULL AND s.days < 378)
            -- A filer may state nothing but what has run since the year began; a 53rd week alone makes no unequal quarters.
            OR (s.days < 300 AND (abs(w.w[1] - 13) > 1 OR abs(w.w[2] - 26) > 1 OR abs(w.w[3] - 39) > 1)))
        AND (s.company, s.period_end) NOT IN (SELECT (company, period_end) FROM known WHERE period_kind = 'quarter')
    GROUP BY s.company, s.period_start, s.period_end;

INSERT INTO history.issue BY NAME
SELECT
    arg_max(p.source, p.known_at) AS source, arg_max(p.scope, p.known_at) AS scope, arg_max(p.capture_sha256, p.known_at) AS capture_sha256,
    arg_max(p.captured_at, p.known_at) AS captured_at, 'notice' AS severity, 'periods off the fiscal calendar' AS reason,
    arg_max(p.locator, p.known_at) AS locator,
    concat(
        company, ': ', count(DISTINCT period_end), ' periods end off its calendar, the last ', max(o.period_start), ' to ', max(period_end), '; ',
        o.reason, CASE WHEN o.reason LIKE 'moved year end, as declared%' THEN '' ELSE ' in config/companies.yml' END) AS detail,
    min(p.first_seen_at) AS first_seen_at
FROM history.company_period AS p INNER JOIN off_calendar_as_of('9998-12-31') AS o USING (company, period_start, period_end)
WHERE p.metric IS NOT NULL AND p.source LIKE 'sec_%'
GROUP BY company, o.reason
HAVING count(DISTINCT period_end) > 1 OR o.reason LIKE '%: declare %';

-- Tags that no metric names and that state periods which a metric lacks: they agree with it on two periods and differ on none,
-- or their name is its tag's, gone on. A filer leaves a tag and takes it up again; nobody declared the other one. Both count at t
-- by what had been filed by then.
CREATE MACRO undeclared_tag_as_of(t, strict := false) AS TABLE
    WITH known AS (
        FROM history.company_period WHERE known_at <= as_of_instant(t) AND (NOT strict OR first_seen_at <= as_of_instant(t))
    ),
    own AS (
        SELECT company, metric, unit, period_start, period_end, arg_max(value, seq) AS value
        FROM known
        WHERE metric IS NOT NULL AND dimensions = '' AND status = 'reported' AND source LIKE 'sec_%' AND value IS NOT NULL
        GROUP BY ALL
    ),
    told AS (
        SELECT company, concept, unit, period_start, period_end, fiscal_year, fiscal_quarter, arg_max(value, seq) AS value, min(known_at) AS known_at
        FROM known
        WHERE metric IS NULL AND meant IS NULL AND dimensions = '' AND definition = 'xbrl' AND source LIKE 'sec_%'
            AND fiscal_year IS NOT NULL AND value <> 0
        GROUP BY ALL
    ),
    shared AS (
        SELECT
            d.company, o.metric, d.concept, d.unit, count(*) FILTER (d.value = o.value) AS alike, count(*) FILTER (d.value <> o.value) AS apart
        FROM told AS d INNER JOIN own AS o
            ON d.company = o.company AND d.unit = o.unit AND d.period_end = o.period_end AND d.period_start IS NOT DISTINCT FROM o.period_start
        GROUP BY ALL
    ),
    named AS (
        SELECT DISTINCT d.company, m.metric, d.concept, d.unit
        FROM told AS d INNER JOIN (SELECT metric, unnest(concepts) AS tag FROM history.metric) AS m ON starts_with(d.concept, m.tag)
    ),
    candidate AS (
        SELECT company, metric, concept, unit, coalesce(s.alike, 0) AS alike
        FROM named AS n FULL JOIN shared AS s USING (company, metric, concept, unit)
        WHERE coalesce(s.apart, 0) = 0 AND (n.concept IS NOT NULL OR s.alike >= 2)
    )
    SELECT c.company, c.metric, c.concept, d.fiscal_year, d.fiscal_quarter, d.period_start, d.period_end, c.alike, d.known_at
    FROM candidate AS c
    INNER JOIN told AS d USING (company, concept, unit)
    INNER JOIN (SELECT company, metric, min(period_end) AS first_end FROM own GROUP BY ALL) AS f USING (company, metric)
    ANTI JOIN own AS o
        ON c.company = o.company AND c.metric = o.metric AND d.period_end = o.period_end AND d.period_start IS NOT DISTINCT FROM o.period_start
    WHERE d.period_end > f.first_end;

INSERT INTO history.issue BY NAME
SELECT
    arg_min(p.source, p.known_at) AS source, arg_min(p.scope, p.known_at) AS scope, arg_min(p.capture_sha256, p.known_at) AS capture_sha256,
    arg_min(p.captured_at, p.known_at) AS captured_at, 'notice' AS severity, 'tag not declared' AS reason,
    arg_min(p.locator, p.known_at) AS locator,
    concat(
        company, ' ', u.metric, ': ', concept, ' states ', count(DISTINCT period_end), ' periods it lacks, ', min(period_end), ' to ', max(period_end),
        CASE WHEN any_value(u.alike) > 0 THEN concat(', and agrees with it on ', any_value(u.alike)) ELSE '' END,
        ': where it is the same line, add it to concepts in config/companies.yml') AS detail,
    min(p.first_seen_at) AS first_seen_at
FROM history.company_period AS p INNER JOIN undeclared_tag_as_of('9998-12-31') AS u USING (company, concept, period_start, period_end)
WHERE p.metric IS NULL
GROUP BY company, u.metric, concept;

-- Each quarter and year that a metric of a company's filings lacks, from its first figure to the company's newest, as known
-- at t, with the reason.
CREATE MACRO company_gap_as_of(t, strict := false) AS TABLE
    WITH known AS MATERIALIZED (
        SELECT company, metric, definition, unit, period_kind, fiscal_year, fiscal_quarter, period_end, source, document_id, known_at
        FROM company_fact_as_of(t, strict := strict)
        WHERE metric IS NOT NULL AND dimensions = '' AND fiscal_year IS NOT NULL
    ),
    series AS (
        SELECT
            company, metric, definition, any_value(unit) AS unit, min(fiscal_year * 4 + coalesce(fiscal_quarter, 4)) AS first_quarter,
            min(fiscal_year) FILTER (period_kind = 'year') AS first_year, bool_and(period_kind = 'instant') AS of_instants,
            max(period_end) FILTER (period_kind = 'instant') AS last_instant, min(known_at) AS since
        FROM history.company_period  -- what is stated no more was, and is missing now
        WHERE source IN ('sec_companyfacts', 'sec_filing') AND metric IS NOT NULL AND dimensions = '' AND fiscal_year IS NOT NULL
            AND known_at <= as_of_instant(t) AND (NOT strict OR first_seen_at <= as_of_instant(t))
        GROUP BY company, metric, definition
        HAVING bool_or(period_kind IN ('quarter', 'half', 'nine_months', 'year', 'instant'))
    ),
    newest AS (SELECT company, max(period_end) AS newest_end FROM known GROUP BY company),
    -- What stood under a tag that nothing shows to be the metric's line may be its history: its periods are missing, too.
    unproven AS (
        SELECT
            company, meant AS metric, min(fiscal_year * 4 + coalesce(fiscal_quarter, 4)) AS first_quarter,
            min(fiscal_year) FILTER (period_kind = 'year') AS first_year
        FROM history.company_period
        WHERE set_aside LIKE 'not shown to be one line%' AND dimensions = '' AND fiscal_year IS NOT NULL AND known_at <= as_of_instant(t)
            AND (NOT strict OR first_seen_at <= as_of_instant(t))
        GROUP BY ALL
    ),
    grid AS (
        SELECT s.company, s.metric, s.definition, s.unit, s.of_instants, s.since, q.fiscal_year, q.fiscal_quarter, q.period_end
        FROM series AS s
        INNER JOIN newest AS n USING (company)
        LEFT JOIN unproven AS u USING (company, metric)
        INNER JOIN history.fiscal_quarter AS q
            ON s.company = q.company AND q.fiscal_year * 4 + q.fiscal_quarter >= least(s.first_quarter, u.first_quarter) AND q.period_end <= n.newest_end
        UNION ALL
        SELECT s.company, s.metric, s.definition, s.unit, s.of_instants, s.since, q.fiscal_year, NULL, q.period_end
        FROM series AS s
        INNER JOIN newest AS n USING (company)
        LEFT JOIN unproven AS u USING (company, metric)
        INNER JOIN history.fiscal_quarter AS q
            ON s.company = q.company AND q.fiscal_quarter = 4 AND q.fiscal_year >= least(s.first_year, u.first_year) AND q.period_end <= n.newest_end
        WHERE NOT s.of_instants
    ),
    missing AS (
        SELECT g.*
        FROM grid AS g ANTI JOIN known AS k
            ON g.company = k.company AND g.metric = k.metric AND g.definition = k.definition AND g.fiscal_year = k.fiscal_year
            AND g.fiscal_quarter IS NOT DISTINCT FROM k.fiscal_quarter
            AND k.period_kind IN ('quarter', 'instant', 'year')
            AND (k.period_kind = 'year') = (g.fiscal_quarter IS NULL)
    ),
    told AS (
        SELECT company, metric, definition, fiscal_year, fiscal_quarter, arg_max(reason, (known_at, reason)) AS reason, max(known_at) AS since
        FROM history.company_gap_reason
        WHERE known_at <= as_of_instant(t) AND (NOT strict OR first_seen_at <= as_of_instant(t))
        GROUP BY ALL
    ),
    held AS (
        SELECT company, period_end, bool_or(source = 'sec_companyfacts') AS by_facts, min(known_at) AS since
        FROM history.company_period
        WHERE known_at <= as_of_instant(t) AND (NOT strict OR first_seen_at <= as_of_instant(t))
            AND source IN ('sec_companyfacts', 'sec_filing') AND form LIKE '10-%'
            AND date_diff('day', period_end, CAST(known_at AS DATE)) < 120
        GROUP BY company, period_end
    ),
    off AS (
        SELECT g.company, g.fiscal_year, g.fiscal_quarter, arg_max(o.reason, o.period_end) AS reason, min(o.known_at) AS since
        FROM (SELECT DISTINCT company, fiscal_year, fiscal_quarter, period_end FROM missing) AS g
        INNER JOIN off_calendar_as_of(t, strict := strict) AS o ON g.company = o.company AND abs(date_diff('day', g.period_end, o.period_end)) < 130
        GROUP BY ALL
    ),
    undeclared AS (
        SELECT company, metric, fiscal_year, fiscal_quarter, min(concept) AS concept, min(known_at) AS since
        FROM undeclared_tag_as_of(t, strict := strict)
        GROUP BY ALL
    ),
    aside AS (
        SELECT company, meant AS metric, period_end, arg_min(concat(concept, ': ', set_aside), concept) AS reason, min(known_at) AS since
        FROM history.company_period
        WHERE set_aside IS NOT NULL AND status <> 'doubtful' AND known_at <= as_of_instant(t)
            AND (NOT strict OR first_seen_at <= as_of_instant(t))
        GROUP BY ALL
    ),
    listed AS (
        SELECT company, report_on AS period_end, min(known_at) AS since
        FROM filing_as_of(t, strict := strict)
        WHERE form IN ('10-K', '10-Q', '10-KT', '10-QT')
        GROUP BY company, report_on
    )
    SELECT
        m.company, m.metric, m.definition, m.unit, m.fiscal_year, m.fiscal_quarter, m.period_end,
        CASE
            WHEN o.reason IS NOT NULL AND NOT m.of_instants THEN o.reason
            WHEN r.reason IS NOT NULL THEN r.reason
            WHEN a.reason IS NOT NULL THEN concat('tag set aside: ', a.reason)
            WHEN u.concept IS NOT NULL THEN concat('no tag declared: ', u.concept, ' states the period')
            WHEN h.period_end IS NULL AND l.period_end IS NOT NULL THEN 'not in the API yet: the list of filings knows the report'
            WHEN h.period_end IS NULL THEN 'not filed, or before the first filing at hand'
            ELSE 'no tag declared: the report at hand states none of the metric''s tags for the period'
        END AS reason,
        -- Of the reason, and never before the metric had a figure: until then nothing was missing.
        greatest(m.since, coalesce(CASE WHEN NOT m.of_instants THEN o.since END, r.since, a.since, u.since, h.since, l.since)) AS known_at
    FROM missing AS m
    LEFT JOIN told AS r
        ON m.company = r.company AND m.metric = r.metric AND m.definition = r.definition AND m.fiscal_year = r.fiscal_year
        AND m.fiscal_quarter IS NOT DISTINCT FROM r.fiscal_quarter
    LEFT JOIN off AS o
        ON m.company = o.company AND m.fiscal_year = o.fiscal_year AND m.fiscal_quarter IS NOT DISTINCT FROM o.fiscal_quarter
    LEFT JOIN aside AS a ON m.company = a.company AND m.metric = a.metric AND m.period_end = a.period_end
    LEFT JOIN undeclared AS u
        ON m.company = u.company AND m.metric = u.metric AND m.fiscal_year = u.fiscal_year AND m.fiscal_quarter IS NOT DISTINCT FROM u.fiscal_quarter
    LEFT JOIN held AS h ON m.company = h.company AND m.period_end = h.period_end
    LEFT JOIN listed AS l ON m.company = l.company AND m.period_end = l.period_end
    ORDER BY m.company, m.metric, m.definition, m.fiscal_year, m.fiscal_quarter;

CREATE VIEW company_gap AS FROM company_gap_as_of(as_of_now());
