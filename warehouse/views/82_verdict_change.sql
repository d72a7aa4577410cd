CREATE MACRO verdict_news() AS TABLE FROM history.verdict_news;

-- By today's code: the day, what in the evidence had changed, and which documents said so. By what was published: an edit of the
-- specification or of the code shows as such, when the evidence of that time does not explain the change.
CREATE VIEW verdict_flip AS
WITH judged AS (
    SELECT
        claim_id, as_of, lag(verdict) OVER w AS verdict_before, verdict, cause, statistic, statistic_unit, n, specification_hash,
        code_version
    FROM history.verdict
    WHERE as_of <= judged_day(as_of_now())
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
),
told AS (
    SELECT
        j.claim_id, j.as_of, j.verdict_before, j.verdict, j.cause, 'today' AS told_by_code, j.statistic, j.statistic_unit, j.n,
        j.specification_hash, j.code_version
    FROM judged AS j
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
)
SELECT
    t.claim_id, t.as_of, t.verdict_before, t.verdict, t.cause, t.told_by_code, t.statistic, t.statistic_unit, t.n, t.specification_hash,
    t.code_version, coalesce(n.evidence_ids, []) AS evidence_ids, coalesce(n.documents, []) AS documents, coalesce(n.source_urls, []) AS source_urls,
    n.series AS deciding_series, n.label AS deciding_label, n.observed_on AS deciding_on, n.value_before, n.value_before_on, n.value_after,
    n.unit AS value_unit,
    coalesce(n.why_en, CASE t.cause WHEN 'time_passed' THEN 'No document: time passed.' WHEN 'specification_edit' THEN 'No document: the specification was edited.'
        WHEN 'code_change' THEN 'No document: the code changed.' ELSE 'No document is known by then.' END) AS why_en,
    coalesce(n.why_zh, CASE t.cause WHEN 'time_passed' THEN '並無文件：時間經過所致。' WHEN 'specification_edit' THEN '並無文件：判定規則有所修改。'
        WHEN 'code_change' THEN '並無文件：程式碼有所修改。' ELSE '當時尚無文件。' END) AS why_zh
FROM told AS t
LEFT JOIN verdict_news() AS n ON n.claim_id = t.claim_id AND n.as_of = t.as_of AND t.told_by_code = 'today'
ORDER BY t.claim_id, t.as_of, t.told_by_code;

-- Since when the newest verdict has stood without a break, how long after the claim that was, and which documents made it so.
CREATE VIEW verdict_lead AS
WITH flip AS (
    SELECT f.* FROM verdict_flip AS f
    WHERE f.told_by_code = 'today'
    QUALIFY row_number() OVER (PARTITION BY f.claim_id ORDER BY f.as_of DESC) = 1
)
SELECT
    c.claim_id, c.horizon, c.asserted_at, f.verdict, f.as_of AS holds_since,
    CASE WHEN c.horizon <> 'instant' AND f.verdict IN ('supported', 'refuted', 'mixed')
        THEN round(greatest(date_diff('day', c.asserted_at, f.as_of), 0) / 30.436875, 1) END AS lead_months,
    f.evidence_ids, f.documents, f.source_urls, f.deciding_series, f.deciding_label, f.deciding_on, f.value_before, f.value_before_on, f.value_after,
    f.value_unit, f.why_en, f.why_zh
FROM history.claim AS c
INNER JOIN flip AS f ON f.claim_id = c.claim_id
ORDER BY c.claim_id;
