-- One row for each developer, board, day, source and state of knowledge; the rule is written down in transforms/boards/lead.py.
-- seq names a row, and series_id the states of one day, by what they are of: neither changes where other rows come later.
CREATE TEMP TABLE staged_lead AS
WITH gone AS (
    -- From when on nothing of a day stood any more: a later capture of it left out the category, or the day.
    SELECT a.source, a.board, a.category, a.scored_on, a.known_at AS gone_at, max(a.seen_from) AS gone_seen
    FROM history.board_score AS a
    WHERE a.status IN ('absent', 'withdrawn') AND a.seq - 1 IN (FROM staged_place) AND a.source NOT IN (FROM growing_sources) AND NOT EXISTS (
        SELECT 1 FROM history.board_score AS b
        WHERE b.source = a.source AND b.board = a.board AND b.category = a.category AND b.scored_on = a.scored_on
            AND b.status NOT IN ('absent', 'withdrawn') AND b.known_at <= a.known_at AND a.known_at < b.known_until)
    GROUP BY ALL
),
ordered AS (
    SELECT
        l.* REPLACE (l.vintage_at AS known_at),
        s.source_order,
        l.source IN (FROM retold_sources) AS told_afterwards,
        l.source IN (FROM filtered_sources) AS filtered,
        greatest(l.first_seen_at, l.vintage_at) AS seen_from,
        hash(l.source, l.board, l.category, l.scored_on, l.developer) AS series_id,
        hash(l.source, l.board, l.category, l.scored_on, l.developer, l.vintage_at) AS seq
    FROM staged_board_lead AS l
    INNER JOIN history.source AS s USING (source)
)
SELECT
    o.* EXCLUDE (vintage_at),
    coalesce(least(min(o.known_at) OVER later, g.gone_at), 'infinity') AS known_until,
    coalesce(least(min(o.seen_from) OVER later, g.gone_seen), 'infinity') AS seen_until
FROM ordered AS o
ASOF LEFT JOIN gone AS g
    ON g.source = o.source AND g.board = o.board AND g.category = o.category AND g.scored_on = o.scored_on AND o.known_at < g.gone_at
WINDOW later AS (PARTITION BY o.series_id ORDER BY o.known_at ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING);

CREATE TABLE IF NOT EXISTS history.board_lead AS
SELECT *, NULL::DOUBLE AS lead_months, NULL::DOUBLE AS lead_months_low, NULL::DOUBLE AS lead_months_high, NULL::BOOLEAN AS lead_months_open
FROM staged_lead LIMIT 0;

INSERT INTO history.board_lead
WITH known AS (
    SELECT board, category, scale_id, scored_on, developer, told_afterwards, filtered, evidence_tier, source_order, known_at, known_until,
        own_score, own_low, own_high, other_score, other_low, other_high
    FROM staged_lead
    UNION ALL
    SELECT board, category, scale_id, scored_on, developer, told_afterwards, filtered, evidence_tier, source_order, known_at, known_until,
        own_score, own_low, own_high, other_score, other_low, other_high
    FROM history.board_lead SEMI JOIN staged_lead USING (board, category)
),
-- Which source speaks for a day, and how it then stands, from one change of what is known of the day to the next.
spoken AS (
    SELECT *, least(coalesce(lead(changed_at) OVER (PARTITION BY board, category, scored_on, developer, told_afterwards, filtered ORDER BY changed_at), 'infinity'), known_until) AS told_until
    FROM (
        SELECT v.changed_at, d.*
        FROM (
            SELECT board, category, scored_on, developer, told_afterwards, filtered, known_at AS changed_at FROM known
            UNION
            SELECT board, category, scored_on, developer, told_afterwards, filtered, known_until FROM known WHERE known_until < 'infinity'
        ) AS v
        INNER JOIN known AS d USING (board, category, scored_on, developer, told_afterwards, filtered)
        WHERE d.known_at <= v.changed_at AND v.changed_at < d.known_until
        QUALIFY row_number() OVER (PARTITION BY board, category, scored_on, developer, told_afterwards, filtered, v.changed_at
            ORDER BY score_missing(own_score, other_score), evidence_tier, source_order) = 1
    )
),
-- The lead in time: since when, on the same scale and by what was known then, the one side has stood where the other
-- stands on this day. Behind: since when the others have had own's score. Ahead: since when own has had the others'.
-- The interval takes both sides at their unfavourable and at their favourable ends, like the one of the gap; a copy
-- without intervals counts by its scores. What had been taken back by then, and what a better copy contradicts, is not
-- counted.
pairs AS (
    SELECT l.seq, struct_pack(own_score := l.own_score, own_low := l.own_low, own_high := l.own_high,
            other_score := l.other_score, other_low := l.other_low, other_high := l.other_high) AS day, e.scored_on, e.own_score, e.own_low, e.own_high, e.other_score, e.other_low, e.other_high
    FROM staged_lead AS l
    INNER JOIN spoken AS e
        ON e.board = l.board AND e.category = l.category AND e.scale_id = l.scale_id AND e.developer = l.developer
        AND e.told_afterwards = l.told_afterwards AND e.filtered = l.filtered AND e.scored_on < l.scored_on
        AND e.changed_at <= l.known_at AND l.known_at < e.told_until
    WHERE l.gap IS NOT NULL
    UNION ALL
    SELECT seq, struct_pack(own_score := own_score, own_low := own_low, own_high := own_high,
            other_score := other_score, other_low := other_low, other_high := other_high), scored_on, own_score, own_low, own_high, other_score, other_low, other_high FROM staged_lead WHERE gap IS NOT NULL
),
reached AS (
    SELECT
        seq,
        min(scored_on) FILTER (own_score >= day.other_score) AS own_since,
        min(scored_on) FILTER (other_score >= day.own_score) AS other_since,
        min(scored_on) FILTER (coalesce(own_low, own_score) >= day.other_high) AS own_low_since,
        min(scored_on) FILTER (coalesce(other_high, other_score) >= day.own_low) AS other_high_since,
        min(scored_on) FILTER (coalesce(own_high, own_score) >= day.other_low) AS own_high_since,
        min(scored_on) FILTER (coalesce(other_low, other_score) >= day.own_high) AS other_low_since,
        min(scored_on) AS first_on
    FROM pairs
    GROUP BY seq
)
SELECT
    o.*,
    lead_in_months(scored_on, own_score >= other_score, own_since, other_since) AS lead_months,
    lead_in_months(scored_on, own_low >= other_high, own_low_since, other_high_since) AS lead_months_low,
    lead_in_months(scored_on, own_high >= other_low, own_high_since, other_low_since) AS lead_months_high,
    CASE WHEN gap <> 0 THEN coalesce(CASE WHEN gap > 0 THEN own_since ELSE other_since END = first_on, false) END AS lead_months_open
