"""What the pages of data show: warehouse/pages/<id>.sql, one query a page, on the published views and on history."""

from __future__ import annotations

from pathlib import Path

from config.errors import Refused

PAGES = Path(__file__).parents[1] / "pages"

# Days a reader may go to by name: a company's print of a fiscal quarter, or the launch of a model.
NAMED_DAYS = """
    SELECT DISTINCT day, company, fiscal_period, model FROM (
        SELECT
            CAST(min(known_at) AS DATE) AS day, company, 'FY' || fiscal_year || 'Q' || fiscal_quarter AS fiscal_period, NULL AS model
        FROM history.company_period
        WHERE metric IN ('revenue', 'azure_growth_cc_pct', 'cloud_revenue') AND period_kind = 'quarter' AND status <> 'derived'
        GROUP BY company, fiscal_year, fiscal_quarter
        UNION ALL
        SELECT released_on, NULL, NULL, model FROM history.model WHERE released_on IS NOT NULL)
    ORDER BY day, company NULLS LAST, fiscal_period, model"""


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
