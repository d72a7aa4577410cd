"""Metrics, fiscal periods and derived quarters, on figures read from the filings."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb
import polars as pl
import pytest
from company_facts import LAST_WINS, SHARED, as_of, figure, fixture_facts, loaded, read
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.contracts import COMPANY_FACT
from config.load import catalog
from transforms.companies.quarters import SCHEMA, derive_periods, not_derivable
from warehouse.published.swap import INVARIANTS

pytestmark = pytest.mark.slow("derives every real company")

TODAY = datetime(2026, 11, 22)
CAPEX = "us-gaap:PaymentsToAcquirePropertyPlantAndEquipment"


@pytest.fixture(scope="module")
def periods():
    return derive_periods(fixture_facts("MSFT", "AMZN", "GOOGL", "META"), catalog())


def stated(*rows, **common):
    """Facts of META: (first day, last day, value, day known) and what differs from the defaults."""
    base = {
        "company": "META", "concept": CAPEX, "definition": "xbrl", "unit": "USD", "currency": "USD", "form": "10-Q",
        "form_rank": 30, "known_at_basis": "filing_date_1730_new_york", "evidence_tier": 1, **common,
    }  # fmt: skip
    made = [
        {
            **base, "period_start": start, "period_end": end, "value": float(value), "value_exact": str(value),
            "known_at": datetime.combine(known, datetime.min.time()), "document_id": f"F{number}", "locator": f"/{number}",
        }
        for number, (start, end, value, known) in enumerate(rows)
    ]  # fmt: skip
    return loaded(COMPANY_FACT.frame(made), "META")


def quarter(periods, quarter, year=2023):
    return periods.filter(
        (pl.col("period_kind") == "quarter") & (pl.col("fiscal_year") == year) & (pl.col("fiscal_quarter") == quarter)
    ).sort(LAST_WINS)


YEAR_START = date(2023, 1, 1)
Q1, H1, NINE, FY = date(2023, 3, 31), date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 31)


def test_metas_fourth_quarter_of_2023_is_known_twice_and_never_7813(periods):
    rows = quarter(periods.filter((pl.col("company") == "META") & (pl.col("metric") == "cash_paid_ppe")), 4)
    values = dict(rows.select("known_at", "value").iter_rows())
    assert values == {
        datetime(2024, 2, 2, 22, 30): 7665e6,
        datetime(2025, 1, 30, 22, 30): 7592e6,
        datetime(2026, 1, 29, 22, 30): 7592e6,
    }
    assert periods.filter(pl.col("value") == 7813e6).height == 0
    before = datetime(2024, 2, 2, 22, 29, 59)
    assert figure(periods, "META", "cash_paid_ppe", (2023, 4), before) is None
    assert figure(periods, "META", "cash_paid_ppe", (2023, 4), before + timedelta(seconds=1)) == 7665e6
    assert figure(periods, "META", "cash_paid_ppe", (2023, 4), datetime(2025, 1, 30, 22)) == 7665e6
    assert figure(periods, "META", "cash_paid_ppe", (2023, 4), TODAY) == 7592e6


def test_a_year_is_as_it_was_known(periods):
    year = (2023, None)
    assert figure(periods, "META", "cash_paid_ppe", year, datetime(2024, 6, 30)) == 27266e6
    assert figure(periods, "META", "cash_paid_ppe", year, datetime(2025, 6, 30)) == 27045e6
    assert figure(periods, "MSFT", "operating_cash_flow", (2024, None), TODAY) == 118548e6
    assert figure(periods, "MSFT", "operating_cash_flow", (2025, None), TODAY) == 136162e6


def test_microsofts_newest_fourth_quarter_follows_from_its_annual_report(periods):
    assert figure(periods, "MSFT", "cash_paid_ppe", (2026, 4), TODAY) == 35802e6
    assert figure(periods, "MSFT", "cash_paid_ppe", (2026, 4), datetime(2026, 7, 28)) is None


def test_a_derived_quarter_names_both_operands(periods):
    row = quarter(periods.filter((pl.col("company") == "META") & (pl.col("metric") == "cash_paid_ppe")), 4).row(
        0, named=True
    )
    path = "/facts/us-gaap/PaymentsToAcquirePropertyPlantAndEquipment/units/USD/"
    year, nine_months = row["inputs"].split(";")
    assert year.startswith(f"0001326801-24-000012#{path}")
    assert nine_months.startswith(f"0001326801-23-000103#{path}")
    assert (row["status"], row["formula"], row["known_at_basis"]) == ("derived", "year - nine_months", "latest_input")
    assert (row["period_start"], row["period_end"]) == (date(2023, 10, 1), date(2023, 12, 31))
    assert (row["calendar_year"], row["calendar_quarter"]) == (2023, 4)
    assert (row["document_id"], row["form"], row["value_exact"]) == ("0001326801-24-000012", "10-K", None)


def test_a_restated_year_beside_unrestated_nine_months_makes_no_quarter(periods):
    """31,186 (net) less 22,388 (gross) would be 8,798: no quarter of that size was ever reported."""
    rows = quarter(periods.filter((pl.col("company") == "META") & (pl.col("metric") == "cash_paid_ppe")), 4, 2022)
    assert rows["value"].to_list() == [9043e6, 9043e6]
    gaps = not_derivable(periods, catalog()).filter((pl.col("company") == "META") & (pl.col("fiscal_year") == 2022))
    assert gaps.select("fiscal_quarter", "known_at", "reason").rows() == [
        (4, datetime(2025, 1, 30, 22, 30), "year restated, nine_months not")
    ]


def test_amazons_year_2016_is_not_paired_across_its_change_of_line(periods):
    """10-K of 2017: 6,737 less 4,731; the 10-K of 2019 calls the year 7,804 and no filing restates the nine months."""
    rows = quarter(periods.filter((pl.col("company") == "AMZN") & (pl.col("metric") == "cash_paid_ppe")), 4, 2016)
    assert rows["value"].to_list() == [2006e6]


def test_trailing_twelve_months_are_never_a_year(periods):
    amazon = periods.filter((pl.col("company") == "AMZN") & (pl.col("metric") == "cash_paid_ppe"))
    trailing = amazon.filter((pl.col("period_end") == date(2018, 9, 30)) & (pl.col("value") == 13312e6))
    assert set(trailing["period_kind"]) == {"other"}
    years = amazon.filter(pl.col("period_kind") == "year")
    assert set(years["period_start"].dt.strftime("%m-%d")) == {"01-01"}


def test_two_tags_of_one_metric_are_one_series(periods):
    """Alphabet's first quarter of 2025 stands under one tag in 2025, under the other a year later."""
    first = quarter(periods.filter((pl.col("company") == "GOOGL") & (pl.col("metric") == "revenue")), 1, 2025)
    assert first["concept"].to_list() == [
        "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax",
        "us-gaap:Revenues",
    ]
    assert first["value"].to_list() == [90234e6, 90234e6]
    assert figure(periods, "GOOGL", "revenue", (2024, 4), TODAY) == 350018e6 - 253549e6
    assert figure(periods, "GOOGL", "ppe_net", (2025, 1), TODAY) == 185062e6
    assert figure(periods, "GOOGL", "ppe_net", (2025, 2), TODAY) == 203231e6


