"""Every row of the two lists of figures others read, by what becomes of it: docs/reference_rows.csv, written by this file.

    python tests/reference/test_rows.py        writes the table anew

A row is reproduced where some vintage of ours, under the definition it means, is the row's figure within half a unit of its
last digit (half a million for dollars); where ours is the coarser one (a release's whole per cent), it agrees within the
rounding of ours. The other tests of the lists say more of each kind; this one leaves no row out. Oracle's figures are worked
out from the list's own years to date (test_reference_oracle.py): here only its one report at hand counts.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import polars as pl
import pytest
from company_facts import LOADED_AT, SHARED, loaded, read
from places import REPOSITORY

from config.contracts import Capture
from config.load import analyst_files, catalog
from flows.steps.enter import ENTERED
from transforms.companies.quarters import derive_periods
from transforms.sources import analyst_facts, sec_filing

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout"),
]
TABLE = REPOSITORY / "docs" / "reference_rows.csv"
HEAD = ("list", "company", "metric", "outcome", "rows", "where_from")
LISTS = ("company_figures", "orcl_figures")
FACTS = [
    ("MSFT", "companyfacts/CIK0000789019.json"), ("AMZN", "companyfacts/CIK0001018724.json"),
    ("META", "companyfacts/CIK0001326801.json"), ("GOOGL", "companyfacts/GOOGL_CIK0001652044_edgartools_cassette.json"),
    ("MSFT", "companyfacts_trimmed/ripplx_MSFT.json"), ("MSFT", "companyfacts_trimmed/capexatlas_msft.json"),
    ("GOOGL", "companyfacts_trimmed/capexatlas_googl.json"), ("META", "companyfacts_trimmed/capexatlas_meta.json"),
]  # fmt: skip
FILINGS = {
    "amzn-10k-FY2024_2025-02-07.htm": "AMZN 0001018724-25-000004 2025-02-07 10-K",
    "amzn-20221231_htm.xml": "AMZN 0001018724-23-000004 2023-02-03 10-K",
    "meta-10k-FY2024_2025-01-30.htm": "META 0001326801-25-000017 2025-01-30 10-K",
    "Oracle.10-Q.htm": "ORCL 0001341439-24-000065 2024-09-10 10-Q",
    "msft-20150930.xml": "MSFT 0001193125-15-350718 2015-10-22 10-Q",
}
# The lists' names for (metric, definition); an empty definition: whichever the metric has in that period.
NAMES = {
    "aws_growth_pct": ("cloud_revenue_growth_pct", "aws"),
    "aws_revenue": ("cloud_revenue", "aws"),
    "azure_growth_cc_pct_recast_def": ("azure_growth_cc_pct", "azure_v3"),
    "azure_ai_points": ("azure_ai_points", ""),
    "azure_growth_cc_pct": ("azure_growth_cc_pct", ""),
    "azure_growth_reported_pct": ("azure_growth_reported_pct", ""),
    "capex_incl_finance_lease_principal": ("capex_incl_finance_leases", "cash_ppe_and_lease_principal"),
    "capex_incl_finance_leases": ("capex_incl_finance_leases", "management_capex"),
    "cash_paid_ppe_gross": ("cash_paid_ppe", "cash_ppe"),
    "commercial_cloud_revenue": ("cloud_revenue", ""),
    "commercial_rpo": ("rpo_commercial", "customers_commercial"),
    "commercial_rpo_growth_cc_pct": ("rpo_commercial_growth_cc_pct", "customers_commercial"),
    "commercial_rpo_growth_pct": ("rpo_commercial_growth_pct", "customers_commercial"),
    "commercial_rpo_next12m_pct": ("rpo_next12m_share_pct", "customers_commercial"),
    "finance_lease_principal_payments": ("finance_lease_principal", ""),
    "finance_lease_rou_obtained": ("rou_obtained", ""),
    "finance_lease_rou_obtained_quarter": ("rou_obtained", ""),
    "google_cloud_backlog": ("cloud_backlog", ""),
    "google_cloud_growth_pct": ("cloud_revenue_growth_pct", "google_cloud"),
    "google_cloud_revenue": ("cloud_revenue", "google_cloud"),
    "intelligent_cloud_revenue_as_first_reported": ("segment_revenue", "intelligent_cloud_v1"),
    "leases_not_yet_commenced": ("leases_not_yet_commenced", "leases_all"),
    "leases_not_yet_commenced_finance": ("leases_not_yet_commenced", "leases_finance"),
    "microsoft_cloud_revenue": ("cloud_revenue", "microsoft_cloud"),
    "oci_growth_pct": ("cloud_revenue_growth_pct", "oci"),
    "oci_revenue": ("cloud_revenue", "oci"),
    "revenue_asc606tag": ("revenue", ""),
    "rpo_long_term_commitments": ("rpo_total", "contracts_over_one_year"),
    "short_lived_asset_share_pct": ("short_lived_share_pct", "all_capex"),
}
KINDS = {"year": ("year",), "quarter": ("quarter",), "instant": ("quarter", "year")}
Key = tuple[str, str, str, str]


def _payloads() -> Iterator[pl.DataFrame]:
    for number, (ticker, name) in enumerate(FACTS):
        yield loaded(read(SHARED / "sec" / name, ticker).rows, ticker, sha256=f"{number}" * 64)
    for name, scope in FILINGS.items():
        capture = Capture("sec_filing", scope, "", "0" * 64, 1, LOADED_AT, LOADED_AT)
        rows = sec_filing.parse((SHARED / "sec" / "ixbrl" / name).read_bytes(), capture, catalog()).rows
        yield loaded(rows, scope).with_columns(source=pl.lit("sec_filing"))
    for name, body in analyst_files().items():
        if name.partition("_")[0] not in ENTERED:
            capture = Capture("analyst_facts", name, "", "0" * 64, 1, LOADED_AT, LOADED_AT)
            rows = analyst_facts.parse(body, capture, catalog()).rows
            yield loaded(rows, name).with_columns(source=pl.lit("analyst_facts"))


class Figure(NamedTuple):
    """One vintage of ours; `within` is half a unit of its last stated digit."""

    definition: str
    source: str
    low: float
    high: float
    within: float


def rounding(exact: str, unit: str) -> float:
    """Half a unit of the last digit of a figure as stated: trailing zeros of dollars tell, billions at most."""
    if unit == "USD":
        return 0.5 * min(1e9, 10.0 ** (len(exact) - len(exact.rstrip("0"))))
    return 0.5 * 10.0 ** -len(exact.partition(".")[2])


@cache
def ours() -> dict[Key, list[Figure]]:
    """(company, metric, quarter or year, last day) -> every vintage."""
    found: dict[Key, list[Figure]] = {}
    periods = derive_periods(pl.concat(_payloads()), catalog()).filter(pl.col("metric").is_not_null())
    for row in periods.filter(pl.col("period_kind").is_in(list(KINDS))).iter_rows(named=True):
        low, high = (row[end] if row[end] is not None else row["value"] for end in ("value_low", "value_high"))
        figure = Figure(row["definition"], row["source"], low, high, rounding(row["value_exact"] or "", row["unit"]))
        for kind in KINDS[row["period_kind"]]:
            key = (row["company"], row["metric"], kind, str(row["period_end"]))
            found.setdefault(key, []).append(figure)
    return found


def outcome(row: dict[str, str]) -> tuple[str, str]:
    """(outcome, sources of ours that give the figure)."""
    listed = row["metric"].removesuffix("_annual").removesuffix("_8k").removesuffix("_usd_b")
    listed = listed.removesuffix("_usd_b_annual").removesuffix("_usd_b")
    metric, definition = NAMES.get(listed, (listed, ""))
    if metric not in catalog().metrics:
        return "no such metric", ""
    kind = "quarter" if "Q" in row["fiscal_period"] else "year"
    have = ours().get((row["company"], metric, kind, row["period_end"]), [])
    have = [one for one in have if definition in {"", one.definition}]
    if not have:
        return "no payload at hand states it", ""
    scale = 1e9 if row["unit"] == "USD_bn" else 1.0
    digits = len(row["value"].partition(".")[2])
    within = 0.5e6 if row["unit"] == "USD" else 0.5 * scale * 10.0**-digits
    stated = float(row["value"]) * scale
    for name, slack in (("reproduced", 0.0), ("agrees within the rounding of ours", 1.0)):
        widths = [(one, max(within, slack * one.within) * (1 + 1e-9)) for one in have]
        same = sorted({one.source for one, width in widths if one.low - width <= stated <= one.high + width})
        if same:
            return name, " ".join(same)
    near = row["unit"] == "USD" and any(abs(one.low - stated) <= 1e6 for one in have)
    return ("off by one million" if near else "differs"), ""


def table() -> list[tuple[str, ...]]:
    counted: Counter[tuple[str, ...]] = Counter()
    for name in LISTS:
        with (SHARED / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                result, sources = outcome(row)
                counted[name, row["company"], row["metric"], result, sources] += 1
    return [(*key[:4], str(number), key[4]) for key, number in sorted(counted.items())]


def test_every_row_of_the_lists_has_the_outcome_written_down() -> None:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        written = [tuple(row) for row in csv.reader(lines)]
    assert written == [HEAD, *table()]
    assert sum(int(row[4]) for row in written[1:]) == 901 + 264


if __name__ == "__main__":
    with TABLE.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([HEAD, *table()])
