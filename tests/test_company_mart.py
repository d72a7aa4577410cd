"""Marts on companies: against what the companies state themselves, and on small made-up figures worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from company_facts import SHARED
from staged import Payload, ask, staged

from config.load import analyst_files, catalog
from config.specs import Metric

HERE = Path(__file__).parent
LIVES = (HERE / "fixtures" / "sources" / "analyst_facts" / "msft_useful_lives.yml").read_bytes()
ENTERED_AT = datetime(2026, 11, 22)
SHARE = b"""
company: MSFT
topic: made-up spending of 160 billion dollars in a year, two thirds of it short-lived
entered_by: a test
entered_on: 2026-11-22
zone: America/New_York
measures:
  cash_paid_ppe: {unit: USD, definition: cash_ppe}
  short_lived_share_pct: {unit: pct, definition: all_capex}
  operating_cash_flow: {unit: USD, definition: cash_operating}
documents:
  call: {medium: earnings_call, published_on: 2026-07-29, tier: 2, note: made up}
statements:
"""
QUARTERS = [("FY2026Q1", "2025-07-01", "2025-09-30"), ("FY2026Q2", "2025-10-01", "2025-12-31"),
            ("FY2026Q3", "2026-01-01", "2026-03-31"), ("FY2026Q4", "2026-04-01", "2026-06-30")]  # fmt: skip


def statement(period, start, end, figures):
    return (
        f"- {{period: {period}, period_start: {start}, period_end: {end}, document: call,\n"
        f"   statement: A made-up sentence of sufficient length., figures: {{{figures}}}}}\n"
    ).encode()


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    """Four quarters of 40 billion dollars, of which 62 to 70 per cent is short-lived; three of operating cash flow."""
    lines = [statement(*quarter, "cash_paid_ppe: 40000000000") for quarter in QUARTERS]
    lines += [statement(*quarter, "operating_cash_flow: 50000000000") for quarter in QUARTERS[1:]]
    lines.append(statement(*QUARTERS[3], "short_lived_share_pct: {low: 62, high: 70}"))
    share = Metric(id="short_lived_share_pct", title_en="s", title_zh="s", definition="all_capex", meaning="s", unit="pct",
                   period="duration", additive=False)  # fmt: skip
    declared = catalog().model_copy(update={"metrics": {**catalog().metrics, "short_lived_share_pct": share}})
    payloads = [
        Payload("analyst_facts", "msft_share.yml", SHARE + b"".join(lines), ENTERED_AT),
        Payload("analyst_facts", "msft_useful_lives.yml", LIVES, ENTERED_AT),
    ]
    stage = staged(tmp_path_factory.mktemp("made_up"), payloads, declared)
    yield stage
    stage.close()


def test_four_quarters_make_a_year_and_three_do_not(made_up):
    found = ask(
        made_up,
        """SELECT fiscal_year, fiscal_quarter, capex_usd, operating_cash_flow_usd, capex_to_operating_cash_flow_pct, not_known,
            short_lived_share_low_pct, short_lived_share_high_pct FROM capex_intensity""",
    )
    assert found == [(2026, 4, 160e9, None, None, ["revenue", "operating_cash_flow", "depreciation"], 62, 70)]


def test_a_wave_is_an_interval_and_the_change_of_lives_is_shown(made_up):
    """160 billion dollars: 99.2 to 112 short-lived over 2 to 6 years, 48 to 60.8 long-lived over 25, before 15."""
    ((low, high, long_low, long_high, relief, years, before),) = ask(
        made_up,
        """SELECT short_lived_cost_low_usd, short_lived_cost_high_usd, long_lived_cost_low_usd, long_lived_cost_high_usd,
            life_change_relief_usd, long_life_years, long_life_before_years FROM depreciation_wave""",
    )
    assert (years, before) == (25, 15)
    assert low == pytest.approx(99.2e9 / 6)
    assert high == pytest.approx(112e9 / 2)
    assert long_low == pytest.approx(48e9 / 25)
    assert long_high == pytest.approx(60.8e9 / 25)
    assert relief == pytest.approx(60.8e9 / 15 - 60.8e9 / 25)


def test_figures_of_two_definitions_are_refused(made_up):
    query = "SELECT bool_and(same_definition(definition, $other)) FROM company_quarter WHERE metric = 'cash_paid_ppe'"
    assert ask(made_up, query, other="cash_ppe") == [(True,)]
    with pytest.raises(duckdb.Error, match="cash_ppe and management_capex are different things"):
        ask(made_up, query, other="management_capex")


def test_a_mart_knows_nothing_before_its_day(made_up):
    assert ask(made_up, "SELECT count(*) FROM capex_intensity_as_of('2026-07-28')") == [(0,)]
    assert ask(made_up, "SELECT count(*) FROM capex_intensity_as_of('2026-07-30')") == [(1,)]


def test_azure_beside_what_is_contracted(tmp_path):
    """As the calls of 2024-10-30 and 2025-01-29 had it; the second was not known on the day before."""
    payloads = [
        Payload("analyst_facts", name, body, ENTERED_AT) for name, body in analyst_files().items() if "msft_" in name
    ]
    stage = staged(tmp_path, payloads)
    query = """SELECT azure_definition, azure_growth_reported_pct, azure_growth_cc_pct, azure_ai_points,
            azure_growth_without_ai_pct, rpo_commercial_usd, rpo_growth_pct, round(rpo_next12m_usd / 1e9, 1)
        FROM azure_vs_rpo_as_of($day) WHERE fiscal_year = 2025 AND fiscal_quarter = $quarter"""
    assert ask(stage, query, day="2024-11-01", quarter=1) == [("azure_v3", 33, 34, 12, 22, 259e9, 22, 103.6)]
    assert ask(stage, query, day="2025-02-25", quarter=2) == [("azure_v3", 31, 31, 13, 18, 298e9, 34, 119.2)]
    assert ask(stage, query, day="2025-01-28", quarter=2) == []
    ((computed,),) = ask(
        stage, "SELECT rpo_growth_computed_pct FROM azure_vs_rpo WHERE fiscal_year = 2025 AND fiscal_quarter = 2"
    )
    assert computed == pytest.approx(100 * (298 / 222 - 1))
    stage.close()


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_amazons_trailing_years_are_those_it_states(tmp_path):
    """Amazon files trailing twelve months in its quarterly reports; ours are sums of quarters, of which each fourth is a
    difference. They agree within the rounding of four quarters wherever both stand."""
    body = (SHARED / "sec" / "companyfacts" / "CIK0001018724.json").read_bytes()
    stage = staged(tmp_path, [Payload("sec_companyfacts", "AMZN", body, datetime(2026, 8, 1))])
    stated = {
        (metric, end): value
        for metric, end, value in ask(
            stage,
            """SELECT metric, period_end, value FROM company_fact
            WHERE metric IN ('cash_paid_ppe', 'operating_cash_flow') AND period_kind = 'other'
                AND date_diff('day', period_start, period_end) BETWEEN 363 AND 366 AND period_end > DATE '2018-06-30'""",
        )
    }
    summed = "SELECT metric, period_end, value FROM trailing_year_as_of('2026-11-22') WHERE definition LIKE 'cash_%'"
    ours = {(metric, end): value for metric, end, value in ask(stage, summed) if (metric, end) in stated}
    assert len(ours) > 40
    differing = {key: (stated[key], value) for key, value in ours.items() if abs(stated[key] - value) > 2e6}
    assert differing == {}
    assert ours["operating_cash_flow", date(2025, 3, 31)] == 113903e6
    stage.close()
