-- The states in which a vintage of a board that states release days has stood, each with the spans in which it did: most have one.
CREATE TEMP TABLE hindsight_state AS
WITH answer AS (
    SELECT s.board, s.category, s.scored_on, a.seq, a.doubt, a.restated_scale_id, a.strict_answer, a.answers_from, a.answers_through
    FROM history.board_score AS s
    SEMI JOIN (SELECT DISTINCT board, category, scored_on FROM history.board_score WHERE released_on IS NOT NULL) USING (board, category, scored_on)
    INNER JOIN history.board_answer AS a USING (seq)
    WHERE NOT s.told_afterwards AND coalesce(NOT a.with_filtered, true)
),
turn AS (
    SELECT *, lead(turned_at, 1, 'infinity') OVER (PARTITION BY board, category, scored_on, strict_answer ORDER BY turned_at) AS next_at
    FROM (SELECT DISTINCT board, category, scored_on, strict_answer, unnest([answers_from, answers_through + INTERVAL 1 MICROSECOND]) AS turned_at FROM answer)
    WHERE turned_at < 'infinity'
),
stood AS (
    SELECT
        t.board, t.category, t.scored_on, t.strict_answer, t.turned_at AS answers_from, t.next_at - INTERVAL 1 MICROSECOND AS answers_through,
        list({seq: a.seq, doubt: a.doubt, restated_scale_id: a.restated_scale_id} ORDER BY a.seq) AS told
    FROM turn AS t
    INNER JOIN answer AS a
        ON a.board = t.board AND a.category = t.category AND a.scored_on = t.scored_on AND a.strict_answer = t.strict_answer
        AND t.turned_at BETWEEN a.answers_from AND a.answers_through
    GROUP BY ALL
)
SELECT dense_rank() OVER (ORDER BY board, category, scored_on, told) AS state_no, told, strict_answer, answers_from, answers_through FROM stood;

CREATE TABLE history.hindsight_answer AS
SELECT state_no, strict_answer, answers_from, answers_through FROM hindsight_state ORDER BY ALL;

