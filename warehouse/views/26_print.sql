-- When each company prints next, from when it printed before, by what was known at an instant. A print is the earnings
-- release (8-K, item 2.02) where the lists of filings know it, otherwise the first document that states the quarter. One rule
-- for next_print and next_evidence: neither knows of a print what the other does not.
CREATE MACRO print_expected(instant, strict := false) AS TABLE
    WITH today AS (SELECT CAST(instant AS DATE) AS day, CAST(instant AS TIMESTAMP) AS instant),
    ended AS (
        SELECT company, period_end, max(fiscal_year) AS fiscal_year, max(coalesce(fiscal_quarter, 4)) AS fiscal_quarter, min(known_at) AS stated_at
        FROM history.company_period CROSS JOIN today
        WHERE metric IS NOT NULL AND fiscal_year IS NOT NULL AND period_kind <> 'instant' AND known_at <= today.instant
            AND (NOT strict OR first_seen_at <= today.instant)
        GROUP BY company, period_end
        HAVING min(known_at) < period_end + INTERVAL 120 DAY
    ),
    released AS (
        SELECT e.company, e.period_end, min(f.known_at) AS released_at
        FROM ended AS e
        INNER JOIN history.filing AS f ON e.company = f.company AND f.filed_on BETWEEN e.period_end + 1 AND e.period_end + 75
        CROSS JOIN today
        WHERE f.form = '8-K' AND list_contains(string_split(f.items, ','), '2.02') AND f.known_at <= today.instant
            AND (NOT strict OR f.first_seen_at <= today.instant)
        GROUP BY e.company, e.period_end
    ),
    printed AS (
        SELECT
            e.company, e.fiscal_year, e.fiscal_quarter, e.period_end,
            CAST(least(e.stated_at, coalesce(r.released_at, e.stated_at)) AS DATE) AS printed_on
        FROM ended AS e LEFT JOIN released AS r USING (company, period_end)
    ),
    -- The next quarter ends where the company's calendar says: one on whole weeks has quarters of thirteen and fourteen.
    newest AS (
        SELECT p.*, q.fiscal_year AS next_year, q.fiscal_quarter AS next_quarter, q.period_end AS next_end
        FROM printed AS p
        INNER JOIN history.fiscal_quarter AS q
            ON p.company = q.company AND p.fiscal_year * 4 + p.fiscal_quarter + 1 = q.fiscal_year * 4 + q.fiscal_quarter
        QUALIFY row_number() OVER (PARTITION BY p.company ORDER BY p.period_end DESC) = 1
    ),
    lag AS (
        SELECT
            n.company,
            CAST(max(p.printed_on - p.period_end) FILTER (p.fiscal_quarter = n.next_quarter AND p.fiscal_year = n.next_year - 1) AS INTEGER)
                AS same_quarter,
            CAST(median(p.printed_on - p.period_end) FILTER (p.period_end > n.period_end - 740) AS INTEGER) AS usual
        FROM newest AS n INNER JOIN printed AS p USING (company)
        GROUP BY n.company
    )
    SELECT
        n.company, n.next_year AS fiscal_year, n.next_quarter AS fiscal_quarter, n.next_end AS period_end,
        n.next_end + coalesce(l.same_quarter, l.usual) AS expected_on,
        -- Large filers have 40 days for a quarter and 60 for a year.
        n.next_end + CASE WHEN n.next_quarter = 4 THEN 60 ELSE 40 END AS due_on,
        CASE WHEN l.same_quarter IS NULL THEN 'usual lag' ELSE 'same quarter a year before' END AS expected_from,
        n.period_end AS last_period_end, n.printed_on AS last_print_on,
        today.day > n.next_end + coalesce(l.same_quarter, l.usual) + 7 AS overdue,
        greatest(0, date_diff('day', n.next_end + coalesce(l.same_quarter, l.usual), today.day)) AS days_late
    FROM newest AS n
    INNER JOIN lag AS l USING (company)
    CROSS JOIN today
    ORDER BY expected_on, n.company;
