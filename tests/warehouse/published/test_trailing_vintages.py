"""A trailing year of one vintage: a year that is filed again after its quarter was restated stands beside the new quarter."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

import company_facts
from staged import Payload, ask, staged
from xbrl_pages import context, header, number, page

TAKEN_AT = datetime(2026, 11, 22)
GOOGL = 1652044
# Alphabet's purchases of property, in millions: (start, end, value, form, day of filing).
FILED = (
    ("2016-01-01", "2016-03-31", 2428, "10-Q", "2016-05-03"),
    ("2016-01-01", "2016-12-31", 10212, "10-K", "2017-02-03"),
    ("2016-01-01", "2016-03-31", 2444, "10-Q", "2017-05-02"),
    ("2017-01-01", "2017-03-31", 2508, "10-Q", "2017-05-02"),
    ("2016-01-01", "2016-12-31", 10212, "10-K", "2018-02-06"),
)
YEAR = """
    SELECT value / 1e6, not_known, CAST(known_at AS DATE) = DATE '2018-02-06' FROM trailing_year_as_of($day)
    WHERE metric = 'cash_paid_ppe' AND fiscal_year = 2017 AND fiscal_quarter = 1"""


def document() -> bytes:
    rows = [
        {"start": start, "end": end, "val": value * 10**6, "form": form, "filed": day, "accn": f"{GOOGL:010d}-{day[2:4]}-{day[5:7]}{day[8:]}00"}
        for start, end, value, form, day in FILED
    ]  # fmt: skip
    return company_facts.document("PaymentsToAcquirePropertyPlantAndEquipment", *rows, cik=GOOGL)


def test_a_year_filed_again_after_its_quarter_was_restated_is_of_its_vintage(tmp_path: Path) -> None:
    with closing(staged(tmp_path, [Payload("sec_companyfacts", "GOOGL", document(), TAKEN_AT)])) as stage:
        assert ask(stage, YEAR, day="2017-12-31") == [(None, "one vintage", False)]
        assert ask(stage, YEAR, day="2018-02-06") == [(10212 + 2508 - 2444, None, True)]


NET, GROSS = "PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets"
CASH = "NetCashProvidedByUsedInOperatingActivities"
AMZN = 1018724
# Amazon's purchases, in millions: net of incentives until 2017, gross since the 10-Q of October 2018.
PURCHASES = {
    NET: (
        ("2016-01-01", "2016-12-31", 6737, "2017-02-10"), ("2017-01-01", "2017-03-31", 1861, "2017-04-28"),
    ),
    GROSS: (
        ("2017-01-01", "2017-09-30", 8336, "2018-10-26"), ("2018-01-01", "2018-09-30", 9693, "2018-10-26"),
        ("2017-01-01", "2017-12-31", 11955, "2019-02-01"), ("2018-01-01", "2018-03-31", 3098, "2019-04-26"),
    ),
}  # fmt: skip
# Own round figures: the report of October 2018 restates the cash of nine months of 2017, and is the first to tag their purchases.
RESTATED = {
    CASH: (
        ("2016-01-01", "2016-09-30", 140, "2016-10-28"), ("2016-01-01", "2016-12-31", 200, "2017-02-10"),
        ("2017-01-01", "2017-09-30", 150, "2017-10-27"), ("2017-07-01", "2017-09-30", 60, "2017-10-27"),
        ("2017-01-01", "2017-09-30", 130, "2018-10-26"), ("2017-07-01", "2017-09-30", 50, "2018-10-26"),
    ),
    NET: (
        ("2016-01-01", "2016-09-30", 55, "2016-10-28"), ("2016-01-01", "2016-12-31", 80, "2017-02-10"),
        ("2017-01-01", "2017-09-30", 60, "2018-10-26"), ("2017-07-01", "2017-09-30", 20, "2018-10-26"),
    ),
}  # fmt: skip
TRAILING = """
    SELECT metric, value / 1e6, not_known FROM trailing_year_as_of($day)
    WHERE fiscal_year = $year AND fiscal_quarter = $quarter AND metric IN ('cash_paid_ppe', 'operating_cash_flow', 'free_cash_flow') ORDER BY metric"""


def facts(tags) -> bytes:
    return company_facts.document_of(
        AMZN,
        {
            tag: {
                "USD": [
                    {"start": start, "end": end, "val": value * 10**6, "form": "10-Q", "filed": day, "accn": f"{AMZN:010d}-{day[2:4]}-{day[5:7]}{day[8:]}00"}
                    for start, end, value, day in rows
                ]
            }
            for tag, rows in tags.items()
        },
    )  # fmt: skip


def test_a_trailing_year_adds_up_no_two_lines_of_the_statements(tmp_path: Path) -> None:
    """11,955 gross less 1,861 net plus 3,098 gross is no year of Amazon's purchases: 13,192 stood for 2018Q1."""
    with closing(staged(tmp_path, [Payload("sec_companyfacts", "AMZN", facts(PURCHASES), TAKEN_AT)])) as stage:
        assert ask(stage, TRAILING, day="2026-11-22", year=2018, quarter=1) == [("cash_paid_ppe", None, "one line")]
        assert ask(stage, TRAILING, day="2026-11-22", year=2017, quarter=4) == [("cash_paid_ppe", 11955, None)]


