"""The pages of data hold, for any day, what the macros of that day say; asked twice they give the same bytes."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from published_file import analyst, frame, rows

from config.errors import Refused
from config.pages import pages
from transforms.site.first_page import named_days
from warehouse.published.pages import NAMED_DAYS, page_query

DAYS = [date(2023, 7, 1) + timedelta(days=97 * number) for number in range(12)]
SAME = {
    "boards": ("board, category, observed_on, value, low, high", "board, category, scored_on, gap, gap_low, gap_high", "openai_lead_as_of({}, with_filtered := true)", "true"),
    "companies": ("company, metric, observed_on, value", "company, metric, period_end, value", "company_quarter_as_of({})", "period_end >= DATE '2019-01-01'"),
}  # fmt: skip


@pytest.mark.parametrize("page", SAME)
def test_a_page_of_a_past_day_is_the_macro_of_that_day(published: Path, page: str) -> None:
    shown, asked, macro, where = SAME[page]
    with analyst(published) as cs:
        for day in DAYS:
            stands = f"from_on <= DATE '{day}' AND (until_on IS NULL OR until_on > DATE '{day}')"
            there = rows(cs, f"SELECT {shown} FROM ({page_query(page)}) WHERE {stands} ORDER BY ALL")
            here = rows(cs, f"SELECT {asked} FROM {macro.format(repr(str(day)))} WHERE {where} ORDER BY ALL")
            assert there == here, day


def test_the_price_of_quality_on_a_past_day_is_of_that_day_and_lacks_only_the_month_that_was_not_over(
    published: Path,
) -> None:
    with analyst(published) as cs:
        for day in (date(2024, 6, 30), date(2025, 2, 25), date(2025, 8, 1)):
            shown = rows(
                cs, f"SELECT board, scale_id, quality_floor, observed_on, value, model FROM ({page_query('cheapest')}) WHERE from_on <= DATE '{day}'"
            )  # fmt: skip
            asked = rows(
                cs, f"""SELECT board, scale_id, quality_floor, month, blended_usd_per_mtok, model FROM price_frontier_as_of('{day}')
                WHERE blended_usd_per_mtok IS NOT NULL"""
            )  # fmt: skip
            assert len(shown) > 50
            assert {*shown} <= {*asked}
            assert {row[3] for row in {*asked} - {*shown}} <= {day.replace(day=1)}, day


@pytest.mark.parametrize("page", pages())
def test_a_page_asked_twice_gives_the_same_rows_in_the_same_order(published: Path, page: str) -> None:
    with analyst(published) as cs:
        first = rows(cs, page_query(page))
        assert all(rows(cs, page_query(page)) == first for _ in range(3))


def test_the_article_and_the_prints_have_names(published: Path) -> None:
    with analyst(published) as cs:
        days = frame(cs, NAMED_DAYS)
    named = {
        row[0]: row
        for row in named_days(days).sort("name_en").iter_rows()
        if "FY2025Q2" in row[2] or "Grok 4.6" in row[2]
    }
    assert named[date(2025, 1, 29)] == (date(2025, 1, 29), "MSFT 公布 FY2025Q2", "MSFT prints FY2025Q2")
    assert named[date(2026, 8, 12)] == (date(2026, 8, 12), "推出 Grok 4.6", "Grok 4.6 launched")


def test_a_share_split_is_no_revision_and_a_recast_is_one(published: Path) -> None:
    """Alphabet filed 27.26 USD a share for 2021Q2; after its 20-for-1 split the 10-Q of July 2022 says 1.36 for the same."""
    with analyst(published) as cs:
        said = "SELECT value FROM history.company_answer WHERE company = 'GOOGL' AND metric = 'eps_diluted' AND period_end = DATE '2021-06-30'"
        assert {(27.26,), (1.36,)} <= set(rows(cs, said))
        told = frame(cs, page_query("revisions"))
    assert told.filter(unit="USD/shares").is_empty()
    # What Alphabet moved from operating income to other income a year later is a revision.
    assert ("GOOGL", "operating_income", "FY2018Q1") in set(told.select("company", "metric", "fiscal_period").rows())


def test_a_page_without_a_query_is_named() -> None:
    with pytest.raises(Refused, match=r"warehouse/pages/nothing.sql"):
        page_query("nothing")
