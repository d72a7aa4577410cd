"""Oracle's quarters from its year-to-date figures. No payload of Oracle's is at hand, so the year-to-date, annual and
balance figures others read from its filings are put into the SEC's layout, go through the parser, and must give the
quarters and trailing twelve months that the reference states, of which many come from other readers and filings.

The year-to-date figures themselves are the input here and prove nothing but that the periods are recognised.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date, timedelta

import pytest
from company_facts import SHARED, capture, loaded

from config.load import catalog
from transforms.companies.quarters import derive_periods
from transforms.sources.sec_companyfacts import parse

pytestmark = [
    pytest.mark.slow("reads whole files of facts"),
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout"),
]
TAGS = {
    "cash_paid_ppe": "PaymentsToAcquirePropertyPlantAndEquipment", "ppe_net": "PropertyPlantAndEquipmentNet",
    "operating_cash_flow": "NetCashProvidedByUsedInOperatingActivities", "revenue": "Revenues",
    "rpo_total": "RevenueRemainingPerformanceObligation",
}  # fmt: skip
# A billion read off a table; the release of 2026-09 and the call of 2025-06 round to whole and tenths of billions.
ROUNDED = {("rpo_total", "FY2025Q4"): 138e9}
HALF_A_MILLION = 0.5e6


def rows(name):
    with (SHARED / "reference" / name).open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["company"] == "ORCL"]


def is_input(row):
    return row["metric"].endswith(("_ytd", "_annual")) or row["metric"] in {"ppe_net", "rpo_total"}


def document():
    """The inputs in the layout of companyfacts, filed forty days after their period where no filing date is given."""
    tags = {}
    for index, row in enumerate(filter(is_input, rows("orcl_figures.csv"))):
        metric = row["metric"].removesuffix("_ytd").removesuffix("_annual")
        if ROUNDED.get((metric, row["fiscal_period"])) == float(row["value"]):
            continue
        filed = row["filed"] or str(date.fromisoformat(row["period_end"]) + timedelta(days=40))
        fact = {
            "end": row["period_end"], "val": int(float(row["value"])), "accn": f"0001341439-{filed[2:4]}-{index:06d}",
            "form": "10-K" if row["metric"].endswith("_annual") else "10-Q", "filed": filed,
        }  # fmt: skip
        if row["period_start"]:
            fact["start"] = row["period_start"]
        tags.setdefault(TAGS[metric], {"units": {"USD": []}})["units"]["USD"].append(fact)
    return json.dumps({"cik": 1341439, "entityName": "Oracle", "facts": {"us-gaap": tags}}).encode()


@pytest.fixture(scope="module")
def figures():
    found = parse(document(), capture("ORCL"), catalog())
    assert found.issues == ()
    periods = derive_periods(loaded(found.rows, "ORCL"), catalog())
    return {
        (row["metric"], row["fiscal_year"], row["fiscal_quarter"], row["period_kind"]): row["value"]
        for row in periods.sort("known_at").iter_rows(named=True)
    }


def compared(figures, reference):
    """How many rows of each metric agree; every row is one of a quarter, a year or a balance."""
    found: Counter[str] = Counter()
    for row in reference:
        metric = row["metric"].removesuffix("_annual")
        year, _, quarter = row["fiscal_period"].removeprefix("FY").partition("Q")
        kind = ("instant" if metric in {"ppe_net", "rpo_total"} else "quarter") if quarter else "year"
        ours = figures[(metric, int(year), int(quarter) if quarter else None, kind)]
        assert abs(ours - float(row["value"])) <= HALF_A_MILLION, row
        found[row["metric"]] += 1
    return found


def test_every_quarter_of_the_reference_follows_from_the_year_to_date_figures(figures):
    quarters = [row for row in rows("orcl_figures.csv") if row["metric"] in {"cash_paid_ppe", "operating_cash_flow"}]
    assert compared(figures, quarters) == {"cash_paid_ppe": 45, "operating_cash_flow": 35}


def test_quarters_of_revenue_where_the_year_to_date_figures_are_known(figures):
    revenue = [row for row in rows("orcl_figures.csv") if row["metric"] == "revenue"]
    known = [row for row in revenue if row["note"].startswith(("derived YTD", "Q1 YTD"))]
    assert (len(revenue), compared(figures, known)) == (16, {"revenue": 13})


def test_trailing_twelve_months_are_four_quarters_of_ours(figures):
    for row in rows("orcl_figures.csv"):
        if row["metric"] != "cash_paid_ppe_ttm":
            continue
        year, quarter = (int(part) for part in row["fiscal_period"].removeprefix("FY").split("Q"))
        last = year * 4 + quarter - 1
        four = [figures[("cash_paid_ppe", at // 4, at % 4 + 1, "quarter")] for at in range(last - 3, last + 1)]
        assert abs(sum(four) - float(row["value"])) <= HALF_A_MILLION, row


def test_figures_others_read_from_the_filings_themselves(figures):
    """company_figures.csv took these from the 10-Q of 2024-09 and from tagged facts of later filings."""
    reference = [row for row in rows("company_figures.csv") if row["unit"] == "USD"]
    known = [row for row in reference if row["metric"] != "revenue"]
    assert len(reference) == 18
    assert compared(figures, known) == {
        "cash_paid_ppe": 7, "cash_paid_ppe_annual": 2, "operating_cash_flow": 2, "rpo_total": 6,
    }  # fmt: skip
