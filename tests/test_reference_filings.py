"""Figures of the reference lists that only filings and releases state, against what the filings at hand give.

The filings at hand are five. Every row in scope is either reproduced or counted in docs/reference_exceptions_filings.csv
with the cause why it is not.
"""

from __future__ import annotations

import csv
from collections import Counter

import polars as pl
import pytest
from company_facts import HERE, LOADED_AT, SHARED, loaded

from config.contracts import Capture
from config.load import catalog
from transforms.quarters import derive_periods
from transforms.sources.sec_filing import parse

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout"),
]
FILINGS = {
    "amzn-10k-FY2024_2025-02-07.htm": "AMZN 0001018724-25-000004 2025-02-07 10-K",
    "amzn-20221231_htm.xml": "AMZN 0001018724-23-000004 2023-02-03 10-K",
    "meta-10k-FY2024_2025-01-30.htm": "META 0001326801-25-000017 2025-01-30 10-K",
    "Oracle.10-Q.htm": "ORCL 0000000000-24-000001",
    "msft-20150930.xml": "MSFT 0001193125-15-350718 2015-10-22 10-Q",
}
# The lists' names: (metric, definition, kind of period).
SCOPE = {
    "aws_revenue_annual": ("cloud_revenue", "aws", "year"),
    "aws_revenue_usd_b": ("cloud_revenue", "aws", "quarter"),
    "google_cloud_revenue": ("cloud_revenue", "google_cloud", "quarter"),
    "intelligent_cloud_revenue_as_first_reported": ("segment_revenue", "intelligent_cloud_v1", "quarter"),
    "commercial_rpo_usd_b": ("rpo_commercial", "customers_commercial", "instant"),
    "rpo_long_term_commitments_usd_b": ("rpo_total", "contracts_over_one_year", "instant"),
    "leases_not_yet_commenced_usd_b": ("leases_not_yet_commenced", "leases_all", "instant"),
    "leases_not_yet_commenced_finance_usd_b": ("leases_not_yet_commenced", "leases_finance", "instant"),
}
ORACLE = {
    "rpo_total": ("rpo_total", "xbrl_total", "instant"),
    "ppe_net": ("ppe_net", "balance_sheet_net", "instant"),
    "revenue": ("revenue", "revenue_total", "quarter"),
    "revenue_ytd": ("revenue", "revenue_total", "quarter"),
    "cash_paid_ppe": ("cash_paid_ppe", "cash_ppe", "quarter"),
    "cash_paid_ppe_ytd": ("cash_paid_ppe", "cash_ppe", "quarter"),
    "operating_cash_flow": ("operating_cash_flow", "cash_operating", "quarter"),
    "operating_cash_flow_ytd": ("operating_cash_flow", "cash_operating", "quarter"),
}


@pytest.fixture(scope="module")
def values():
    rows = []
    for name, scope in FILINGS.items():
        capture = Capture("sec_filing", scope, "", "0" * 64, 1, LOADED_AT, LOADED_AT)
        found = parse((SHARED / "sec" / "ixbrl" / name).read_bytes(), capture, catalog())
        rows.append(loaded(found.rows, scope).with_columns(source=pl.lit("sec_filing")))
    periods = derive_periods(pl.concat(rows), catalog()).sort("known_at")
    return {
        (row["company"], row["metric"], row["definition"], row["period_kind"], str(row["period_end"])): row["value"]
        for row in periods.iter_rows(named=True)
    }


def reference():
    for name in ("company_figures.csv", "orcl_figures.csv"):
        with (SHARED / "reference" / name).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                named = SCOPE.get(row["metric"]) or (ORACLE.get(row["metric"]) if row["company"] == "ORCL" else None)
                if named is not None:
                    yield row, named


def exceptions():
    path = HERE.parent / "docs" / "reference_exceptions_filings.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {(row["company"], row["metric"]): int(row["rows"]) for row in csv.DictReader(lines)}


def test_what_the_filings_at_hand_state_is_reproduced_and_the_rest_is_listed(values):
    reproduced: Counter[tuple[str, str]] = Counter()
    absent: Counter[tuple[str, str]] = Counter()
    for row, (metric, definition, kind) in reference():
        key = (row["company"], row["metric"])
        ours = values.get((row["company"], metric, definition, kind, row["period_end"]))
        if ours is None:
            absent[key] += 1
            continue
        stated = float(row["value"]) * (1e9 if row["unit"] == "USD_bn" else 1)
        assert ours == pytest.approx(stated, rel=1e-6), (key, row["fiscal_period"])
        reproduced[key] += 1
    assert sum(reproduced.values()) == 22
    assert dict(absent) == exceptions()