def test_a_metric_computed_from_others_hides_no_restatement_of_them(tmp_path: Path) -> None:
    """Free cash flow of nine months of 2017 is first known when their cash is restated: it never was another, the cash was."""
    with closing(staged(tmp_path, [Payload("sec_companyfacts", "AMZN", facts(RESTATED), TAKEN_AT)])) as stage:
        assert ask(stage, TRAILING, day="2018-12-31", year=2017, quarter=3) == [
            ("cash_paid_ppe", 85, None),
            ("free_cash_flow", None, "one vintage"),
            ("operating_cash_flow", None, "one vintage"),
        ]


def test_the_trailing_year_of_a_sum_is_known_where_those_of_its_terms_are(tmp_path: Path) -> None:
    """The cash of both years is restated at once, their purchases a quarter later: each is of one vintage, and so is the difference."""
    tags = {
        CASH: (
            ("2016-01-01", "2016-03-31", 40, "2016-04-28"), ("2016-01-01", "2016-12-31", 200, "2017-02-03"), ("2017-01-01", "2017-03-31", 45, "2017-04-28"),
            ("2016-01-01", "2016-03-31", 41, "2017-04-28"), ("2016-01-01", "2016-12-31", 204, "2017-04-28"),
        ),
        NET: (
            ("2016-01-01", "2016-03-31", 20, "2016-04-28"), ("2016-01-01", "2016-12-31", 90, "2017-02-03"), ("2017-01-01", "2017-03-31", 25, "2017-04-28"),
            ("2016-01-01", "2016-03-31", 22, "2017-05-15"), ("2016-01-01", "2016-12-31", 95, "2017-06-15"), ("2017-01-01", "2017-03-31", 25, "2017-06-15"),
        ),
    }  # fmt: skip
    with closing(staged(tmp_path, [Payload("sec_companyfacts", "AMZN", facts(tags), TAKEN_AT)])) as stage:
        assert ask(stage, TRAILING, day="2017-05-01", year=2017, quarter=1) == [
            ("cash_paid_ppe", 95, None), ("free_cash_flow", 113, None), ("operating_cash_flow", 208, None),
        ]  # fmt: skip
        assert ask(stage, TRAILING, day="2017-05-31", year=2017, quarter=1)[1] == (
            "free_cash_flow",
            None,
            "one vintage",
        )
        assert ask(stage, TRAILING, day="2017-06-30", year=2017, quarter=1)[1] == ("free_cash_flow", 208 - 98, None)


REVENUE = "Revenues"
# Amazon's revenue, in millions: no half-year of 2024 is at hand, so a year later none to take away from.
SALES = {
    REVENUE: (
        ("2024-04-01", "2024-06-30", 147977, "2024-08-02"), ("2024-07-01", "2024-09-30", 158877, "2024-11-01"),
        ("2024-10-01", "2024-12-31", 187792, "2025-02-07"), ("2024-01-01", "2024-12-31", 637959, "2025-02-07"),
        ("2025-01-01", "2025-03-31", 155667, "2025-05-02"), ("2025-04-01", "2025-06-30", 167702, "2025-08-01"),
        ("2025-01-01", "2025-06-30", 323369, "2025-08-01"),
    ),
}  # fmt: skip
SUMMED = """
    SELECT value / 1e6, not_known FROM trailing_year_as_of($day)
    WHERE metric = 'revenue' AND fiscal_year = $year AND fiscal_quarter = $quarter"""


