"""Figures with dimensions by the metric they are: segments, asset classes, commercial customers, ranges of lives."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest
from company_facts import LOADED_AT, SHARED, loaded
from places import FIXTURES_FOLDER
from pydantic import ValidationError
from xbrl_pages import context, header, member, number, page

from config.contracts import Capture
from config.load import catalog
from config.metric_specs import PartOf
from transforms.companies.quarters import derive_periods
from transforms.sources.sec_companyfacts import parse as parse_company_facts
from transforms.sources.sec_filing import parse

FIXTURES = FIXTURES_FOLDER / "sources" / "sec_filing"
SEGMENTS = "us-gaap:StatementBusinessSegmentsAxis"
CLOUD = member(SEGMENTS, "msft:IntelligentCloudMember")
OPERATING = member("srt:ConsolidationItemsAxis", "us-gaap:OperatingSegmentsMember")
COMMERCIAL = member("srt:MajorCustomersAxis", "msft:CommercialCustomersMember")
CLASS = "us-gaap:PropertyPlantAndEquipmentByTypeAxis"
RPO = "us-gaap:RevenueRemainingPerformanceObligation"
LIFE = "us-gaap:PropertyPlantAndEquipmentUsefulLife"
MSFT = "MSFT 0000950170-24-087843 2024-07-30 10-K"
shared = pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")


def rows_of(payload, scope=MSFT):
    found = parse(payload, Capture("sec_filing", scope, "", "0" * 64, 1, LOADED_AT, LOADED_AT), catalog())
    return loaded(found.rows, scope).with_columns(source=pl.lit("sec_filing"))


def named(*payloads, scope=MSFT):
    frames = [rows_of(payload, scope) for payload in payloads]
    return derive_periods(pl.concat(frames), catalog()).filter(pl.col("metric").is_not_null())


def stated(periods, metric, *columns):
    wanted = periods.filter(pl.col("metric") == metric).sort("period_end", "definition")
    return wanted.select(*(columns or ("definition", "value"))).rows()


def msft(*body, contexts=()):
    cover = '<ix:nonNumeric name="dei:EntityCentralIndexKey" contextRef="i">0000789019</ix:nonNumeric>'
    return page(header(context("i"), *contexts, hidden=cover), *body)


def test_a_filings_parts_are_metrics_without_dimensions():
    periods = named((FIXTURES / "AMZN_2024-12-31.htm").read_bytes(), scope="AMZN 0001018724-25-000004 2025-02-07 10-K")
    assert stated(periods, "rpo_total") == [("contracts_over_one_year", 177e9)]
    assert stated(periods, "cloud_revenue") == [("aws", 107556e6)]
    assert stated(periods, "segment_revenue") == [("aws", 107556e6)]
    assert stated(periods, "segment_operating_income") == [("international", -7746e6), ("aws", 39834e6)]
    assert stated(periods, "ppe_class") == [("equipment", 218893e6), ("land_and_building", 123039e6)]
    assert stated(periods, "leases_not_yet_commenced") == [("leases_all", 61627e6)]
    assert stated(periods, "useful_life_years") == [("long_lived", 40), ("short_lived", 6)]
    assert periods.filter(pl.col("dimensions") != "").height == 0
    assert stated(periods, "eps_diluted") == [("gaap_diluted", 5.53)]  # a tag without dimensions is named as ever


def test_commercial_rpo_is_not_the_total():
    contexts = [context("c", COMMERCIAL), context("n", typed("2024-07-01"))]
    body = (
        number("275", RPO, scale="9")
        + number("269", RPO, ref="c", scale="9")
        + number("45", f"{RPO}Percentage", ref="n", scale="-2", unitRef="part")
    )
    periods = named(msft(body, contexts=contexts))
    assert stated(periods, "rpo_total") == [("xbrl_total", 275e9)]
    assert stated(periods, "rpo_commercial") == [("customers_commercial", 269e9)]
    assert stated(periods, "rpo_total_next12m_share_pct") == [("xbrl_total", 45)]


def typed(day):
    axis = f"{RPO}ExpectedTimingOfSatisfactionStartDateAxis"
    return f'<xbrldi:typedMember dimension="{axis}"><{axis}.domain>{day}</{axis}.domain></xbrldi:typedMember>'


def test_only_the_span_from_the_day_after_is_the_next_twelve_months():
    contexts = [context("n", typed("2025-07-01"))]
    body = number("5", "us-gaap:Revenues") + number("30", f"{RPO}Percentage", ref="n", scale="-2", unitRef="part")
    assert stated(named(msft(body, contexts=contexts)), "rpo_total_next12m_share_pct") == []


@pytest.mark.parametrize(("filed", "definition"), [("2024-08-20", "v1"), ("2024-08-21", "v2")])
def test_a_segment_drawn_anew_is_another_definition_from_its_day_on(filed, definition):
    payload = msft(number("28,515", ref="s", scale="6", format="ixt:num-dot-decimal"),
                   contexts=[context("s", CLOUD + OPERATING, start="2024-04-01")])  # fmt: skip
    periods = named(payload, scope=f"MSFT 0000950170-24-087843 {filed} 10-K")
    assert stated(periods, "segment_revenue") == [(f"intelligent_cloud_{definition}", 28515e6)]


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [("2024-04-01", "2024-06-30", "intelligent_cloud"), ("2024-10-01", "2024-12-31", "intelligent_cloud_v2")],
)
def test_a_filing_without_a_date_has_no_segment_of_either_kind(start, end, found):
    """It is known by its capture, in 2026, which does not say when it was filed; only a period after the day tells."""
    payload = msft(number("5", ref="s"), contexts=[context("s", CLOUD + OPERATING, start=start, end=end)])
    undated = rows_of(payload, "MSFT 0000950170-24-087843").with_columns(
        pl.col("known_at").fill_null(LOADED_AT), pl.col("known_at_basis").fill_null("fetched")
    )
    periods = derive_periods(undated, catalog()).filter(pl.col("metric") == "segment_revenue")
    assert periods["definition"].to_list() == [found]


def test_two_tags_of_commitments_are_two_series():
    """Alphabet's 42.6 billion dollars are leases not yet commenced (note 4), 8.2 are purchase obligations."""
    fact = {"end": "2025-09-30", "accn": "0001652044-25-000001", "form": "10-Q", "filed": "2025-10-30"}
    tags = {
        "PurchaseObligation": 8_200_000_000,
        "UnrecordedUnconditionalPurchaseObligationBalanceSheetAmount": 42_600_000_000,
    }
    taxonomy = {tag: {"units": {"USD": [{**fact, "val": value}]}} for tag, value in tags.items()}
    body = {"cik": 1652044, "entityName": "x", "facts": {"us-gaap": taxonomy}}
    capture = Capture("sec_companyfacts", "GOOGL", "", "0" * 64, 1, LOADED_AT, LOADED_AT)
    rows = loaded(parse_company_facts(json.dumps(body).encode(), capture, catalog()).rows, "GOOGL")
    periods = derive_periods(rows, catalog())
    assert stated(periods, "purchase_commitments") == [("purchase_obligations", 8.2e9)]
    assert stated(periods, "leases_not_yet_commenced") == [("leases_all", 42.6e9)]


