"""A company nobody wrote code for, added by one entry: years of 52 and 53 weeks, a tag that changes in mid-year, a recast.

Its fiscal year ends on the last Saturday of October. Fiscal 2025 (2024-10-27 to 2025-10-25) has 52 weeks, fiscal 2026
(2025-10-26 to 2026-10-31) has 53; the extra week lies in the first quarter, which ends on 2026-01-31.
"""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from staged import Payload, ask, staged

from config.load import build, catalog
from config.parsing import parse_yaml
from config.specs import Company

ENTRY = """
name: Weekly Machines
cik: 999999
calendar: {year_end_month: 10, week_ends_on: 5}
followed: true
"""
OLD, NEW = "PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets"
Y25, Y26 = date(2024, 10, 27), date(2025, 10, 26)  # first days of fiscal 2025 and 2026
# (tag, start, end, millions, filing, form, filed). Fiscal 2025: quarters 10, 11, 12, 13; fiscal 2026: 20, 22, 24, 26.
FACTS = [
    (OLD, Y25, "2025-01-25", 10, 1, "10-Q", "2025-02-27"),
    (OLD, Y25, "2025-04-26", 21, 2, "10-Q", "2025-05-29"),
    (OLD, Y25, "2025-07-26", 33, 3, "10-Q", "2025-08-28"),
    (OLD, Y25, "2025-10-25", 46, 4, "10-K", "2025-12-18"),
    # From the second quarter of 2026 on the new tag; the filing states the half of the year before under it as well.
    (OLD, Y26, "2026-01-31", 20, 5, "10-Q", "2026-03-05"),
    (NEW, Y26, "2026-05-02", 42, 6, "10-Q", "2026-06-04"),
    (NEW, Y25, "2025-04-26", 21, 6, "10-Q", "2026-06-04"),
    (NEW, Y26, "2026-08-01", 66, 7, "10-Q", "2026-09-03"),
    (NEW, date(2025, 7, 27), "2026-08-01", 79, 7, "10-Q", "2026-09-03"),  # trailing 53 weeks: no year
    (NEW, Y26, "2026-10-31", 92, 8, "10-K", "2026-12-17"),
    # The annual report of 2026 restates the year before, whose nine months nobody restates; a year later, late, the
    # first quarter of 2025 is restated in an amendment.
    (NEW, Y25, "2025-10-25", 48, 8, "10-K", "2026-12-17"),
    (NEW, Y25, "2025-01-25", 9, 9, "10-Q/A", "2027-01-15"),
]


def document():
    tags = {}
    for tag, start, end, millions, number, form, filed in FACTS:
        fact = {"start": str(start), "end": end, "val": millions * 10**6, "accn": f"0000999999-25-{number:06d}",
                "fy": 1999, "fp": "Q9", "form": form, "filed": filed, "frame": "CY1999"}  # fmt: skip
        tags.setdefault(tag, {"units": {"USD": []}})["units"]["USD"].append(fact)
    padding = [
        {"end": f"2024-{month:02d}-{day:02d}", "val": day, "accn": "0000999999-25-000001", "form": "10-Q", "filed": "2025-02-27"}
        for month in (1, 2, 3) for day in range(1, 26)
    ]  # fmt: skip
    tags["Padding"] = {"units": {"shares": padding}}
    return json.dumps({"cik": 999999, "entityName": "Weekly Machines", "facts": {"us-gaap": tags}}).encode()


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    company = build(Company, {"ticker": "WKLY", **parse_yaml(ENTRY, "companies.yml")}, "companies.yml")
    declared = catalog().model_copy(update={"companies": {**catalog().companies, "WKLY": company}})
    payload = Payload("sec_companyfacts", "WKLY", document(), datetime(2027, 2, 1))
    made = staged(tmp_path_factory.mktemp("weekly"), [payload], declared)
    yield made
    made.close()


def quarters(stage, day):
    return ask(
        stage,
        """SELECT fiscal_year, fiscal_quarter, value / 1e6 FROM company_quarter_as_of($day)
        WHERE company = 'WKLY' AND metric = 'cash_paid_ppe' ORDER BY ALL""",
        day=day,
    )


YEAR_2025 = [(2025, 1, 10), (2025, 2, 11), (2025, 3, 12), (2025, 4, 13)]


def test_its_quarters_are_right_across_the_extra_week_and_the_change_of_tag(stage):
    assert quarters(stage, "2025-12-31") == YEAR_2025
    assert quarters(stage, "2026-12-31") == [*YEAR_2025, (2026, 1, 20), (2026, 2, 22), (2026, 3, 24), (2026, 4, 26)]


def test_a_late_restatement_of_an_old_quarter_hides_no_newer_one(stage):
    found = quarters(stage, "2027-02-01")
    assert found[0] == (2025, 1, 9)
    assert found[-1] == (2026, 4, 26)
    assert len(found) == 8


def test_its_years_are_as_they_were_known(stage):
    query = """SELECT fiscal_year, value / 1e6 FROM company_fact_as_of($day)
        WHERE company = 'WKLY' AND metric = 'cash_paid_ppe' AND period_kind = 'year' ORDER BY ALL"""
    assert ask(stage, query, day="2026-01-01") == [(2025, 46)]
    assert ask(stage, query, day="2027-01-01") == [(2025, 48), (2026, 92)]


def test_the_quarters_lie_side_by_side_with_calendar_quarters(stage):
    found = ask(
        stage,
        """SELECT DISTINCT fiscal_year, fiscal_quarter, calendar_year, calendar_quarter FROM company_quarter
        WHERE company = 'WKLY' AND metric = 'cash_paid_ppe' AND fiscal_year = 2026 ORDER BY ALL""",
    )
    assert found == [(2026, 1, 2025, 4), (2026, 2, 2026, 1), (2026, 3, 2026, 2), (2026, 4, 2026, 3)]
