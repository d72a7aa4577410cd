-- What stops arithmetic between figures that are not the same thing: same_definition(a, b) is true, or an error.
CREATE MACRO same_definition(a, b) AS
    CASE
        WHEN a = b THEN true
        ELSE error(concat('the definitions ', a, ' and ', b, ' are different things and are not computed with each other'))
    END;

-- Sums of four fiscal quarters in a row, within one definition; nothing where one of the four is not known.
CREATE MACRO trailing_year_as_of(t) AS TABLE
    SELECT * EXCLUDE (quarters), sums.total AS value
    FROM (
        SELECT
            company, metric, definition, unit, fiscal_year, fiscal_quarter, calendar_year, calendar_quarter, period_end,
            value AS quarter_value, {total: sum(value) OVER four} AS sums, count(value) OVER four AS quarters,
            max(known_at) OVER four AS known_at, max(tier) OVER four AS tier
        FROM company_quarter_as_of(t)
        WHERE dimensions = '' AND unit = 'USD' AND period_start IS NOT NULL AND value IS NOT NULL
        WINDOW four AS (
            PARTITION BY company, metric, definition ORDER BY fiscal_year * 4 + fiscal_quarter
            RANGE BETWEEN 3 PRECEDING AND CURRENT ROW)
    )
    WHERE quarters = 4;

-- Capital expenditure against what must carry it, trailing twelve months, companies side by side on calendar quarters.
CREATE MACRO capex_intensity_as_of(t) AS TABLE
    WITH summed AS (FROM trailing_year_as_of(t)),
    capex AS (SELECT * FROM summed WHERE metric = 'cash_paid_ppe' AND definition = 'cash_ppe'),
    -- What management states goes before what is computed from tags.
    with_leases AS (
        SELECT * FROM summed WHERE metric = 'capex_incl_finance_leases'
        QUALIFY row_number() OVER (
            PARTITION BY company, fiscal_year, fiscal_quarter ORDER BY definition <> 'management_capex', definition) = 1
    ),
    -- Where depreciation by itself is not known the line with amortisation stands in, and says so.
    worn AS (
        SELECT * FROM summed WHERE metric IN ('depreciation', 'depreciation_amortization')
        QUALIFY row_number() OVER (
            PARTITION BY company, fiscal_year, fiscal_quarter ORDER BY metric <> 'depreciation', definition) = 1
    ),
    short_lived AS (
        SELECT company, fiscal_year, fiscal_quarter, definition, coalesce(value_low, value) AS low, coalesce(value_high, value) AS high, known_at
        FROM company_quarter_as_of(t)
        WHERE metric = 'short_lived_share_pct' AND dimensions = ''
        QUALIFY row_number() OVER (
            PARTITION BY company, fiscal_year, fiscal_quarter ORDER BY definition <> 'all_capex', definition) = 1
    )
    SELECT
        c.company, c.calendar_year, c.calendar_quarter, c.fiscal_year, c.fiscal_quarter, c.period_end,
        c.quarter_value AS capex_quarter_usd, c.value AS capex_usd, c.definition AS capex_definition,
        l.value AS capex_incl_leases_usd, l.definition AS capex_incl_leases_definition,
        r.value AS revenue_usd, o.value AS operating_cash_flow_usd, f.value AS free_cash_flow_usd,
        d.value AS depreciation_usd, d.definition AS depreciation_definition,
        100 * c.value / r.value AS capex_to_revenue_pct,
        CASE WHEN o.value > 0 THEN 100 * c.value / o.value END AS capex_to_operating_cash_flow_pct,
        CASE WHEN d.value > 0 THEN c.value / d.value END AS capex_to_depreciation,
        s.low AS short_lived_share_low_pct, s.high AS short_lived_share_high_pct, s.definition AS short_lived_share_definition,
        list_filter([
            CASE WHEN r.value IS NULL THEN 'revenue' END, CASE WHEN o.value IS NULL THEN 'operating_cash_flow' END,
            CASE WHEN d.value IS NULL THEN 'depreciation' END], lambda name: name IS NOT NULL) AS not_known,
        greatest(c.known_at, r.known_at, o.known_at, d.known_at, l.known_at, s.known_at) AS known_at
    FROM capex AS c
    LEFT JOIN summed AS r
        ON (c.company, c.fiscal_year, c.fiscal_quarter) = (r.company, r.fiscal_year, r.fiscal_quarter)
        AND r.metric = 'revenue' AND r.definition = 'revenue_total'
    LEFT JOIN summed AS o
        ON (c.company, c.fiscal_year, c.fiscal_quarter) = (o.company, o.fiscal_year, o.fiscal_quarter)
        AND o.metric = 'operating_cash_flow' AND o.definition = 'cash_operating'
    LEFT JOIN summed AS f
        ON (c.company, c.fiscal_year, c.fiscal_quarter) = (f.company, f.fiscal_year, f.fiscal_quarter)
        AND f.metric = 'free_cash_flow' AND f.definition = 'operating_less_cash_ppe'
    LEFT JOIN worn AS d ON (c.company, c.fiscal_year, c.fiscal_quarter) = (d.company, d.fiscal_year, d.fiscal_quarter)
    LEFT JOIN with_leases AS l ON (c.company, c.fiscal_year, c.fiscal_quarter) = (l.company, l.fiscal_year, l.fiscal_quarter)
    LEFT JOIN short_lived AS s ON (c.company, c.fiscal_year, c.fiscal_quarter) = (s.company, s.fiscal_year, s.fiscal_quarter)
    ORDER BY c.calendar_year, c.calendar_quarter, c.company;