def test_a_tag_of_two_meanings_is_a_metric_only_where_a_part_declares_it():
    fact = {"end": "2025-06-30", "accn": "0001018724-25-000001", "form": "10-Q", "filed": "2025-07-24", "val": 9}
    tag = "UnrecordedUnconditionalPurchaseObligationBalanceSheetAmount"
    body = {"cik": 1018724, "entityName": "x", "facts": {"us-gaap": {tag: {"units": {"USD": [fact]}}}}}
    capture = Capture("sec_companyfacts", "AMZN", "", "0" * 64, 1, LOADED_AT, LOADED_AT)
    rows = loaded(parse_company_facts(json.dumps(body).encode(), capture, catalog()).rows, "AMZN")
    row = derive_periods(rows, catalog()).row(0, named=True)
    assert (row["metric"], row["meant"]) == (None, "purchase_commitments")
    assert "declare which" in row["set_aside"]


def test_a_figure_under_two_real_axes_is_no_segment():
    product = member("srt:ProductOrServiceAxis", "msft:ServerProductsAndCloudServicesMember")
    payload = msft(number("5"), number("7", ref="s"), contexts=[context("s", CLOUD + product, start="2024-04-01")])
    assert stated(named(payload), "segment_revenue") == []


def test_a_figure_under_two_real_axes_is_no_class_of_assets_either():
    """Where the axis itself is declared its members are definitions; a class within one region is not the class."""
    building, abroad = (
        member(CLASS, "us-gaap:BuildingMember"),
        member("srt:StatementGeographicalAxis", "srt:EuropeMember"),
    )
    gross = "us-gaap:PropertyPlantAndEquipmentGross"
    body = number("9", gross, ref="b") + number("2", gross, ref="e")
    payload = msft(body, contexts=[context("b", building), context("e", building + abroad)])
    assert stated(named(payload), "ppe_class") == [("building", 9)]


def test_alphabets_leases_not_begun_are_its_own_tags():
    cover = '<ix:nonNumeric name="dei:EntityCentralIndexKey" contextRef="i">0001652044</ix:nonNumeric>'
    body = number("1.5", "goog:LesseeLeaseNotYetCommencedCurrentAmount", scale="9")
    body += number("4.5", "goog:LesseeLeaseNotYetCommencedNoncurrentAmount", scale="9")
    payload = page(header(context("i", cik="0001652044"), hidden=cover), body)
    payload = payload.replace(b"<html ", b'<html xmlns:goog="http://www.google.com/20240630" ', 1)
    assert stated(named(payload, scope="GOOGL 0001652044-24-000079 2024-07-24 10-Q"), "leases_not_yet_commenced") == [
        ("leases_due_later", 4.5e9), ("leases_due_within_year", 1.5e9),
    ]  # fmt: skip


