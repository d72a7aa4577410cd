"""Our quarters against figures others took from the same companies' releases and filings.

The rows of *_8k were read from earnings releases, independently of XBRL, so they are compared with the first print of
each quarter. Every difference stands with its cause in docs/reference_exceptions.csv, and none beside those.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime

import polars as pl
import pytest
from company_facts import LAST_WINS, SHARED, loaded, read
from places import REPOSITORY

from config.load import catalog
from transforms.companies.quarters import derive_periods

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout"),
]
WHOLE = {
    "MSFT": "CIK0000789019.json", "AMZN": "CIK0001018724.json", "META": "CIK0001326801.json",
    "GOOGL": "GOOGL_CIK0001652044_edgartools_cassette.json",
}  # fmt: skip
TRIMMED = [
    ("1", "MSFT", "ripplx_MSFT.json"), ("2", "MSFT", "capexatlas_msft.json"),
    ("3", "GOOGL", "capexatlas_googl.json"), ("4", "META", "capexatlas_meta.json"),
]  # fmt: skip
# Other names in the reference file for what metrics.yml declares.
NAMES = {
    "finance_lease_principal_payments": "finance_lease_principal", "finance_lease_rou_obtained": "rou_obtained",
    "finance_lease_rou_obtained_quarter": "rou_obtained", "cash_paid_ppe_gross": "cash_paid_ppe",
    "revenue_asc606tag": "revenue",
}  # fmt: skip
HALF_A_MILLION = 0.5e6


@pytest.fixture(scope="module")
def series():
    """(company, metric, year, quarter) -> the vintages of the figure, oldest first, by the as-of order."""
    folder = SHARED / "sec"
    facts = [loaded(read(folder / "companyfacts" / name, ticker).rows, ticker) for ticker, name in WHOLE.items()]
    # The trimmed copies hold more of Microsoft's tags and one more quarter of Alphabet's.
    facts += [
        loaded(read(folder / "companyfacts_trimmed" / name, ticker).rows, ticker, sha256=digit * 64)
        for digit, ticker, name in TRIMMED
    ]
    periods = derive_periods(pl.concat(facts), catalog())
    found: dict[tuple[str, str, int, int | None], list[float]] = {}
    wanted = periods.filter(
        pl.col("metric").is_not_null() & pl.col("period_kind").is_in(["quarter", "instant", "year"])
    ).sort(LAST_WINS)
    days: dict[tuple[str, str, int, int | None], datetime] = {}
    for row in wanted.iter_rows(named=True):
        key = (row["company"], row["metric"], row["fiscal_year"], row["fiscal_quarter"])
        values = found.setdefault(key, [])
        if days.get(key) == row["known_at"]:
            values.pop()  # of rows known at one instant the last holds
        values.append(row["value"])
        days[key] = row["known_at"]
    return found


def reference():
    path = SHARED / "reference" / "company_figures.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def period(label):
    """FY2024Q3 -> (2024, 3); FY2024 -> (2024, None)."""
    year, _, quarter = label.removeprefix("FY").partition("Q")
    return int(year), int(quarter) if quarter else None


def exceptions():
    path = REPOSITORY / "docs" / "reference_exceptions.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_releases_agree_with_the_first_print_save_for_the_listed_roundings(series):
    rows = [row for row in reference() if row["metric"].endswith("_8k")]
    assert len(rows) == 134
    differing = set()
    for row in rows:
        metric = row["metric"].removesuffix("_8k")
        ours = series[(row["company"], metric, *period(row["fiscal_period"]))][0]
        if abs(ours - float(row["value"])) > HALF_A_MILLION:
            differing.add((row["company"], metric, row["fiscal_period"], float(row["value"]), ours))
    listed = {
        (row["company"], row["metric"], row["fiscal_period"], float(row["reference_value"]), float(row["our_value"]))
        for row in exceptions()
    }
    assert differing == listed


def test_every_listed_exception_is_a_rounding_of_one_million_with_its_cause(series):
    for row in exceptions():
        assert abs(float(row["reference_value"]) - float(row["our_value"])) == 1e6
        assert row["cause"].startswith("rounding")
        longer, shorter = row["cause"].rsplit("(", 1)[1].rstrip(")").split(" - ")
        assert (int(longer) - int(shorter)) * 1e6 == float(row["our_value"])


def test_metas_release_counts_no_lease_principal(series):
    """2021Q1 of the release: 12,242 less 4,272 less 151 of lease principal is its free cash flow of 7,819."""
    assert (
        series[("META", "operating_cash_flow", 2021, 1)][0] - series[("META", "cash_paid_ppe", 2021, 1)][0] - 151e6
        == 7819e6
    )


def test_figures_taken_from_filings_agree_with_the_newest_vintage(series):
    compared: Counter[str] = Counter()
    absent: Counter[tuple[str, str]] = Counter()
    for row in reference():
        metric = row["metric"].removesuffix("_annual")
        metric = NAMES.get(metric, metric)
        if metric not in catalog().metrics or row["unit"] != "USD":
            continue
        values = series.get((row["company"], metric, *period(row["fiscal_period"])))
        if values is None:
            absent[row["company"], metric] += 1
            continue
        assert abs(values[-1] - float(row["value"])) <= HALF_A_MILLION, row
        compared[row["company"]] += 1
    assert compared == {"MSFT": 244, "GOOGL": 231, "META": 81, "AMZN": 12}
    # No payload of Oracle's is at hand; the others' are trimmed to few tags or end a quarter earlier.
    assert set(absent) == {
        *(("ORCL", metric) for metric in ("cash_paid_ppe", "rpo_total", "operating_cash_flow", "revenue")),
        ("AMZN", "finance_lease_principal"),
        ("AMZN", "rou_obtained"),
        ("MSFT", "operating_income"),
        ("META", "revenue"),
    }
