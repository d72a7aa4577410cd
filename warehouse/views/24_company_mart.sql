-- What stops arithmetic between figures that are not the same thing: same_definition(a, b) is true, or an error.
CREATE MACRO same_definition(a, b) AS
    CASE
        WHEN a = b THEN true
        ELSE error(concat('the definitions ', a, ' and ', b, ' are different things and are not computed with each other'))
    END;

-- The same of figures per share and counts of shares on two sides of a split.
CREATE MACRO same_basis(a, b) AS
    CASE
        WHEN a IS NOT DISTINCT FROM b THEN true
        ELSE error(concat('the bases ', a, ' and ', b, ' count different shares and are not computed with each other'))
    END;

-- The name of what is not known, with the reason where vintages stand in the way.
CREATE MACRO lacking(name, reason) AS concat(name, CASE WHEN reason IN ('one vintage', 'one line') THEN concat(': ', reason) ELSE '' END);

-- Capital expenditure against what must carry it, trailing twelve months, companies side by side on calendar quarters.
CREATE MACRO capex_intensity_as_of(t, strict := false) AS TABLE
    WITH summed AS (FROM trailing_year_as_of(t, strict := strict)),
    -- A quarter whose year would mix vintages or lines is shown without one; the first quarters of a company have none.
    capex AS (
        SELECT * FROM summed
        WHERE metric = 'cash_paid_ppe' AND definition = 'cash_ppe' AND (value IS NOT NULL OR not_known IN ('one vintage', 'one line')) AND quarter_value IS NOT NULL
    ),
    -- What management states goes before what is computed from tags, which is far from it in some quarters and flagged.
    with_leases AS (
        SELECT * FROM summed WHERE metric = 'capex_incl_finance_leases' AND value IS NOT NULL
        QUALIFY row_number() OVER (
            PARTITION BY company, fiscal_year, fiscal_quarter ORDER BY definition <> 'management_capex', definition) = 1
    ),
    -- Where depreciation by itself is not known the line with amortisation stands in, and says so.
    worn AS (
        SELECT * FROM summed WHERE metric IN ('depreciation', 'depreciation_amortization')
        QUALIFY row_number() OVER (
            PARTITION BY company, fiscal_year, fiscal_quarter ORDER BY value IS NULL, metric <> 'depreciation', definition) = 1
    ),
    short_lived AS (
        SELECT company, fiscal_year, fiscal_quarter, definition, coalesce(value_low, value) AS low, coalesce(value_high, value) AS high, known_at
        FROM company_quarter_as_of(t, strict := strict)
        WHERE metric = 'short_lived_share_pct' AND dimensions = ''
        QUALIFY row_number() OVER (
            PARTITION BY company, fiscal_year, fiscal_quarter ORDER BY definition <> 'all_capex', definition) = 1
    )
    SELECT
        c.company, c.calendar_year, c.calendar_quarter, c.fiscal_year, c.fiscal_quarter, c.period_end,
        c.quarter_value AS capex_quarter_usd, c.value AS capex_usd, c.definition AS capex_definition,
        l.value AS capex_incl_leases_usd, l.definition AS capex_incl_leases_definition,
        l.definition <> 'management_capex' AS capex_incl_leases_is_proxy,
        r.value AS revenue_usd, o.value AS operating_cash_flow_usd, f.value AS free_cash_flow_usd,
        d.value AS depreciation_usd, d.definition AS depreciation_definition,
        100 * c.value / r.value AS capex_to_revenue_pct,
        CASE WHEN o.value > 0 THEN 100 * c.value / o.value END AS capex_to_operating_cash_flow_pct,
        CASE WHEN d.value > 0 THEN c.value / d.value END AS capex_to_depreciation,
        s.low AS short_lived_share_low_pct, s.high AS short_lived_share_high_pct, s.definition AS short_lived_share_definition,
        list_filter([
            CASE WHEN c.value IS NULL THEN lacking('capex', c.not_known) END,
            CASE WHEN r.value IS NULL THEN lacking('revenue', r.not_known) END,
            CASE WHEN o.value IS NULL THEN lacking('operating_cash_flow', o.not_known) END,
            CASE WHEN f.value IS NULL THEN lacking('free_cash_flow', f.not_known) END,
            CASE WHEN d.value IS NULL THEN lacking('depreciation', d.not_known) END,
            CASE WHEN l.value IS NULL THEN 'capex_incl_finance_leases' END,
            CASE WHEN s.low IS NULL THEN 'short_lived_share_pct' END], lambda name: name IS NOT NULL) AS not_known,
        greatest(c.known_at, r.known_at, o.known_at, d.known_at, l.known_at, s.known_at) AS known_at
    FROM capex AS c
    LEFT JOIN summed AS r
        ON c.company = r.company AND c.fiscal_year = r.fiscal_year AND c.fiscal_quarter = r.fiscal_quarter
        AND r.metric = 'revenue' AND r.definition = 'revenue_total'
    LEFT JOIN summed AS o
        ON c.company = o.company AND c.fiscal_year = o.fiscal_year AND c.fiscal_quarter = o.fiscal_quarter
        AND o.metric = 'operating_cash_flow' AND o.definition = 'cash_operating'
    LEFT JOIN summed AS f
        ON c.company = f.company AND c.fiscal_year = f.fiscal_year AND c.fiscal_quarter = f.fiscal_quarter
        AND f.metric = 'free_cash_flow' AND f.definition = 'operating_less_cash_ppe'
    LEFT JOIN worn AS d ON c.company = d.company AND c.fiscal_year = d.fiscal_year AND c.fiscal_quarter = d.fiscal_quarter
    LEFT JOIN with_leases AS l ON c.company = l.company AND c.fiscal_year = l.fiscal_year AND c.fiscal_quarter = l.fiscal_quarter
    LEFT JOIN short_lived AS s ON c.company = s.company AND c.fiscal_year = s.fiscal_year AND c.fiscal_quarter = s.fiscal_quarter
    ORDER BY c.calendar_year, c.calendar_quarter, c.company;

