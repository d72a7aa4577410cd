"""A share of what is contracted is a share of twelve months only where the filing says so."""

from __future__ import annotations

import polars as pl
import pytest
from company_facts import LOADED_AT, loaded
from xbrl_pages import context, header, number, page

from config.contracts import Capture
from config.load import catalog
from transforms.companies.quarters import derive_periods
from transforms.sources.sec_filing import parse

AXIS = "us-gaap:RevenueRemainingPerformanceObligationExpectedTimingOfSatisfactionStartDateAxis"
TYPED = f'<xbrldi:typedMember dimension="{AXIS}"><us-gaap:start.domain>2024-07-01</us-gaap:start.domain></xbrldi:typedMember>'
SHARE = "us-gaap:RevenueRemainingPerformanceObligationPercentage"
TIME = "us-gaap:RevenueRemainingPerformanceObligationExpectedTimingOfSatisfactionPeriod1"
SCOPE = "MSFT 0000950170-24-087843 2024-07-30 10-K"


def due(*timing):
    share = number("40", SHARE, "s", unitRef="part", decimals="2", scale="-2")
    told = "".join(f'<ix:nonNumeric name="{TIME}" contextRef="s"{form}>{text}</ix:nonNumeric>' for text, form in timing)
    body = page(header(context("i"), context("s", TYPED)), share, told)
    found = parse(body, Capture("sec_filing", SCOPE, "", "0" * 64, 1, LOADED_AT, LOADED_AT), catalog())
    periods = derive_periods(loaded(found.rows, "MSFT"), catalog())
    return periods.filter(pl.col("concept") == SHARE).select("metric", "value", "unit", "dimensions").rows()


@pytest.mark.parametrize("timing", [(), (("P1Y", ""),), (("12", ' format="ixt-sec:durmonth"'),)])
def test_a_share_of_twelve_months(timing):
    assert due(*timing) == [("rpo_total_next12m_share_pct", 40.0, "pct", "")]


@pytest.mark.parametrize(
    ("timing", "told"),
    [
        (("24", ' format="ixt-sec:durmonth"'), "2 years"),
        (("P2Y", ""), "2 years"),
        (("P3Y", ""), "3 years"),
        (("soon", ""), "soon"),
    ],
)
def test_a_share_of_another_time_is_no_share_of_twelve_months(timing, told):
    assert due(timing) == [(None, 0.4, "pure", f"{AXIS}=2024-07-01;{TIME}={told}")]


def test_a_locator_holds_no_template():
    url = "https://www.sec.gov/Archives/edgar/data/{cik}/{folder}/{document}"
    found = parse(
        page(header(context("i")), number("5")),
        Capture("sec_filing", SCOPE, url, "0" * 64, 1, LOADED_AT, LOADED_AT),
        catalog(),
    )
    assert found.rows["locator"].to_list() == ["#i#us-gaap:Revenues#@0"]
