-- Marts by quarter, beside those of twelve months. Every definition is a column of its own: a column never changes what it
-- means, and a ratio names both of its sides. Shares are of the quarter alone, which is seasonal.
CREATE MACRO capex_quarter_as_of(t, strict := false) AS TABLE
    WITH figure AS (
        SELECT company, metric, definition, fiscal_year, fiscal_quarter, calendar_year, calendar_quarter, period_end, value, known_at, evidence_id
        FROM company_quarter_as_of(t, strict := strict)
        WHERE dimensions = '' AND unit = 'USD' AND value IS NOT NULL AND metric IN (
            'cash_paid_ppe', 'capex_incl_finance_leases', 'operating_cash_flow', 'revenue', 'depreciation', 'depreciation_amortization')
    ),
    wide AS (
        SELECT
            company, fiscal_year, fiscal_quarter, max(calendar_year) AS calendar_year, max(calendar_quarter) AS calendar_quarter,
            max(period_end) AS period_end,
            max(value) FILTER (metric = 'cash_paid_ppe' AND definition = 'cash_ppe') AS cash,
            max(value) FILTER (metric = 'capex_incl_finance_leases' AND definition = 'management_capex') AS management,
            max(value) FILTER (metric = 'capex_incl_finance_leases' AND definition = 'management_capex_after_reclassification') AS reclassified,
            max(value) FILTER (metric = 'capex_incl_finance_leases' AND definition = 'cash_ppe_and_assets_obtained') AS with_assets,
            max(value) FILTER (metric = 'capex_incl_finance_leases' AND definition = 'cash_ppe_and_lease_principal') AS with_principal,
            max(value) FILTER (metric = 'operating_cash_flow' AND definition = 'cash_operating') AS ocf,
            max(value) FILTER (metric = 'revenue' AND definition = 'revenue_total') AS revenue,
            max(value) FILTER (metric = 'depreciation' AND definition = 'depreciation_ppe') AS worn,
            max(value) FILTER (metric = 'depreciation_amortization' AND definition = 'depreciation_cash_flow_line') AS worn_line,
            list_sort(list(DISTINCT concat(metric, ' (', definition, ')')) FILTER ((metric, definition) NOT IN (
                ('cash_paid_ppe', 'cash_ppe'), ('capex_incl_finance_leases', 'management_capex'),
                ('capex_incl_finance_leases', 'management_capex_after_reclassification'),
                ('capex_incl_finance_leases', 'cash_ppe_and_assets_obtained'), ('capex_incl_finance_leases', 'cash_ppe_and_lease_principal'),
                ('operating_cash_flow', 'cash_operating'), ('revenue', 'revenue_total'), ('depreciation', 'depreciation_ppe'),
                ('depreciation_amortization', 'depreciation_cash_flow_line')))) AS no_column,
            max(known_at) AS known_at, list_sort(list(DISTINCT evidence_id)) AS evidence
        FROM figure
        GROUP BY company, fiscal_year, fiscal_quarter
    )
    SELECT
        company, calendar_year, calendar_quarter, fiscal_year, fiscal_quarter, period_end,
        cash AS capex_cash_usd, management AS capex_management_usd, reclassified AS capex_management_after_reclassification_usd,
        with_assets AS capex_cash_and_assets_obtained_usd, with_principal AS capex_cash_and_lease_principal_usd,
        ocf AS operating_cash_flow_usd, revenue AS revenue_usd, worn AS depreciation_usd, worn_line AS depreciation_amortization_usd,
        100 * cash / nullif(revenue, 0) AS capex_cash_to_revenue_pct,
        100 * management / nullif(revenue, 0) AS capex_management_to_revenue_pct,
        100 * with_assets / nullif(revenue, 0) AS capex_cash_and_assets_obtained_to_revenue_pct,
        100 * with_principal / nullif(revenue, 0) AS capex_cash_and_lease_principal_to_revenue_pct,
        CASE WHEN ocf > 0 THEN 100 * cash / ocf END AS capex_cash_to_operating_cash_flow_pct,
        CASE WHEN ocf > 0 THEN 100 * management / ocf END AS capex_management_to_operating_cash_flow_pct,
        CASE WHEN ocf > 0 THEN 100 * with_assets / ocf END AS capex_cash_and_assets_obtained_to_operating_cash_flow_pct,
        CASE WHEN ocf > 0 THEN 100 * with_principal / ocf END AS capex_cash_and_lease_principal_to_operating_cash_flow_pct,
        CASE WHEN cash > 0 THEN 100 * worn / cash END AS depreciation_to_capex_cash_pct,
        CASE WHEN management > 0 THEN 100 * worn / management END AS depreciation_to_capex_management_pct,
        CASE WHEN with_assets > 0 THEN 100 * worn / with_assets END AS depreciation_to_capex_cash_and_assets_obtained_pct,
        CASE WHEN with_principal > 0 THEN 100 * worn / with_principal END AS depreciation_to_capex_cash_and_lease_principal_pct,
        CASE WHEN cash > 0 THEN 100 * worn_line / cash END AS depreciation_amortization_to_capex_cash_pct,
        list_filter([
            CASE WHEN cash IS NULL THEN 'cash_paid_ppe' END,
            CASE WHEN coalesce(management, reclassified, with_assets, with_principal) IS NULL THEN 'capex_incl_finance_leases' END,
            CASE WHEN ocf IS NULL THEN 'operating_cash_flow' END,
            CASE WHEN revenue IS NULL THEN 'revenue' END,
            CASE WHEN worn IS NULL THEN 'depreciation' END,
            CASE WHEN worn_line IS NULL THEN 'depreciation_amortization' END], lambda name: name IS NOT NULL) AS not_known,
        coalesce(no_column, []) AS other_definitions, evidence, known_at
    FROM wide
    ORDER BY calendar_year, calendar_quarter, company;