CREATE VIEW capex_intensity AS FROM capex_intensity_as_of(as_of_now());

-- Microsoft: growth of Azure beside what is contracted. One row for each quarter and definition of Azure. Of what is
-- contracted only the obligation to commercial customers counts: a share or a growth of anything else is another thing.
-- What nobody has stated for a quarter is NULL and named in not_known, by its metric.
CREATE MACRO azure_vs_rpo_as_of(t, strict := false) AS TABLE
    WITH figure AS (
        SELECT
            company, metric, definition, fiscal_year, fiscal_quarter, calendar_year, calendar_quarter, period_end, value,
            coalesce(value_low, value) AS low, coalesce(value_high, value) AS high, known_at
        FROM company_quarter_as_of(t, strict := strict)
        WHERE company = 'MSFT' AND dimensions = ''
    ),
    azure AS (
        SELECT
            fiscal_year, fiscal_quarter, definition, any_value(period_end) AS period_end,
            any_value(calendar_year) AS calendar_year, any_value(calendar_quarter) AS calendar_quarter,
            max(value) FILTER (metric = 'azure_growth_reported_pct') AS reported,
            max(value) FILTER (metric = 'azure_growth_cc_pct') AS constant_currency,
            max(value) FILTER (metric = 'azure_ai_points') AS ai_points, max(known_at) AS known_at
        FROM figure
        WHERE metric IN ('azure_growth_reported_pct', 'azure_growth_cc_pct', 'azure_ai_points')
        GROUP BY ALL
    ),
    rpo AS (
        SELECT
            fiscal_year, fiscal_quarter, any_value(period_end) AS period_end, any_value(calendar_year) AS calendar_year,
            any_value(calendar_quarter) AS calendar_quarter,
            max(value) FILTER (metric = 'rpo_commercial') AS commercial,
            max(value) FILTER (metric = 'rpo_commercial_growth_pct') AS growth,
            max(value) FILTER (metric = 'rpo_commercial_growth_cc_pct') AS growth_cc,
            any_value(figures) FILTER (metric = 'rpo_next12m_share_pct') AS next12m_share,
            any_value(figures) FILTER (metric = 'rpo_commercial_next12m') AS next12m,
            any_value(figures) FILTER (metric = 'rpo_commercial_beyond12m') AS beyond12m,
            max(value) FILTER (metric = 'rpo_next12m_growth_pct') AS next12m_growth,
            max(value) FILTER (metric = 'rpo_beyond12m_growth_pct') AS beyond12m_growth,
            arg_max(figures, ex_rank) FILTER (metric = 'rpo_commercial_ex_openai') AS ex,
            max(known_at) AS known_at
        FROM (
            SELECT
                *, {value: value, low: low, high: high, definition: definition} AS figures,
                CASE definition WHEN 'customers_commercial' THEN 2 ELSE 1 END AS ex_rank
            FROM figure
            WHERE (metric, definition) IN (
                ('rpo_commercial', 'customers_commercial'), ('rpo_commercial_growth_pct', 'customers_commercial'),
                ('rpo_commercial_growth_cc_pct', 'customers_commercial'), ('rpo_next12m_share_pct', 'customers_commercial'),
                ('rpo_commercial_next12m', 'customers_commercial_next12m'), ('rpo_next12m_growth_pct', 'customers_commercial'),
                ('rpo_commercial_beyond12m', 'customers_commercial_beyond12m'), ('rpo_beyond12m_growth_pct', 'customers_commercial'),
                ('rpo_commercial_ex_openai', 'customers_commercial'),
                ('rpo_commercial_ex_openai', 'customers_commercial_without_openai'))
        )
        GROUP BY fiscal_year, fiscal_quarter
    )
    SELECT
        'MSFT' AS company, fiscal_year, fiscal_quarter, coalesce(r.calendar_year, a.calendar_year) AS calendar_year,
        coalesce(r.calendar_quarter, a.calendar_quarter) AS calendar_quarter, coalesce(r.period_end, a.period_end) AS period_end,
        a.definition AS azure_definition, a.reported AS azure_growth_reported_pct, a.constant_currency AS azure_growth_cc_pct,
        a.ai_points AS azure_ai_points, a.constant_currency - a.ai_points AS azure_growth_without_ai_pct,
        r.commercial AS rpo_commercial_usd, r.growth AS rpo_growth_pct, r.growth_cc AS rpo_growth_cc_pct,
        100 * (r.commercial / before.commercial - 1) AS rpo_growth_computed_pct,
        r.ex.value AS rpo_ex_openai_usd, r.ex.low AS rpo_ex_openai_low_usd, r.ex.high AS rpo_ex_openai_high_usd,
        r.ex.definition AS rpo_ex_openai_definition,
        r.next12m_share.value AS rpo_next12m_share_pct, r.next12m_share.low AS rpo_next12m_share_low_pct,
        r.next12m_share.high AS rpo_next12m_share_high_pct,
        r.next12m.value AS rpo_next12m_usd, r.next12m.low AS rpo_next12m_low_usd, r.next12m.high AS rpo_next12m_high_usd,
        r.beyond12m.value AS rpo_beyond12m_usd, r.beyond12m.low AS rpo_beyond12m_low_usd, r.beyond12m.high AS rpo_beyond12m_high_usd,
        r.next12m_growth AS rpo_next12m_growth_pct, r.beyond12m_growth AS rpo_beyond12m_growth_pct,
        list_filter([
            CASE WHEN a.reported IS NULL THEN 'azure_growth_reported_pct' END,
            CASE WHEN a.constant_currency IS NULL THEN 'azure_growth_cc_pct' END,
            CASE WHEN a.ai_points IS NULL THEN 'azure_ai_points' END,
            CASE WHEN r.commercial IS NULL THEN 'rpo_commercial' END,
            CASE WHEN r.growth IS NULL THEN 'rpo_commercial_growth_pct' END,
            CASE WHEN r.growth_cc IS NULL THEN 'rpo_commercial_growth_cc_pct' END,
            CASE WHEN r.ex.low IS NULL THEN 'rpo_commercial_ex_openai' END,
            CASE WHEN r.next12m_share.low IS NULL THEN 'rpo_next12m_share_pct' END,
            CASE WHEN r.next12m.low IS NULL THEN 'rpo_commercial_next12m' END,
            CASE WHEN r.beyond12m.low IS NULL THEN 'rpo_commercial_beyond12m' END,
            CASE WHEN r.next12m_growth IS NULL THEN 'rpo_next12m_growth_pct' END,
            CASE WHEN r.beyond12m_growth IS NULL THEN 'rpo_beyond12m_growth_pct' END],
            lambda name: name IS NOT NULL) AS not_known,
        greatest(a.known_at, r.known_at) AS known_at
    FROM azure AS a
    FULL JOIN rpo AS r USING (fiscal_year, fiscal_quarter)
    LEFT JOIN rpo AS before ON before.fiscal_year = r.fiscal_year - 1 AND before.fiscal_quarter = r.fiscal_quarter
    ORDER BY fiscal_year, fiscal_quarter, azure_definition;

