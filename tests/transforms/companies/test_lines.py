"""One line, one currency, one basis, no slip: what stands between the rows of a company's filings."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from company_facts import SHARED, capture, figure, loaded

from config.chains import Calendar
from config.contracts import COMPANY_FACT
from config.load import catalog
from config.specs import Company
from transforms.companies.quarters import derive_periods, not_derivable
from transforms.companies.rounding import alike
from transforms.sources import sec_companyfacts, sec_filing

CASES = SHARED.parent / "cases" / "filings"
shared = pytest.mark.skipif(not CASES.exists(), reason="../shared with the cases is not beside the checkout")
LATER = datetime(2026, 11, 29)
TOTAL, PART = "us-gaap:NonoperatingIncomeExpense", "us-gaap:OtherNonoperatingIncomeExpense"
CAPEX = "us-gaap:PaymentsToAcquirePropertyPlantAndEquipment"
DEBT, OTHER_DEBT = "us-gaap:LongTermDebt", "us-gaap:ShortTermBorrowings"
YEARS = {2022: (date(2022, 1, 1), date(2022, 12, 31)), 2023: (date(2023, 1, 1), date(2023, 12, 31))}


def declared():
    tesla = Company(ticker="TSLA", name="Tesla, Inc.", cik=1318605, calendar=Calendar(year_end_month=12), followed=True)
    foreign = Company(ticker="BABA", name="Alibaba", cik=1577552, calendar=Calendar(year_end_month=3), followed=True)
    companies = {**catalog().companies, "TSLA": tesla, "BABA": foreign}
    return catalog().model_copy(update={"companies": companies})


def case(name, ticker):
    parsed = sec_companyfacts.parse((CASES / name).read_bytes(), capture(ticker), declared())
    return derive_periods(loaded(parsed.rows, ticker), declared())


def filed(*rows, company="META"):
    """Facts: (document, day filed, tag, first day, last day, value) and, where not dollars, a unit. A document 20-F is annual."""
    made = [
        {
            "company": company, "concept": tag, "definition": "xbrl", "unit": unit[0] if unit else "USD", "currency": "USD",
            "form": "10-Q", "form_rank": 40 if document.startswith("20-F") else 30, "known_at_basis": "filing_date_1730_new_york", "evidence_tier": 1,
            "period_start": start, "period_end": end, "value": float(value), "value_exact": str(value),
            "known_at": datetime.combine(known, datetime.min.time()), "document_id": document, "locator": f"/{number}",
        }
        for number, (document, known, tag, start, end, value, *unit) in enumerate(rows)
    ]  # fmt: skip
    return derive_periods(loaded(COMPANY_FACT.frame(made), company), declared())


def metric(periods, name):
    return periods.filter(pl.col("metric") == name).sort("period_end", "known_at")


@shared
def test_contract_revenue_that_is_a_slice_is_not_the_total():
    periods = case("t04_tsla_both_revenue_tags.json", "TSLA")
    assert figure(periods, "TSLA", "revenue", (2023, 2), LATER) == 24927e6
    slice_ = periods.filter(pl.col("value") == 567e6).row(0, named=True)
    assert (slice_["metric"], slice_["meant"], slice_["definition"]) == (None, "revenue", "xbrl")
    assert "another line than us-gaap:Revenues" in slice_["set_aside"]


@shared
def test_an_amendment_that_tags_the_sub_line_alone_changes_nothing():
    periods = case("t05_googl_sub_line_alone_later.json", "GOOGL")
    assert figure(periods, "GOOGL", "other_income", (2025, None), LATER) == 29787e6
    assert figure(periods, "GOOGL", "other_income", (2025, 4), LATER) == 3183e6


@shared
def test_googls_other_income_of_2017_is_the_total_and_ends_where_the_year_was_restated():
    path = SHARED / "sec" / "companyfacts" / "GOOGL_CIK0001652044_edgartools_cassette.json"
    parsed = sec_companyfacts.parse(path.read_bytes(), capture("GOOGL"), catalog())
    periods = derive_periods(loaded(parsed.rows, "GOOGL"), catalog())
    last = metric(periods, "other_income").filter((pl.col("fiscal_year") == 2017) & (pl.col("fiscal_quarter") == 4))
    assert set(last["value"]) == {1047e6 - 693e6}
    assert set(metric(periods, "other_income")["concept"]) == {TOTAL}
    refused = not_derivable(periods, catalog()).filter(
        (pl.col("metric") == "other_income") & (pl.col("fiscal_year") == 2017) & (pl.col("fiscal_quarter") == 4)
    )
    assert refused["reason"].to_list() == ["year restated, nine_months not"]


def test_a_tag_is_taken_up_where_the_newer_filing_states_an_equal_comparative():
    old, new = "us-gaap:Revenues", "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax"
    periods = filed(
        ("F0", date(2023, 2, 1), old, *YEARS[2022], 100e6),
        ("F1", date(2024, 2, 1), new, *YEARS[2022], 100e6),
        ("F1", date(2024, 2, 1), new, *YEARS[2023], 120e6),
    )
    assert metric(periods, "revenue")["value"].to_list() == [100e6, 100e6, 120e6]
    assert set(metric(periods, "revenue")["line"]) == {old}


def test_a_tag_whose_comparative_differs_is_set_aside_and_named():
    periods = filed(
        ("F0", date(2023, 2, 1), TOTAL, *YEARS[2022], 100e6),
        ("F1", date(2024, 2, 1), PART, *YEARS[2022], 40e6),
        ("F1", date(2024, 2, 1), PART, *YEARS[2023], 50e6),
    )
    assert metric(periods, "other_income")["value"].to_list() == [100e6]
    aside = periods.filter(pl.col("concept") == PART)
    assert set(aside["set_aside"]) == {
        f"not shown to be one line with {TOTAL}: no filing states an equal figure under both"
    }


def test_no_difference_is_taken_across_a_declared_passage():
    """Both lines are read, but a year of the one less nine months of the other is no quarter."""
    net, gross = CAPEX, "us-gaap:PaymentsToAcquireProductiveAssets"
    periods = filed(
        ("F0", date(2018, 4, 27), net, date(2018, 1, 1), date(2018, 3, 31), 30e6),
        ("F1", date(2018, 10, 26), net, date(2018, 1, 1), date(2018, 9, 30), 90e6),
        ("F2", date(2019, 2, 1), gross, date(2018, 1, 1), date(2018, 12, 31), 150e6),
        company="AMZN",
    )
    assert metric(periods, "cash_paid_ppe")["value"].to_list() == [30e6, 90e6, 150e6]
    assert periods.filter(pl.col("status") == "derived").is_empty()


def test_a_convenience_translation_never_is_the_metric():
    year, before = (date(2023, 4, 1), date(2024, 3, 31)), (date(2022, 4, 1), date(2023, 3, 31))
    tag = "us-gaap:Revenues"
    periods = filed(
        ("F0", date(2024, 5, 23), tag, *before, 868687e6, "CNY"),
        ("F0", date(2024, 5, 23), tag, *year, 941168e6, "CNY"),
        ("F0", date(2024, 5, 23), tag, *year, 130350e6, "USD"),
        company="BABA",
    )
    assert metric(periods, "revenue").select("value", "unit").rows() == [(868687e6, "CNY"), (941168e6, "CNY")]
    (dollars,) = periods.filter(pl.col("unit") == "USD")["set_aside"]
    assert dollars == "convenience translation: the filing reports in CNY"


@pytest.mark.parametrize(
    ("later", "metric_unit"),
    [
        # The current report of a quarter in dollars alone, and one in which debt in dollars outnumbers the rest.
        ([("6-K", DEBT, None, "USD"), ("6-K", "us-gaap:Revenues", "quarter", "USD")], None),
        (
            [
                ("6-K", DEBT, None, "USD"),
                ("6-K", OTHER_DEBT, None, "USD"),
                ("6-K", "us-gaap:Revenues", "quarter", "CNY"),
            ],
            "CNY",
        ),
        # The next annual report states all in dollars: the company reports in them from then on.
        ([("20-F-2", "us-gaap:Revenues", "year", "USD"), ("20-F-2", DEBT, None, "USD")], "USD"),
    ],
)
def test_the_currency_between_two_annual_reports_is_that_of_the_last(later, metric_unit):
    spans = {"quarter": (date(2024, 4, 1), date(2024, 6, 30)), "year": (date(2024, 4, 1), date(2025, 3, 31))}
    year = (date(2023, 4, 1), date(2024, 3, 31))
    periods = filed(
        ("20-F-1", date(2024, 5, 23), "us-gaap:Revenues", *year, 941168e6, "CNY"),
        ("20-F-1", date(2024, 5, 23), CAPEX, *year, 30000e6, "CNY"),
        ("20-F-1", date(2024, 5, 23), "us-gaap:Revenues", *year, 130350e6, "USD"),
        *(
            (name, date(2025, 8, 1), tag, *spans.get(kind, (None, date(2024, 6, 30))), 31e9, unit)
            for name, tag, kind, unit in later
        ),
        company="BABA",
    )
    found = metric(periods, "revenue").filter(pl.col("period_end") > year[1])
    assert found["unit"].to_list() == ([metric_unit] if metric_unit else [])


@shared
def test_a_payment_with_a_minus_is_doubtful_and_no_operand():
    periods = case("t07_payment_with_a_minus.json", "CRWV")
    doubtful = periods.filter(pl.col("status") == "doubtful").row(0, named=True)
    assert (doubtful["value"], doubtful["metric"], doubtful["meant"]) == (-3854e6, None, "cash_paid_ppe")
    assert figure(periods, "CRWV", "cash_paid_ppe", (2025, 2), LATER) is None
    assert figure(periods, "CRWV", "cash_paid_ppe", (2025, 3), LATER) is None
    assert figure(periods, "CRWV", "cash_paid_ppe", (2025, 4), LATER) == 10309e6 - 6251e6
    reasons = not_derivable(periods, catalog()).filter(pl.col("reason").str.starts_with("doubtful operand"))
    assert {2, 3} <= set(reasons.filter(pl.col("metric") == "cash_paid_ppe")["fiscal_quarter"])


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (37.256e6, "a thousandth of"),
        (37.256e12, "a thousand times"),
        (37.256e13, "times its neighbour 27045000000"),
        (37.256e18, "times its neighbour 27045000000"),
        (9e9, "is below its half"),
        (-1e9, "never below zero"),
    ],
)
def test_a_slip_is_kept_marked_and_cleared_when_it_is_repeated(value, why):
    half = (date(2024, 1, 1), date(2024, 6, 30))
    year = (date(2024, 1, 1), date(2024, 12, 31))
    first = [
        ("F0", date(2024, 2, 1), CAPEX, *YEARS[2023], 27045e6),
        ("F1", date(2024, 8, 1), CAPEX, *half, 14573e6 if "below" in why and value > 0 else 1e6),
        ("F2", date(2025, 1, 30), CAPEX, *year, value),
    ]
    periods = filed(*first)
    (found,) = periods.filter(pl.col("status") == "doubtful").iter_rows(named=True)
    assert found["value"] == value
    assert why in found["set_aside"]
    again = filed(*first, ("F3", date(2026, 1, 29), CAPEX, *year, value))
    assert figure(again, "META", "cash_paid_ppe", (2024, None), datetime(2025, 12, 1)) is None
    assert figure(again, "META", "cash_paid_ppe", (2024, None), LATER) == value


@shared
def test_figures_per_share_of_two_sides_of_a_split_say_so():
    periods = metric(case("t08_googl_split_20_for_1.json", "GOOGL"), "eps_diluted")
    bases = {(row["value"], row["basis"]) for row in periods.iter_rows(named=True)}
    assert (26.29, "before_split_2022_07_18") in bases
    assert (1.36, "since_split_2022_07_18") in bases
    assert periods["note"].str.starts_with("20 new shares for one old").all()


@shared
@pytest.mark.parametrize(
    ("name", "known"), [("late", "2025-04-15"), ("before", "2025-04-01"), ("same_day", "2025-04-01")]
)
def test_amendments_in_any_order_give_one_vintage(name, known):
    periods = metric(case(f"t15_amended_{name}.json", "CRWV"), "operating_cash_flow")
    last = periods.filter((pl.col("period_kind") == "quarter") & (pl.col("fiscal_quarter") == 4)).sort("known_at")
    assert last["value"].to_list() == [150e6, 440e6 - 310e6]
    assert str(last["known_at"][-1].date()) == known


@shared
def test_nine_months_of_the_filing_and_the_year_of_company_facts_give_the_fourth_quarter():
    facts = sec_companyfacts.parse((CASES / "t06_facts_lack_one_10Q.json").read_bytes(), capture("META"), catalog())
    scope = "META 0001326801-24-000081 2024-10-31 10-Q"
    report = sec_filing.parse((CASES / "t06_the_10Q_itself.htm").read_bytes(), capture(scope), catalog())
    itself = loaded(report.rows, scope).with_columns(pl.lit("sec_filing").alias("source"))
    periods = derive_periods(pl.concat([loaded(facts.rows, "META"), itself]), catalog())
    quarters = metric(periods, "cash_paid_ppe").filter(pl.col("period_kind") == "quarter")
    assert dict(quarters.select("fiscal_quarter", "value").iter_rows())[3] == 22831e6 - 14573e6
    assert dict(quarters.select("fiscal_quarter", "value").iter_rows())[4] == 37256e6 - 22831e6


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (40.9e9, 40912e6, True),
        (32067e6, 32100e6, True),
        (1118e6, 1119e6, False),
        (30e9, 31e9, False),
        (0.007, 0.0071, False),
    ],
)
def test_a_rounded_form_is_the_figure(one, other, same):
    assert alike(one, other) is same
    assert alike(other, one) is same


OPERATING = "us-gaap:NetCashProvidedByUsedInOperatingActivities"
CONTINUING = f"{OPERATING}ContinuingOperations"
CONTRACTS, REVENUES = "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax", "us-gaap:Revenues"


def test_the_total_that_comes_later_is_the_metric_and_the_part_before_it_was_none():
    """An insurer tags its contracts alone in a quarter, and beside its revenues in the year's report."""
    first = (date(2022, 1, 1), date(2022, 3, 31))
    periods = filed(
        ("q", date(2022, 5, 2), CONTRACTS, *first, 600),
        ("k", date(2023, 2, 2), CONTRACTS, *YEARS[2022], 2436),
        ("k", date(2023, 2, 2), REVENUES, *YEARS[2022], 70986),
    )
    assert figure(periods, "META", "revenue", (2022, 1), datetime(2023, 1, 1)) == 600
    assert figure(periods, "META", "revenue", (2022, None), LATER) == 70986
    last = periods.filter((pl.col("concept") == CONTRACTS) & (pl.col("period_end") == first[1])).sort("known_at")
    assert (last["status"][-1], last["metric"][-1]) in {("withdrawn", "revenue"), ("reported", None)}
    assert set(periods.filter(pl.col("set_aside").is_not_null())["concept"]) == {CONTRACTS}


