-- Lists against facts. A periodic report with tagged figures of which company facts know nothing is a hole in every
-- series, and facts of a report no list knows are a hole in the list: neither stays unsaid. Only the span both cover counts.
CREATE TEMP TABLE fact_document AS
SELECT company, document_id, max(form) AS form, min(known_at) AS known_at
FROM history.company_fact
WHERE source = 'sec_companyfacts'
GROUP BY company, document_id;

CREATE TEMP TABLE fact_span AS
SELECT d.company, d.since, c.until
FROM (SELECT company, min(known_at) AS since FROM fact_document GROUP BY company) AS d
INNER JOIN (
    SELECT scope AS company, max(taken_at) AS until
    FROM history.capture
    WHERE source = 'sec_companyfacts' AND outcome IN ('loaded', 'unchanged')
    GROUP BY scope
) AS c USING (company);

CREATE TEMP TABLE filing_span AS
SELECT f.company, f.since, c.until
FROM (SELECT company, min(known_at) AS since FROM history.filing GROUP BY company) AS f
INNER JOIN (
    SELECT split_part(scope, '/', 1) AS company, max(taken_at) AS until
    FROM history.capture
    WHERE source = 'sec_submissions' AND outcome IN ('loaded', 'unchanged')
    GROUP BY 1
) AS c USING (company);

INSERT INTO history.issue BY NAME
SELECT
    f.source, f.scope, f.capture_sha256, f.captured_at, 'notice' AS severity, 'periodic report without facts' AS reason, f.locator,
    concat(f.company, ' ', f.form, ' filed ', f.filed_on, ', ', f.accession) AS detail, f.first_seen_at
FROM history.filing AS f
INNER JOIN fact_span AS s ON f.company = s.company AND f.known_at BETWEEN s.since AND s.until
ANTI JOIN fact_document AS d ON f.company = d.company AND f.accession = d.document_id
WHERE f.form IN ('10-K', '10-Q', '10-KT', '10-QT') AND f.is_xbrl
QUALIFY row_number() OVER (PARTITION BY f.company, f.accession ORDER BY f.captured_at DESC, f.capture_sha256 DESC) = 1;

INSERT INTO history.issue BY NAME
SELECT
    c.source, c.scope, c.capture_sha256, c.captured_at, 'notice' AS severity, 'facts of a report no list knows' AS reason, c.locator,
    concat(c.company, ' ', c.form, ', ', c.document_id) AS detail, c.first_seen_at
FROM history.company_fact AS c
INNER JOIN fact_document AS d ON c.company = d.company AND c.document_id = d.document_id
INNER JOIN filing_span AS s ON d.company = s.company AND d.known_at BETWEEN s.since AND s.until
ANTI JOIN history.filing AS f ON d.company = f.company AND d.document_id = f.accession
WHERE c.source = 'sec_companyfacts' AND d.form IN ('10-K', '10-Q', '10-KT', '10-QT')
QUALIFY row_number() OVER (PARTITION BY c.company, c.document_id ORDER BY c.locator) = 1;
