"""Years that are no four equal quarters, moved year ends and registrants that were exchanged: read, or named with a remedy."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from company_facts import SHARED, document
from staged import Payload, ask, staged

from config.chains import Calendar, FormerYear, Predecessor
from config.load import catalog
from config.specs import Catalog

pytestmark = pytest.mark.slow("stages a small home for each case")

CASES = SHARED.parent / "cases" / "filings"
TAKEN_AT = datetime(2026, 11, 22)
QUARTERS = """
    SELECT CAST(period_end AS VARCHAR), value / 1e6 FROM company_quarter
    WHERE metric = $metric ORDER BY period_end"""
GAPS = "SELECT DISTINCT reason FROM company_gap WHERE metric = 'revenue'"
ISSUES = "SELECT detail FROM history.issue WHERE reason = 'periods off the fiscal calendar'"

cases = pytest.mark.skipif(not CASES.exists(), reason="../shared with the cases is not beside the checkout")


def declared(calendar: Calendar, cik: int, **more: Any) -> Catalog:
    """The catalog with one company ODD."""
    company = (
        catalog()
        .companies["META"]
        .model_copy(update={"ticker": "ODD", "cik": cik, "calendar": calendar, "passages": {}, **more})
    )
    return catalog().model_copy(update={"companies": {**catalog().companies, "ODD": company}})


def filed(cik: int, *facts: tuple[str, str, int, str, str]) -> bytes:
    """A document of company facts: (start, end, millions of revenue, form, day of filing)."""
    rows = [
        {"start": start, "end": end, "val": millions * 10**6, "accn": f"{cik:010d}-{day[2:4]}-{number:06d}", "form": form, "filed": day}
        for number, (start, end, millions, form, day) in enumerate(facts, start=1)
    ]  # fmt: skip
    return document("Revenues", *rows, cik=cik)


# The first quarter of sixteen weeks, as restaurants have it; the year of 2026 has 53 weeks. Own round figures.
LONG_FIRST = (
    ("2024-12-30", "2025-04-20", 330, "10-Q", "2025-05-15"),
    ("2024-12-30", "2025-07-13", 610, "10-Q", "2025-08-12"),
    ("2025-04-21", "2025-07-13", 280, "10-Q", "2025-08-12"),
    ("2024-12-30", "2025-10-05", 900, "10-Q", "2025-11-04"),
    ("2024-12-30", "2025-12-28", 1180, "10-K", "2026-02-24"),
    ("2025-12-29", "2026-04-19", 350, "10-Q", "2026-05-15"),
    ("2025-12-29", "2026-07-12", 650, "10-Q", "2026-08-12"),
)
# From January to a year that ends in June: quarters end with the same months. Own round figures.
TO_JUNE = (
    ("2021-01-01", "2021-03-31", 10, "10-Q", "2021-05-10"),
    ("2021-01-01", "2021-06-30", 22, "10-Q", "2021-08-10"),
    ("2021-01-01", "2021-09-30", 35, "10-Q", "2021-11-10"),
    ("2021-01-01", "2021-12-31", 50, "10-K", "2022-02-20"),
    ("2022-01-01", "2022-03-31", 16, "10-Q", "2022-05-10"),
    ("2022-01-01", "2022-06-30", 34, "10-KT", "2022-08-25"),
    ("2022-07-01", "2022-09-30", 20, "10-Q", "2022-11-10"),
    ("2022-07-01", "2022-12-31", 41, "10-Q", "2023-02-10"),
    ("2022-07-01", "2023-03-31", 63, "10-Q", "2023-05-10"),
    ("2022-07-01", "2023-06-30", 87, "10-K", "2023-08-25"),
)


def test_quarters_of_unequal_weeks_are_read_where_they_are_declared(tmp_path: Path) -> None:
    body = filed(4242, *LONG_FIRST)
    weeks = Calendar(year_end_month=12, week_ends_on=6, long_quarter=4, weeks=(16, 12, 12, 12))
    with closing(
        staged(tmp_path, [Payload("sec_companyfacts", "ODD", body, TAKEN_AT)], declared(weeks, 4242))
    ) as stage:
        assert ask(stage, QUARTERS, metric="revenue") == [
            ("2025-04-20", 330.0), ("2025-07-13", 280.0), ("2025-10-05", 290.0), ("2025-12-28", 280.0),
            ("2026-04-19", 350.0), ("2026-07-12", 300.0),
        ]  # fmt: skip
        assert ask(stage, GAPS) == []
        assert ask(stage, ISSUES) == []


def test_quarters_of_unequal_weeks_are_named_with_what_to_declare(tmp_path: Path) -> None:
    plain = Calendar(year_end_month=12, week_ends_on=6, long_quarter=4)
    body = filed(4242, *LONG_FIRST)
    with closing(
        staged(tmp_path, [Payload("sec_companyfacts", "ODD", body, TAKEN_AT)], declared(plain, 4242))
    ) as stage:
        remedy = "unequal quarters: declare calendar: {weeks: [16, 12, 12, 12]}"
        assert (remedy,) in ask(stage, GAPS)
        [(told,)] = ask(stage, ISSUES)
        assert remedy in told
        # The report that shows four quarters' lengths came in November: before it nobody could say.
        before = ask(stage, "SELECT DISTINCT reason FROM company_gap_as_of('2025-09-01')")
        assert remedy not in {reason for (reason,) in before}


def test_a_quarter_with_an_odd_first_day_is_off_the_calendar_until_a_filing_states_it_whole(tmp_path: Path) -> None:
    """The report of August has the quarter begin on the 15th; the next year's comparative gives it its first day. Own round figures."""
    body = filed(
        4242,
        ("2021-01-01", "2021-03-31", 10, "10-Q", "2021-05-10"),
        ("2021-04-15", "2021-06-30", 12, "10-Q", "2021-08-10"),
        ("2021-01-01", "2021-09-30", 35, "10-Q", "2021-11-10"),
        ("2021-04-01", "2021-06-30", 12, "10-Q", "2022-08-10"),
    )
    months = Calendar(year_end_month=12)
    with closing(
        staged(tmp_path, [Payload("sec_companyfacts", "ODD", body, TAKEN_AT)], declared(months, 4242))
    ) as stage:
        assert ask(stage, QUARTERS, metric="revenue") == [("2021-03-31", 10.0), ("2021-06-30", 12.0)]
        then = (
            "SELECT fiscal_quarter, reason FROM company_gap_as_of('2021-12-31') WHERE metric = 'revenue' ORDER BY ALL"
        )
        off = "periods off the fiscal calendar: check calendar"
        assert ask(stage, then) == [(2, off), (3, off)]
        assert ask(stage, GAPS) == [("no half-year figure",)]