CREATE VIEW capex_quarter AS FROM capex_quarter_as_of(as_of_now());

-- A figure of a named group of companies by calendar quarter: what is summed, of whom, and who is missing. The sum is NULL
-- where anybody is missing; partial_value is of those who are there.
CREATE MACRO group_quarter_as_of(t, strict := false) AS TABLE
    WITH figure AS (
        SELECT
            g.company_group, f.company, f.metric, f.definition, f.calendar_year, f.calendar_quarter, f.value, f.known_at
        FROM history.company_group AS g
        INNER JOIN company_quarter_as_of(t, strict := strict) AS f ON f.company = g.company
        WHERE f.dimensions = '' AND f.unit = 'USD' AND f.value IS NOT NULL AND f.calendar_quarter IS NOT NULL AND f.metric IN (
            SELECT m.metric FROM history.metric AS m WHERE m.period = 'duration' AND m.additive)
    ),
    summed AS (
        SELECT
            company_group, metric, definition, calendar_year, calendar_quarter, sum(value) AS total, list_sort(list(DISTINCT company)) AS companies,
            max(known_at) AS known_at
        FROM figure
        GROUP BY company_group, metric, definition, calendar_year, calendar_quarter
    ),
    members AS (SELECT company_group, list_sort(list(company)) AS company_list FROM history.company_group GROUP BY company_group)
    SELECT
        s.company_group, s.metric, s.definition, s.calendar_year, s.calendar_quarter,
        CASE WHEN len(s.companies) = len(m.company_list) THEN s.total END AS value_usd, s.total AS partial_value_usd, s.companies,
        list_filter(m.company_list, lambda one: NOT list_contains(s.companies, one)) AS companies_missing, s.known_at
    FROM summed AS s
    INNER JOIN members AS m ON m.company_group = s.company_group
    ORDER BY s.company_group, s.metric, s.definition, s.calendar_year, s.calendar_quarter;

CREATE VIEW group_quarter AS FROM group_quarter_as_of(as_of_now());

-- What was guided against what came, for every company that guided anything in money or per cent: one row for each guide that
-- has a period, the newest marked, and how far before the period's end it was said.
CREATE MACRO guidance_outcome_as_of(t, strict := false) AS TABLE
    SELECT
        g.company, g.metric, g.definition, g.target_start, g.target_end, g.bound, g.value AS guided, g.low AS guided_low, g.high AS guided_high,
        g.unit, g.actual, g.miss, g.miss_unit, g.in_force,
        CASE
            WHEN g.actual IS NULL AND g.target_end < CAST(least(as_of_instant(t), (SELECT max(taken_at) FROM history.capture)) AS DATE) THEN 'no outcome by this definition is known'
            WHEN g.actual IS NULL THEN 'not yet over'
            WHEN g.bound = 'over' AND g.actual > g.value THEN 'kept'
            WHEN g.bound = 'at_least' AND g.actual >= g.value THEN 'kept'
            WHEN g.bound IN ('over', 'at_least') THEN 'below'
            WHEN g.actual < coalesce(g.low, g.value) THEN 'below'
            WHEN g.actual > coalesce(g.high, g.value) THEN 'above'
            ELSE 'kept'
        END AS outcome,
        date_diff('day', CAST(g.known_at AS DATE), g.target_end) AS days_before_end, g.statement_en, g.statement_zh, g.tier, g.source,
        g.document_id, g.source_url, g.evidence_id, g.actual_known_at, g.known_at
    FROM guidance_as_of(t, strict := strict) AS g
    WHERE g.target_end IS NOT NULL AND g.bound IN ('about', 'range', 'over', 'at_least')
    ORDER BY g.company, g.metric, g.target_end, g.known_at;

CREATE VIEW guidance_outcome AS FROM guidance_outcome_as_of(as_of_now());
