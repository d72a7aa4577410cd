-- What companies that report in another currency state, in dollars at the reference rate of the period's last day (or of the last
-- day before it with one): a definition of its own, to set sizes side by side. Growth is that of the reported currency alone; what a
-- filing translates for the reader's convenience never stands here. value_usd is NULL where no rate within a week is known.
CREATE MACRO company_quarter_usd_as_of(t, strict := false) AS TABLE
    WITH reported AS (
        SELECT *, left(unit, 3) AS reporting
        FROM company_quarter_as_of(t, strict := strict)
        WHERE (unit SIMILAR TO '[A-Z]{3}(/shares)?') AND left(unit, 3) <> 'USD' AND value IS NOT NULL
    ),
    rate AS (
        SELECT quote_currency AS code, rate_on, rate, source, source_url, known_at
        FROM fx_rate_as_of(t, strict := strict)
        WHERE base_currency = 'EUR'
        UNION ALL
        SELECT 'EUR', rate_on, 1, source, source_url, known_at
        FROM fx_rate_as_of(t, strict := strict)
        WHERE base_currency = 'EUR' AND quote_currency = 'USD'
    ),
    pair AS (
        SELECT
            r.code, r.rate_on, lead(r.rate_on, 1, DATE 'infinity') OVER (PARTITION BY r.code ORDER BY r.rate_on) AS until, d.rate / r.rate AS usd_per_unit, r.source, r.source_url, greatest(r.known_at, d.known_at) AS known_at
        FROM rate AS r INNER JOIN rate AS d ON d.code = 'USD' AND d.rate_on = r.rate_on
    )
    SELECT
        q.company, q.metric, concat(q.definition, '_in_usd_at_period_end') AS definition, q.fiscal_year, q.fiscal_quarter, q.calendar_year,
        q.calendar_quarter, q.period_start, q.period_end, q.value AS reported_value, q.unit AS reported_unit,
        CASE WHEN q.period_end - p.rate_on <= 7 THEN q.value * p.usd_per_unit END AS value_usd,
        CASE WHEN q.period_end - p.rate_on <= 7 THEN p.usd_per_unit END AS usd_per_unit,
        CASE WHEN q.period_end - p.rate_on <= 7 THEN p.rate_on END AS rate_on,
        CASE WHEN q.period_end - p.rate_on <= 7 THEN p.source END AS rate_source,
        CASE WHEN q.period_end - p.rate_on <= 7 THEN p.source_url END AS rate_source_url,
        q.status, q.tier, q.source, q.source_url, q.document_id, q.evidence_id,
        greatest(q.known_at, CASE WHEN q.period_end - p.rate_on <= 7 THEN p.known_at END) AS known_at
    FROM reported AS q
    LEFT JOIN pair AS p ON q.reporting = p.code AND q.period_end >= p.rate_on AND q.period_end < p.until  -- no ASOF join: 31_price_book.sql
    ORDER BY q.company, q.metric, q.period_end;

CREATE VIEW company_quarter_usd AS FROM company_quarter_usd_as_of(as_of_now());
