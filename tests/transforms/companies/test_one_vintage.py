"""A quarter by difference is of figures that one statement of the year stands behind, and of no two."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from company_facts import figure, loaded

from config.contracts import COMPANY_FACT
from config.load import catalog
from transforms.companies.quarters import derive_periods, not_derivable

KINDS = {"Q1": (3, 31), "half": (6, 30), "nine": (9, 30), "year": (12, 31)}


def filed(*documents):
    """Facts of META's cash flow; of each document (day known, {(year, period): millions}) and, where not company facts, the source."""
    rows = [
        {
            "company": "META", "concept": "us-gaap:NetCashProvidedByUsedInOperatingActivities", "definition": "xbrl", "unit": "USD",
            "currency": "USD", "form": "10-Q", "form_rank": 30, "known_at_basis": "filing_date_1730_new_york", "evidence_tier": 1,
            "period_start": date(year, 1, 1), "period_end": date(year, *KINDS[kind]), "value": value * 1e6, "value_exact": f"{value}000000",
            "known_at": datetime.combine(known, datetime.min.time()), "document_id": f"F{known}", "locator": f"/{known}/{year}/{kind}",
        }
        for known, figures, *_ in documents
        for (year, kind), value in figures.items()
    ]  # fmt: skip
    sources = [(source or ["sec_companyfacts"])[0] for _, figures, *source in documents for _ in figures]
    facts = loaded(COMPANY_FACT.frame(rows), "META").with_columns(pl.Series("source", sources))
    return derive_periods(facts, catalog())


def fourth(periods, day, year=2023):
    return figure(periods, "META", "operating_cash_flow", (year, 4), datetime.combine(day, datetime.min.time()))


def reasons(periods):
    return not_derivable(periods, catalog()).select("fiscal_year", "fiscal_quarter", "known_at", "reason").rows()


def test_a_comparative_that_repeats_the_nine_months_is_of_the_year_that_stood_then():
    """META's cash flow. 10-K of 2016: 8,599 less 5,772. The 10-Q of November repeats 5,772; the 10-K of 2017 calls the year 10,320, and no
    filing ever restates its nine months: 4,548 was no quarter's cash flow."""
    periods = filed(
        (date(2015, 11, 5), {(2015, "nine"): 5772}),
        (date(2016, 1, 28), {(2015, "year"): 8599}),
        (date(2016, 11, 3), {(2016, "nine"): 9758, (2015, "nine"): 5772}),
        (date(2017, 2, 3), {(2016, "year"): 16108, (2016, "nine"): 11178, (2015, "year"): 10320}),
        (date(2018, 2, 1), {(2017, "year"): 24216, (2016, "year"): 16108, (2015, "year"): 10320}),
    )
    for day in (date(2016, 6, 30), date(2017, 6, 30), date(2026, 11, 22)):
        assert fourth(periods, day, 2015) == 2827e6
    assert (2015, 4, datetime(2017, 2, 3), "year restated, nine_months not") in reasons(periods)
    # That annual report states the nine months of 2016 anew, too: the pair is of one vintage.
    assert fourth(periods, date(2017, 2, 4), 2016) == 4930e6


BEFORE = (
    (date(2022, 10, 27), {(2022, "nine"): 750}),
    (date(2023, 2, 2), {(2022, "year"): 1000}),
    (date(2023, 10, 26), {(2023, "nine"): 810, (2022, "nine"): 750}),
)
# A part of the business is gone from both years.
ANNUAL = (date(2024, 2, 2), {(2023, "year"): 972, (2022, "year"): 900})
RECAST = "the year before restated beside the year, not beside the nine_months"


def test_a_year_of_another_basis_has_no_quarter_with_nine_months_of_before():
    periods = filed(*BEFORE, ANNUAL)
    assert fourth(periods, date(2024, 6, 30)) is None
    assert (2023, 4, datetime(2024, 2, 2), RECAST) in reasons(periods)
    assert fourth(periods, date(2024, 6, 30), 2022) == 250e6  # of the vintage in which both of its parts stood


def test_once_the_nine_months_are_recast_too_the_quarter_is_known_from_that_day():
    later = (date(2024, 10, 31), {(2024, "nine"): 800, (2023, "nine"): 729})
    periods = filed(*BEFORE, ANNUAL, later)
    assert fourth(periods, date(2024, 10, 30)) is None
    assert fourth(periods, date(2024, 11, 1)) == 243e6


def test_the_next_annual_report_repeats_the_year_and_does_not_bring_the_difference_back():
    periods = filed(
        *BEFORE, ANNUAL, (date(2025, 1, 30), {(2024, "year"): 1080, (2023, "year"): 972, (2022, "year"): 900})
    )
    assert fourth(periods, date(2025, 2, 1)) is None


