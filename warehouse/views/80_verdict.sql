CREATE VIEW claim AS
SELECT
    claim_id, title_en, title_zh, statement_en, statement_zh, citation, kind, asserted_at, horizon, test, parameters, refutes_if_en,
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

CREATE VIEW verdict_flip AS
SELECT
    claim_id, as_of, lag(verdict) OVER w AS verdict_before, verdict, statistic, statistic_unit, n, specification_hash, code_version
FROM history.verdict
WHERE as_of <= as_of_day(as_of_now())
WINDOW w AS (PARTITION BY claim_id ORDER BY as_of)
QUALIFY lag(verdict) OVER w IS DISTINCT FROM verdict
ORDER BY claim_id, as_of;