FROM staged_lead AS o
LEFT JOIN reached AS r USING (seq)
ORDER BY board, category, developer, scored_on, seq;

-- Whose telling of a developer's side of a day answers, and in which span.
CREATE TEMP VIEW staged_lead_answer AS
WITH stated AS (
    SELECT
        seq, board, category, scored_on, developer, told_afterwards, filtered,
        {filtered: filtered, missing: score_missing(own_score, other_score), tier: evidence_tier, source_order: source_order} AS rank, UNNEST([
        {strict: false, since: known_at, until: known_until}, {strict: true, since: seen_from, until: seen_until}], recursive := true)
    FROM staged_lead
),
alive AS (SELECT *, unnest(CASE WHEN filtered THEN [true] ELSE [false, true] END) AS with_filtered FROM stated WHERE since < until),
piece AS (
    SELECT *, lead(since) OVER (PARTITION BY board, category, scored_on, developer, told_afterwards, with_filtered, strict ORDER BY since) AS until
    FROM (SELECT DISTINCT board, category, scored_on, developer, told_afterwards, with_filtered, strict, unnest([since, until]) AS since FROM alive)
)
SELECT arg_min(s.seq, s.rank) AS seq, p.strict AS strict_answer, p.with_filtered, p.since AS answers_from, p.until - INTERVAL 1 MICROSECOND AS answers_through
FROM piece AS p
INNER JOIN alive AS s USING (board, category, scored_on, developer, told_afterwards, with_filtered, strict)
WHERE s.since <= p.since AND p.since < s.until
GROUP BY board, category, scored_on, developer, told_afterwards, p.with_filtered, p.strict, p.since, p.until;

CREATE TABLE IF NOT EXISTS history.lead_answer AS FROM staged_lead_answer LIMIT 0;

INSERT INTO history.lead_answer FROM staged_lead_answer ORDER BY strict_answer, with_filtered, answers_from, seq;

-- Every developer's side of every day as known at t, from the one source that speaks for the day.
CREATE MACRO lead_side_as_of(t, strict := false, retold := false, with_filtered := false) AS TABLE
    SELECT
        board, scale_id, category, scored_on, developer, best_own AS entrant, own_score AS score, own_low AS low, own_high AS high,
        at_rank_1, leader = developer AS leads, gap, gap_low, gap_high, lead_months, lead_months_low, lead_months_high, lead_months_open,
        best_other, other_organization, leader, rank_1, alone_at_rank_1, unattributed, known_at, evidence_tier AS tier,
        source, note, source_url, evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at, filtered
    FROM history.board_lead
    INNER JOIN (
        SELECT seq FROM history.lead_answer AS a
        WHERE as_of_instant(t) BETWEEN a.answers_from AND a.answers_through AND a.strict_answer = strict AND a.with_filtered = with_filtered
    ) USING (seq)
    WHERE told_afterwards = retold;