def test_nine_months_that_are_repeated_after_the_year_stand_beside_it():
    repeated = (date(2024, 10, 31), {(2024, "nine"): 800, (2023, "nine"): 810})
    again = (date(2025, 1, 30), {(2024, "year"): 1080, (2023, "year"): 972, (2022, "year"): 900})
    periods = filed(*BEFORE, ANNUAL, repeated, again)
    assert fourth(periods, date(2025, 1, 29)) is None
    assert fourth(periods, date(2025, 2, 1)) == 162e6


@pytest.mark.parametrize(
    ("nine_months", "annual"),
    [
        ({(2023, "nine"): 729, (2022, "nine"): 675}, ANNUAL[1]),  # on the new basis already
        ({(2023, "nine"): 729}, ANNUAL[1]),  # says nothing of the year before
        ({(2023, "nine"): 729, (2022, "nine"): 750}, {(2023, "year"): 972, (2022, "year"): 1000}),
        ({(2023, "nine"): 729, (2022, "nine"): 750}, {(2023, "year"): 972}),
    ],
)
def test_without_a_restated_year_before_beside_the_year_alone_the_difference_is_the_quarter(nine_months, annual):
    periods = filed(*BEFORE[:2], (date(2023, 10, 26), nine_months), (date(2024, 2, 2), annual))
    assert fourth(periods, date(2024, 6, 30)) == 243e6


def test_an_amendment_that_repeats_the_nine_months_alone_does_not_hide_what_their_report_says():
    """The nine months' report left the year before as it was; its amendment two weeks later repeats them and no comparative."""
    amended = (date(2023, 11, 10), {(2023, "nine"): 810})
    periods = filed(*BEFORE, amended, ANNUAL)
    assert fourth(periods, date(2024, 6, 30)) is None
    assert (2023, 4, datetime(2024, 2, 2), RECAST) in reasons(periods)


def test_nine_months_whose_first_report_restated_the_year_before_are_of_the_years_basis_however_often_repeated():
    recast = (date(2023, 10, 26), {(2023, "nine"): 729, (2022, "nine"): 675})
    amended = (date(2023, 11, 10), {(2023, "nine"): 729, (2022, "nine"): 675})  # restated before: here it moves no more
    assert fourth(filed(*BEFORE[:2], recast, amended, ANNUAL), date(2024, 6, 30)) == 243e6


def test_a_year_that_a_filing_restates_has_no_quarter_with_nine_months_that_company_facts_state_beside_the_old_one():
    """META's purchases of 2022: 31,431 million in the 10-K of 2023, 31,186 in that of 2025, and nine months of 22,388 throughout. Read
    from the filing itself the year came to 8,798 for the quarter, beside the 9,043 of company facts."""
    annual = (date(2025, 1, 30), {(2022, "year"): 31186})
    periods = filed(
        (date(2022, 10, 27), {(2022, "nine"): 22388}),
        (date(2023, 2, 2), {(2022, "year"): 31431}),
        (date(2023, 10, 26), {(2022, "nine"): 22388}),
        annual,
        (*annual, "sec_filing"),
    )
    quarters = periods.filter((pl.col("period_kind") == "quarter") & (pl.col("fiscal_quarter") == 4))
    assert set(quarters["value"]) == {9043e6}


def test_what_a_year_stood_at_before_may_be_told_by_a_filing_that_company_facts_lack():
    """The same where company facts have lost the 10-K of 2023, and its filing is at hand."""
    periods = filed(
        (date(2022, 10, 27), {(2022, "nine"): 22388}),
        (date(2023, 2, 2), {(2022, "year"): 31431}, "sec_filing"),
        (date(2023, 10, 26), {(2022, "nine"): 22388}),
        (date(2025, 1, 30), {(2022, "year"): 31186}),
    )
    quarters = periods.filter((pl.col("period_kind") == "quarter") & (pl.col("fiscal_quarter") == 4))
    assert 8798e6 not in set(quarters["value"])
    assert (2022, 4, datetime(2025, 1, 30), "year restated, nine_months not") in reasons(periods)


def test_a_year_that_a_filing_repeats_as_it_stood_has_its_quarter_though_the_year_before_is_restated_beside_it():
    """Only the document that the year came with can show it to be of another basis, in whatever source it first stood."""
    annual = (date(2025, 1, 30), {(2023, "year"): 1053, (2022, "year"): 930})
    first = (date(2024, 2, 2), {(2023, "year"): 1053, (2022, "year"): 1000})
    periods = filed(*BEFORE, first, annual, (*annual, "sec_filing"))
    assert (2023, 4) not in {row[:2] for row in reasons(periods)}
    quarters = periods.filter((pl.col("period_kind") == "quarter") & (pl.col("fiscal_year") == 2023))
    assert set(quarters.select("source", "value").rows()) == {("sec_companyfacts", 243e6), ("sec_filing", 243e6)}
