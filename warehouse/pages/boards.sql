-- OpenAI's best against the best of all others, board by board and day by day, with the days on which each row was the
-- answer: of several copies of a day the best source speaks, from one change of what is known of the day to the next. A series
-- somebody filtered stands only while no full board knows the day, and is marked.
WITH told AS (
    SELECT * FROM history.board_lead WHERE developer = 'openai' AND NOT told_afterwards
),
changes AS (
    SELECT board, category, scored_on, known_at AS changed_at FROM told
    UNION
    SELECT board, category, scored_on, known_until FROM told WHERE known_until < 'infinity'
),
turns AS (
    SELECT *, coalesce(lead(changed_at) OVER (PARTITION BY board, category, scored_on ORDER BY changed_at), 'infinity') AS next_at
    FROM changes
),
spoken AS (
    SELECT t.*, c.changed_at, least(t.known_until, c.next_at) AS spoken_until
    FROM turns AS c
    INNER JOIN told AS t USING (board, category, scored_on)
    WHERE t.known_at <= c.changed_at AND c.changed_at < t.known_until
    QUALIFY row_number() OVER (
        PARTITION BY board, category, scored_on, c.changed_at
        ORDER BY filtered, score_missing(own_score, other_score), evidence_tier, source_order, source, known_at DESC) = 1
)
SELECT
    board, category, scale_id, scored_on AS observed_on, board AS series, gap AS value, gap_low AS low, gap_high AS high, 'points' AS unit,
    best_own AS best_openai, best_other, other_organization, leader, alone_at_rank_1, other_organization AS label, known_at,
    evidence_tier AS tier, source, source_url, evidence_name(source, capture_sha256, locator) AS evidence_id, filtered,
    CAST(changed_at AS DATE) AS from_on, CASE WHEN spoken_until < 'infinity' THEN CAST(spoken_until AS DATE) END AS until_on
FROM spoken
ORDER BY scored_on DESC, board, category, changed_at, evidence_id