SECOND = {2021: (date(2021, 4, 1), date(2021, 6, 30)), 2022: (date(2022, 4, 1), date(2022, 6, 30))}
BOTH = (("d", date(2023, 2, 2), REVENUES, *YEARS[2022], 2600), ("d", date(2023, 2, 2), CONTRACTS, *YEARS[2022], 2600))
COMPARATIVE = (
    ("d", date(2023, 7, 2), REVENUES, *SECOND[2022], 600),
    ("d", date(2023, 7, 2), REVENUES, date(2023, 4, 1), date(2023, 6, 30), 700),
)


@pytest.mark.parametrize("proof", [BOTH, COMPARATIVE])
def test_history_under_the_older_tag_is_back_once_a_filing_shows_one_line(proof):
    """The tag declared first comes in a report without comparatives; a later one states both, or an equal comparative."""
    periods = filed(
        ("a", date(2021, 8, 2), CONTRACTS, *SECOND[2021], 500),
        ("b", date(2022, 8, 2), CONTRACTS, *SECOND[2022], 600),
        ("c", date(2022, 11, 2), REVENUES, date(2022, 7, 1), date(2022, 9, 30), 650),
        *proof,
    )
    shown = datetime.combine(proof[0][1], datetime.min.time())
    before = [
        figure(periods, "META", "revenue", (year, 2), datetime.combine(date(2023, 1, 1), datetime.min.time()))
        for year in SECOND
    ]
    assert before == [None, None]  # nothing showed it yet
    assert [figure(periods, "META", "revenue", (year, 2), shown) for year in SECOND] == [500, 600]
    assert figure(periods, "META", "revenue", (2022, 3), shown) == 650


