"""Marts on companies: against what the companies state themselves, and on small made-up figures worked out by hand."""

from __future__ import annotations

import json
from datetime import date, datetime

import duckdb
import pytest
from company_facts import FIXTURES, SHARED, document
from staged import Payload, ask, staged

from config.load import analyst_files

pytestmark = pytest.mark.slow("stages real filings")

LIVES = analyst_files()["msft_useful_lives.yml"]
ENTERED_AT = datetime(2026, 11, 22)
SHARE = b"""
company: MSFT
topic: made-up spending of 160 billion dollars in a year, two thirds of it short-lived
entered_by: a test
entered_on: 2026-11-22
zone: America/New_York
measures:
  cash_paid_ppe: {unit: USD, definition: cash_ppe}
  capex_incl_finance_leases: {unit: USD, definition: management_capex}
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
    """Four quarters of 40 billion dollars, half of the first and 62 to 70 per cent of the others short-lived; three of
    operating cash flow."""
    lines = [statement(*quarter, "cash_paid_ppe: 30000000000") for quarter in QUARTERS]
    lines += [statement(*quarter, "capex_incl_finance_leases: 40000000000") for quarter in QUARTERS]
    lines += [statement(*quarter, "operating_cash_flow: 50000000000") for quarter in QUARTERS[1:]]
    lines.append(statement(*QUARTERS[0], "short_lived_share_pct: 50"))
    lines += [statement(*quarter, "short_lived_share_pct: {low: 62, high: 70}") for quarter in QUARTERS[1:]]
    payloads = [
        Payload("analyst_facts", "msft_share.yml", SHARE + b"".join(lines), ENTERED_AT),
        Payload("analyst_facts", "msft_useful_lives.yml", LIVES, ENTERED_AT),
    ]
    stage = staged(tmp_path_factory.mktemp("made_up"), payloads)
    yield stage
    stage.close()


def test_four_quarters_make_a_year_and_three_do_not(made_up):
    found = ask(
        made_up,
        """SELECT fiscal_year, fiscal_quarter, capex_usd, operating_cash_flow_usd, capex_to_operating_cash_flow_pct, not_known,
            short_lived_share_low_pct, short_lived_share_high_pct, capex_incl_leases_is_proxy FROM capex_intensity""",
    )
    assert found == [
        (
            2026,
            4,
            120e9,
            None,
            None,
            ["revenue", "operating_cash_flow", "free_cash_flow", "depreciation"],
            62,
            70,
            False,
        )
    ]


def test_a_wave_is_an_interval_and_a_life_that_is_only_announced_stands_beside_the_one_in_force(made_up):
    """160 billion dollars, each quarter with its own share: 94.4 to 104 short-lived over 2 to 6 years, 56 to 65.6
    long-lived over 15; 25 years are announced for what comes into use later."""
    found = """SELECT capex_usd, short_lived_share_low_pct, short_lived_share_high_pct, long_life_years, long_life_announced_years,
            short_lived_cost_low_usd, short_lived_cost_high_usd, long_lived_cost_low_usd, long_lived_cost_high_usd,
            life_change_relief_usd, not_known FROM depreciation_wave"""
    ((capex, low, high, years, announced, *costs, not_known),) = ask(made_up, found)
    assert (capex, low, high, years, announced, not_known) == (
        160e9, pytest.approx(59), pytest.approx(65), 15, 25, ["depreciation"]
    )  # fmt: skip
    expected = [94.4e9 / 6, 104e9 / 2, 56e9 / 15, 65.6e9 / 15, 65.6e9 / 15 - 65.6e9 / 25]
    assert costs == [pytest.approx(cost) for cost in expected]


def test_the_marts_of_what_two_sources_say_take_the_better_tier_whatever_came_later(tmp_path):
    """A call of a later day that contradicts the filing: 30 billion dollars filed, 31 said afterwards."""
    filed = {
        "start": "2026-04-01", "end": "2026-06-30", "val": 30_000_000_000, "accn": "0000789019-26-000001",
        "form": "10-K", "filed": "2026-07-28",
    }  # fmt: skip
    body = document("PaymentsToAcquirePropertyPlantAndEquipment", filed, cik=789019)
    said = SHARE + statement(*QUARTERS[3], "cash_paid_ppe: 31000000000")
    payloads = [
        Payload("sec_companyfacts", "MSFT", body, ENTERED_AT),
        Payload("analyst_facts", "msft_said.yml", said, ENTERED_AT),
    ]
    stage = staged(tmp_path, payloads)
    query = "SELECT value, tier FROM vintage_as_of($day) WHERE metric = 'cash_paid_ppe'"
    assert ask(stage, query, day="2026-11-01") == [(30e9, 1)]
    stage.close()


def test_figures_of_two_definitions_are_refused(made_up):
    query = "SELECT bool_and(same_definition(definition, $other)) FROM company_quarter WHERE metric = 'cash_paid_ppe'"
    assert ask(made_up, query, other="cash_ppe") == [(True,)]
    with pytest.raises(duckdb.Error, match="cash_ppe and management_capex are different things"):
        ask(made_up, query, other="management_capex")


def test_a_mart_knows_nothing_before_its_day(made_up):
    assert ask(made_up, "SELECT count(*) FROM capex_intensity_as_of('2026-07-28')") == [(0,)]
    assert ask(made_up, "SELECT count(*) FROM capex_intensity_as_of('2026-07-30')") == [(1,)]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """What is entered by hand of Microsoft, as shipped, and its company facts."""
    payloads = [
        Payload("analyst_facts", name, body, ENTERED_AT)
        for name, body in analyst_files().items()
        if name.startswith("msft_")
    ]
    payloads.append(Payload("sec_companyfacts", "MSFT", (FIXTURES / "MSFT.json").read_bytes(), ENTERED_AT))
    stage = staged(tmp_path_factory.mktemp("shipped"), payloads)
    yield stage
    stage.close()


def test_the_wave_of_fiscal_2026_on_shipped_data(shipped):
    """34.9, 37.5, 31.9 and 41.0 billion dollars as stated; of the first about half short-lived, two thirds of the others."""
    wave = """SELECT round(capex_usd / 1e9, 1), capex_definition, long_life_years, long_life_announced_years,
            short_lived_share_low_pct < 62 AND short_lived_share_high_pct < 70, short_lived_cost_high_usd > short_lived_cost_low_usd
        FROM {} WHERE company = 'MSFT' AND fiscal_year = 2026 AND fiscal_quarter = 4"""
    assert ask(shipped, wave.format("depreciation_wave")) == [(145.3, "management_capex", 15, 25, True, True)]
    # What this warehouse had loaded by the day before is nothing.
    assert ask(shipped, wave.format("depreciation_wave_as_of('2026-11-21', strict := true)")) == []


def test_strict_moves_every_mart_of_companies_to_what_was_loaded(shipped):
    for mart in ("trailing_year", "vintage", "capex_intensity", "azure_vs_rpo", "depreciation_wave"):
        count = f"SELECT count(*) FROM {mart}_as_of($day, strict := $strict)"
        assert ask(shipped, count, day="2026-11-21", strict=True) == [(0,)], mart
        assert ask(shipped, count, day="2026-11-21", strict=False)[0][0] > 0, mart
        known = ask(shipped, count, day="2026-11-24", strict=True)
        assert known == ask(shipped, count, day="2026-11-24", strict=False), mart


def test_a_share_of_another_obligation_is_not_set_beside_the_commercial_one(shipped):
    """The 50 per cent of FY2019Q4 belong to another definition; without OpenAI FY2026Q3 is an interval: 627 x 0.54 to 0.56."""
    one = """SELECT DISTINCT rpo_next12m_share_pct, rpo_ex_openai_low_usd, rpo_ex_openai_high_usd FROM azure_vs_rpo
        WHERE fiscal_year = $year AND fiscal_quarter = $quarter"""
    assert ask(shipped, one, year=2019, quarter=4) == [(None, None, None)]
    assert ask(shipped, one, year=2026, quarter=3) == [(25, 338.58e9, 351.12e9)]
    assert ask(shipped, one, year=2025, quarter=4) == [(35, None, None)]


def _meta():
    """(accession, form, filed, start, end) -> value of Meta's payments for property, as in the document."""
    taxonomy = json.loads((FIXTURES / "META.json").read_bytes())["facts"]["us-gaap"]
    facts = taxonomy["PaymentsToAcquirePropertyPlantAndEquipment"]["units"]["USD"]
    return {(f["accn"], f["form"], f["filed"], f["start"], f["end"]): f["val"] for f in facts}