def test_where_a_year_to_date_is_missing_four_quarters_are_the_year(tmp_path: Path) -> None:
    with closing(staged(tmp_path, [Payload("sec_companyfacts", "AMZN", facts(SALES), TAKEN_AT)])) as stage:
        assert ask(stage, SUMMED, day="2025-12-31", year=2025, quarter=1) == [(650313, None)]
        assert ask(stage, SUMMED, day="2025-12-31", year=2025, quarter=2) == [(670038, None)]
        assert ask(stage, SUMMED, day="2025-01-31", year=2024, quarter=3) == [(None, "four quarters")]
        assert ask(stage, SUMMED, day="2025-02-28", year=2024, quarter=4) == [(637959, None)]


def test_restated_quarters_are_added_up_once_the_others_are_stated_beside_them(tmp_path: Path) -> None:
    """Own round figures: a report restates one quarter of four, a later one states all four."""
    told = [("2024-01-01", "2024-03-31", 100), ("2024-04-01", "2024-06-30", 110), ("2024-07-01", "2024-09-30", 120), ("2024-10-01", "2024-12-31", 130)]  # fmt: skip
    first = [(*one, "2025-02-07") for one in told]
    restated = [(*told[1][:2], 114, "2025-05-02")]
    anew = [(*one, "2025-08-01") for one in (told[0], (*told[1][:2], 114), *told[2:])]
    with closing(
        staged(
            tmp_path,
            [Payload("sec_companyfacts", "AMZN", facts({REVENUE: (*first, *restated, *anew)}), TAKEN_AT)],
        )
    ) as stage:
        asked = {"year": 2024, "quarter": 4}
        assert ask(stage, SUMMED, day="2025-03-31", **asked) == [(460, None)]
        assert ask(stage, SUMMED, day="2025-06-30", **asked) == [(None, "one vintage")]
        assert ask(stage, SUMMED, day="2025-08-01", **asked) == [(464, None)]


META = 1326801
# META's purchases in company facts that have lost the 10-K of 2023: gross until the one of 2025, which states the year 2022 net.
WITHOUT_2022 = (
    ("2022-01-01", "2022-03-31", 5441, "10-Q", "2022-04-28"),
    ("2022-01-01", "2022-03-31", 5441, "10-Q", "2023-04-27"),
    ("2023-01-01", "2023-03-31", 6842, "10-Q", "2023-04-27"),
    ("2022-01-01", "2022-12-31", 31186, "10-K", "2025-01-30"),
)


def test_a_year_that_another_source_stated_otherwise_before_is_restated(tmp_path: Path) -> None:
    """The filing of 2023 is at hand: its 31,431 million say that 31,186 and the quarters of before are of two vintages."""
    rows = [
        {"start": start, "end": end, "val": value * 10**6, "form": form, "filed": day, "accn": f"{META:010d}-{day[2:4]}-{day[5:7]}{day[8:]}00"}
        for start, end, value, form, day in WITHOUT_2022
    ]  # fmt: skip
    facts = company_facts.document(NET, *rows, cik=META)
    year = context("y", start="2022-01-01", end="2022-12-31", cik=f"{META:010d}")
    day = context("i", end="2022-12-31", cik=f"{META:010d}")
    cover = f'<ix:nonNumeric name="dei:EntityCentralIndexKey" contextRef="i">{META:010d}</ix:nonNumeric>'
    spent = number("31,431", f"us-gaap:{NET}", "y", scale="6", format="ixt:num-dot-decimal")
    annual = page(header(year, day), cover, number("7", "us-gaap:Assets"), spent)
    filing = Payload("sec_filing", "META 0001326801-23-000013 2023-02-02 10-K", annual, TAKEN_AT)
    asked = """SELECT value / 1e6, not_known FROM trailing_year_as_of($day)
        WHERE metric = 'cash_paid_ppe' AND fiscal_year = 2023 AND fiscal_quarter = 1"""
    with closing(staged(tmp_path, [Payload("sec_companyfacts", "META", facts, TAKEN_AT), filing])) as stage:
        assert ask(stage, asked, day="2023-06-30") == [(31431 + 6842 - 5441, None)]
        assert ask(stage, asked, day="2025-01-31") == [(None, "one vintage")]
