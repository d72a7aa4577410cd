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