CREATE VIEW azure_vs_rpo AS FROM azure_vs_rpo_as_of(as_of_now());

-- What a year's purchases will cost in depreciation, in each full year of service, by how long the assets live. The share
-- of short-lived assets is an interval, so each cost is one. Straight-line, no residual value: policy, not a forecast.
-- Each of the four quarters counts with its own share, and only where the share is one of the same spending: of capital
-- expenditure with finance leases as management states both. A life that is only announced stands beside the one in force.
CREATE MACRO depreciation_wave_as_of(t, strict := false) AS TABLE
    WITH figure AS MATERIALIZED (
        SELECT
            company, metric, dimensions, definition, fiscal_year, fiscal_quarter, period_end, value, coalesce(value_low, value) AS low,
            coalesce(value_high, value) AS high, known_at
        FROM company_quarter_as_of(t, strict := strict)
        WHERE metric IN ('capex_incl_finance_leases', 'short_lived_share_pct', 'useful_life_years')
    ),
    spent AS (
        SELECT
            a.company, a.fiscal_year, a.fiscal_quarter, a.value, a.value * s.low / 100 AS short_low, a.value * s.high / 100 AS short_high,
            greatest(a.known_at, s.known_at) AS known_at
        FROM figure AS a
        INNER JOIN figure AS s USING (company, fiscal_year, fiscal_quarter)
        WHERE a.metric = 'capex_incl_finance_leases' AND a.definition = 'management_capex'
            AND s.metric = 'short_lived_share_pct' AND s.definition = 'all_capex' AND a.value IS NOT NULL
    ),
    year AS (
        SELECT
            company, fiscal_year, fiscal_quarter, sum(value) OVER four AS capex, sum(short_low) OVER four AS short_low,
            sum(short_high) OVER four AS short_high, max(known_at) OVER four AS known_at
        FROM spent
        WINDOW four AS (
            PARTITION BY company ORDER BY fiscal_year * 4 + fiscal_quarter RANGE BETWEEN 3 PRECEDING AND CURRENT ROW)
        QUALIFY count(*) OVER four = 4
    ),
    -- Reports state a life again and again: the one before is the last that was another.
    life AS (
        SELECT
            *, last_value(CASE WHEN high_before <> high THEN high_before END IGNORE NULLS) OVER states AS before,
            lead(period_end, 1, DATE 'infinity') OVER states AS until
        FROM (
            SELECT company, definition, period_end, low, high, lag(high) OVER (PARTITION BY company, definition ORDER BY period_end) AS high_before, known_at
            FROM figure
            WHERE metric = 'useful_life_years' AND dimensions = ''
        )
        WINDOW states AS (PARTITION BY company, definition ORDER BY period_end)
    )
    SELECT
        b.company, b.calendar_year, b.calendar_quarter, b.fiscal_year, b.fiscal_quarter, b.period_end,
        coalesce(y.capex, b.capex_incl_leases_usd, b.capex_usd) AS capex_usd,
        CASE WHEN y.capex IS NOT NULL THEN 'management_capex' ELSE coalesce(b.capex_incl_leases_definition, b.capex_definition) END
            AS capex_definition,
        100 * y.short_low / y.capex AS short_lived_share_low_pct, 100 * y.short_high / y.capex AS short_lived_share_high_pct,
        s.low AS short_life_low_years, s.high AS short_life_high_years, n.high AS long_life_years, n.before AS long_life_before_years,
        a.high AS long_life_announced_years,
        y.short_low / s.high AS short_lived_cost_low_usd,
        y.short_high / s.low AS short_lived_cost_high_usd,
        (y.capex - y.short_high) / n.high AS long_lived_cost_low_usd,
        (y.capex - y.short_low) / n.low AS long_lived_cost_high_usd,
        (y.capex - y.short_low) / n.low - (y.capex - y.short_low) / nullif(a.high, n.high) AS life_change_relief_usd,
        b.depreciation_usd,
        list_filter([
            CASE WHEN y.capex IS NULL THEN 'spending of four quarters and its short-lived shares' END,
            CASE WHEN s.low IS NULL THEN 'short life' END, CASE WHEN n.low IS NULL THEN 'long life' END,
            CASE WHEN b.depreciation_usd IS NULL THEN 'depreciation' END],
            lambda name: name IS NOT NULL) AS not_known,
        greatest(b.known_at, y.known_at, s.known_at, n.known_at, a.known_at) AS known_at
    FROM capex_intensity_as_of(t, strict := strict) AS b
    LEFT JOIN year AS y USING (company, fiscal_year, fiscal_quarter)
    -- No ASOF join, here as in all that clients ask: see 31_price_book.sql.
    LEFT JOIN life AS s ON s.definition = 'short_lived' AND b.company = s.company AND b.period_end >= s.period_end AND b.period_end < s.until
    LEFT JOIN life AS n ON n.definition = 'long_lived' AND b.company = n.company AND b.period_end >= n.period_end AND b.period_end < n.until
    LEFT JOIN life AS a ON a.definition = 'long_lived_announced' AND b.company = a.company AND b.period_end >= a.period_end AND b.period_end < a.until
    ORDER BY b.calendar_year, b.calendar_quarter, b.company;

CREATE VIEW depreciation_wave AS FROM depreciation_wave_as_of(as_of_now());
