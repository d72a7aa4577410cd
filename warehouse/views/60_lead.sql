CREATE TABLE history.board_lead AS
WITH ordered AS (
    SELECT
        l.* REPLACE (l.vintage_at AS known_at),
        s.source_order,
        greatest(l.first_seen_at, l.vintage_at) AS seen_from,
        dense_rank() OVER (ORDER BY source, board, category, scored_on) AS series_id,
        row_number() OVER (ORDER BY l.vintage_at, l.source, l.board, l.category, l.scored_on) AS seq
    FROM staged_board_lead AS l
    INNER JOIN history.source AS s USING (source)
)
SELECT
    * EXCLUDE (vintage_at),
    coalesce(min(known_at) OVER later, 'infinity') AS known_until,
    coalesce(min(seen_from) OVER later, 'infinity') AS seen_until
FROM ordered
WINDOW later AS (PARTITION BY series_id ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
ORDER BY board, category, scored_on, seq;

-- The best entrant of OpenAI against the best of all others; the rule is written down in transforms/lead.py.
CREATE MACRO openai_lead_as_of(t, strict := false) AS TABLE
    SELECT
        board, scale_id, category, scored_on, gap, gap_low, gap_high, best_openai, best_other, other_organization,
        alone_at_rank_1, unattributed, known_at, evidence_tier AS tier, source, note, source_url,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.board_lead
    WHERE CASE WHEN strict THEN seen_from <= as_of_instant(t) AND as_of_instant(t) < seen_until ELSE known_at <= as_of_instant(t) AND as_of_instant(t) < known_until END
    QUALIFY row_number() OVER (PARTITION BY board, category, scored_on ORDER BY evidence_tier, source_order) = 1;

CREATE VIEW openai_lead AS FROM openai_lead_as_of(as_of_now());

-- The same rule for any developer on one board, worked out anew from the scores.
CREATE MACRO lead_as_of(developer, on_board, t, strict := false) AS TABLE
    WITH scored AS (
        SELECT
            s.*,
            CASE
                WHEN bool_and(low IS NOT NULL AND high IS NOT NULL) OVER day THEN high >= max(low) OVER day
                WHEN bool_and(rank IS NOT NULL) OVER day THEN rank = min(rank) OVER day
                ELSE score = max(score) OVER day
            END AS at_rank_1
        FROM leaderboard_score_as_of(t, strict := strict) AS s
        WHERE board = on_board AND score IS NOT NULL
        WINDOW day AS (PARTITION BY scale_id, category, scored_on, source)
    ),
    days AS (
        SELECT
            board, scale_id, category, scored_on, source, max(known_at) AS known_at, max(tier) AS tier,
            count(*) FILTER (organization IS NULL) AS unattributed,
            coalesce(max(score) FILTER (organization IS NULL), '-infinity') AS unknown_score,
            first(s ORDER BY score DESC, entrant) FILTER (organization = developer) AS own,
            first(s ORDER BY score DESC, entrant) FILTER (organization <> developer) AS other,
            CASE
                WHEN bool_or(organization <> developer) FILTER (at_rank_1) THEN false
                WHEN bool_and(organization IS NOT NULL) FILTER (at_rank_1) THEN true
            END AS alone_at_rank_1
        FROM scored AS s
        GROUP BY ALL
    ),
    known AS (
        SELECT * REPLACE (
            CASE WHEN own.score >= unknown_score THEN own END AS own,
            CASE WHEN other.score >= unknown_score THEN other END AS other)
        FROM days
    )
    SELECT
        board, scale_id, category, scored_on, own.score - other.score AS gap, own.low - other.high AS gap_low,
        own.high - other.low AS gap_high, own.entrant AS best_own, other.entrant AS best_other,
        other.organization AS other_organization, alone_at_rank_1, unattributed, known_at, tier, source
    FROM known
    ORDER BY category, scored_on;
