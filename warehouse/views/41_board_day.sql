-- The spans of time in which what was known of a day was not to be believed, or had been restated on another scale.
CREATE TABLE history.board_doubt AS
SELECT * EXCLUDE (first_seen_at)
FROM (
    SELECT
        source, board, category, scored_on, doubt, restated_scale_id, vintage_at AS known_at, first_seen_at, greatest(first_seen_at, vintage_at) AS seen_from,
        coalesce(min(vintage_at) OVER later, 'infinity') AS known_until,
        coalesce(min(greatest(first_seen_at, vintage_at)) OVER later, 'infinity') AS seen_until
    FROM staged_board_doubt
    WINDOW later AS (PARTITION BY source, board, category, scored_on ORDER BY vintage_at ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
)
WHERE doubt IS NOT NULL OR restated_scale_id IS NOT NULL
ORDER BY board, category, scored_on, known_at;

-- A day of a board is taken from one source as a whole: two copies name the entrants differently. One that is to be believed
-- goes before one that lost half of its entrants, and one with scores before one with ranks alone. What was told of past
-- days afterwards is another matter: `retold := true` gives that, and nothing else.
-- A series somebody filtered stands only with `with_filtered := true`, and only on days that no full board knows.
CREATE MACRO leaderboard_score_as_of(t, strict := false, retold := false, with_filtered := false) AS TABLE
    WITH doubted AS (
        SELECT source, board, category, scored_on, doubt, restated_scale_id FROM history.board_doubt
        WHERE CASE WHEN strict THEN seen_from <= as_of_instant(t) AND as_of_instant(t) < seen_until ELSE known_at <= as_of_instant(t) AND as_of_instant(t) < known_until END
    )
    SELECT
        board, coalesce(restated_scale_id, scale_id) AS scale_id, category, scored_on, entrant, model, organization, organization_stated, value AS score, value_low AS low,
        value_high AS high, votes, rank, method, released_on, cost_usd, known_at, known_at_basis, evidence_tier AS tier, source, status, document_id, source_url, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at, doubt, filtered
    FROM history.board_score
    LEFT JOIN doubted USING (source, board, category, scored_on)
    WHERE told_afterwards = retold AND (with_filtered OR NOT filtered) AND CASE WHEN strict THEN seen_from <= as_of_instant(t) AND as_of_instant(t) < seen_until ELSE known_at <= as_of_instant(t) AND as_of_instant(t) < known_until END
        AND status NOT IN ('absent', 'withdrawn')
    QUALIFY dense_rank() OVER (PARTITION BY board, category, scored_on ORDER BY filtered, doubt IS NOT NULL, ranks_only, evidence_tier, source_order) = 1;

CREATE VIEW leaderboard_score AS FROM leaderboard_score_as_of(as_of_now());

-- Where a scale begins, and what moved. Of a day that was restated each state is judged by what was known when it came
-- (transforms/boards/scales.py): so the event is known when that is. The board that grows run by run has one for all its days.
CREATE TABLE history.scale_shift AS
WITH known AS (
    SELECT source, board, category, scored_on, known_at, max(seen_from) AS seen_from, min(known_at) OVER (PARTITION BY source, board, category, scored_on) AS first_known
    FROM history.board_score
    GROUP BY source, board, category, scored_on, known_at
)
SELECT s.* EXCLUDE (known_at), k.known_at, k.seen_from
FROM staged_scale_shift AS s
INNER JOIN known AS k
    ON k.source = s.source AND k.board = s.board AND k.category = s.category AND k.scored_on = s.scored_on
    AND k.known_at = coalesce(s.known_at, k.first_known)
ORDER BY s.board, s.category, s.scored_on, s.source, k.known_at;

CREATE MACRO scale_shift_as_of(t, strict := false) AS TABLE
    SELECT board, category, scored_on, scale_id, kind, median AS shift, iqr AS shift_iqr, n, previous_on, previous_source, source, known_at
    FROM history.scale_shift
    WHERE CASE WHEN strict THEN seen_from ELSE known_at END <= as_of_instant(t);

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

-- Organisations that config/organizations.yml does not know, those that stand as another laboratory included; entrant only
-- where the board states none.
CREATE VIEW unmatched_organization AS
SELECT
    organization_stated, CASE WHEN organization_stated IS NULL THEN entrant END AS entrant, source, count(*) AS rows,
    min(scored_on) AS first_on, max(scored_on) AS last_on
FROM leaderboard_score
WHERE organization IS NULL OR organization NOT IN (SELECT organization FROM history.organization)
GROUP BY ALL
ORDER BY rows DESC, organization_stated, entrant, source;

CREATE VIEW organization AS
SELECT organization, title, valid_from, valid_to
FROM history.organization
ORDER BY organization, valid_from NULLS FIRST;
