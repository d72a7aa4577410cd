-- The day whose verdicts count at t. A day before the first that was judged is refused: nothing was said of it.
CREATE MACRO judged_day(t) AS (
    SELECT CASE WHEN min(v.as_of) > as_of_day(t) THEN error(concat('verdicts begin on ', min(v.as_of), ': nothing was judged on ', as_of_day(t))) ELSE as_of_day(t) END
    FROM history.verdict AS v
);

-- What decides each claim next as of any day: by the verdict of that day, by when companies printed until then, and by what
-- had been captured until then. The day of the newest verdicts is the last there is.
CREATE MACRO next_evidence_as_of(t) AS TABLE
    WITH asked AS MATERIALIZED (
        SELECT least(judged_day(t), (SELECT max(v.as_of) FROM history.verdict AS v)) AS day
    ),
    standing AS (
        SELECT v.claim_id, v.verdict, v.flips_en, v.flips_zh
        FROM history.verdict AS v CROSS JOIN asked AS a
        WHERE v.as_of <= a.day
        QUALIFY row_number() OVER (PARTITION BY v.claim_id ORDER BY v.as_of DESC) = 1
    ),
    ended AS (
        SELECT
            s.claim_id, s.verdict, s.flips_en, s.flips_zh,
            CASE
                WHEN s.verdict IN ('not_testable', 'scenario') THEN 'untested'
                WHEN c.horizon = 'instant' THEN 'frozen'
                WHEN list_contains(k.final_verdicts, s.verdict) OR c.horizon = 'deadline' AND s.verdict IN ('supported', 'refuted') THEN 'decided'
                ELSE 'open'
            END AS state
        FROM standing AS s
        INNER JOIN history.claim AS c ON c.claim_id = s.claim_id
        INNER JOIN history.claim_test AS k ON k.test = c.test
    ),
    prints AS (
        SELECT
            p.company, p.period_end, p.expected_on,
            CASE WHEN p.period_end = last_day(p.period_end) THEN last_day(p.period_end + to_months(3 * (4 - p.fiscal_quarter)))
                ELSE p.period_end + 91 * (4 - p.fiscal_quarter) END AS year_end
        FROM print_expected((SELECT CAST(a.day AS TIMESTAMP) + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND FROM asked AS a)) AS p
    ),
    seen AS (
        SELECT s.source, CAST(max(c.taken_at) AS DATE) + CAST(floor(any_value(s.cadence_days)) AS INTEGER) AS due_on
        FROM history.source AS s
        INNER JOIN history.capture AS c ON c.source = s.source AND c.outcome IN ('loaded', 'unchanged')
        CROSS JOIN asked AS a
        WHERE c.taken_at < a.day + INTERVAL 1 DAY
        GROUP BY s.source
    ),
    -- Prints for whose period nobody has proved a definition: asked for until the chain is declared on.
    undeclared AS (
        SELECT regexp_replace(f.definition, '_undeclared$', '') AS chain, f.company, max(f.period_end) AS period_end
        FROM company_fact_as_of((SELECT a.day FROM asked AS a)) AS f
        WHERE f.definition LIKE '%\_undeclared' ESCAPE '\'
        GROUP BY ALL
    ),
    waits AS (
        SELECT
            e.claim_id, w.awaits, coalesce(u.company, w.subject) AS subject, concat(w.printed, u.chain) AS printed, e.flips_en, e.flips_zh,
            CASE WHEN w.awaits = 'definition' THEN u.period_end WHEN w.printed = 'year' THEN p.year_end ELSE p.period_end END AS print_end,
            CASE
                WHEN w.awaits = 'print' THEN p.expected_on + CAST(CASE w.printed WHEN 'year' THEN p.year_end ELSE p.period_end END - p.period_end AS INTEGER)
                WHEN w.awaits = 'payload' THEN n.due_on
            END AS due_on
        FROM ended AS e
        INNER JOIN history.awaited AS w ON w.claim_id = e.claim_id
        LEFT JOIN prints AS p ON p.company = w.subject AND w.awaits = 'print'
        LEFT JOIN seen AS n ON n.source = w.subject AND w.awaits = 'payload'
        LEFT JOIN undeclared AS u ON u.chain = w.subject AND w.awaits = 'definition'
        WHERE e.state = 'open' AND (w.awaits <> 'print' OR p.company IS NOT NULL) AND (w.awaits <> 'definition' OR u.company IS NOT NULL)
    )
    SELECT
        e.claim_id, 'nothing' AS awaits, '' AS subject,
        CASE e.state WHEN 'untested' THEN 'No public figure decides it.' WHEN 'frozen' THEN 'Judged once, as of the day it was said.'
            ELSE 'Decided; only a restatement could change it.' END AS what_en,
        CASE e.state WHEN 'untested' THEN '沒有公開數字可以判定。' WHEN 'frozen' THEN '以發表當日為準，只判定一次。'
            ELSE '已有定論，除非數字重編。' END AS what_zh,
        CAST(NULL AS DATE) AS due_on, false AS overdue, e.flips_en, e.flips_zh
    FROM ended AS e
    WHERE e.state <> 'open'
    UNION ALL
    SELECT
        w.claim_id, w.awaits, w.subject,
        CASE w.awaits
            WHEN 'print' THEN concat(w.subject, ': the ', w.printed, ' to ', w.print_end, '.')
            WHEN 'payload' THEN concat('The next capture of ', w.subject, '.')
            WHEN 'definition' THEN concat(w.subject, ': what ', w.printed, ' means in the period to ', w.print_end, '. Declare the next step of the chain in config/companies.yml, with its evidence.')
            WHEN 'private_file' THEN 'Prices or consensus in private/ of the home folder.'
            ELSE 'A dated statement, entered by hand.'
        END,
        CASE w.awaits
            WHEN 'print' THEN concat(w.subject, '：截至 ', w.print_end, ' 的', CASE w.printed WHEN 'year' THEN '年報' ELSE '季度財報' END, '。')
            WHEN 'payload' THEN concat(w.subject, ' 的下一次擷取。')
            WHEN 'definition' THEN concat(w.subject, '：截至 ', w.print_end, ' 之 ', w.printed, ' 定義未明。請於 config/companies.yml 宣告其下一步並附依據。')
            WHEN 'private_file' THEN '資料夾 private/ 內的股價或共識預估。'
            ELSE '由分析師輸入的具日期陳述。'
        END,
        -- A print is read within a week, or it is missing.
        w.due_on, w.due_on IS NOT NULL AND a.day > w.due_on + 7, w.flips_en, w.flips_zh
    FROM waits AS w CROSS JOIN asked AS a
    ORDER BY claim_id, due_on NULLS LAST, subject;

CREATE VIEW next_evidence AS FROM next_evidence_as_of(as_of_now());