def test_a_reported_quarter_is_not_replaced_by_the_difference_that_rounds_differently(periods):
    """Year-to-date figures are rounded by themselves: 289,007 less 186,662 is 102,345, the quarter says 102,346."""
    third = quarter(periods.filter((pl.col("company") == "GOOGL") & (pl.col("metric") == "revenue")), 3, 2025)
    assert third.select("status", "value").rows() == [("reported", 102346e6)]
    assert figure(periods, "GOOGL", "revenue", (2025, 3), TODAY) == 102346e6


def test_a_mistyped_start_is_still_the_quarter(periods):
    typo = periods.filter((pl.col("company") == "MSFT") & (pl.col("period_start") == date(2016, 7, 2)))
    assert typo.select("period_kind", "fiscal_year", "fiscal_quarter").rows() == [("quarter", 2017, 1)]


def test_proxy_statements_never_give_a_metric(periods):
    proxy = periods.filter(pl.col("form") == "DEF 14A")
    assert proxy.height > 0
    assert proxy["metric"].null_count() == proxy.height


def test_earnings_per_share_are_not_subtracted(periods):
    shares = periods.filter(pl.col("metric") == "eps_diluted")
    assert set(shares["status"]) == {"reported"}
    gaps = not_derivable(periods, catalog()).filter(pl.col("metric") == "eps_diluted")
    assert ("AMZN", 2024, 4, "not additive") in gaps.select("company", "fiscal_year", "fiscal_quarter", "reason").rows()


