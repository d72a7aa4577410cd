"""One filing that states one figure at two places: they agree, one is the other rounded, or neither is taken."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest
from company_facts import LOADED_AT, figure, loaded
from xbrl_pages import context, header, member, number, page

from config.contracts import Capture
from config.load import catalog
from transforms.companies.quarters import derive_periods
from transforms.sources.sec_filing import parse

SCOPE = "MSFT 0000950170-24-087843 2024-07-30 10-K"
LATER = datetime(2026, 11, 29)
RPO, REVENUE = "us-gaap:RevenueRemainingPerformanceObligation", "us-gaap:Revenues"
COVER_CIK = '<ix:nonNumeric name="dei:EntityCentralIndexKey" contextRef="i">0000789019</ix:nonNumeric>'
SEGMENT = member("us-gaap:StatementBusinessSegmentsAxis", "msft:IntelligentCloudMember")
OPERATING = member("srt:ConsolidationItemsAxis", "us-gaap:OperatingSegmentsMember")
CONTEXTS = [
    context("i"), context("again"), context("quarter", start="2024-04-01"), context("slip", start="2024-03-31"),
    context("segment", SEGMENT, start="2024-04-01"), context("operating", SEGMENT + OPERATING, start="2024-04-01"),
]  # fmt: skip
DOTTED = {"format": "ixt:num-dot-decimal"}
BILLIONS, MILLIONS, THOUSANDS = ({"scale": str(n), "decimals": str(-n), **DOTTED} for n in (9, 6, 3))
TENTHS = {"scale": "9", "decimals": "-8", **DOTTED}
EXACT = {"decimals": "INF", **DOTTED}
TWO = ["two values for one figure"] * 2


def filed(*body, hidden=""):
    whole = page(header(*CONTEXTS, hidden=hidden), COVER_CIK, number("7", "us-gaap:Assets"), *body)
    return parse(whole, Capture("sec_filing", SCOPE, "", "0" * 64, 1, LOADED_AT, LOADED_AT), catalog())


def periods(found):
    return derive_periods(loaded(found.rows, SCOPE).with_columns(source=pl.lit("sec_filing")), catalog())


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (("298", BILLIONS), ("289", BILLIONS), []),
        (("298", BILLIONS), ("298,600", MILLIONS), []),
        (("30,727", MILLIONS), ("30,727", {**MILLIONS, "sign": "-"}), []),
        (("30,727", MILLIONS), ("30,727", THOUSANDS), []),
        (("30,728", MILLIONS), ("30,727,123,456", EXACT), []),
        (("30,727", MILLIONS), ("30,727,123,456", EXACT), [30727e6, 30727123456]),
        (("64,727", MILLIONS), ("\u2014", {**MILLIONS, "format": "ixt:fixed-zero"}), []),
        (("64,727", MILLIONS), ("", {"xsi_nil": "true"}), [64727e6]),
    ],
)
def test_two_places_of_one_figure(first, second, kept, hidden):
    """The second place has a context of the same words under another id, in the hidden section or on the page."""
    (text, given), (other, others) = first, second
    again = number(other, RPO, ref="again", **others)
    found = filed(number(text, RPO, **given), "" if hidden else again, hidden=again if hidden else "")
    assert sorted(found.rows.filter(pl.col("concept") == RPO)["value"]) == kept
    assert [issue.reason for issue in found.issues] == ([] if kept else TWO)


SHARE = {"unitRef": "part", "decimals": "2"}
COMMA = {"scale": "9", "decimals": "-8", "format": "ixt:num-comma-decimal"}


@pytest.mark.parametrize(
    ("places", "kept"),
    [
        # Two that agree do not outvote the third: the slip may stand in the table that both were taken from.
        ([("i", "298", BILLIONS), ("again", "298", BILLIONS), ("i", "289", BILLIONS)], []),
        ([("i", "298,5", COMMA), ("again", "298.5", TENTHS)], [298.5e9]),
        ([("i", "298", {**BILLIONS, "decimals": "INF"}), ("again", "298.4", {**BILLIONS, "decimals": "INF"})], []),
        ([("i", "46", {**SHARE, "scale": "-2"}), ("again", "0.46", SHARE)], [0.46]),
        ([("i", "46", {**SHARE, "scale": "-2"}), ("again", "46", {**SHARE, "decimals": "0"})], []),
        ([("i", "30,&#8203;727", MILLIONS), ("again", "30,272", MILLIONS)], []),
    ],
)
def test_further_places_of_one_figure(places, kept):
    found = filed(*(number(text, RPO, ref=ref, **given) for ref, text, given in places))
    assert sorted(found.rows.filter(pl.col("concept") == RPO)["value"]) == kept
    assert {issue.reason for issue in found.issues} == (set() if kept else set(TWO))


@pytest.mark.parametrize(
    ("places", "values"),
    [
        ([("segment", "28,515", MILLIONS), ("operating", "28,151", MILLIONS)], None),
        ([("segment", "28,515", MILLIONS), ("operating", "28.5", TENTHS)], 28515e6),
        ([("segment", "28,515", MILLIONS), ("operating", "28,515", MILLIONS)], 28515e6),
    ],
)
def test_one_segment_under_two_sets_of_members(places, values):
    """Beside its own axis a segment is at times tagged as an operating segment: the same part, once more."""
    rows = periods(filed(*(number(text, REVENUE, ref=ref, **given) for ref, text, given in places)))
    assert figure(rows, "MSFT", "segment_revenue", (2024, 4), LATER) == values
    assert rows.filter(pl.col("status") == "doubtful").height == (0 if values else 2)


@pytest.mark.parametrize("order", [("quarter", "slip"), ("slip", "quarter")])
def test_one_quarter_with_two_first_days(order):
    said = {"quarter": "64,727", "slip": "64,272"}
    rows = periods(filed(*(number(said[ref], REVENUE, ref=ref, **MILLIONS) for ref in order)))
    assert figure(rows, "MSFT", "revenue", (2024, 4), LATER) is None
    told = rows.filter(pl.col("status") == "doubtful")
    assert set(told["value"]) == {64727e6, 64272e6}
    assert set(told["set_aside"]) == {"doubtful: the filing states 64272000000 and 64727000000 for this period"}
    assert set(told["meant"]) == {"revenue"}