-- Hindsight: one vintage of a board that states release days, put in the order in which models came out. It is no
-- history of the board, and stands in no relation with the ones above. The rule of the lead (transforms/boards/lead.py) holds here
-- too: what an entrant of unknown organisation, or one whose score cannot be told, may have above a side leaves that side
-- open. One without a release day has no place in the order: it is left out, and said so where it scores above a side.
CREATE TABLE history.hindsight_side AS
WITH told AS (
    SELECT
        t.state_no, b.board, coalesce(t.restated_scale_id, b.scale_id) AS scale_id, b.category, b.scored_on AS vintage_on, b.released_on, b.organization, b.entrant,
        b.value AS score, b.value_low AS low, b.value_high AS high, t.doubt, b.known_at, b.source,
        evidence_name(b.source, b.capture_sha256, b.locator) AS evidence_id
    FROM (SELECT state_no, unnest(told, recursive := true) FROM (SELECT DISTINCT state_no, told FROM hindsight_state)) AS t
    INNER JOIN history.board_score AS b USING (seq)
),
vintage AS (
    SELECT
        *, coalesce(score, high) AS strength, organization IS NOT NULL AND score IS NOT NULL AS is_told,
        {score: score, low: low, high: high, entrant: entrant, organization: organization, evidence_id: evidence_id} AS side
    FROM told
    WHERE coalesce(score, high) IS NOT NULL AND released_on IS NOT NULL
),
developers AS (SELECT DISTINCT state_no, organization AS developer FROM vintage WHERE is_told),
days AS (
    SELECT state_no, board, scale_id, category, vintage_on, released_on, max(known_at) AS known_at, any_value(source) AS source, max(doubt) AS doubt
    FROM vintage GROUP BY ALL
),
undated AS (SELECT state_no, max(coalesce(score, high)) AS undated FROM told WHERE released_on IS NULL GROUP BY state_no),
bests AS (
    SELECT
        d.state_no, d.board, d.scale_id, d.category, d.vintage_on, d.released_on, o.developer, d.known_at, d.source, d.doubt,
        arg_min(v.side, (-v.score, v.entrant)) FILTER (v.is_told AND v.organization = o.developer) AS best_own,
        arg_min(v.side, (-v.score, v.entrant)) FILTER (v.is_told AND v.organization <> o.developer) AS best_other,
        max(v.strength) FILTER (NOT v.is_told) AS untold
    FROM days AS d
    INNER JOIN developers AS o USING (state_no)
    INNER JOIN vintage AS v ON v.state_no = d.state_no AND v.released_on <= d.released_on
    GROUP BY ALL
),
sides AS (
    SELECT
        *, CASE WHEN doubt IS NULL AND coalesce(untold <= best_own.score, true) THEN best_own END AS own,
        CASE WHEN doubt IS NULL AND coalesce(untold <= best_other.score, true) THEN best_other END AS other,
        least(best_own.score, best_other.score) AS lower_score
    FROM bests
),
-- Since when, in order of release, the one side has had what the other has on this day; with its interval as above.
reached AS (
    SELECT
        s.state_no, s.released_on, s.developer,
        min(e.released_on) FILTER (e.own.score >= s.other.score) AS own_since,
        min(e.released_on) FILTER (e.other.score >= s.own.score) AS other_since,
        min(e.released_on) FILTER (coalesce(e.own.low, e.own.score) >= s.other.high) AS own_low_since,
        min(e.released_on) FILTER (coalesce(e.other.high, e.other.score) >= s.own.low) AS other_high_since,
        min(e.released_on) FILTER (coalesce(e.own.high, e.own.score) >= s.other.low) AS own_high_since,
        min(e.released_on) FILTER (coalesce(e.other.low, e.other.score) >= s.own.high) AS other_low_since
    FROM sides AS s
    INNER JOIN sides AS e
        ON e.state_no = s.state_no AND e.developer = s.developer AND e.released_on <= s.released_on
    WHERE s.own.score IS NOT NULL AND s.other.score IS NOT NULL
    GROUP BY ALL
)
SELECT
    state_no, board, scale_id, category, vintage_on, released_on, developer,
    own.score - other.score AS gap, own.low - other.high AS gap_low, own.high - other.low AS gap_high,
    lead_in_months(released_on, own.score >= other.score, own_since, other_since) AS lead_months,
    lead_in_months(released_on, own.low >= other.high, own_low_since, other_high_since) AS lead_months_low,
    lead_in_months(released_on, own.high >= other.low, own_high_since, other_low_since) AS lead_months_high,
    own.entrant AS best_own, other.entrant AS best_other, other.organization AS other_organization, known_at, source,
    nullif(concat_ws('; ', doubt,
        CASE WHEN best_own IS NULL THEN concat('no entrant of ', developer, ' was out') END,
        CASE WHEN best_other IS NULL THEN 'no entrant of another known organisation was out' END,
        CASE WHEN untold > lower_score THEN 'an entrant of unknown organisation, or whose score cannot be told, may be above one of the two' END,
        CASE WHEN undated > lower_score THEN 'an entrant without a release day is above one of the two and left out' END,
        CASE WHEN own.score - other.score IS NOT NULL AND (own.low - other.high IS NULL OR own.high - other.low IS NULL)
            THEN 'the board publishes no interval of one of the two' END), '') AS note,
    coalesce(own.evidence_id, other.evidence_id) AS evidence_id
FROM sides
LEFT JOIN undated USING (state_no)
LEFT JOIN reached USING (state_no, released_on, developer)
ORDER BY state_no, developer, released_on;

CREATE MACRO hindsight_lead_as_of(t, strict := false) AS TABLE
    SELECT * EXCLUDE (state_no)
    FROM history.hindsight_side
    INNER JOIN (SELECT state_no FROM history.hindsight_answer WHERE as_of_instant(t) BETWEEN answers_from AND answers_through AND strict_answer = strict) USING (state_no);

CREATE VIEW hindsight_lead AS FROM hindsight_lead_as_of(as_of_now());
