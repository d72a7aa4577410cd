-- The largest power of ten, up to a tenth of a billion, that divides a figure: how coarsely it may have been rounded.
CREATE MACRO grain_of(x) AS CASE
    WHEN x % 1 <> 0 THEN 0.0 WHEN x % 1e8 = 0 THEN 1e8 WHEN x % 1e7 = 0 THEN 1e7 WHEN x % 1e6 = 0 THEN 1e6 WHEN x % 1e5 = 0 THEN 1e5
    WHEN x % 1e4 = 0 THEN 1e4 WHEN x % 1e3 = 0 THEN 1e3 WHEN x % 1e2 = 0 THEN 1e2 WHEN x % 10 = 0 THEN 10.0 ELSE 1.0 END;

-- Equal, or one the rounded form of the other, or a difference of two roundings: no restatement.
CREATE MACRO figures_alike(a, b, one_derived) AS
    a = b OR (abs(a - b) <= 0.005 * greatest(abs(a), abs(b))
        AND abs(a - b) <= CASE WHEN one_derived THEN least(1e6, greatest(grain_of(a), grain_of(b))) ELSE 0.5 * greatest(grain_of(a), grain_of(b)) END);

-- Which row of each period holds, in which span, since when its value has been what it is (since), and since when it had been
-- another one before that (before; NULL where it was never restated): what filings tag of a figure tells of it in whatever source it
-- is read. strict_answer: by what was loaded here.
CREATE TABLE history.vintage_answer AS
WITH stated AS (
    SELECT
        subject_id, series_id, CASE WHEN contains(line, ':') THEN subject_id ELSE -series_id END AS told_of, seq, known_at, value, evidence_tier, source_order, status IN ('absent', 'withdrawn') AS gone, status = 'derived' AS differenced,
        UNNEST([{strict: false, since: known_at}, {strict: true, since: greatest(first_seen_at, known_at)}], recursive := true)
    FROM history.company_period
    WHERE metric IS NOT NULL AND dimensions = '' AND unit = 'USD' AND period_kind IN ('quarter', 'half', 'nine_months', 'year')
),
moment AS (
    SELECT *, lead(stands_at) OVER (PARTITION BY strict, subject_id ORDER BY stands_at) AS next_at, row_number() OVER (ORDER BY strict, subject_id, stands_at) AS moment_no
    FROM (SELECT DISTINCT strict, subject_id, since AS stands_at FROM stated)
),
last_said AS (
    SELECT s.* EXCLUDE (strict, since, subject_id), m.moment_no
    FROM moment AS m INNER JOIN stated AS s ON s.strict = m.strict AND s.subject_id = m.subject_id AND s.since <= m.stands_at
    QUALIFY seq = max(seq) OVER (PARTITION BY moment_no, series_id, known_at)
),
said AS (
    SELECT
        *,
        NOT coalesce(
            gone = lag(gone) OVER so_far
                AND figures_alike(value, lag(value) OVER so_far, differenced OR lag(differenced) OVER so_far), false) AS turns
    FROM last_said
    WINDOW so_far AS (PARTITION BY moment_no, told_of ORDER BY seq)
),
turned AS (
    SELECT moment_no, told_of, turns_at[1] AS since, turns_at[2] AS before
    FROM (SELECT moment_no, told_of, max_by(known_at, seq, 2) FILTER (turns) AS turns_at FROM said GROUP BY moment_no, told_of)
),
newest AS (
    SELECT
        moment_no, seq, gone, value, evidence_tier, source_order, since, before
    FROM (
        SELECT
            s.moment_no, s.series_id, max(s.seq) AS seq, arg_max(s.told_of, s.seq) AS told_of, arg_max(s.gone, s.seq) AS gone,
            arg_max(s.value, s.seq) AS value, any_value(s.evidence_tier) AS evidence_tier, any_value(s.source_order) AS source_order
        FROM said AS s GROUP BY s.moment_no, s.series_id
    ) INNER JOIN turned USING (moment_no, told_of)
    WHERE NOT gone AND value IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY moment_no ORDER BY evidence_tier, source_order, seq DESC) = 1
)
SELECT
    n.seq, n.since, n.before, m.strict AS strict_answer, m.stands_at AS answers_from,
    coalesce(m.next_at, 'infinity') - INTERVAL 1 MICROSECOND AS answers_through
FROM newest AS n INNER JOIN moment AS m USING (moment_no)
ORDER BY strict_answer, seq, answers_from;

-- The figure of each period that holds at t, since when its value has been what it is (since), when that was last stated
-- (last), and since when it had been another one before that (before; NULL where it was never restated).
CREATE MACRO vintage_as_of(t, strict := false) AS TABLE
    SELECT
        n.company, n.metric, n.definition, n.unit, n.period_kind, n.fiscal_year, coalesce(n.fiscal_quarter, 4) AS fiscal_quarter, n.calendar_year,
        n.calendar_quarter, n.period_end, n.value, v.since, n.known_at AS last, v.before, n.evidence_tier AS tier, n.concept, n.line
    FROM history.company_period AS n
    INNER JOIN (
        SELECT a.seq, a.since, a.before FROM history.vintage_answer AS a
        WHERE as_of_instant(t) BETWEEN a.answers_from AND a.answers_through AND a.strict_answer = strict
    ) AS v ON v.seq = n.seq;