def test_a_trailing_year_is_the_filed_one_or_of_one_vintage_on_each_filing_day_of_meta(tmp_path):
    """On the day of each report: the year it files, or the last year plus its own two columns. Where a column states the
    quarter before anew and the year does not, there is none."""
    stage = staged(tmp_path, [Payload("sec_companyfacts", "META", (FIXTURES / "META.json").read_bytes(), ENTERED_AT)])
    year = "SELECT value, not_known FROM trailing_year_as_of($day) WHERE metric = 'cash_paid_ppe' AND period_end = $end"
    facts, seen = _meta(), {"year": 0, "quarter": 0, "mixed": 0}
    for (accession, form, filed, start, end), value in facts.items():
        before = f"{int(end[:4]) - 1}{end[4:]}"
        if not "2022" <= filed[:4] <= "2025" or start[4:] != "-01-01" or start[:4] != end[:4] or end < before:
            continue
        if (date.fromisoformat(filed) - date.fromisoformat(end)).days > 100:
            continue  # a comparative
        found = ask(stage, year, day=filed, end=date.fromisoformat(end))
        if form == "10-K":
            assert found == [(value, None)], filed
            seen["year"] += 1
            continue
        column = facts[accession, form, filed, f"{before[:4]}-01-01", before]
        first = next(v for (_, _, day, s, e), v in facts.items() if s[:4] == before[:4] and e == before and day < filed)
        full = [v for (_, f, day, s, e), v in sorted(facts.items(), key=lambda item: item[0][2])
                if f == "10-K" and day < filed and (s, e) == (f"{before[:4]}-01-01", f"{before[:4]}-12-31")]  # fmt: skip
        mixed = column != first
        assert found == ([(None, "one vintage")] if mixed else [(full[-1] + value - column, None)]), filed
        seen["mixed" if mixed else "quarter"] += 1
    assert seen["year"] >= 3
    assert seen["quarter"] >= 5
    assert seen["mixed"] >= 1
    ended = "SELECT value FROM trailing_year_as_of($day) WHERE metric = 'cash_paid_ppe' AND fiscal_year = 2023 AND fiscal_quarter = 4"
    assert ask(stage, ended, day="2024-06-30") == [(27266e6,)]
    shown = "SELECT capex_usd, not_known FROM capex_intensity_as_of('2024-06-30') WHERE fiscal_year = 2024 AND fiscal_quarter = 1"
    lacking = [
        "revenue",
        "operating_cash_flow",
        "free_cash_flow",
        "depreciation",
        "capex_incl_finance_leases",
        "short_lived_share_pct",
    ]
    assert ask(stage, shown) == [(None, ["capex: one vintage", *lacking])]
    stage.close()


