-- Leases signed and not yet commenced beside what is spent and what is contracted: what a filing can tell of leases given up. A
-- balance that falls is leases begun, ended or given up, and a filing says not which; one that rises tells nothing of what was let
-- go. Each definition is a row of its own: operating and finance leases are never added up here.
CREATE MACRO lease_commitments_as_of(t, strict := false) AS TABLE
    WITH figure AS (
        SELECT
            company, metric, definition, fiscal_year, fiscal_quarter, calendar_year, calendar_quarter, period_end, value, status, tier,
            source, source_url, document_id, evidence_id, known_at
        FROM company_quarter_as_of(t, strict := strict)
        WHERE dimensions = '' AND unit = 'USD' AND value IS NOT NULL AND fiscal_quarter IS NOT NULL
            AND metric IN ('leases_not_yet_commenced', 'cash_paid_ppe', 'rpo_total', 'rpo_commercial')
    ),
    -- The last definition by name where a company states the total under two: a step of the definition, told in its column.
    beside AS (
        SELECT metric, company, fiscal_year, fiscal_quarter, max_by(definition, definition) AS definition, max_by(value, definition) AS value,
            max(known_at) AS known_at
        FROM figure
        WHERE metric <> 'leases_not_yet_commenced'
        GROUP BY metric, company, fiscal_year, fiscal_quarter
    ),
    leases AS (
        SELECT
            *,
            lag(value) OVER so_far AS before_usd, lag(period_end) OVER so_far AS before_on
        FROM figure
        WHERE metric = 'leases_not_yet_commenced'
        WINDOW so_far AS (PARTITION BY company, definition ORDER BY period_end)
    )
    SELECT
        l.company, l.calendar_year, l.calendar_quarter, l.fiscal_year, l.fiscal_quarter, l.period_end,
        l.definition AS leases_definition, l.value AS leases_usd, l.before_on AS leases_before_on, l.value - l.before_usd AS leases_change_usd,
        c.value AS capex_quarter_usd, c.definition AS capex_definition, l.value / c.value AS leases_to_capex_quarter,
        o.value AS rpo_total_usd, o.definition AS rpo_total_definition, r.value AS rpo_commercial_usd, r.definition AS rpo_commercial_definition,
        100 * l.value / coalesce(r.value, o.value) AS leases_to_rpo_pct,
        list_filter([
            CASE WHEN c.value IS NULL THEN 'cash_paid_ppe' END,
            CASE WHEN coalesce(r.value, o.value) IS NULL THEN 'rpo_total' END], lambda name: name IS NOT NULL) AS not_known,
        l.status, l.tier, l.source, l.source_url, l.document_id, l.evidence_id,
        greatest(l.known_at, c.known_at, o.known_at, r.known_at) AS known_at
    FROM leases AS l
    LEFT JOIN beside AS c
        ON l.company = c.company AND l.fiscal_year = c.fiscal_year AND l.fiscal_quarter = c.fiscal_quarter AND c.metric = 'cash_paid_ppe'
    LEFT JOIN beside AS o
        ON l.company = o.company AND l.fiscal_year = o.fiscal_year AND l.fiscal_quarter = o.fiscal_quarter AND o.metric = 'rpo_total'
    LEFT JOIN beside AS r
        ON l.company = r.company AND l.fiscal_year = r.fiscal_year AND l.fiscal_quarter = r.fiscal_quarter AND r.metric = 'rpo_commercial'
    ORDER BY l.calendar_year, l.calendar_quarter, l.company, l.definition;

CREATE VIEW lease_commitments AS FROM lease_commitments_as_of(as_of_now());

-- The label under which a balance of such leases stands among a claim's evidence.
CREATE MACRO lease_label(company, value, period_end) AS
    concat(lower(company), '-leases-not-commenced-', round(value / 1e9, 1), 'bn-', period_end);

-- The newest balance of each company, all leases together, as known at t: the filing's proxy of leases given up, beside the
-- claims on them. It cannot tell leases given up from leases begun, nor what was never signed.
CREATE MACRO lease_balance_as_of(t) AS TABLE
    SELECT company, metric, period_end, value AS leases_usd, lease_label(company, value, period_end) AS label, known_at, evidence_id
    FROM company_quarter_as_of(t)
    WHERE metric = 'leases_not_yet_commenced' AND definition = 'leases_all' AND unit = 'USD' AND value IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY company ORDER BY period_end DESC) = 1;
