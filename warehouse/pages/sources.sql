SELECT s.source, s.publisher, s.tier, f.state, f.last_good_at, f.last_known_at, f.cadence_days,
    f.unreachable, f.last_reason, s.licence, s.attribution, s.homepage AS source_url
FROM source AS s INNER JOIN freshness AS f USING (source)
ORDER BY s.source