def test_a_missing_operand_is_listed_and_no_year_becomes_a_quarter():
    found = derive_periods(stated((YEAR_START, FY, 27266, date(2024, 2, 2)), form="10-K", form_rank=40), catalog())
    assert found["period_kind"].to_list() == ["year"]
    assert not_derivable(found, catalog()).select("fiscal_quarter", "reason").rows() == [(4, "no nine months figure")]


def test_all_three_differences():
    found = derive_periods(
        stated(
            (YEAR_START, Q1, 10, date(2023, 4, 27)),
            (YEAR_START, H1, 21, date(2023, 7, 27)),
            (YEAR_START, NINE, 33, date(2023, 10, 26)),
            (YEAR_START, FY, 46, date(2024, 2, 2)),
        ),
        catalog(),
    )
    assert [quarter(found, number)["value"].to_list() for number in (1, 2, 3, 4)] == [[10], [11], [12], [13]]
    assert quarter(found, 4)["period_start"].to_list() == [date(2023, 10, 1)]
    assert not_derivable(found, catalog()).height == 0


def test_a_half_is_only_ever_less_the_first_quarter():
    facts = stated(
        (YEAR_START, Q1, 10, date(2023, 4, 27)),
        (date(2023, 4, 1), H1, 15, date(2023, 7, 27)),
        (YEAR_START, H1, 21, date(2023, 7, 27)),
    )
    derived = derive_periods(facts, catalog()).filter(pl.col("status") == "derived")
    assert derived.select("value", "inputs").rows() == [(11, "F2#/2;F0#/0")]


def test_restating_the_shorter_period_alone_creates_nothing():
    facts = stated(
        (YEAR_START, NINE, 33, date(2023, 10, 26)),
        (YEAR_START, FY, 46, date(2024, 2, 2)),
        (YEAR_START, NINE, 32, date(2024, 10, 31)),
    )
    assert quarter(derive_periods(facts, catalog()), 4)["value"].to_list() == [13]


def test_definitions_units_dimensions_and_sources_never_mix():
    nine_months = (YEAR_START, NINE, 33, date(2023, 10, 26))
    year = (YEAR_START, FY, 46, date(2024, 2, 2))
    for change in ({"unit": "EUR"}, {"dimensions": "a=b"}, {"definition": "gross", "concept": "cash_paid_ppe"}):
        facts = pl.concat([stated(nine_months), stated(year, **change)])
        assert derive_periods(facts, catalog()).filter(pl.col("status") == "derived").height == 0, change
    elsewhere = stated(year, evidence_tier=3).with_columns(pl.lit("analyst_facts").alias("source"))
    found = derive_periods(pl.concat([stated(nine_months), elsewhere]), catalog())
    assert found.filter(pl.col("status") == "derived").height == 0


def test_a_tag_with_dimensions_or_in_another_unit_is_no_metric():
    year = (YEAR_START, FY, 46, date(2024, 2, 2))
    for change in ({"dimensions": "srt:MajorCustomersAxis=msft:CommercialCustomersMember"}, {"unit": "shares"}):
        (metric,) = derive_periods(stated(year, **change), catalog())["metric"]
        assert metric is None


