-- Staged are the rows of staged_place alone: whole days, since a row rests on no other day. They are numbered as they were
-- captured, so that those of later captures follow. What is ordered in windows is a few columns of each row; the others are
-- joined afterwards.
CREATE TEMP VIEW staged_board AS
WITH asked AS (
    SELECT rowid AS place, source, board, category, scored_on, entrant, known_at, first_seen_at, value
    FROM history.leaderboard_score
    WHERE rowid IN (FROM staged_place)
),
-- By an inner join: an outer one on more than equalities holds every row beside every name.
named AS (
    SELECT b.place, a.model
    FROM asked AS b
    INNER JOIN history.model_alias AS a ON a.name = b.entrant
    WHERE (a.source IS NULL OR a.source = b.source) AND a.provider IS NULL
        AND (a.valid_from IS NULL OR a.valid_from <= b.scored_on) AND (a.valid_to IS NULL OR b.scored_on < a.valid_to)
),
ordered AS (
    SELECT
        b.place,
        b.known_at,
        s.source_order,
        n.model,
        greatest(b.first_seen_at, b.known_at) AS seen_from,
        count(b.value) OVER (PARTITION BY b.source, b.board, b.category, b.scored_on) = 0 AS ranks_only,
        min(b.place) OVER (PARTITION BY b.source, b.board, b.category, b.scored_on, b.entrant) + 1 AS series_id,
        b.place + 1 AS seq
    FROM asked AS b
    INNER JOIN history.source AS s USING (source)
    LEFT JOIN named AS n ON n.place = b.place
),
spanned AS (
    SELECT
        *,
        coalesce(min(known_at) OVER later, 'infinity') AS known_until,
        coalesce(min(seen_from) OVER later, 'infinity') AS seen_until
    FROM ordered
    WINDOW later AS (PARTITION BY series_id ORDER BY known_at, seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
)
SELECT
    b.* REPLACE (g.organization AS organization),
    b.organization AS organization_stated,
    g.scale_id,
    p.source_order,
    b.source IN (FROM retold_sources) AS told_afterwards,
    b.source IN (FROM filtered_sources) AS filtered,
    p.model, p.seen_from, p.ranks_only, p.series_id, p.seq, p.known_until, p.seen_until
FROM history.leaderboard_score AS b
INNER JOIN spanned AS p ON p.place = b.rowid
INNER JOIN staged_board_score AS g ON g.place = b.rowid;

CREATE TABLE IF NOT EXISTS history.board_score AS FROM staged_board LIMIT 0;

INSERT INTO history.board_score FROM staged_board ORDER BY board, category, scored_on, seq;