def test_a_tag_left_and_taken_up_again_is_one_line_where_comparatives_show_it():
    """The year under the other tag stands beside the year before, as the first tag had it."""
    year = (date(2021, 1, 1), date(2021, 12, 31))
    periods = filed(
        ("a", date(2022, 2, 2), OPERATING, *year, 53666),
        ("b", date(2023, 2, 2), CONTINUING, *year, 53666),
        ("b", date(2023, 2, 2), CONTINUING, *YEARS[2022], 59713),
        ("c", date(2024, 2, 2), OPERATING, *YEARS[2022], 59713),
        ("c", date(2024, 2, 2), OPERATING, *YEARS[2023], 81266),
    )
    found = [figure(periods, "META", "operating_cash_flow", (one, None), LATER) for one in (2021, 2022, 2023)]
    assert found == [53666, 59713, 81266]


def test_cash_flow_with_something_discontinued_is_the_total():
    periods = filed(
        ("a", date(2023, 2, 2), CONTINUING, *YEARS[2022], 900), ("a", date(2023, 2, 2), OPERATING, *YEARS[2022], 1000)
    )
    assert figure(periods, "META", "operating_cash_flow", (2022, None), LATER) == 1000


def test_a_few_figures_under_a_later_declared_tag_do_not_keep_out_the_one_declared_first():
    """Three years of a summary under another tag came before; nothing shows them to be one line."""
    summary = (date(2015, 1, 1), date(2015, 12, 31))
    periods = filed(
        ("a", date(2016, 2, 2), CONTINUING, *summary, 29080),
        ("b", date(2023, 2, 2), OPERATING, *YEARS[2022], 89035),
        ("c", date(2024, 2, 2), OPERATING, *YEARS[2023], 87582),
    )
    assert figure(periods, "META", "operating_cash_flow", (2022, None), LATER) == 89035
    assert figure(periods, "META", "operating_cash_flow", (2023, None), LATER) == 87582
    # Until the declared one came nothing was known against the other.
    assert figure(periods, "META", "operating_cash_flow", (2015, None), datetime(2020, 1, 1)) == 29080
    assert set(periods.filter(pl.col("set_aside").is_not_null())["concept"]) == {CONTINUING}