CREATE VIEW capex_intensity AS FROM capex_intensity_as_of(as_of_now());

-- Microsoft: growth of Azure beside what is contracted. One row for each quarter and definition of Azure.
CREATE MACRO azure_vs_rpo_as_of(t) AS TABLE
    WITH figure AS (
        SELECT
            company, metric, definition, fiscal_year, fiscal_quarter, calendar_year, calendar_quarter, period_end, value,
            coalesce(value_low, value) AS low, coalesce(value_high, value) AS high, known_at
        FROM company_quarter_as_of(t)
        WHERE company = 'MSFT' AND dimensions = ''
    ),
    azure AS (
        SELECT
            fiscal_year, fiscal_quarter, definition, max(value) FILTER (metric = 'azure_growth_reported_pct') AS reported,
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
            max(value) FILTER (metric = 'rpo_next12m_share_pct') AS next12m_share,
            max(value) FILTER (metric = 'rpo_commercial_next12m') AS next12m,
            max(value) FILTER (metric = 'rpo_commercial_beyond12m') AS beyond12m,
            max(value) FILTER (metric = 'rpo_next12m_growth_pct') AS next12m_growth,
            max(value) FILTER (metric = 'rpo_beyond12m_growth_pct') AS beyond12m_growth,
            arg_max(ex, ex_rank) FILTER (metric = 'rpo_commercial_ex_openai') AS ex,
            max(known_at) AS known_at
        FROM (
            SELECT
                *, {value: value, low: low, high: high, definition: definition} AS ex,
                CASE definition WHEN 'customers_commercial' THEN 2 ELSE 1 END AS ex_rank
            FROM figure
            WHERE metric IN ('rpo_commercial', 'rpo_commercial_growth_pct', 'rpo_commercial_growth_cc_pct', 'rpo_next12m_share_pct',
                'rpo_commercial_next12m', 'rpo_commercial_beyond12m', 'rpo_next12m_growth_pct', 'rpo_beyond12m_growth_pct',
                'rpo_commercial_ex_openai')
        )
        GROUP BY fiscal_year, fiscal_quarter
    )
    SELECT
        'MSFT' AS company, fiscal_year, fiscal_quarter, r.calendar_year, r.calendar_quarter, r.period_end,
        a.definition AS azure_definition, a.reported AS azure_growth_reported_pct, a.constant_currency AS azure_growth_cc_pct,
        a.ai_points AS azure_ai_points, a.constant_currency - a.ai_points AS azure_growth_without_ai_pct,
        r.commercial AS rpo_commercial_usd, r.growth AS rpo_growth_pct, r.growth_cc AS rpo_growth_cc_pct,
        100 * (r.commercial / before.commercial - 1) AS rpo_growth_computed_pct,
        r.ex.value AS rpo_ex_openai_usd, r.ex.low AS rpo_ex_openai_low_usd, r.ex.high AS rpo_ex_openai_high_usd,
        r.ex.definition AS rpo_ex_openai_definition, r.next12m_share AS rpo_next12m_share_pct, r.next12m AS rpo_next12m_usd,
        r.beyond12m AS rpo_beyond12m_usd, r.next12m_growth AS rpo_next12m_growth_pct, r.beyond12m_growth AS rpo_beyond12m_growth_pct,
        greatest(a.known_at, r.known_at) AS known_at
    FROM azure AS a
    FULL JOIN rpo AS r USING (fiscal_year, fiscal_quarter)
    LEFT JOIN rpo AS before ON before.fiscal_year = r.fiscal_year - 1 AND before.fiscal_quarter = r.fiscal_quarter
    ORDER BY fiscal_year, fiscal_quarter, azure_definition;

