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


# META's true payments, in dollars: what was filed in 2023 and 2024 for the year so far.
PAID_2023 = {3: 6.823e9, 6: 13.039e9, 9: 19.535e9, 12: 27.045e9}
PAID_2024 = {3: 6.400e9, 6: 14.573e9, 9: 22.831e9, 12: 37.256e9}


def payments(year, paid, *, wrong=0, times=10):
    """The year so far as each report states it, of those months a multiple."""
    return [
        (f"{year}-{months}", span(year, months)[1] + timedelta(days=30), CAPEX, *span(year, months), paid[months] * (times if months == wrong else 1))
        for months in paid
    ]  # fmt: skip


@pytest.mark.parametrize(("months", "quarter"), [(3, 1), (6, 2), (9, 3), (12, 4)])
def test_a_figure_ten_times_too_large_is_found_by_the_periods_of_its_year(months, quarter):
    found = filed(*payments(2023, PAID_2023), *payments(2024, PAID_2024, wrong=months))
    [doubted] = found.filter(pl.col("status") == "doubtful").select("document_id").unique().rows()
    assert doubted == (f"2024-{months}",)
    true = {number: PAID_2024[3 * number] - PAID_2024.get(3 * number - 3, 0) for number in (1, 2, 3, 4)}
    answers = {number: figure(found, "META", "cash_paid_ppe", (2024, number), LATER) for number in true}
    spoilt = {quarter, quarter + 1} & true.keys()
    assert answers == {number: None if number in spoilt else value for number, value in true.items()}


def test_a_first_quarter_ten_times_too_large_is_the_slip_from_the_half_year_on_that_the_year_before_bears_out():
    found = filed(*payments(2023, PAID_2023), *payments(2024, PAID_2024, wrong=3)[:2])
    assert figure(found, "META", "cash_paid_ppe", (2024, 1), datetime(2024, 6, 1)) == 64e9
    assert figure(found, "META", "cash_paid_ppe", (2024, 1), datetime(2024, 8, 1)) is None
    [kind] = found.filter(pl.col("status") == "doubtful")["period_kind"].unique().to_list()
    assert kind == "quarter"


def test_a_first_quarter_ten_times_too_small_is_the_slip_from_the_half_year_on():
    wrong = [*payments(2023, PAID_2023), *payments(2024, PAID_2024, wrong=3, times=0.1)]
    found = filed(*wrong)
    assert figure(found, "META", "cash_paid_ppe", (2024, 1), datetime(2024, 6, 1)) == pytest.approx(0.64e9)
    assert figure(found, "META", "cash_paid_ppe", (2024, 1), LATER) is None
    assert figure(found, "META", "cash_paid_ppe", (2024, 2), LATER) is None
    assert figure(found, "META", "cash_paid_ppe", (2024, 3), LATER) == 22.831e9 - 14.573e9


def test_a_true_jump_by_ten_is_no_slip():
    """Taken up at once by every later report, or stated again."""
    jumped = {months: paid * 10 for months, paid in PAID_2024.items()}
    assert filed(*payments(2023, PAID_2023), *payments(2024, jumped)).filter(pl.col("status") == "doubtful").is_empty()
    wrong = payments(2024, PAID_2024, wrong=12)
    again = ("2025-12", date(2026, 1, 30), *wrong[-1][2:])
    told = filed(*payments(2023, PAID_2023), *wrong, again)
    assert figure(told, "META", "cash_paid_ppe", (2024, None), LATER) == 372.56e9


REVENUE = "us-gaap:Revenues"


def of_quarter(year, number):
    return date(year, 3 * number - 2, 1), span(year, 3 * number)[1]


def test_a_quarter_above_the_half_year_of_its_own_filing_is_the_slip():
    """META's revenue of 2023 and 2024: the quarter beside the half-year, in one report."""
    rows = [
        ("a", date(2023, 7, 27), REVENUE, *of_quarter(2023, 2), 31.999e9),
        ("a", date(2023, 7, 27), REVENUE, *span(2023, 6), 60.645e9),
        ("b", date(2024, 8, 1), REVENUE, *of_quarter(2024, 2), 390.71e9),
        ("b", date(2024, 8, 1), REVENUE, *span(2024, 6), 75.527e9),
    ]
    found = filed(*rows, ("c", date(2024, 4, 25), REVENUE, *span(2024, 3), 36.455e9))
    assert found.filter(pl.col("status") == "doubtful").select("period_kind", "value").rows() == [("quarter", 390.71e9)]
    assert figure(found, "META", "revenue", (2024, 2), LATER) == 75.527e9 - 36.455e9
    later = filed(*rows[:2], ("d", date(2024, 8, 1), REVENUE, *of_quarter(2023, 2), 319.99e9))
    assert figure(later, "META", "revenue", (2023, 2), LATER) == 31.999e9


@pytest.mark.parametrize("wrong", [788e9, 7.88e9])
def test_a_balance_ten_times_those_on_both_its_sides_is_the_slip_from_the_next_one_on(wrong):
    """Alphabet's obligation of four quarters' ends, the second with a nought too many, or one too few."""
    tag = "us-gaap:RevenueRemainingPerformanceObligation"
    balances = {3: 72.5e9, 6: wrong, 9: 86.8e9, 12: 93.2e9}
    rows = [(f"r{month}", span(2024, month)[1] + timedelta(days=30), tag, None, span(2024, month)[1], value) for month, value in balances.items()]  # fmt: skip
    found = filed(*rows)
    assert figure(found, "META", "rpo_total", (2024, 2), datetime(2024, 9, 1)) == wrong
    assert figure(found, "META", "rpo_total", (2024, 2), LATER) is None
    assert figure(found, "META", "rpo_total", (2024, 3), LATER) == 86.8e9
    repeated = filed(*rows, ("again", date(2024, 9, 1), *rows[1][2:]))
    assert figure(repeated, "META", "rpo_total", (2024, 2), LATER) == wrong