def test_a_moved_year_is_read_where_it_is_declared(tmp_path: Path) -> None:
    moved = Calendar(
        year_end_month=6,
        week_ends_on=None,
        long_quarter=4,
        former=(FormerYear(year_end_month=12, until=date(2022, 6, 30)),),
    )
    body = filed(4242, *TO_JUNE)
    with closing(
        staged(tmp_path, [Payload("sec_companyfacts", "ODD", body, TAKEN_AT)], declared(moved, 4242))
    ) as stage:
        assert ask(stage, QUARTERS, metric="revenue") == [
            ("2021-03-31", 10.0), ("2021-06-30", 12.0), ("2021-09-30", 13.0), ("2021-12-31", 15.0), ("2022-03-31", 16.0),
            ("2022-06-30", 18.0), ("2022-09-30", 20.0), ("2022-12-31", 21.0), ("2023-03-31", 22.0), ("2023-06-30", 24.0),
        ]  # fmt: skip
        assert ask(stage, ISSUES) == []
        # Two years of different ends are no comparison: what is no year of today's calendar stays a period of its own.
        years = "SELECT fiscal_year, value / 1e6 FROM company_fact WHERE metric = 'revenue' AND period_kind = 'year'"
        assert ask(stage, years) == [(2023, 87.0)]


def test_a_moved_year_is_named_with_what_to_declare(tmp_path: Path) -> None:
    june = Calendar(year_end_month=6, week_ends_on=None, long_quarter=4)
    body = filed(4242, *TO_JUNE)
    with closing(staged(tmp_path, [Payload("sec_companyfacts", "ODD", body, TAKEN_AT)], declared(june, 4242))) as stage:
        remedy = "moved year end: declare calendar: {former: [{year_end_month: 12, until: 2022-06-30}]}"
        assert (remedy,) in ask(stage, GAPS)
        [(told,)] = ask(stage, ISSUES)
        assert remedy in told


# Twelve weeks, then sixteen, told by what has run since the year began; and a month between two years of other months.
SINCE_THE_YEAR_BEGAN = (
    ("2023-12-31", "2024-03-24", 12, "10-Q", "2024-05-01"), ("2023-12-31", "2024-07-14", 28, "10-Q", "2024-08-20"),
    ("2023-12-31", "2024-10-06", 40, "10-Q", "2024-11-12"), ("2023-12-31", "2024-12-29", 52, "10-K", "2025-02-20"),
)  # fmt: skip
TO_JANUARY = (
    ("2023-01-01", "2023-03-31", 10, "10-Q", "2023-05-10"), ("2023-01-01", "2023-06-30", 22, "10-Q", "2023-08-10"),
    ("2023-01-01", "2023-12-31", 50, "10-K", "2024-02-20"), ("2024-01-01", "2024-01-31", 5, "10-KT", "2024-03-10"),
    ("2024-02-01", "2024-04-30", 16, "10-Q", "2024-06-10"), ("2024-02-01", "2024-07-31", 34, "10-Q", "2024-09-10"),
)  # fmt: skip


