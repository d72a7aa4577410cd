CREATE MACRO company_fact_as_of(t, strict := false) AS TABLE
    SELECT
        company, metric, concept, dimensions, definition, period_kind, fiscal_year, fiscal_quarter, calendar_year,
        calendar_quarter, period_start, period_end, value, value_low, value_high, value_exact, unit, currency, status,
        known_at, known_at_basis, tier, source, source_url, document_id, form, formula, inputs, basis, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.company_answer
    WHERE as_of_instant(t) BETWEEN answers_from AND answers_through AND strict_answer = strict;

-- The columns stand here again, without period_kind, because a macro on a macro takes half as long again to plan: one
-- series is read in less time than that.
CREATE MACRO company_quarter_as_of(t, strict := false) AS TABLE
    SELECT
        company, metric, concept, dimensions, definition, fiscal_year, fiscal_quarter, calendar_year, calendar_quarter, period_start,
        period_end, value, value_low, value_high, value_exact, unit, currency, status, known_at, known_at_basis, tier,
        source, source_url, document_id, form, formula, inputs, basis, note, evidence_name(source, capture_sha256, locator) AS evidence_id,
        capture_sha256, locator, first_seen_at
    FROM history.company_answer
    WHERE as_of_instant(t) BETWEEN answers_from AND answers_through AND strict_answer = strict
        AND metric IS NOT NULL AND period_kind IN ('quarter', 'instant');

-- What was said first of each figure: whatever was said of it later, no day on which it is known has another.
CREATE TABLE history.first_answer AS
SELECT seq
FROM history.company_period
WHERE status NOT IN ('absent', 'withdrawn')
QUALIFY row_number() OVER (
    PARTITION BY company, metric, subject_id ORDER BY known_at, evidence_tier, source_order, preference DESC, seq DESC) = 1
ORDER BY seq;

-- The same with what was said first of each figure.
CREATE MACRO company_fact_first_as_of(t) AS TABLE
    SELECT
        company, metric, concept, dimensions, definition, period_kind, fiscal_year, fiscal_quarter, calendar_year,
        calendar_quarter, period_start, period_end, value, value_low, value_high, value_exact, unit, currency, status,
        known_at, known_at_basis, evidence_tier AS tier, source, source_url, document_id, form, formula, inputs, basis, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.company_period SEMI JOIN history.first_answer USING (seq)
    WHERE known_at <= as_of_instant(t);

CREATE MACRO company_quarter_first_as_of(t) AS TABLE
    SELECT * EXCLUDE (period_kind)
    FROM company_fact_first_as_of(t)
    WHERE metric IS NOT NULL AND period_kind IN ('quarter', 'instant');

CREATE VIEW company_fact AS FROM company_fact_as_of(as_of_now());
CREATE VIEW company_quarter AS FROM company_quarter_as_of(as_of_now());

-- What was said first of each quarter or instant; the best source of the first day. It names no day, and so stands at the
-- day of the plain views.
CREATE MACRO first_print(company, metric) AS TABLE
    SELECT
        p.company, p.metric, p.definition, p.fiscal_year, p.fiscal_quarter, p.calendar_year, p.calendar_quarter, p.period_start,
        p.period_end, p.value, p.value_low, p.value_high, p.value_exact, p.unit, p.status, p.known_at, p.known_at_basis,
        p.evidence_tier AS tier, p.source, p.source_url, p.document_id, p.basis, p.note,
        evidence_name(p.source, p.capture_sha256, p.locator) AS evidence_id
    FROM history.company_period AS p
    WHERE p.company = company AND p.metric = metric AND p.period_kind IN ('quarter', 'instant')
        AND p.status NOT IN ('absent', 'withdrawn') AND p.known_at <= as_of_instant(as_of_now())
    QUALIFY row_number() OVER (
        PARTITION BY p.subject_id ORDER BY p.known_at, p.evidence_tier, p.source_order, p.preference DESC, p.seq DESC) = 1
    ORDER BY p.definition, p.period_end;
