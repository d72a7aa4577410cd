"""Which fiscal period the headings of a column name, by calendars of three companies."""

from __future__ import annotations

from datetime import date

import pytest

from config.load import catalog
from transforms.companies.column_period import OTHER, Column, column_period

QUARTER, YEAR = Column(date(2025, 9, 30)), Column(date(2026, 6, 30), annual=True)


@pytest.mark.parametrize(
    ("heading", "period"),
    [
        ("Three Months Ended September 30, 2025", QUARTER),
        ("Three months ended Sept. 30, 2025", QUARTER),
        ("Quarter Ended September 30, 2025", QUARTER),
        ("Fiscal Year 2026 Three Months Ended September 30, 2025", QUARTER),
        ("FY26-Q1", QUARTER),
        ("FY2026Q1", QUARTER),
        ("Q1 FY26", QUARTER),
        ("1Q26", QUARTER),
        ("Q1\u2019 26", None),
        ("Fiscal Year 2026 Q1", QUARTER),
        ("First Quarter Fiscal 2026", QUARTER),
        ("September 30, 2025", Column(date(2025, 9, 30), span=False)),
        ("Twelve Months Ended June 30, 2026", YEAR),
        ("Fiscal Year Ended June 30, 2026", YEAR),
        ("FY26", YEAR),
        ("Fiscal Year 2026", YEAR),
        ("Six Months Ended December 31, 2025", OTHER),
        ("Fiscal year to date December 31, 2025", OTHER),
        ("Calendar 2026", OTHER),
        ("Twelve Months Ended December 31, 2025", OTHER),  # no fiscal year of this company
        ("Three Months Ended October 31, 2025", OTHER),
        ("Three and Six Months Ended December 31, 2025", None),
        ("Quarter and Year Ended June 30, 2026", None),
        ("Q1 FY26 September 30, 2025", QUARTER),
        ("Q2 FY26 September 30, 2025", None),
        ("2026", None),
        ("Three Months Ended September 30, 2025 2024", None),
        ("FY26 FY25", None),
        ("Q1 Q2 FY26", None),
        ("% Change FY26", None),
        ("Q1 FY27 Guidance", None),
        ("Three Months Ended February 30, 2026", None),
        ("", None),
    ],
)
def test_a_heading_names_one_period_or_none(heading, period):
    assert column_period(heading, catalog().companies["MSFT"]) == period


@pytest.mark.parametrize(
    ("ticker", "heading", "end"),
    [
        ("ORCL", "Q1 FY2027", date(2026, 8, 31)),
        ("ORCL", "Three Months Ended November 30, 2024", date(2024, 11, 30)),
        ("NVDA", "Q4 FY2025", date(2025, 1, 26)),
        ("AMZN", "Q4 2024", date(2024, 12, 31)),
    ],
)
def test_a_quarter_is_that_of_the_companys_calendar(ticker, heading, end):
    assert column_period(heading, catalog().companies[ticker]) == Column(end)