def test_a_first_figure_in_thousands_makes_no_quarter_and_does_not_doubt_what_comes_after():
    quarter, half = (date(2022, 1, 1), date(2022, 3, 31)), (date(2022, 1, 1), date(2022, 6, 30))
    nine, next_quarter = (date(2022, 1, 1), date(2022, 9, 30)), (date(2023, 1, 1), date(2023, 3, 31))
    periods = filed(
        ("a", date(2022, 4, 25), CAPEX, *quarter, 1407),
        ("b", date(2022, 7, 25), CAPEX, *half, 3854000),
        ("c", date(2022, 10, 25), CAPEX, *nine, 6300000),
        ("d", date(2023, 1, 25), CAPEX, *YEARS[2022], 8000000),
        ("e", date(2023, 4, 25), CAPEX, *next_quarter, 1600000),
        ("e", date(2023, 4, 25), CAPEX, *quarter, 1407000),
    )
    assert figure(periods, "META", "cash_paid_ppe", (2022, 2), datetime(2023, 1, 1)) is None
    assert figure(periods, "META", "cash_paid_ppe", (2022, 4), LATER) == 1700000
    assert figure(periods, "META", "cash_paid_ppe", (2023, 1), LATER) == 1600000
    assert figure(periods, "META", "cash_paid_ppe", (2022, 1), LATER) == 1407000
    assert periods.filter(pl.col("status") == "doubtful")["value"].to_list() == [3854000]
