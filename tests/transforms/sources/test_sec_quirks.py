"""What SEC data do in practice, one trap a test: each fails when its handling is taken out.

Numbers as in the project's list of traps. Traps with a home of their own: 5 and 7 (restated and derived quarters) in
test_restatements.py and test_quarters.py, 8 (53 weeks, typed dates) in test_company_by_entry.py and test_calendars.py,
9 (tags that succeed each other) in test_quarters.py and test_company_by_entry.py, 13 (capital expenditure with leases) in
test_derived_metrics.py, 16 and 17 (acceptance stamps, lists in columns) in test_sec_submissions.py, 18 (refusal pages,
pace, hashes) in test_fetch.py. 10 to 12 and 14 (dimensions, asset classes, leases, segments) are the filings' own.
"""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from io import BytesIO

import polars as pl
import pytest
from company_facts import FIXTURES, capture, document, loaded
from staged import Payload, ask, staged
from subset import with_sources

from config.errors import SourceChanged
from config.load import catalog
from config.specs import Company, Rows
from transforms.companies.quarters import derive_periods, not_derivable
from transforms.sources.sec_companyfacts import parse

pytestmark = pytest.mark.slow("stages a small home for each case")

OCF = "NetCashProvidedByUsedInOperatingActivities"
CAPEX = "PaymentsToAcquireProductiveAssets"
TAKEN_AT = datetime(2026, 11, 22)


def fact(start, end, value, number, filed, **more):
    return {"start": start, "end": end, "val": value, "accn": f"0001018724-26-{number:06d}", "form": "10-Q", "filed": filed,
            "fy": 2026, "fp": "Q1", **more}  # fmt: skip


def rows(tag, *facts, ticker="AMZN"):
    found = parse(document(tag, *facts, cik=catalog().companies[ticker].cik), capture(ticker), catalog())
    return found.rows.filter(pl.col("concept") == f"us-gaap:{tag}"), found.issues


def periods(tag, *facts, ticker="AMZN"):
    return derive_periods(loaded(rows(tag, *facts, ticker=ticker)[0], ticker), catalog())


YEAR = ("2025-01-01", "2025-12-31")


def test_1_the_year_and_quarter_of_the_filing_say_nothing_of_the_fact():
    """A comparative of 2024 in a filing of fiscal 2026 stays what its dates are."""
    found = periods(OCF, fact("2024-01-01", "2024-12-31", 5, 1, "2026-02-06", fy=2026, fp="Q1"))
    assert found.select("period_kind", "fiscal_year").rows() == [("year", 2024)]
    without = periods(OCF, fact("2024-01-01", "2024-12-31", 5, 1, "2026-02-06", fy=1999, fp=None))
    assert found.equals(without)


def test_2_a_frame_is_no_identity_and_moving_it_adds_nothing(tmp_path):
    first, second = fact(*YEAR, 5, 1, "2026-02-06", frame="CY2025"), fact(*YEAR, 5, 2, "2027-02-05")
    moved = ({**first}, {**second, "frame": "CY2025"})
    moved[0].pop("frame")
    payloads = [Payload("sec_companyfacts", "AMZN", document(OCF, first, second), datetime(2027, 2, 6)),
                Payload("sec_companyfacts", "AMZN", document(OCF, *moved), datetime(2027, 2, 7))]  # fmt: skip
    stage = staged(tmp_path, payloads)
    assert ask(stage, "SELECT rows_added FROM history.capture ORDER BY taken_at")[1] == (0,)
    # Both filings stand: a filter on the frame would have thrown away what was first reported.
    assert ask(stage, f"SELECT count(*) FROM history.company_fact WHERE concept = 'us-gaap:{OCF}'") == [(2,)]
    stage.close()


def test_2_a_frame_named_after_a_year_does_not_make_one():
    trailing = fact("2025-07-01", "2026-06-30", 9, 1, "2026-07-31", frame="CY2026")
    assert periods(OCF, trailing)["period_kind"].to_list() == ["other"]


