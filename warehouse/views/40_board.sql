CREATE TABLE history.board_score AS
WITH ordered AS (
    SELECT
        b.*,
        s.source_order,
        b.source IN (FROM retold_sources) AS told_afterwards,
        b.source IN (FROM filtered_sources) AS filtered,
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