-- The best entrant of each developer on each day on which it had one.
CREATE MACRO frontier_as_of(t, strict := false) AS TABLE FROM lead_side_as_of(t, strict := strict) WHERE entrant IS NOT NULL;

CREATE VIEW frontier AS FROM frontier_as_of(as_of_now());

-- How long the leader of each day had led by then. A day without a leader breaks nothing: it says nothing.
CREATE MACRO lead_in_time_as_of(t, strict := false, retold := false, with_filtered := false) AS TABLE
    -- Windows carry all their columns along: the rows are put beside what was found of them at the end.
    WITH turned AS (
        SELECT
            board, category, developer, scored_on, leader,
            last_value(leader IGNORE NULLS) OVER (
                PARTITION BY board, category, developer ORDER BY scored_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS leader_before
        FROM lead_side_as_of(t, strict := strict, retold := retold, with_filtered := with_filtered)
    ),
    held AS (
        SELECT
            board, category, developer, scored_on, leader_before, leader_before IS NOT NULL AND leader <> leader_before AS leader_changed,
            CASE WHEN leader IS NOT NULL THEN max(CASE WHEN leader IS DISTINCT FROM leader_before AND leader IS NOT NULL THEN scored_on END) OVER (
                PARTITION BY board, category, developer ORDER BY scored_on) END AS leader_since
        FROM turned
    )
    SELECT s.*, h.leader_before, h.leader_changed, h.leader_since
    FROM lead_side_as_of(t, strict := strict, retold := retold, with_filtered := with_filtered) AS s
    INNER JOIN held AS h ON h.board = s.board AND h.category = s.category AND h.developer = s.developer AND h.scored_on = s.scored_on;

-- A parameter named like a column would be put in the column's place inside the macros below it. `retold := true` asks the
-- histories told afterwards, which are in no other answer.
CREATE MACRO lead_as_of(of_developer, on_board, t, strict := false, retold := false, with_filtered := false) AS TABLE
    WITH named AS MATERIALIZED (
        SELECT
            declared_name(of_developer, (SELECT list(organization) FROM history.organization), 'organization') AS own,
            declared_name(on_board, (SELECT list(board) FROM history.board), 'board') AS place
    )
    SELECT
        board, scale_id, category, scored_on, gap, gap_low, gap_high, lead_months, lead_months_low, lead_months_high, lead_months_open,
        developer, entrant AS best_own, best_other, other_organization, alone_at_rank_1, at_rank_1, rank_1, leader, leader_since,
        scored_on - leader_since AS days_held, leader_changed, unattributed, known_at, tier, source, note, source_url, evidence_id,
        capture_sha256, locator, first_seen_at, filtered
    FROM lead_in_time_as_of(t, strict := strict, retold := retold, with_filtered := with_filtered)
    -- The names are given to the view itself too, which is asked of them alone.
    WHERE developer = of_developer AND board = on_board AND EXISTS (FROM named WHERE own = of_developer AND place = on_board);

-- The best entrant of OpenAI against the best of all others.
CREATE MACRO openai_lead_as_of(t, strict := false, with_filtered := false) AS TABLE
    SELECT
        board, scale_id, category, scored_on, gap, gap_low, gap_high, entrant AS best_openai, best_other, other_organization,
        alone_at_rank_1, at_rank_1, rank_1, lead_months, lead_months_low, lead_months_high, lead_months_open, leader, leader_since,
        scored_on - leader_since AS days_held, leader_changed, unattributed, known_at, tier, source, note, source_url, evidence_id,
        capture_sha256, locator, first_seen_at, filtered
    FROM lead_in_time_as_of(t, strict := strict, with_filtered := with_filtered)
    WHERE developer = 'openai';

CREATE VIEW openai_lead AS FROM openai_lead_as_of(as_of_now());

-- Every spell at the top of a board: who led, from when to when it was last seen there, and who came next.
CREATE MACRO leader_spell_as_of(t, strict := false) AS TABLE
    SELECT
        board, category, leader_since AS led_from, leader, max(scored_on) AS last_seen_leading, count(*) AS snapshots,
        max(scored_on) - leader_since AS days_seen, lag(leader) OVER spell AS leader_before, lead(leader) OVER spell AS leader_after,
        lead(leader_since) OVER spell AS led_until, lead(leader_since) OVER spell - leader_since AS days_at_most
    FROM lead_in_time_as_of(t, strict := strict)
    WHERE developer = 'openai' AND leader IS NOT NULL
    GROUP BY board, category, leader_since, leader
    WINDOW spell AS (PARTITION BY board, category ORDER BY leader_since);

CREATE VIEW leader_spell AS FROM leader_spell_as_of(as_of_now());
