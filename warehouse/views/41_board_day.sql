-- The spans of time in which what was known of a day was not to be believed, or had been restated on another scale.
CREATE TEMP VIEW staged_doubt AS
SELECT * EXCLUDE (first_seen_at)
FROM (
    SELECT
        source, board, category, scored_on, doubt, restated_scale_id, vintage_at AS known_at, first_seen_at, greatest(first_seen_at, vintage_at) AS seen_from,
        coalesce(min(vintage_at) OVER later, 'infinity') AS known_until,
        coalesce(min(greatest(first_seen_at, vintage_at)) OVER later, 'infinity') AS seen_until
    FROM staged_board_doubt
    WINDOW later AS (PARTITION BY source, board, category, scored_on ORDER BY vintage_at ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
)
WHERE doubt IS NOT NULL OR restated_scale_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS history.board_doubt AS FROM staged_doubt LIMIT 0;

INSERT INTO history.board_doubt FROM staged_doubt ORDER BY board, category, scored_on, known_at;

-- Which rows of a day answer, and in which span: those of the source that speaks for the day. Where one source alone has it and
-- nothing is doubted, that is as long as the row stands; elsewhere the day is cut wherever a row or a doubt begins or ends.
-- with_filtered is NULL where it makes no difference.
CREATE TEMP VIEW staged_board_answer AS
WITH stated AS (
    SELECT seq, source, board, category, scored_on, told_afterwards, filtered, ranks_only, evidence_tier, source_order, UNNEST([
        {strict: false, since: known_at, until: known_until}, {strict: true, since: seen_from, until: seen_until}], recursive := true)
    FROM history.board_score
    WHERE status NOT IN ('absent', 'withdrawn') AND seq - 1 IN (FROM staged_place)
),
alive AS (FROM stated WHERE since < until),
doubted AS (
    SELECT source, board, category, scored_on, doubt, restated_scale_id, UNNEST([
        {strict: false, since: known_at, until: known_until}, {strict: true, since: seen_from, until: seen_until}], recursive := true)
    FROM history.board_doubt
),
contested AS (
    SELECT board, category, scored_on FROM alive GROUP BY ALL HAVING count(DISTINCT source) > 1
    UNION
    SELECT board, category, scored_on FROM doubted
),
rival AS (SELECT *, unnest(CASE WHEN filtered THEN [true] ELSE [false, true] END) AS with_filtered FROM alive SEMI JOIN contested USING (board, category, scored_on)),
turn AS (
    SELECT DISTINCT r.board, r.category, r.scored_on, r.strict, r.told_afterwards, r.with_filtered, x.since
    FROM rival AS r
    INNER JOIN (
        SELECT board, category, scored_on, strict, unnest([since, until]) AS since FROM alive SEMI JOIN contested USING (board, category, scored_on)
        UNION
        SELECT board, category, scored_on, strict, unnest([since, until]) FROM doubted WHERE since < until
    ) AS x USING (board, category, scored_on, strict)
),
piece AS (
    SELECT *, lead(since) OVER (PARTITION BY board, category, scored_on, strict, told_afterwards, with_filtered ORDER BY since) AS until FROM turn
)
SELECT seq, NULL::VARCHAR AS doubt, NULL::VARCHAR AS restated_scale_id, strict AS strict_answer, CASE WHEN filtered THEN true END AS with_filtered, since AS answers_from, until - INTERVAL 1 MICROSECOND AS answers_through
FROM alive ANTI JOIN contested USING (board, category, scored_on)
UNION ALL
SELECT seq, doubt, restated_scale_id, strict, with_filtered, since, until - INTERVAL 1 MICROSECOND
FROM (
    SELECT r.seq, d.doubt, d.restated_scale_id, p.strict, p.with_filtered, p.since, p.until
    FROM piece AS p
    INNER JOIN rival AS r
        ON r.board = p.board AND r.category = p.category AND r.scored_on = p.scored_on AND r.strict = p.strict AND r.told_afterwards = p.told_afterwards
        AND r.with_filtered = p.with_filtered AND r.since <= p.since AND p.since < r.until
    LEFT JOIN doubted AS d
        ON d.source = r.source AND d.board = r.board AND d.category = r.category AND d.scored_on = r.scored_on AND d.strict = r.strict
        AND d.since <= p.since AND p.since < d.until
    QUALIFY dense_rank() OVER (
        PARTITION BY p.board, p.category, p.scored_on, p.strict, p.told_afterwards, p.with_filtered, p.since
        ORDER BY r.filtered, d.doubt IS NOT NULL, r.ranks_only, r.evidence_tier, r.source_order) = 1
);

CREATE TABLE IF NOT EXISTS history.board_answer AS FROM staged_board_answer LIMIT 0;

INSERT INTO history.board_answer FROM staged_board_answer ORDER BY strict_answer, seq, answers_from;

-- A day of a board is taken from one source as a whole: two copies name the entrants differently. One that is to be believed
-- goes before one that lost half of its entrants, and one with scores before one with ranks alone. What was told of past
-- days afterwards is another matter: `retold := true` gives that, and nothing else.
-- A series somebody filtered stands only with `with_filtered := true`, and only on days that no full board knows.
CREATE MACRO leaderboard_score_as_of(t, strict := false, retold := false, with_filtered := false) AS TABLE
    SELECT
        board, coalesce(restated_scale_id, scale_id) AS scale_id, category, scored_on, entrant, model, organization, organization_stated, value AS score, value_low AS low,
        value_high AS high, votes, rank, method, released_on, cost_usd, known_at, known_at_basis, evidence_tier AS tier, source, status, document_id, source_url, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at, doubt, filtered
    FROM history.board_score
    INNER JOIN (
        SELECT seq, doubt, restated_scale_id
        FROM history.board_answer AS a
        WHERE as_of_instant(t) BETWEEN a.answers_from AND a.answers_through AND a.strict_answer = strict AND coalesce(a.with_filtered = with_filtered, true)
    ) USING (seq)
    WHERE told_afterwards = retold;

CREATE VIEW leaderboard_score AS FROM leaderboard_score_as_of(as_of_now());

-- Where a scale begins, and what moved. Of a day that was restated each state is judged by what was known when it came
-- (transforms/boards/scales.py): so the event is known when that is. The board that grows run by run has one for all its days.
CREATE TEMP VIEW staged_shift AS
WITH known AS (
    SELECT source, board, category, scored_on, known_at, max(seen_from) AS seen_from, min(known_at) OVER (PARTITION BY source, board, category, scored_on) AS first_known
    FROM history.board_score
    WHERE seq - 1 IN (FROM staged_place)
    GROUP BY source, board, category, scored_on, known_at
)
SELECT s.* EXCLUDE (known_at), k.known_at, k.seen_from
FROM staged_scale_shift AS s
INNER JOIN known AS k
    ON k.source = s.source AND k.board = s.board AND k.category = s.category AND k.scored_on = s.scored_on
    AND k.known_at = coalesce(s.known_at, k.first_known);

CREATE TABLE IF NOT EXISTS history.scale_shift AS FROM staged_shift LIMIT 0;

INSERT INTO history.scale_shift FROM staged_shift ORDER BY board, category, scored_on, source, known_at;

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

-- Organisations that config/organizations.yml does not know, those that stand as another laboratory (`organization`) included; where
-- they stand as none, as a name that holds a declared one, they may leave a gap open. Entrant only where the board states none.
CREATE VIEW unmatched_organization AS
SELECT
    organization_stated, CASE WHEN organization_stated IS NULL THEN entrant END AS entrant, source, count(*) AS rows,
    min(scored_on) AS first_on, max(scored_on) AS last_on, organization
FROM leaderboard_score
WHERE organization IS NULL OR organization NOT IN (SELECT organization FROM history.organization)
GROUP BY ALL
ORDER BY rows DESC, organization_stated, entrant, source;

CREATE VIEW organization AS
SELECT organization, title, valid_from, CASE WHEN valid_to <= as_of_instant(as_of_now()) THEN valid_to END AS valid_to
FROM history.organization
WHERE coalesce(valid_from <= as_of_instant(as_of_now()), true)
ORDER BY organization, valid_from NULLS FIRST;