def test_azure_beside_what_is_contracted(shipped):
    """As the calls of 2024-10-30 and 2025-01-29 had it; the second was not known on the day before."""
    stage = shipped
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


def test_what_nobody_has_stated_is_named_and_not_left_empty_in_silence(shipped):
    """Of FY2026Q4 30 per cent of 678 billion dollars were said to be due within twelve months; of FY2018 Azure alone is known, with its quarter."""
    query = """SELECT DISTINCT period_end, calendar_year, calendar_quarter, rpo_next12m_usd, not_known
        FROM azure_vs_rpo WHERE fiscal_year = $year AND fiscal_quarter = $quarter AND azure_definition IS DISTINCT FROM 'azure_v4'"""
    ((end, *_, due, lacking),) = ask(shipped, query, year=2026, quarter=4)
    assert (end, due) == (date(2026, 6, 30), pytest.approx(0.30 * 678e9))
    assert set(lacking) == {
        "azure_ai_points", "rpo_commercial_growth_cc_pct", "rpo_commercial_ex_openai", "rpo_beyond12m_growth_pct"
    }  # fmt: skip
    ((*quarter, _, lacking),) = ask(shipped, query, year=2018, quarter=1)
    assert quarter == [date(2017, 9, 30), 2017, 3]
    assert "rpo_commercial" in lacking
    assert "azure_growth_reported_pct" not in lacking
    ((*_, lacking),) = ask(shipped, query, year=2024, quarter=3)[:1]
    assert "rpo_commercial_next12m" not in lacking


