-- What of a claim's evidence was new or gone on each day on which its verdict may have changed, and the two figures that
-- show it best: of what became known last the newest day, against what stood there before or the figure before it. An exchange
-- rate only shows a price in another currency: it is told where nothing else is new.
CREATE MACRO verdict_news() AS TABLE
    WITH fresh AS (
        SELECT s.claim_id, s.from_on AS as_of, s.series, s.observed_on, s.label, s.value, s.unit, s.evidence, s.source, s.document, s.source_url, s.known_at
        FROM history.evidence_span AS s
    ),
    gone AS (
        SELECT s.claim_id, s.until_on AS as_of, s.series, s.observed_on, s.label, s.value, s.evidence, s.source, s.document, s.source_url
        FROM history.evidence_span AS s
        WHERE s.until_on IS NOT NULL
    ),
    best AS (
        SELECT f.* FROM fresh AS f
        QUALIFY row_number() OVER (PARTITION BY f.claim_id, f.as_of ORDER BY starts_with(f.series, 'fx_'), f.known_at DESC, f.observed_on DESC, f.series, f.label, f.value, f.evidence) = 1
    ),
    -- What stood in its place, else the figure of the same series before it.
    replaced AS (
        SELECT b.claim_id, b.as_of, arg_max(g.value, (g.value IS NOT NULL, g.evidence)) AS value
        FROM best AS b INNER JOIN gone AS g
            ON g.claim_id = b.claim_id AND g.as_of = b.as_of AND g.series = b.series AND g.observed_on = b.observed_on
            AND g.label IS NOT DISTINCT FROM b.label
        GROUP BY b.claim_id, b.as_of
    ),
    preceding AS (
        SELECT b.claim_id, b.as_of, arg_max(s.value, (s.observed_on, s.evidence)) AS value, max(s.observed_on) AS observed_on
        FROM best AS b INNER JOIN history.evidence_span AS s
            ON s.claim_id = b.claim_id AND s.series = b.series AND s.observed_on < b.observed_on AND s.from_on < b.as_of
            AND (s.until_on IS NULL OR s.until_on >= b.as_of) AND s.value IS NOT NULL
        GROUP BY b.claim_id, b.as_of
    ),
    spoken AS (
        SELECT claim_id, as_of, evidence, document, source, source_url, true AS is_new FROM fresh
        UNION ALL
        SELECT g.claim_id, g.as_of, g.evidence, g.document, g.source, g.source_url, false FROM gone AS g
        WHERE NOT EXISTS (SELECT 1 FROM fresh AS f WHERE f.claim_id = g.claim_id AND f.as_of = g.as_of)
    ),
    told AS (
        SELECT
            claim_id, as_of, list_sort(list(DISTINCT evidence)) AS evidence_ids, list_sort(list(DISTINCT document)) AS documents,
            list_sort(list(DISTINCT source)) AS sources, list_sort(list(DISTINCT source_url)) AS source_urls, bool_or(is_new) AS any_new
        FROM spoken
        GROUP BY claim_id, as_of
    )
    SELECT
        t.claim_id, t.as_of, t.evidence_ids, t.documents, t.source_urls, b.series, b.label, b.observed_on,
        coalesce(r.value, p.value) AS value_before, CASE WHEN r.value IS NOT NULL THEN b.observed_on ELSE p.observed_on END AS value_before_on,
        b.value AS value_after, b.unit,
        CASE
            -- A statement is one of its kind: there is no figure to tell.
            WHEN t.any_new AND b.unit = 'count' THEN concat(
                coalesce(b.document, b.source), ' (', b.source, ') speaks ',
                CASE b.series WHEN 'for' THEN 'for it' WHEN 'against' THEN 'against it' ELSE concat('of ', replace(b.series, '_', ' ')) END,
                CASE WHEN coalesce(b.label, '') <> '' THEN concat(': ', b.label) ELSE '' END, ' (', b.observed_on, ').')
            WHEN t.any_new THEN concat(
                coalesce(b.document, b.source), ' (', b.source, ') states ', b.series, CASE WHEN coalesce(b.label, '') <> '' THEN concat(' ', b.label) ELSE '' END,
                ' of ', b.observed_on, CASE WHEN b.value IS NULL THEN '' ELSE concat(': ', short_number(b.value), ' ', b.unit) END,
                CASE
                    WHEN r.value IS NOT NULL THEN concat(', before it stood at ', short_number(r.value))
                    WHEN p.value IS NOT NULL THEN concat(', after ', short_number(p.value), ' of ', p.observed_on)
                    ELSE '' END, '.')
            ELSE concat(array_to_string(t.documents, ', '), ' (', array_to_string(t.sources, ', '), ') counts no more.')
        END AS why_en,
        CASE
            WHEN t.any_new AND b.unit = 'count' THEN concat(
                coalesce(b.document, b.source), '（', b.source, '）：',
                CASE b.series WHEN 'for' THEN '支持' WHEN 'against' THEN '反對' ELSE replace(b.series, '_', ' ') END,
                CASE WHEN coalesce(b.label, '') <> '' THEN concat('，', b.label) ELSE '' END, '（', b.observed_on, '）。')
            WHEN t.any_new THEN concat(
                coalesce(b.document, b.source), '（', b.source, '）：', b.series, CASE WHEN coalesce(b.label, '') <> '' THEN concat(' ', b.label) ELSE '' END,
                '（', b.observed_on, '）', CASE WHEN b.value IS NULL THEN '' ELSE concat('為 ', short_number(b.value), ' ', b.unit) END,
                CASE
                    WHEN r.value IS NOT NULL THEN concat('，原為 ', short_number(r.value))
                    WHEN p.value IS NOT NULL THEN concat('，前值 ', short_number(p.value), '（', p.observed_on, '）')
                    ELSE '' END, '。')
            ELSE concat(array_to_string(t.documents, '、'), '（', array_to_string(t.sources, '、'), '）不再採計。')
        END AS why_zh
    FROM told AS t
    LEFT JOIN best AS b ON b.claim_id = t.claim_id AND b.as_of = t.as_of
    LEFT JOIN replaced AS r ON r.claim_id = t.claim_id AND r.as_of = t.as_of
    LEFT JOIN preceding AS p ON p.claim_id = t.claim_id AND p.as_of = t.as_of;

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
