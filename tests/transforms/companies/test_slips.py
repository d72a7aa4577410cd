"""Slips among the first figures of a series: the one that stands alone against others is the slip, whichever came first."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from company_facts import figure, loaded

from config.contracts import COMPANY_FACT
from config.load import catalog
from transforms.companies.quarters import derive_periods

LATER = datetime(2026, 11, 29)
CAPEX = "us-gaap:PaymentsToAcquirePropertyPlantAndEquipment"


def filed(*rows):
    """Facts of META in dollars: (document, day filed, tag, first day, last day, value)."""
    made = [
        {
            "company": "META", "concept": tag, "definition": "xbrl", "unit": "USD", "currency": "USD", "form": "10-Q", "form_rank": 30,
            "known_at_basis": "filing_date_1730_new_york", "evidence_tier": 1, "period_start": start, "period_end": end,
            "value": float(value), "value_exact": str(value), "known_at": datetime.combine(known, datetime.min.time()),
            "document_id": document, "locator": f"/{number}",
        }
        for number, (document, known, tag, start, end, value) in enumerate(rows)
    ]  # fmt: skip
    return derive_periods(loaded(COMPANY_FACT.frame(made), "META"), catalog())


def span(year, months):
    return date(year, 1, 1), (date(year, months + 1, 1) if months < 12 else date(year + 1, 1, 1)) - timedelta(days=1)


FIRST = ("q1", date(2024, 5, 1), CAPEX, *span(2024, 3), 6.4e12)
SECOND_Q = ("q2", date(2024, 8, 1), CAPEX, *span(2024, 6), 14.6e9)
THIRD_Q = ("q3", date(2024, 11, 1), CAPEX, *span(2024, 9), 22.8e9)


def test_the_first_figure_of_a_series_is_the_slip_once_two_documents_stand_against_it():
    """Until then nobody can tell which it is: the second is doubted, as the series then has it."""
    quarters = filed(FIRST, SECOND_Q, THIRD_Q, ("k", date(2025, 2, 1), CAPEX, *span(2024, 12), 37.2e9))
    before, after = datetime(2024, 10, 1), datetime(2024, 11, 2)
    assert figure(quarters, "META", "cash_paid_ppe", (2024, 1), before) == 6.4e12
    shown = quarters.filter((pl.col("value") == 6.4e12) & (pl.col("status") == "doubtful")).row(0, named=True)
    assert "stands against 14600000000 and 22800000000" in shown["set_aside"]
    assert figure(quarters, "META", "cash_paid_ppe", (2024, 1), after) is None
    assert figure(quarters, "META", "cash_paid_ppe", (2024, 3), after) == 22.8e9 - 14.6e9
    assert figure(quarters, "META", "cash_paid_ppe", (2024, 4), LATER) == 37.2e9 - 22.8e9
    again = filed(FIRST, SECOND_Q, THIRD_Q, ("n", date(2025, 5, 1), CAPEX, *span(2024, 3), 6.4e9))
    assert figure(again, "META", "cash_paid_ppe", (2024, 1), LATER) == 6.4e9


@pytest.mark.parametrize(
    ("years", "slip"),
    [
        ((31.4e6, 27.2e9, 37.2e9), 2022),  # the oldest of one filing is in thousands
        ((31.4e9, 27.2e6, 37.2e9), 2023),
        ((31.4e9, 27.2e9, 37.2), 2024),  # in billions, as a plain number
        ((31.4e12, 27.2e9, 37.2e9), 2022),
    ],
)
def test_of_the_years_of_one_filing_the_one_that_stands_alone_is_the_slip(years, slip):
    rows = [
        ("k", date(2025, 2, 1), CAPEX, *span(year, 12), value)
        for year, value in zip((2022, 2023, 2024), years, strict=True)
    ]
    found = filed(*rows)
    for year, value in zip((2022, 2023, 2024), years, strict=True):
        assert figure(found, "META", "cash_paid_ppe", (year, None), LATER) == (None if year == slip else value)
    [doubted] = found.filter(pl.col("status") == "doubtful")["fiscal_year"].to_list()
    assert doubted == slip