def test_a_half_that_is_only_said_in_words_stays_an_interval_in_the_mart(shipped):
    """FY2021Q1: roughly half of 107 billion dollars, which is 45 to 55 per cent: 48.15 to 58.85 on either side."""
    query = """SELECT rpo_next12m_share_pct, rpo_next12m_share_low_pct, rpo_next12m_share_high_pct, rpo_next12m_usd,
            rpo_next12m_low_usd, rpo_next12m_high_usd, rpo_beyond12m_usd, rpo_beyond12m_low_usd, rpo_beyond12m_high_usd,
            list_contains(not_known, 'rpo_commercial_next12m')
        FROM azure_vs_rpo WHERE fiscal_year = 2021 AND fiscal_quarter = 1"""
    low, high = pytest.approx(48.15e9), pytest.approx(58.85e9)
    assert ask(shipped, query) == [(None, 45, 55, None, low, high, None, low, high, False)]


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_amazons_trailing_years_are_those_it_states(tmp_path):
    """Amazon files trailing twelve months in its quarterly reports; ours are made of the year and the years to date. They
    agree within a million, to which each is rounded, wherever both stand; in 2018 and 2019 years were restated and the years to date were not."""
    body = (SHARED / "sec" / "companyfacts" / "CIK0001018724.json").read_bytes()
    report = (SHARED / "sec" / "ixbrl" / "amzn-10k-FY2024_2025-02-07.htm").read_bytes()
    filing = Payload("sec_filing", "AMZN 0001018724-25-000004 2025-02-07 10-K", report, datetime(2025, 2, 8))
    stage = staged(tmp_path, [Payload("sec_companyfacts", "AMZN", body, datetime(2026, 8, 1)), filing])
    stated = {
        (metric, end): value
        for metric, end, value in ask(
            stage,
            """SELECT metric, period_end, value FROM company_fact
            WHERE metric IN ('cash_paid_ppe', 'operating_cash_flow') AND period_kind = 'other'
                AND date_diff('day', period_start, period_end) BETWEEN 363 AND 366 AND period_end > DATE '2018-06-30'""",
        )
    }
    summed = "SELECT metric, period_end, value FROM trailing_year_as_of('2026-11-22') WHERE definition LIKE 'cash_%' AND value IS NOT NULL"
    ours = {(metric, end): value for metric, end, value in ask(stage, summed) if (metric, end) in stated}
    assert len(ours) > 40
    differing = {key: (stated[key], value) for key, value in ours.items() if abs(stated[key] - value) > 1e6}
    assert differing == {}
    assert ours["operating_cash_flow", date(2025, 3, 31)] == 113903e6
    # Depreciation of property stands in the annual report alone: 32.1 billion dollars in 2024.
    worn = "SELECT depreciation_usd, not_known FROM capex_intensity_as_of('2025-02-25') WHERE company = 'AMZN' AND period_end = $end"
    [(depreciation, not_known)] = ask(stage, worn, end=date(2024, 12, 31))
    assert (round(depreciation / 1e8), "depreciation" in not_known) == (321, False)
    [(depreciation, not_known)] = ask(stage, worn, end=date(2024, 9, 30))
    assert (depreciation, "depreciation" in not_known) == (None, True)
    stage.close()