def test_3_of_two_figures_in_one_filing_the_finer_counts_whatever_their_order(tmp_path):
    """AMZN's depreciation of 2025: 32,067 million in the table, 32,100 in the prose."""
    table, prose = fact(*YEAR, 32_067_000_000, 1, "2026-02-06"), fact(*YEAR, 32_100_000_000, 1, "2026-02-06")
    for name, order in {"a": (table, prose), "b": (prose, table)}.items():
        _, issues = rows("Depreciation", *order)
        assert issues == ()  # they agree within the prose's rounding
        stage = staged(
            tmp_path / name, [Payload("sec_companyfacts", "AMZN", document("Depreciation", *order), TAKEN_AT)]
        )
        answer = "SELECT value FROM company_fact WHERE metric = 'depreciation' AND period_kind = 'year'"
        assert ask(stage, answer) == [(32_067_000_000,)]
        stage.close()


def test_3_of_two_figures_that_do_not_agree_none_is_taken():
    found, issues = rows(
        "Depreciation", fact(*YEAR, 32_067_000_000, 1, "2026-02-06"), fact(*YEAR, 33_100_000_000, 1, "2026-02-06")
    )
    assert {issue.reason for issue in issues} == {"two values for one figure"}
    assert {issue.severity for issue in issues} == {"quarantined"}
    assert found.filter(pl.col("concept") == "us-gaap:Depreciation").is_empty()


def test_4_a_recast_in_an_8k_is_kept_and_counts():
    """An 8-K has neither fiscal year nor period; what it restates holds from its day on."""
    found = periods(
        OCF,
        fact(*YEAR, 5, 1, "2026-02-06", form="10-K"),
        fact(*YEAR, 6, 2, "2026-05-03", form="8-K", fy=None, fp=None),
    )
    assert found.sort("known_at")["value"].to_list() == [5, 6]


def test_4_a_proxy_statement_a_thousandfold_gives_no_metric():
    found = periods(OCF, fact(*YEAR, 5000, 1, "2026-04-10", form="DEF 14A"))
    assert found["metric"].to_list() == [None]


def test_6_only_a_year_that_begins_the_fiscal_year_is_one():
    ends = [
        ("2025-01-01", "2025-12-31", "year"),
        ("2025-04-01", "2026-03-31", "other"),
        ("2025-02-01", "2026-01-31", "other"),
        ("2025-07-01", "2025-12-31", "other"),
    ]
    for start, end, kind in ends:
        assert periods(OCF, fact(start, end, 1, 1, "2026-04-30"))["period_kind"].to_list() == [kind]


def test_7_what_cannot_be_derived_is_said_and_no_year_is_relabelled():
    found = periods(OCF, fact(*YEAR, 5, 1, "2026-02-06"))
    assert found.filter(pl.col("period_kind") == "quarter").height == 0
    assert not_derivable(found, catalog()).select("fiscal_quarter", "reason").rows() == [(4, "no nine months figure")]


def test_9_filings_under_neither_tag_leave_a_gap_that_is_said(tmp_path):
    """Five filings of AMZN's, 2017-07 to 2018-07, state the line under no tag: what was asked then was not known then. The
    third quarter of 2017 came with the report of 2018-10-26 (3,074 million); the second never, and nine months gross less
    a first quarter net is not it."""
    whole = catalog()
    few = whole.sources["sec_companyfacts"].model_copy(
        update={"rows": Rows(min=1, max=250_000)}
    )  # the fixture is short
    declared = with_sources(whole, {**whole.sources, few.id: few})
    stage = staged(
        tmp_path, [Payload("sec_companyfacts", "AMZN", (FIXTURES / "AMZN.json").read_bytes(), TAKEN_AT)], declared
    )
    asked = """SELECT period_end, value FROM company_quarter_as_of($day) WHERE metric = 'cash_paid_ppe'
        AND period_end BETWEEN DATE '2017-04-01' AND DATE '2017-10-01'"""
    assert ask(stage, asked, day="2018-10-25") == []
    assert ask(stage, asked, day="2026-11-21") == [(date(2017, 9, 30), 3074e6)]
    said = "SELECT value, not_known FROM trailing_year_as_of('2026-11-21') WHERE metric = 'cash_paid_ppe' AND period_end = DATE '{}'"
    # The four gross quarters to June 2018; the year to March 2018 would take a net first quarter from a gross year.
    assert ask(stage, said.format("2018-06-30")) == [(3074e6 + 3619e6 + 3098e6 + 3243e6, None)]
    assert ask(stage, said.format("2018-03-31")) == [(None, "one line")]
    assert ask(stage, said.format("2018-12-31")) == [(13427e6, None)]
    stage.close()


