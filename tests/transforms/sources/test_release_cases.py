"""The releases of ../shared/cases: each with the figures a reader takes from it, as its page shows them."""

from __future__ import annotations

from datetime import datetime

import pytest
from company_facts import LOADED_AT, SHARED

from config.contracts import Capture
from config.load import catalog
from transforms.sources import sec_press_release

CASES = SHARED.parent / "cases" / "filings"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not CASES.exists(), reason="../shared with the cases is not beside the checkout"),
]
AWS, RPO = "cloud_revenue", "rpo_commercial"
QUARTER, YEAR = "quarter", "year"
UNREAD = "capital expenditure: sentence not read"


def read(name):
    body = (CASES / f"{name}.txt").read_bytes()
    scope = sec_press_release.scope_of(body, catalog())
    return sec_press_release.parse(
        body, Capture("sec_press_release", scope, "", "0" * 64, 1, LOADED_AT, LOADED_AT), catalog()
    )


def taken(found):
    """(metric, period, last day) -> value."""
    told = {}
    for row in found.rows.iter_rows(named=True):
        annual = row["period_start"] and (row["period_end"] - row["period_start"]).days > 300
        told[row["concept"], YEAR if annual else QUARTER, str(row["period_end"])] = row["value"]
    return told


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("t12_a_superscript", {("cloud_revenue", QUARTER, "2024-12-31"): 40.9e9, ("rpo_commercial_growth_pct", QUARTER, "2024-12-31"): 34}),
        ("t12_c_cells", {("azure_growth_reported_pct", QUARTER, "2024-12-31"): 31, (RPO, QUARTER, "2024-12-31"): 298e9}),
        ("t12_d3_nbsp", {(AWS, QUARTER, "2024-12-31"): 28.8e9}),
        ("t12_d_hyphens", {(AWS, QUARTER, "2024-12-31"): 28.8e9, ("cloud_revenue_growth_cc_pct", QUARTER, "2024-12-31"): 19}),
        ("t12_e3_known_heading", {(AWS, QUARTER, "2024-12-31"): 28.8e9, (AWS, YEAR, "2024-12-31"): 107.6e9}),
        ("t12_e_year_heading", {(AWS, YEAR, "2024-12-31"): 107.6e9}),
        ("t12_f_meta_both", {("capex_incl_finance_leases", QUARTER, "2024-12-31"): 14.84e9, ("capex_incl_finance_leases", YEAR, "2024-12-31"): 39.23e9}),
        ("t12_g_orcl_prior_named_first", {("rpo_total", QUARTER, "2024-11-30"): 97e9, (AWS, QUARTER, "2024-11-30"): 2.4e9}),
        ("t12_h_decline", {("cloud_revenue_growth_pct", QUARTER, "2024-12-31"): -5, (AWS, QUARTER, "2024-12-31"): 28.8e9}),
        ("t12_i3_struck", {(RPO, QUARTER, "2024-12-31"): 298e9}),
    ],
)  # fmt: skip
def test_a_release_gives_what_its_page_shows_for_the_period_it_reports(name, figures):
    found = taken(read(name))
    assert {key: found.get(key) for key in figures} == figures
    assert {key[2] for key in found} == {key[2] for key in figures}
    assert {key for key in found if key[0] == AWS} <= figures.keys()


@pytest.mark.parametrize("name", ["t12_f2_meta_reversed", "t12_f3_meta_year_only"])
def test_an_order_of_periods_that_is_not_read_is_told(name):
    found = read(name)
    assert found.rows.is_empty()
    assert [issue.reason for issue in found.issues] == [UNREAD]


def test_a_hidden_block_gives_nothing_and_a_picture_is_told():
    assert {metric for metric, _, _ in taken(read("t12_i2_hidden"))} == {"azure_growth_reported_pct"}
    picture = read("t12_i_image")
    assert picture.rows.is_empty()
    assert [issue.reason for issue in picture.issues] == ["no release to read"]


def test_a_release_and_its_correction_two_days_later_are_two_vintages():
    before, after = read("t13_8k").rows, read("t13_8ka").rows
    told = {
        rows["known_at"][0]: dict(rows.select("concept", "value").iter_rows())["rpo_commercial"]
        for rows in (before, after)
    }
    assert told == {datetime(2025, 1, 29, 22, 30): 289e9, datetime(2025, 1, 31, 22, 30): 298e9}
