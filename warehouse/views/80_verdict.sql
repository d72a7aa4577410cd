CREATE VIEW claim AS
SELECT
    claim_id, question, title_en, title_zh, statement_en, statement_zh, citation, kind, asserted_at, horizon, test, parameters, refutes_if_en,
    refutes_if_zh, minimum_n, sources, registered_at, specification_hash
FROM history.claim
ORDER BY claim_id;

-- Today's code for day t: the last day on which the claim's evidence had changed, on or before t.
CREATE MACRO verdict_as_of(t) AS TABLE
    SELECT v.*
    FROM history.verdict AS v
    WHERE v.as_of <= as_of_day(t)
    QUALIFY row_number() OVER (PARTITION BY v.claim_id ORDER BY v.as_of DESC) = 1
    ORDER BY v.claim_id;

CREATE VIEW verdict AS FROM verdict_as_of(as_of_now());

-- What this project had published by t, whatever the code says today.
CREATE MACRO verdict_said(t) AS TABLE
    SELECT p.*
    FROM history.published_verdict AS p
    WHERE p.published_at <= as_of_instant(t)
    QUALIFY row_number() OVER (PARTITION BY p.claim_id ORDER BY p.published_at DESC, p.as_of DESC) = 1
    ORDER BY p.claim_id;

-- By today's code: the day, and what in the evidence had changed. By what was published: an edit of the specification
-- or of the code shows as such, when the evidence of that time does not explain the change.
CREATE VIEW verdict_flip AS
WITH judged AS (
    SELECT
        claim_id, as_of, lag(verdict) OVER w AS verdict_before, verdict, cause, statistic, statistic_unit, n, specification_hash,
        code_version
    FROM history.verdict
    WHERE as_of <= as_of_day(as_of_now())
    WINDOW w AS (PARTITION BY claim_id ORDER BY as_of)
    QUALIFY lag(verdict) OVER w IS DISTINCT FROM verdict
),
published AS (
    SELECT
        claim_id, as_of, lag(verdict) OVER w AS verdict_before, verdict, statistic, statistic_unit, n, specification_hash, code_version,
        lag(as_of) OVER w AS as_of_before, lag(specification_hash) OVER w AS hash_before, lag(code_version) OVER w AS code_before
    FROM history.published_verdict
    WHERE published_at <= as_of_instant(as_of_now())
    WINDOW w AS (PARTITION BY claim_id ORDER BY published_at)
    QUALIFY lag(verdict) OVER w IS NOT NULL AND lag(verdict) OVER w <> verdict
)
SELECT claim_id, as_of, verdict_before, verdict, cause, 'today' AS told_by_code, * EXCLUDE (claim_id, as_of, verdict_before, verdict, cause)
FROM judged
UNION ALL BY NAME
SELECT
    p.claim_id, p.as_of, p.verdict_before, p.verdict,
    CASE WHEN p.specification_hash <> p.hash_before THEN 'specification_edit' ELSE 'code_change' END AS cause,
    'published' AS told_by_code, p.statistic, p.statistic_unit, p.n, p.specification_hash, p.code_version
FROM published AS p
WHERE (p.specification_hash <> p.hash_before OR p.code_version <> p.code_before)
    AND NOT EXISTS (
        SELECT 1 FROM judged AS j
        WHERE j.claim_id = p.claim_id AND j.as_of > p.as_of_before AND j.as_of <= p.as_of
            AND j.verdict_before = p.verdict_before AND j.verdict = p.verdict)
ORDER BY claim_id, as_of, told_by_code;

-- Since when the newest verdict has stood without a break, and how long after the claim that was.
CREATE VIEW verdict_lead AS
WITH known AS (SELECT * FROM history.verdict WHERE as_of <= as_of_day(as_of_now())),
newest AS (
    SELECT claim_id, arg_max(verdict, as_of) AS verdict FROM known GROUP BY claim_id
),
other AS (
    SELECT v.claim_id, max(v.as_of) AS last_other
    FROM known AS v INNER JOIN newest AS n USING (claim_id)
    WHERE v.verdict <> n.verdict
    GROUP BY v.claim_id
),
since AS (
    SELECT v.claim_id, min(v.as_of) AS holds_since
    FROM known AS v LEFT JOIN other AS o USING (claim_id)
    WHERE o.last_other IS NULL OR v.as_of > o.last_other
    GROUP BY v.claim_id
)
SELECT
    c.claim_id, c.horizon, c.asserted_at, n.verdict, s.holds_since,
    CASE WHEN c.horizon <> 'instant' AND n.verdict IN ('supported', 'refuted', 'mixed')
        THEN round(greatest(date_diff('day', c.asserted_at, s.holds_since), 0) / 30.436875, 1) END AS lead_months
FROM history.claim AS c
INNER JOIN newest AS n USING (claim_id)
INNER JOIN since AS s USING (claim_id)
ORDER BY c.claim_id;

-- What was made for the newest verdicts alone is not shown when the variable as_of asks for a day before them.
CREATE MACRO asks_for_the_newest() AS (SELECT CAST(published_at AS DATE) <= as_of_day(as_of_now()) FROM history.meta);

-- The newest verdict on part of its evidence: on first prints alone, by each source, by each board.
CREATE VIEW verdict_variant AS FROM history.verdict_variant WHERE asks_for_the_newest() ORDER BY claim_id, variant, name;

-- The rows the newest verdicts rest on. Backfilled: this warehouse had the row only a week or more after it was public.
CREATE VIEW verdict_evidence AS
SELECT
    claim_id, series, observed_on, value, low, high, unit, known_at, label, evidence AS evidence_id, source, document AS document_id,
    source_url, first_seen_at, first_seen_at > known_at + INTERVAL 7 DAY AS backfilled
FROM history.verdict_evidence
WHERE asks_for_the_newest()
ORDER BY claim_id, series, observed_on, label;

-- The falsification ledger: every specification ever evaluated here, and which of them is in force.
CREATE VIEW specification AS
SELECT s.claim_id, s.version, s.specification_hash, s.registered_at, c.specification_hash IS NOT NULL AS in_force, s.specification
FROM history.specification AS s
LEFT JOIN history.claim AS c USING (claim_id, specification_hash)
WHERE CAST(s.registered_at AS DATE) <= as_of_day(as_of_now())
ORDER BY s.claim_id, s.version;

CREATE VIEW next_evidence AS FROM history.next_evidence WHERE asks_for_the_newest() ORDER BY claim_id, due_on NULLS LAST, subject;