def test_14_a_figure_that_came_to_mean_something_else_is_another_series():
    """Alphabet's remaining performance obligation takes in short contracts from 2026-03-31 on."""
    tag = "RevenueRemainingPerformanceObligation"
    before, after = ({"end": end, "val": value, "accn": f"0001652044-26-00000{n}", "form": "10-Q", "filed": filed}
                     for n, (end, value, filed) in enumerate([("2025-12-31", 240_000_000_000, "2026-02-05"),
                                                              ("2026-03-31", 467_600_000_000, "2026-04-30")]))  # fmt: skip
    found = periods(tag, before, after, ticker="GOOGL").sort("period_end")
    assert found.select("metric", "definition").rows() == [
        ("rpo_total", "xbrl_total"),
        ("rpo_total", "xbrl_total_with_short_contracts"),
    ]
    assert isinstance(catalog().companies["GOOGL"], Company)


def test_15_an_obligation_that_falls_is_no_mistake(tmp_path):
    """Microsoft's falls in almost every first fiscal quarter: 275 to 266 billion dollars in 2024. Nothing is kept out."""
    tag = "RevenueRemainingPerformanceObligation"
    facts = [{"end": end, "val": value, "accn": f"0000789019-24-00000{n}", "form": "10-Q", "filed": filed}
             for n, (end, value, filed) in enumerate([("2024-06-30", 275_000_000_000, "2024-07-30"),
                                                      ("2024-09-30", 266_000_000_000, "2024-10-30")])]  # fmt: skip
    stage = staged(tmp_path, [Payload("sec_companyfacts", "MSFT", document(tag, *facts, cik=789019), TAKEN_AT)])
    found = ask(stage, "SELECT value FROM company_quarter WHERE metric = 'rpo_total' ORDER BY period_end")
    assert found == [(275e9,), (266e9,)]
    assert ask(stage, "SELECT reason FROM history.issue WHERE severity <> 'notice'") == []
    stage.close()


# What a night asks; the zip of every filer is loaded by a run of its own (tests/flows/past/test_bulk.py).
SEC = [
    source
    for source in catalog().sources.values()
    if any(host.endswith(".sec.gov") for host in source.hosts) and not source.bulk
]


def test_18_the_sec_is_asked_at_half_the_pace_it_allows_and_told_apart_by_what_its_hosts_answer():
    """Ten requests a second are allowed and 9.9 were refused; data.sec.gov sends no ETag, the Archives do."""
    assert len(SEC) == 4
    assert {source.id for source in SEC if source.requests_per_second > 5} == set()
    asked = {source.id: (source.hosts, source.conditional) for source in SEC}
    of_data = [source for source, (hosts, way) in asked.items() if hosts == ("data.sec.gov",) and way == "hash"]
    of_archives = [source for source, (hosts, way) in asked.items() if hosts == ("www.sec.gov",) and way == "etag"]
    assert (of_data, of_archives) == (["sec_companyfacts", "sec_submissions"], ["sec_filing", "sec_press_release"])


def test_19_the_archive_of_all_companies_is_neither_asked_for_nor_unpacked():
    """companyfacts.zip weighs 1.5 GB. One that is handed in is no company's document, whatever lies in it."""
    assert [address for source in SEC for address in source.addresses if address.endswith(".zip")] == []
    assert max(source.max_bytes for source in SEC) < 100_000_000
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bulk:
        bulk.writestr("CIK0001018724.json", document(OCF, fact(*YEAR, 5, 1, "2026-02-06")))
    with pytest.raises(SourceChanged, match="not a JSON document"):
        parse(packed.getvalue(), capture("AMZN"), catalog())