def test_the_two_ends_of_a_range_are_one_interval():
    ends = [
        context("lo", member(CLASS, "msft:ComputerEquipmentMember") + member("srt:RangeAxis", "srt:MinimumMember")),
        context("hi", member(CLASS, "msft:ComputerEquipmentMember") + member("srt:RangeAxis", "srt:MaximumMember")),
        context("alone", member(CLASS, "msft:ChairsMember") + member("srt:RangeAxis", "srt:MinimumMember")),
    ]
    lives = "".join(
        f'<ix:nonNumeric name="{LIFE}" contextRef="{ref}" format="ixt-sec:durwordsen">{words}</ix:nonNumeric>'
        for ref, words in (("lo", "two years"), ("hi", "six years"), ("alone", "one year"))
    )
    periods = named(msft(number("5"), lives, contexts=ends))
    columns = ("definition", "value", "value_low", "value_high", "value_exact", "unit")
    assert stated(periods, "useful_life_years", *columns) == [
        ("computer_equipment", None, 2, 6, "two years to six years", "years")
    ]


def test_a_figure_of_another_company_is_no_part():
    payload = msft(number("7", RPO, ref="n", scale="9"), contexts=[context("n", typed("2024-07-01"))])
    assert stated(named(payload), "rpo_total") == []


def test_quarters_of_a_part_are_derived_across_filings_that_write_it_differently():
    year = msft(number("87,907", ref="s", scale="6", format="ixt:num-dot-decimal"),
                contexts=[context("s", CLOUD, start="2022-07-01", end="2023-06-30")])  # fmt: skip
    nine = msft(number("63,914", ref="s", scale="6", format="ixt:num-dot-decimal"),
                contexts=[context("s", CLOUD + OPERATING, start="2022-07-01", end="2023-03-31")])  # fmt: skip
    periods = named(year, nine)
    quarter = periods.filter((pl.col("metric") == "segment_revenue") & (pl.col("status") == "derived"))
    assert quarter.select("value", "fiscal_quarter", "definition").rows() == [(23993e6, 4, "intelligent_cloud_v1")]


def test_an_axis_names_its_definitions_itself():
    with pytest.raises(ValidationError, match="names its definitions by its members"):
        PartOf(concepts=("us-gaap:Revenues",), axis=SEGMENTS, definition="cloud")


@pytest.mark.shared
@shared
def test_parts_of_real_filings():
    scopes = {
        "amzn-10k-FY2024_2025-02-07.htm": "AMZN 0001018724-25-000004 2025-02-07 10-K",
        "amzn-20221231_htm.xml": "AMZN 0001018724-23-000004 2023-02-03 10-K",
        "meta-10k-FY2024_2025-01-30.htm": "META 0001326801-25-000017 2025-01-30 10-K",
        "Oracle.10-Q.htm": "ORCL 0000000000-24-000001",
        "msft-20150930.xml": "MSFT 0001193125-15-350718 2015-10-22 10-Q",
    }
    rows = pl.concat([rows_of((SHARED / "sec" / "ixbrl" / name).read_bytes(), scope) for name, scope in scopes.items()])
    periods = derive_periods(rows, catalog())

    def at(company, metric, definition, end):
        wanted = (pl.col("company") == company) & (pl.col("metric") == metric) & (pl.col("definition") == definition)
        found = periods.filter(wanted & (pl.col("period_end") == end)).sort("period_start", "known_at")
        return [low if value is None else value for value, low in found.select("value", "value_low").rows()]

    end = date(2024, 12, 31)
    assert at("AMZN", "rpo_total", "contracts_over_one_year", end) == [177e9]
    assert at("AMZN", "rpo_total", "contracts_over_one_year", date(2022, 12, 31)) == [110.4e9]
    assert at("AMZN", "cloud_revenue", "aws", date(2022, 12, 31)) == [80096e6, 80096e6]  # stated by both reports
    assert at("AMZN", "ppe_class", "land_and_building", end) == [123039e6]
    assert at("AMZN", "ppe_class", "equipment", date(2023, 12, 31)) == [185039e6]
    assert at("AMZN", "leases_not_yet_commenced", "leases_all", date(2022, 12, 31)) == [27029e6]
    assert at("AMZN", "useful_life_years", "short_lived", end) == [6]
    assert at("AMZN", "useful_life_years", "short_lived", date(2025, 1, 1)) == [5]
    assert at("META", "ppe_class", "servers_and_network", end) == [68397e6]
    assert at("META", "ppe_class", "building", date(2023, 12, 31)) == [37961e6]
    assert at("META", "useful_life_years", "short_lived", end) == [4]  # to 5
    assert at("META", "useful_life_years", "short_lived", date(2025, 1, 29)) == [5.5]
    assert at("META", "leases_not_yet_commenced", "leases_all", end) == [34.12e9]
    assert at("ORCL", "rpo_total_next12m_share_pct", "xbrl_total", date(2024, 8, 31)) == [38]
    assert at("MSFT", "segment_operating_income", "intelligent_cloud_v1", date(2014, 9, 30)) == [2106e6]