CREATE VIEW azure_vs_rpo AS FROM azure_vs_rpo_as_of(as_of_now());

-- What a year's purchases will cost in depreciation, in each full year of service, by how long the assets live. The share
-- of short-lived assets is an interval, so each cost is one. Straight-line, no residual value: policy, not a forecast.
CREATE MACRO depreciation_wave_as_of(t) AS TABLE
    WITH bought AS (
        SELECT
            company, calendar_year, calendar_quarter, fiscal_year, fiscal_quarter, period_end, depreciation_usd,
            coalesce(capex_incl_leases_usd, capex_usd) AS capex_usd,
            coalesce(capex_incl_leases_definition, capex_definition) AS capex_definition,
            short_lived_share_low_pct AS share_low, short_lived_share_high_pct AS share_high, known_at
        FROM capex_intensity_as_of(t)
    ),
    life AS (
        SELECT
            company, definition, period_end, coalesce(value_low, value) AS low, coalesce(value_high, value) AS high,
            lag(coalesce(value_high, value)) OVER (PARTITION BY company, definition ORDER BY period_end) AS before, known_at
        FROM company_quarter_as_of(t)
        WHERE metric = 'useful_life_years' AND dimensions = ''
    )
    SELECT
        b.company, b.calendar_year, b.calendar_quarter, b.fiscal_year, b.fiscal_quarter, b.period_end, b.capex_usd, b.capex_definition,
        b.share_low AS short_lived_share_low_pct, b.share_high AS short_lived_share_high_pct,
        s.low AS short_life_low_years, s.high AS short_life_high_years, n.high AS long_life_years, n.before AS long_life_before_years,
        b.capex_usd * b.share_low / 100 / s.high AS short_lived_cost_low_usd,
        b.capex_usd * b.share_high / 100 / s.low AS short_lived_cost_high_usd,
        b.capex_usd * (100 - b.share_high) / 100 / n.high AS long_lived_cost_low_usd,
        b.capex_usd * (100 - b.share_low) / 100 / n.low AS long_lived_cost_high_usd,
        b.capex_usd * (100 - b.share_low) / 100 / n.before - b.capex_usd * (100 - b.share_low) / 100 / n.low AS life_change_relief_usd,
        b.depreciation_usd, greatest(b.known_at, s.known_at, n.known_at) AS known_at
    FROM bought AS b
    ASOF LEFT JOIN (FROM life WHERE definition = 'short_lived') AS s ON b.company = s.company AND b.period_end >= s.period_end
    ASOF LEFT JOIN (FROM life WHERE definition = 'long_lived') AS n ON b.company = n.company AND b.period_end >= n.period_end
    ORDER BY b.calendar_year, b.calendar_quarter, b.company;

CREATE VIEW depreciation_wave AS FROM depreciation_wave_as_of(as_of_now());
