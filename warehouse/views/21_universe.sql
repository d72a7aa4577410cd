-- The universe: every filer by cik, of one source, so that a row's own span says when it is the answer (see
-- 15_company_period.sql) and nothing has to be chosen between sources. The macros have the names and columns of those on
-- the followed companies, and cik before them.
CREATE MACRO company_fact_as_of(t, strict := false) AS TABLE
    SELECT
        cik, company, metric, concept, dimensions, definition, period_kind, fiscal_year, fiscal_quarter, calendar_year,
        calendar_quarter, period_start, period_end, value, value_low, value_high, value_exact, unit, currency, status,
        known_at, known_at_basis, evidence_tier AS tier, source, source_url, document_id, form, formula, inputs, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.company_period
    WHERE status NOT IN ('absent', 'withdrawn')
        AND as_of_instant(t) >= CASE WHEN strict THEN seen_from ELSE known_at END
        AND as_of_instant(t) < CASE WHEN strict THEN seen_until ELSE known_until END;

CREATE MACRO company_quarter_as_of(t, strict := false) AS TABLE
    SELECT * EXCLUDE (period_kind)
    FROM company_fact_as_of(t, strict := strict)
    WHERE metric IS NOT NULL AND period_kind IN ('quarter', 'instant');

CREATE VIEW company_fact AS FROM company_fact_as_of(as_of_now());
CREATE VIEW company_quarter AS FROM company_quarter_as_of(as_of_now());
CREATE VIEW filer AS FROM history.filer;
CREATE VIEW issue AS FROM history.issue;
CREATE VIEW capture AS FROM history.capture;
CREATE VIEW meta AS FROM history.meta;
