CREATE TABLE history.board_score AS
SELECT
    b.*,
    s.source_order,
    a.model,
    dense_rank() OVER (ORDER BY source, board, category, scored_on, entrant) AS series_id,
    row_number() OVER (
        ORDER BY known_at, form_rank, decimals, document_id, capture_sha256, locator, board, category, scored_on, entrant
    ) AS seq
FROM staged_board_score AS b
INNER JOIN history.source AS s USING (source)
LEFT JOIN history.model_alias AS a
    ON a.name = b.entrant AND (a.source IS NULL OR a.source = b.source) AND a.provider IS NULL
    AND (a.valid_from IS NULL OR a.valid_from <= b.scored_on) AND (a.valid_to IS NULL OR b.scored_on < a.valid_to)
ORDER BY board, category, scored_on, seq;

-- A day of a board is taken from one source as a whole: two copies name the entrants differently.
CREATE MACRO leaderboard_score_as_of(t, strict := false) AS TABLE
    WITH latest AS (
        SELECT max(seq) AS seq
        FROM history.board_score
        WHERE known_at <= as_of_instant(t) AND (NOT strict OR first_seen_at <= as_of_instant(t))
        GROUP BY series_id
    ),
    held AS (
        SELECT b.*
        FROM history.board_score AS b SEMI JOIN latest USING (seq)
        WHERE b.status NOT IN ('absent', 'withdrawn')
        QUALIFY dense_rank() OVER (PARTITION BY b.board, b.category, b.scored_on ORDER BY b.evidence_tier, b.source_order) = 1
    )
    SELECT
        board, scale_id, category, scored_on, entrant, model, organization, organization_stated, value AS score, value_low AS low,
        value_high AS high, votes, rank, known_at, known_at_basis, evidence_tier AS tier, source, status, document_id, source_url, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM held
    ORDER BY board, category, scored_on, score DESC, entrant;

CREATE VIEW leaderboard_score AS FROM leaderboard_score_as_of(as_of_now());

CREATE TABLE history.board_lead AS
SELECT
    l.* REPLACE (l.vintage_at AS known_at),
    s.source_order,
    row_number() OVER (ORDER BY l.vintage_at, l.source, l.board, l.category, l.scored_on) AS seq
FROM staged_board_lead AS l
INNER JOIN history.source AS s USING (source)
ORDER BY board, category, scored_on, seq;

-- The best entrant of OpenAI against the best of all others; the rule is written down in transforms/lead.py.
CREATE MACRO openai_lead_as_of(t, strict := false) AS TABLE
    WITH latest AS (
        SELECT max(seq) AS seq
        FROM history.board_lead
        WHERE vintage_at <= as_of_instant(t) AND (NOT strict OR first_seen_at <= as_of_instant(t))
        GROUP BY source, board, category, scored_on
    )
    SELECT
        l.board, l.scale_id, l.category, l.scored_on, l.gap, l.gap_low, l.gap_high, l.best_openai, l.best_other,
        l.other_organization, l.alone_at_rank_1, l.unattributed, l.vintage_at AS known_at, l.evidence_tier AS tier, l.source, l.note,
        l.source_url, evidence_name(l.source, l.capture_sha256, l.locator) AS evidence_id, l.capture_sha256, l.locator, l.first_seen_at
    FROM history.board_lead AS l SEMI JOIN latest USING (seq)
    QUALIFY row_number() OVER (PARTITION BY l.board, l.category, l.scored_on ORDER BY l.evidence_tier, l.source_order) = 1
    ORDER BY l.board, l.category, l.scored_on;

CREATE VIEW openai_lead AS FROM openai_lead_as_of(as_of_now());
