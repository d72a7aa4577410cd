CREATE TABLE history.board_score AS
WITH ordered AS (
    SELECT
        b.*,
        s.source_order,
        a.model,
        greatest(b.first_seen_at, b.known_at) AS seen_from,
        count(b.value) OVER (PARTITION BY b.source, b.board, b.category, b.scored_on) = 0 AS ranks_only,
        dense_rank() OVER (ORDER BY source, board, category, scored_on, entrant) AS series_id,
        row_number() OVER (
            ORDER BY known_at, captured_at, form_rank, decimals, document_id, capture_sha256, locator, board, category, scored_on, entrant
        ) AS seq
    FROM staged_board_score AS b
    INNER JOIN history.source AS s USING (source)
    LEFT JOIN history.model_alias AS a
        ON a.name = b.entrant AND (a.source IS NULL OR a.source = b.source) AND a.provider IS NULL
        AND (a.valid_from IS NULL OR a.valid_from <= b.scored_on) AND (a.valid_to IS NULL OR b.scored_on < a.valid_to)
)
SELECT
    *,
    coalesce(min(known_at) OVER later, 'infinity') AS known_until,
    coalesce(min(seen_from) OVER later, 'infinity') AS seen_until
FROM ordered
WINDOW later AS (PARTITION BY series_id ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
ORDER BY board, category, scored_on, seq;

-- A day of a board is taken from one source as a whole: two copies name the entrants differently. One with scores goes
-- before one with ranks alone.
CREATE MACRO leaderboard_score_as_of(t, strict := false) AS TABLE
    SELECT
        board, scale_id, category, scored_on, entrant, model, organization, organization_stated, value AS score, value_low AS low,
        value_high AS high, votes, rank, method, released_on, cost_usd, known_at, known_at_basis, evidence_tier AS tier, source, status, document_id, source_url, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.board_score
    WHERE CASE WHEN strict THEN seen_from <= as_of_instant(t) AND as_of_instant(t) < seen_until ELSE known_at <= as_of_instant(t) AND as_of_instant(t) < known_until END
        AND status NOT IN ('absent', 'withdrawn')
    QUALIFY dense_rank() OVER (PARTITION BY board, category, scored_on ORDER BY ranks_only, evidence_tier, source_order) = 1;

CREATE VIEW leaderboard_score AS FROM leaderboard_score_as_of(as_of_now());

-- Where a scale begins, and what moved.
CREATE TABLE history.scale_shift AS
SELECT
    s.*, b.known_at
FROM staged_scale_shift AS s
INNER JOIN (
    SELECT source, board, category, scored_on, min(known_at) AS known_at FROM history.board_score GROUP BY ALL
) AS b USING (source, board, category, scored_on)
ORDER BY board, category, scored_on, source;

CREATE MACRO scale_shift_as_of(t) AS TABLE
    SELECT board, category, scored_on, scale_id, kind, median AS shift, iqr AS shift_iqr, n, previous_on, previous_source, source, known_at
    FROM history.scale_shift
    WHERE known_at <= as_of_instant(t);

CREATE VIEW scale_shift AS FROM scale_shift_as_of(as_of_now());

-- Entrants whose name is no alias in config/models.yml. Listed, never guessed.
CREATE VIEW unmatched_entrant AS
SELECT
    entrant, source, board, mode(organization) AS organization, count(*) AS rows, min(scored_on) AS first_on, max(scored_on) AS last_on,
    max(score) AS best_score
FROM leaderboard_score
WHERE model IS NULL
GROUP BY entrant, source, board
ORDER BY rows DESC, entrant, source, board;

-- Organisations that config/organizations.yml does not know; entrant only where the board states none.
CREATE VIEW unmatched_organization AS
SELECT
    organization_stated, CASE WHEN organization_stated IS NULL THEN entrant END AS entrant, source, count(*) AS rows,
    min(scored_on) AS first_on, max(scored_on) AS last_on
FROM leaderboard_score
WHERE organization IS NULL
GROUP BY ALL
ORDER BY rows DESC, organization_stated, entrant, source;

CREATE VIEW organization AS
SELECT organization, title, valid_from, valid_to
FROM history.organization
ORDER BY organization, valid_from NULLS FIRST;
