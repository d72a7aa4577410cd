-- What of a claim's evidence was new or gone on each day on which its verdict may have changed, and the two figures that
-- show it best: of what became known last the newest day, against what stood there before or the figure before it. An exchange
-- rate only shows a price in another currency: it is told where nothing else is new.
-- Put anew with the verdicts of each night (newest.py): no day is asked of it.
CREATE TABLE IF NOT EXISTS history.verdict_news (
    claim_id VARCHAR, as_of DATE, evidence_ids VARCHAR[], documents VARCHAR[], source_urls VARCHAR[], series VARCHAR, label VARCHAR, observed_on DATE,
    value_before DOUBLE, value_before_on DATE, value_after DOUBLE, unit VARCHAR, why_en VARCHAR, why_zh VARCHAR);

DELETE FROM history.verdict_news;

INSERT INTO history.verdict_news BY NAME
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
LEFT JOIN preceding AS p ON p.claim_id = t.claim_id AND p.as_of = t.as_of
ORDER BY claim_id, as_of;
