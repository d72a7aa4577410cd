"""What the labels of evidence stand for: the statements, and the balances of leases that stand beside claims."""

from __future__ import annotations

import duckdb

# A statement keeps the words in which it was first entered: a verdict of a past day reads the same in every replay.
SAID = """
    SELECT * FROM (SELECT DISTINCT ON (event) event, statement_en, statement_zh FROM history.event ORDER BY event, known_at, document_id)
    UNION ALL
    SELECT DISTINCT lease_label(company, value, period_end),
        format('Microsoft had signed leases of {:.1f} billion dollars that had not commenced by {}.', value / 1e9, period_end),
        format('微軟截至 {} 已簽約而尚未起租之租賃計 {:,.0f} 億美元。', period_end, value / 1e8)
    FROM history.company_fact WHERE company = 'MSFT' AND concept = 'leases_not_yet_commenced' AND value IS NOT NULL"""


def sentences(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """(English, Chinese) by the short name that evidence bears as its label."""
    return {name: (english, chinese) for name, english, chinese in connection.execute(SAID).fetchall()}