def test_a_balance_whose_tag_states_it_over_a_span_is_a_balance_and_no_operand():
    found = derive_periods(
        stated(
            (date(2026, 1, 1), date(2026, 3, 31), 232.7e9, date(2026, 4, 30)),
            (date(2026, 1, 1), date(2026, 6, 30), 707.0e9, date(2026, 7, 23)),
            company="GOOGL",
            concept="us-gaap:LongTermPurchaseCommitmentAmount",
        ),
        catalog(),
    )
    told = found.filter(pl.col("metric") == "purchase_commitments").select("period_kind", "fiscal_quarter", "value")
    assert told.rows() == [("instant", 1, 232.7e9), ("instant", 2, 707.0e9)]


def test_a_hand_entered_statement_keeps_its_own_definition():
    said = stated(
        (date(2023, 4, 1), H1, 29, date(2023, 7, 25)), concept="azure_growth_cc_pct", definition="azure_v2", unit="pct"
    )
    row = derive_periods(said, catalog()).row(0, named=True)
    assert (row["metric"], row["definition"], row["fiscal_quarter"]) == ("azure_growth_cc_pct", "azure_v2", 2)


def test_the_definition_of_a_tag_is_its_metrics(periods):
    rpo = periods.filter(pl.col("concept") == "us-gaap:RevenueRemainingPerformanceObligation")
    assert set(rpo["definition"]) == {"xbrl_total"}
    assert set(periods.filter(pl.col("metric").is_null())["definition"]) == {"xbrl"}


def test_withdrawn_and_worded_figures_are_no_operands():
    year = stated((YEAR_START, FY, 46, date(2024, 2, 2)))
    nine_months = stated((YEAR_START, NINE, 33, date(2023, 10, 26)))
    withdrawn = nine_months.with_columns(pl.lit("withdrawn").alias("status"))
    worded = nine_months.with_columns(pl.lit(None, pl.Float64).alias("value"))
    for other in (withdrawn, worded):
        found = derive_periods(pl.concat([year, other]), catalog())
        assert found.filter(pl.col("status") == "derived").height == 0


def test_an_interval_of_an_operand_widens_the_difference():
    year = stated((YEAR_START, FY, 46, date(2024, 2, 2))).with_columns(value_low=pl.lit(45.0), value_high=pl.lit(48.0))
    nine_months = stated((YEAR_START, NINE, 33, date(2023, 10, 26)))
    row = quarter(derive_periods(pl.concat([year, nine_months]), catalog()), 4).row(0, named=True)
    assert (row["value"], row["value_low"], row["value_high"]) == (13, 12, 15)


def test_the_columns_are_those_of_the_schema(periods):
    assert periods.schema == SCHEMA
    assert derive_periods(fixture_facts("META").clear(), catalog()).schema == SCHEMA
    assert not_derivable(periods.clear(), catalog()).height == 0


def test_no_tag_stands_under_two_metrics_of_a_company():
    for company in catalog().companies.values():
        tags = [
            tag for metric in catalog().metrics.values() for tag in company.concepts.get(metric.id, metric.concepts)
        ]
        assert len(tags) == len(set(tags)), company.ticker
        assert set(company.concepts) <= set(catalog().metrics)


# The same examples on every run, however busy the machine is.
STEADY = settings(deadline=None, derandomize=True, max_examples=60)
DAYS = st.dates(date(2023, 4, 1), date(2026, 11, 22))
STATEMENTS = st.lists(
    st.tuples(st.just(YEAR_START), st.sampled_from([Q1, H1, NINE, FY]), st.integers(-5, 5), DAYS), min_size=1, max_size=12
)  # fmt: skip


