SELECT source, severity, reason, count(*) AS rows, min(detail) AS example, min(captured_at) AS first_captured_at, max(captured_at) AS last_captured_at
FROM issue
GROUP BY source, severity, reason
ORDER BY source, severity, reason
