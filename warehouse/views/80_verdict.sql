CREATE VIEW claim AS
SELECT
    claim_id, question, title_en, title_zh, statement_en, statement_zh, citation, kind, asserted_at, horizon, test, parameters, refutes_if_en,
    refutes_if_zh, minimum_n, sources, registered_at, specification_hash
FROM history.claim
ORDER BY claim_id;

-- Today's code for day t: the last day on which the claim's evidence had changed, on or before t. That all which decides is of
-- tier 3 is told of every claim (flag secondary_source), whatever its test: what stands beside or is only shown decides nothing.
CREATE MACRO verdict_as_of(t) AS TABLE
    WITH rests AS (
        SELECT claim_id FROM history.evidence_span
        WHERE from_on <= judged_day(t) AND (until_on IS NULL OR until_on > judged_day(t)) AND series NOT IN ('beside', 'secondary')
        GROUP BY claim_id HAVING min(tier) = 3
    )
    SELECT v.* REPLACE (
        CASE WHEN v.verdict IN ('supported', 'refuted', 'mixed') AND v.claim_id IN (SELECT claim_id FROM rests)
            THEN list_sort(list_distinct(list_append(v.flags, 'secondary_source'))) ELSE v.flags END AS flags)
    FROM history.verdict AS v
    WHERE v.as_of <= judged_day(t)
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

-- What was made for the newest verdicts alone is refused where the variable as_of asks for a day before them.
CREATE MACRO asks_for_the_newest() AS (SELECT CAST(published_at AS DATE) <= as_of_day(as_of_now()) FROM history.meta);

CREATE MACRO newest_alone(name) AS
    CASE
        WHEN asks_for_the_newest() THEN true
        ELSE error(concat(name, ' is made for the newest verdicts alone and knows nothing of ', as_of_day(as_of_now()), ': RESET VARIABLE as_of'))
    END;

-- The newest verdict on part of its evidence: on first prints alone, by each source, by each board.
CREATE VIEW verdict_variant AS FROM history.verdict_variant WHERE newest_alone('verdict_variant') ORDER BY claim_id, variant, name;

-- The rows the verdicts of day t rest on. Backfilled: this warehouse had the row only a week or more after it was public.
CREATE MACRO verdict_evidence_as_of(t) AS TABLE
    SELECT
        claim_id, series, observed_on, value, low, high, unit, known_at, label, evidence AS evidence_id, source, document AS document_id,
        source_url, tier, first_seen_at, first_seen_at > known_at + INTERVAL 7 DAY AS backfilled
    FROM history.evidence_span
    WHERE from_on <= judged_day(t) AND (until_on IS NULL OR until_on > judged_day(t))
    ORDER BY claim_id, series, observed_on, label;

CREATE VIEW verdict_evidence AS FROM verdict_evidence_as_of(as_of_now());

-- The falsification ledger: every specification ever evaluated here, and which of them is in force. A day before the first
-- of them is refused: the ledger is of this home, and had not begun.
CREATE VIEW specification AS
SELECT s.claim_id, s.version, s.specification_hash, s.registered_at, c.specification_hash IS NOT NULL AS in_force, s.specification
FROM history.specification AS s
LEFT JOIN history.claim AS c ON c.claim_id = s.claim_id AND c.specification_hash = s.specification_hash
WHERE CASE
        WHEN CAST(s.registered_at AS DATE) <= as_of_day(as_of_now()) THEN true
        WHEN as_of_day(as_of_now()) < (SELECT CAST(min(f.registered_at) AS DATE) FROM history.specification AS f)
            THEN error(concat('specification is the ledger of this home, which had none by ', as_of_day(as_of_now()), ': RESET VARIABLE as_of'))
        ELSE false
    END
ORDER BY s.claim_id, s.version;

-- Which day the plain views of this connection stand at. A statement that was prepared before SET VARIABLE keeps the day it
-- was prepared on: give the day to the macros in prepared statements.
CREATE VIEW as_of_day AS
SELECT
    least(as_of_day(as_of_now()), CAST(m.published_at AS DATE)) AS as_of, least(as_of_instant(as_of_now()), m.published_at) AS as_of_instant,
    CASE WHEN getvariable('as_of') IS NULL THEN 'newest' ELSE 'variable' END AS set_by, m.published_at
FROM history.meta AS m;