@STEADY
@given(STATEMENTS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(statements, random):
    facts = stated(*statements)
    shuffled = list(range(facts.height))
    random.shuffle(shuffled)
    assert derive_periods(facts, catalog()).equals(derive_periods(facts[shuffled], catalog()))


# Two figures of nine months, one a slip: which, a half shows that is filed last.
SHOWN_LATER = [
    (YEAR_START, NINE, -2, date(2023, 7, 5)), (YEAR_START, H1, 1, date(2023, 12, 17)), (YEAR_START, H1, 2, date(2026, 1, 12)),
    (YEAR_START, NINE, 3, date(2025, 12, 26)), (YEAR_START, NINE, -3, date(2024, 4, 4)), (YEAR_START, NINE, -3, date(2023, 7, 9)),
]  # fmt: skip


@STEADY
@given(STATEMENTS)
@example(SHOWN_LATER)
def test_no_quarter_is_known_before_its_operands(statements):
    """It is known by the later of the two, or anew by a filing after both that shows which figure is a slip."""
    facts = stated(*statements)
    known = {f"{row['document_id']}#{row['locator']}": row for row in facts.iter_rows(named=True)}
    filed = {*facts["known_at"]}
    derived = derive_periods(facts, catalog()).filter(pl.col("status") == "derived")
    for row in derived.iter_rows(named=True):
        longer, shorter = (known[part] for part in row["inputs"].split(";"))
        by_operands = max(longer["known_at"], shorter["known_at"])
        assert row["known_at"] == by_operands or (row["known_at"] > by_operands and row["known_at"] in filed)
        assert row["first_seen_at"] == max(longer["first_seen_at"], shorter["first_seen_at"])
        assert row["value"] == longer["value"] - shorter["value"]


FIRST = date(2023, 4, 1)
# A half that two figures of nine months show to be the slip, told otherwise a day later.
TOLD_AGAIN = [
    (YEAR_START, H1, 2, FIRST), (YEAR_START, H1, 0, FIRST + timedelta(days=1)),
    (YEAR_START, NINE, 0, FIRST), (YEAR_START, NINE, 1, FIRST),
]  # fmt: skip


@STEADY
@given(STATEMENTS, DAYS)
@example(TOLD_AGAIN, FIRST)
def test_later_statements_never_change_an_earlier_day(statements, day):
    facts = stated(*statements)
    instant = datetime.combine(day, datetime.min.time())
    then = derive_periods(facts.filter(pl.col("known_at") <= instant), catalog())
    now = derive_periods(facts, catalog())
    assert as_of(then, instant).equals(as_of(now, instant))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_the_whole_document_gives_the_same_history_as_its_parts():
    folder = SHARED / "sec" / "companyfacts"
    found = derive_periods(loaded(read(folder / "CIK0001326801.json", "META").rows, "META"), catalog())
    assert found.filter(pl.col("value") == 7813e6).height == 0
    assert figure(found, "META", "cash_paid_ppe", (2020, 4), TODAY) == 15115e6 - 10502e6
    assert figure(found, "META", "cash_paid_ppe", (2021, 4), TODAY) == 18690e6 - 13290e6


def test_a_derived_figure_known_before_an_input_or_without_one_is_not_published() -> None:
    """The invariant of the store itself, on a year and its nine months."""
    broken = INVARIANTS["a derived figure names its inputs and is not known before them"]
    rows = [
        ("year", "/1", datetime(2024, 2, 2), "reported", None, None),
        ("nine", "/2", datetime(2023, 10, 26), "reported", None, None),
        ("year", "/1", datetime(2024, 2, 2), "derived", "year - nine_months", "year#/1;nine#/2"),
    ]

    def count(*changed: object) -> int:
        with duckdb.connect() as connection:
            connection.execute(
                "CREATE SCHEMA history; CREATE TABLE history.company_period (document_id VARCHAR, locator VARCHAR, "
                "known_at TIMESTAMP, status VARCHAR, formula VARCHAR, inputs VARCHAR)"
            )
            connection.executemany(
                "INSERT INTO history.company_period VALUES (?, ?, ?, ?, ?, ?)", [*rows[:2], (*rows[2][:2], *changed)]
            )
            [(found,)] = connection.execute(broken).fetchall()
            return int(found)

    assert count(*rows[2][2:]) == 0
    assert count(datetime(2024, 2, 1), *rows[2][3:]) == 1  # a day before the year was stated
    assert count(*rows[2][2:5], "year#/1;nine#/3") == 1
    assert count(*rows[2][2:5], None) == 1
