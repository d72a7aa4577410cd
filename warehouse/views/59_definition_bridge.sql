-- The periods that a company states both ways: as printed, and anew under the definition that came after. Only here two
-- definitions of one figure stand side by side; a growth rate is never compared across the break otherwise.
CREATE MACRO definition_bridge_as_of(t, strict := false) AS TABLE
    WITH figure AS (
        SELECT
            f.company, f.metric, f.definition, f.unit, f.period_kind, f.fiscal_year, f.fiscal_quarter, f.period_start, f.period_end, f.value,
            f.tier, f.source_url, f.document_id, f.evidence_id, f.known_at, s.recast, s.evidence
        FROM company_fact_as_of(t, strict := strict) AS f
        INNER JOIN history.definition_step AS s
            ON f.company = s.company AND f.metric = s.metric AND f.definition = s.definition AND f.period_end BETWEEN s.since AND s.until
        WHERE f.dimensions = '' AND f.value IS NOT NULL AND f.period_kind IN ('quarter', 'year')
    )
    SELECT
        n.company, n.metric, n.unit, n.fiscal_year, n.fiscal_quarter, n.period_start, n.period_end,
        o.definition AS old_definition, o.value AS old_value, n.definition AS new_definition, n.value AS new_value, n.value - o.value AS difference,
        n.evidence AS declared_by, o.document_id AS old_document_id, o.source_url AS old_source_url, o.evidence_id AS old_evidence_id,
        n.document_id AS new_document_id, n.source_url AS new_source_url, n.evidence_id AS new_evidence_id,
        greatest(n.tier, o.tier) AS tier, greatest(n.known_at, o.known_at) AS known_at
    FROM figure AS n INNER JOIN figure AS o
        ON n.company = o.company AND n.metric = o.metric AND n.unit = o.unit AND n.period_kind = o.period_kind
        AND n.fiscal_year = o.fiscal_year AND n.fiscal_quarter IS NOT DISTINCT FROM o.fiscal_quarter
    WHERE n.recast AND NOT o.recast
    ORDER BY n.company, n.metric, n.period_end, n.fiscal_quarter;

CREATE VIEW definition_bridge AS FROM definition_bridge_as_of(as_of_now());