PAGE = """
company: MSFT
topic: a page that misread the print
entered_by: a test
entered_on: 2026-05-01
zone: America/New_York
measures:
  rpo_total: {unit: USD, definition: xbrl_total}
documents:
  page: {medium: article, published_on: 2026-05-01, tier: 3, url: "https://example.org/page"}
statements:
  - period: FY2026Q3
    period_end: 2026-03-31
    document: page
    statement: A page says that the obligation passed three hundred billion dollars for the first time.
    figures: {rpo_total: 300000000000}
"""


@pytest.mark.parametrize("page_first", [True, False])
def test_20_a_page_never_overrides_a_filing_and_the_contradiction_is_shown(tmp_path, page_first):
    tag = "RevenueRemainingPerformanceObligation"
    filed = {
        "end": "2026-03-31",
        "val": 633_000_000_000,
        "accn": "0001193125-26-000001",
        "form": "10-Q",
        "filed": "2026-04-29",
    }
    payloads = [Payload("sec_companyfacts", "MSFT", document(tag, filed, cik=789019), TAKEN_AT),
                Payload("analyst_facts", "msft_page.yml", PAGE.encode(), TAKEN_AT)]  # fmt: skip
    stage = staged(tmp_path, payloads[::-1] if page_first else payloads)
    now = ask(stage, "SELECT value, tier FROM company_quarter WHERE metric = 'rpo_total'")
    assert now == [(633e9, 1)]
    stage.put("history.attempt", pl.DataFrame({"source": [""], "unreachable": [""], "switched_off": [False]}))
    stage.put("history.meta", pl.DataFrame({"published_at": [TAKEN_AT]}))
    stage.build(("70_provenance",))
    shown = ask(stage, "SELECT chosen_value, other_value, other_tier, chosen_because FROM contradiction")
    assert shown == [(633e9, 300e9, 3, "better tier")]
    assert ask(stage, "SELECT count(*) FROM contradiction_as_of('2026-10-01', strict := true)") == [(0,)]
    stage.close()


@pytest.mark.parametrize(
    ("page", "other"),
    [
        ("633000000000", []),
        ("633200000000", [(633.2e9, None, None)]),
        ("600000000000", [(600e9, None, None)]),
        ("{low: 630000000000, high: 640000000000, note: some 635 billion}", []),
        ("{low: 640000000000, high: 650000000000, note: some 645 billion}", [(None, 640e9, 650e9)]),
        ("{low: 600000000000, high: 630000000000, note: below 630 billion}", [(None, 600e9, 630e9)]),
    ],
)
def test_3_a_page_that_rounds_does_not_disagree(tmp_path, page, other):
    """632.6 billion filed: 633 is its rounding, 633.2 is not, and 600 is stated to the billion at best. An interval has it or has it not."""
    filed = {
        "end": "2026-03-31",
        "val": 632_600_000_000,
        "accn": "0001193125-26-000001",
        "form": "10-Q",
        "filed": "2026-04-29",
    }
    body = document("RevenueRemainingPerformanceObligation", filed, cik=789019)
    told = PAGE.replace("300000000000", page).encode()
    payloads = [
        Payload("sec_companyfacts", "MSFT", body, TAKEN_AT),
        Payload("analyst_facts", "msft_page.yml", told, TAKEN_AT),
    ]
    stage = staged(tmp_path, payloads)
    stage.put("history.attempt", pl.DataFrame({"source": [""], "unreachable": [""], "switched_off": [False]}))
    stage.put("history.meta", pl.DataFrame({"published_at": [TAKEN_AT]}))
    stage.build(("70_provenance",))
    assert ask(stage, "SELECT other_value, other_low, other_high FROM contradiction") == other
    stage.close()