def test_what_is_declared_already_is_not_asked_for_again(tmp_path: Path) -> None:
    """Quarters of a year that ended in another month end with none of today's: they are named as they are, without a remedy."""
    moved = Calendar(year_end_month=1, former=(FormerYear(year_end_month=12, until=date(2024, 1, 31)),))
    weekly = Calendar(year_end_month=12, week_ends_on=6)
    both = declared(moved, 4242)
    weeks = both.companies["ODD"].model_copy(update={"ticker": "WEEKS", "cik": 4343, "calendar": weekly})
    both = both.model_copy(update={"companies": {**both.companies, "WEEKS": weeks}})
    payloads = [
        Payload("sec_companyfacts", "ODD", filed(4242, *TO_JANUARY), TAKEN_AT),
        Payload("sec_companyfacts", "WEEKS", filed(4343, *SINCE_THE_YEAR_BEGAN), TAKEN_AT),
    ]
    with closing(staged(tmp_path, payloads, both)) as stage:
        odd, weeks_told = sorted(detail for (detail,) in ask(stage, ISSUES))
        assert "moved year end, as declared" in odd
        assert "declare calendar" not in odd
        assert "unequal quarters: declare calendar: {weeks: [12, 16, 12, 12]}" in weeks_told
        gaps = ask(stage, "SELECT fiscal_quarter, reason FROM company_gap WHERE company = 'WEEKS' ORDER BY ALL")
        assert gaps == [
            (quarter, "unequal quarters: declare calendar: {weeks: [12, 16, 12, 12]}") for quarter in (2, 3)
        ]
        ends = ask(stage, "SELECT fiscal_year_ends FROM history.company WHERE company = 'ODD'")
        assert ends == [("last day of January; until 2024-01-31 in December",)]
        whole = "SELECT value / 1e6 FROM company_fact WHERE company = 'ODD' AND period_end = DATE '2023-12-31' AND metric = 'revenue'"
        assert ask(stage, whole) == [(50.0,)]


@cases
@pytest.mark.shared
def test_costco_and_hut_8(tmp_path: Path) -> None:
    weeks = Calendar(year_end_month=8, week_ends_on=6, long_quarter=4, weeks=(12, 12, 12, 16))
    body = (CASES / "t01_costco_12_12_12_16.json").read_bytes()
    with closing(
        staged(tmp_path / "a", [Payload("sec_companyfacts", "ODD", body, TAKEN_AT)], declared(weeks, 909832))
    ) as stage:
        assert ask(stage, QUARTERS, metric="revenue")[2:] == [("2025-05-11", 63205.0), ("2025-08-31", 86156.0)]
        assert ask(stage, QUARTERS, metric="cash_paid_ppe")[2] == ("2025-05-11", 1131.0)
    moved = Calendar(
        year_end_month=12,
        week_ends_on=None,
        long_quarter=4,
        former=(FormerYear(year_end_month=6, until=date(2023, 12, 31)),),
    )
    body = (CASES / "t03_year_end_moved_10KT.json").read_bytes()
    payloads = [Payload("sec_companyfacts", "ODD", body, TAKEN_AT)]
    with closing(staged(tmp_path / "b", payloads, declared(moved, 1964789))) as stage:
        found = dict(ask(stage, QUARTERS, metric="revenue"))
        assert [found[end] for end in ("2022-12-31", "2023-06-30", "2023-12-31")] == [22.0, 26.0, 28.0]


def test_a_predecessor_is_the_companys_earlier_periods_up_to_its_last_day(tmp_path: Path) -> None:
    """Old facts and new ones in whatever order they come; what the old one states of later periods is left out."""
    months = Calendar(year_end_month=12, week_ends_on=None, long_quarter=4)
    old = filed(
        77,
        ("2023-01-01", "2023-03-31", 10, "10-Q", "2023-05-10"), ("2023-01-01", "2023-06-30", 22, "10-Q", "2023-08-10"),
        ("2023-01-01", "2023-09-30", 36, "10-Q", "2023-11-10"), ("2024-01-01", "2024-03-31", 999, "10-Q", "2024-05-10"),
    )  # fmt: skip
    new = filed(
        4242, ("2023-01-01", "2023-12-31", 51, "10-K", "2024-02-20"), ("2024-01-01", "2024-03-31", 17, "10-Q", "2024-05-11")
    )  # fmt: skip
    before = Predecessor(cik=77, until=date(2023, 12, 31), evidence="8-K12B of 2024-01-02: successor issuer")
    both = declared(months, 4242, predecessors=(before,))
    expected = [
        ("2023-03-31", 10.0),
        ("2023-06-30", 12.0),
        ("2023-09-30", 14.0),
        ("2023-12-31", 15.0),
        ("2024-03-31", 17.0),
    ]
    payloads = [
        Payload("sec_companyfacts", "ODD/CIK0000000077", old, TAKEN_AT),
        Payload("sec_companyfacts", "ODD", new, datetime(2026, 11, 21)),
    ]
    for name, order in (("a", payloads), ("b", payloads[::-1])):
        with closing(staged(tmp_path / name, order, both)) as stage:
            assert ask(stage, QUARTERS, metric="revenue") == expected
            left = "SELECT detail FROM history.issue WHERE reason = 'periods after a predecessor''s last'"
            assert ask(stage, left) == [
                ("1 figures of periods after 2023-12-31, declared as the last of CIK 77, are left out",)
            ]
