-- seq orders the rows of a series by what was known last. A row is the answer of its series from known_at until
-- known_until; a row that only repeats a value (later filings repeat most figures) leaves the answer to the row that
-- first stated it. seen_from and seen_until say the same of what this warehouse had loaded (strict).
CREATE TABLE history.company_period AS
WITH named AS (
    SELECT
        p.*,
        s.source_order,
        coalesce(metric, concept) AS subject,
        CASE WHEN period_kind IN ('quarter', 'half', 'nine_months', 'year') THEN NULL ELSE period_start END AS loose_start,
        CASE WHEN period_kind IN ('quarter', 'half', 'nine_months', 'year') THEN NULL ELSE period_end END AS loose_end
    FROM staged_company_period AS p
    INNER JOIN history.source AS s USING (source)
),
ordered AS (
    SELECT
        * EXCLUDE (subject, loose_start, loose_end),
        dense_rank() OVER (
            ORDER BY company, subject, dimensions, definition, unit, period_kind, fiscal_year, fiscal_quarter, loose_start, loose_end
        ) AS subject_id,
        dense_rank() OVER (
            ORDER BY company, subject, dimensions, definition, unit, period_kind, fiscal_year, fiscal_quarter, loose_start, loose_end,
                source, evidence_tier
        ) AS series_id,
        row_number() OVER (
            ORDER BY known_at, preference, decimals, document_id, capture_sha256, locator, concept, period_start, period_end, value
        ) AS seq
    FROM named
),
runs AS (
    SELECT
        *,
        greatest(first_seen_at, known_at) AS seen_from,
        (value, value_low, value_high, status IN ('absent', 'withdrawn')) IS DISTINCT FROM
            lag((value, value_low, value_high, status IN ('absent', 'withdrawn'))) OVER (PARTITION BY series_id ORDER BY seq) AS turns
    FROM ordered
)
SELECT
    * EXCLUDE (turns),
    CASE WHEN turns THEN coalesce(min(CASE WHEN turns THEN known_at END) OVER later, 'infinity') ELSE known_at END AS known_until,
    coalesce(min(seen_from) OVER later, 'infinity') AS seen_until
FROM runs
WINDOW later AS (PARTITION BY series_id ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
ORDER BY company, metric, period_end, seq;

CREATE MACRO company_fact_as_of(t, strict := false) AS TABLE
    SELECT
        company, metric, concept, dimensions, definition, period_kind, fiscal_year, fiscal_quarter, calendar_year,
        calendar_quarter, period_start, period_end, value, value_low, value_high, value_exact, unit, currency, status,
        known_at, known_at_basis, evidence_tier AS tier, source, source_url, document_id, form, formula, inputs, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.company_period
    WHERE CASE WHEN strict THEN seen_from <= as_of_instant(t) AND as_of_instant(t) < seen_until ELSE known_at <= as_of_instant(t) AND as_of_instant(t) < known_until END
        AND status NOT IN ('absent', 'withdrawn')
    QUALIFY row_number() OVER (
        PARTITION BY company, metric, subject_id ORDER BY evidence_tier, source_order, seq DESC) = 1;

-- The columns stand here again, without period_kind, because a macro on a macro takes half as long again to plan: one
-- series is read in less time than that.
CREATE MACRO company_quarter_as_of(t, strict := false) AS TABLE
    SELECT
        company, metric, concept, dimensions, definition, fiscal_year, fiscal_quarter, calendar_year, calendar_quarter, period_start,
        period_end, value, value_low, value_high, value_exact, unit, currency, status, known_at, known_at_basis, evidence_tier AS tier,
        source, source_url, document_id, form, formula, inputs, note, evidence_name(source, capture_sha256, locator) AS evidence_id,
        capture_sha256, locator, first_seen_at
    FROM history.company_period
    WHERE CASE WHEN strict THEN seen_from <= as_of_instant(t) AND as_of_instant(t) < seen_until ELSE known_at <= as_of_instant(t) AND as_of_instant(t) < known_until END
        AND status NOT IN ('absent', 'withdrawn') AND metric IS NOT NULL AND period_kind IN ('quarter', 'instant')
    QUALIFY row_number() OVER (
        PARTITION BY company, metric, subject_id ORDER BY evidence_tier, source_order, seq DESC) = 1;

-- The same with what was said first of each figure, whatever was said of it later.
CREATE MACRO company_fact_first_as_of(t) AS TABLE
    SELECT
        company, metric, concept, dimensions, definition, period_kind, fiscal_year, fiscal_quarter, calendar_year,
        calendar_quarter, period_start, period_end, value, value_low, value_high, value_exact, unit, currency, status,
        known_at, known_at_basis, evidence_tier AS tier, source, source_url, document_id, form, formula, inputs, note,
        evidence_name(source, capture_sha256, locator) AS evidence_id, capture_sha256, locator, first_seen_at
    FROM history.company_period
    WHERE known_at <= as_of_instant(t) AND status NOT IN ('absent', 'withdrawn')
    QUALIFY row_number() OVER (
        PARTITION BY company, metric, subject_id ORDER BY known_at, evidence_tier, source_order, preference DESC, seq DESC) = 1;

CREATE MACRO company_quarter_first_as_of(t) AS TABLE
    SELECT * EXCLUDE (period_kind)
    FROM company_fact_first_as_of(t)
    WHERE metric IS NOT NULL AND period_kind IN ('quarter', 'instant');

CREATE VIEW company_fact AS FROM company_fact_as_of(as_of_now());
CREATE VIEW company_quarter AS FROM company_quarter_as_of(as_of_now());

-- What was said first of each quarter or instant; the best source of the first day.
CREATE MACRO first_print(company, metric) AS TABLE
    SELECT
        p.company, p.metric, p.definition, p.fiscal_year, p.fiscal_quarter, p.calendar_year, p.calendar_quarter, p.period_start,
        p.period_end, p.value, p.value_low, p.value_high, p.value_exact, p.unit, p.status, p.known_at, p.known_at_basis,
        p.evidence_tier AS tier, p.source, p.source_url, p.document_id, p.note,
        evidence_name(p.source, p.capture_sha256, p.locator) AS evidence_id
    FROM history.company_period AS p
    WHERE p.company = company AND p.metric = metric AND p.period_kind IN ('quarter', 'instant')
        AND p.status NOT IN ('absent', 'withdrawn')
    QUALIFY row_number() OVER (
        PARTITION BY p.subject_id ORDER BY p.known_at, p.evidence_tier, p.source_order, p.preference DESC, p.seq DESC) = 1
    ORDER BY p.definition, p.period_end;
