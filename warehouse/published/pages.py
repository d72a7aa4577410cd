"""What the pages of data show: warehouse/pages/<id>.sql, one query a page, on the published views and on history."""

from __future__ import annotations

from pathlib import Path

from config.errors import Refused

PAGES = Path(__file__).parents[1] / "pages"

NAMED_DAYS = """
    SELECT day, any_value(name_zh ORDER BY name_zh) AS name_zh, any_value(name_en ORDER BY name_en) AS name_en FROM (
        SELECT
            CAST(min(known_at) AS DATE) AS day, company || ' 公布 FY' || fiscal_year || 'Q' || fiscal_quarter AS name_zh,
            company || ' prints FY' || fiscal_year || 'Q' || fiscal_quarter AS name_en
        FROM history.company_period
        WHERE metric IN ('revenue', 'azure_growth_cc_pct', 'cloud_revenue') AND period_kind = 'quarter' AND status <> 'derived'
        GROUP BY company, fiscal_year, fiscal_quarter
        UNION ALL
        SELECT released_on, 'models ' || model, 'launch ' || model FROM history.model WHERE released_on IS NOT NULL)
    GROUP BY day, name_en ORDER BY day, name_en"""


def page_query(page: str) -> str:
    """The query of a page of config/pages. Raises Refused naming the file that lacks."""
    path = PAGES / f"{page}.sql"
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise Refused(
            f"the page {page!r} has no query",
            place=f"warehouse/pages/{page}.sql",
            remedy="write it, or take config/pages away",
        ) from None
