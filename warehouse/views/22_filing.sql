-- One row for each filing; where two captures of a list disagree on it the later one holds.
CREATE MACRO filing_as_of(t, strict := false) AS TABLE
    SELECT
        company, accession, form, filed_on, report_on, items, is_xbrl, primary_document, accepted_text, size, known_at, known_at_basis,
        source, source_url, evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.filing
    WHERE known_at <= as_of_instant(t) AND (NOT strict OR first_seen_at <= as_of_instant(t))
    QUALIFY row_number() OVER (PARTITION BY company, accession ORDER BY captured_at DESC, capture_sha256 DESC) = 1;

CREATE VIEW filing AS FROM filing_as_of(as_of_now());
