"""Guards: situations of real filings that were right when they were tried, and what is refused by name."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from company_facts import SHARED, figure, loaded
from company_facts import capture as facts_capture

from config.chains import Calendar, Predecessor
from config.contracts import Capture
from config.errors import SourceChanged
from config.load import catalog
from transforms.companies.quarters import derive_periods
from transforms.sources import sec_companyfacts, sec_filing, sec_press_release, sec_submissions

CASES = SHARED.parent / "cases" / "filings"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not CASES.exists(), reason="../shared with the cases is not beside the checkout"),
]
LATER = datetime(2026, 11, 29)
NOTICES = ("t17_html200.bin", "t17_s3error.bin", "t17_nofacts.bin", "t17_dei_only.bin")


def capture(source, scope):
    return Capture(source, scope, "", "0" * 64, 1, LATER, LATER)


@pytest.mark.parametrize(("quarter", "millions"), [(1, 5661), (2, 6507), (3, 7103), (4, 7643)])
def test_quarters_of_the_year_after_one_of_53_weeks(quarter, millions):
    body = (CASES / "t02_nvda_after_53_weeks.json").read_bytes()
    periods = derive_periods(
        loaded(sec_companyfacts.parse(body, facts_capture("NVDA"), catalog()).rows, "NVDA"), catalog()
    )
    assert figure(periods, "NVDA", "revenue", (2022, quarter), LATER) == millions * 1e6


def test_of_two_axes_only_the_segments_are_segments():
    body = (CASES / "t16_nvda_two_axes.htm").read_bytes()
    found = sec_filing.parse(body, capture("sec_filing", "NVDA 0001045810-26-000021 2026-02-25 10-K"), catalog())
    periods = derive_periods(loaded(found.rows, "NVDA"), catalog())
    segments = periods.filter(pl.col("metric") == "segment_revenue").sort("value")
    assert segments["value"].to_list() == [22459e6, 193479e6]
    assert figure(periods, "NVDA", "revenue", (2026, None), LATER) == 215938e6


@pytest.mark.parametrize("name", NOTICES)
@pytest.mark.parametrize(
    ("reader", "scope"),
    [
        (sec_companyfacts, "MSFT"),
        (sec_submissions, "MSFT"),
        (sec_filing, "MSFT 0000950170-24-087843 2024-07-30 10-K"),
        (sec_press_release, "MSFT 0000950170-24-087835 2024-07-30 8-K"),
    ],
)
def test_what_is_no_answer_is_refused_by_every_source(name, reader, scope):
    body = (CASES / name).read_bytes()
    with pytest.raises(SourceChanged):
        reader.parse(body, capture(reader.__name__.rpartition(".")[2], scope), catalog())


def test_the_predecessor_of_a_reorganised_company_is_read_as_its_earlier_periods():
    """Exxon Mobil under its new number has one filing; the history stands under the old one."""
    successor = catalog().companies["MSFT"].model_copy(update={"ticker": "XOM", "cik": 2115436})
    declared = catalog().model_copy(update={"companies": {**catalog().companies, "XOM": successor}})
    old, new = ((CASES / f"t09_xom_{name}.json").read_bytes() for name in ("predecessor", "successor"))
    assert sec_companyfacts.parse(new, facts_capture("XOM"), declared).rows.height
    with pytest.raises(SourceChanged, match="CIK 34088, XOM is 2115436") as refused:
        sec_companyfacts.parse(old, facts_capture("XOM"), declared)
    assert "predecessors of XOM" in str(refused.value)
    before = Predecessor(cik=34088, until=date(2025, 12, 31), evidence="the successor's first report says so")
    joined = successor.model_copy(update={"predecessors": (before,)})
    both = declared.model_copy(update={"companies": {**declared.companies, "XOM": joined}})
    assert sec_companyfacts.scope_of(old, both) == "XOM/CIK0000034088"
    found = sec_companyfacts.parse(old, facts_capture("XOM/CIK0000034088"), both)
    assert set(found.rows["company"]) == {"XOM"}
    assert found.rows["period_end"].max() <= date(2025, 12, 31)
    assert all("/edgar/data/34088/" in url for url in found.rows["source_url"])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("t19_cover_context_ends_later.htm", "cover's period ends after the filing"),
        ("t19_cover_says_10K_in_10KT.htm", "cover names another form"),
        ("t19_end_date_continued.htm", None),
    ],
)
def test_the_figures_of_a_report_whose_cover_slips_are_read(name, reason):
    company = catalog().companies["MSFT"].model_copy(update={"ticker": "ACME", "cik": 1964789})
    declared = catalog().model_copy(update={"companies": {**catalog().companies, "ACME": company}})
    scope = "ACME 0001964789-24-000012 2024-03-05 10-KT"
    found = sec_filing.parse((CASES / name).read_bytes(), capture("sec_filing", scope), declared)
    assert found.rows.filter(pl.col("concept") == "us-gaap:Revenues")["value"].to_list() == [53e6]
    assert [issue.reason for issue in found.issues] == ([reason] if reason else [])


def test_a_main_document_alone_asks_for_the_filing_which_has_the_figures():
    scope = capture("sec_filing", "ORCL 0001341439-25-000060 2025-06-18 10-K")
    alone = (CASES / "t10_main_document_alone.htm").read_bytes()
    assert [issue.reason for issue in sec_filing.parse(alone, scope, catalog()).issues] == ["report without statements"]
    [(whole_scope, address)] = sec_filing.followups(alone, scope, catalog())
    assert address.endswith("/1341439/000134143925000060/0001341439-25-000060.txt")
    whole = sec_filing.parse(
        (CASES / "t10_whole_filing.txt").read_bytes(), capture("sec_filing", whole_scope), catalog()
    )
    assert whole.rows.filter(~pl.col("concept").str.starts_with("dei:")).height
    assert "report without statements" not in {issue.reason for issue in whole.issues}


def test_a_page_of_older_filings_and_a_row_without_its_size():
    """Its size is not needed: the filing is kept, and the issue names it."""
    newest, older = ((CASES / f"t17_{name}.json").read_bytes() for name in ("recent", "older"))
    scope = "AMZN/CIK0001018724-submissions-001.json"
    asked = sec_submissions.followups(newest, capture("sec_submissions", "AMZN"), catalog())
    assert [name for name, _ in asked] == [scope]
    found = sec_submissions.parse(older, capture("sec_submissions", scope), catalog())
    assert found.rows.select("accession", "form", "filed_on", "size").rows() == [
        ("0001018724-10-000001", "10-K", date(2010, 1, 29), 9000000),
        ("0001018724-09-000077", "10-K405", date(2009, 1, 29), None),
    ]
    [told] = found.issues
    assert (told.locator, told.severity) == ("/accessionNumber/1", "notice")
    both = sec_submissions.parse(newest, capture("sec_submissions", "AMZN"), catalog())
    assert (both.rows["form"].to_list(), both.issues) == (["10-K", "8-K"], ())


def test_the_filings_own_year_and_quarter_do_not_label_a_january_year():
    """Every fact of the document says fiscal 2014, first quarter."""
    company = (
        catalog()
        .companies["META"]
        .model_copy(update={"ticker": "ADSK", "cik": 769397, "calendar": Calendar(year_end_month=1)})
    )
    declared = catalog().model_copy(update={"companies": {**catalog().companies, "ADSK": company}})
    body = (CASES / "t02_adsk_january_year.json").read_bytes()
    periods = derive_periods(
        loaded(sec_companyfacts.parse(body, facts_capture("ADSK"), declared).rows, "ADSK"), declared
    )
    known = [
        figure(periods, "ADSK", "revenue", period, LATER)
        for period in ((2014, 1), (2015, 1), (2026, 1), (2026, None), (2026, 4))
    ]
    assert known == [570.4e6, 592.5e6, 1633e6, 7200e6, 7200e6 - 5250e6]


def test_two_revenues_and_two_payments_in_one_filing():
    """The total counts, and of payments the line for property and equipment; the other of each is kept without a metric and named."""
    body = (CASES / "t04_crwv_both_revenue_tags.json").read_bytes()
    periods = derive_periods(
        loaded(sec_companyfacts.parse(body, facts_capture("CRWV"), catalog()).rows, "CRWV"), catalog()
    )
    year = {
        name: figure(periods, "CRWV", name, (2025, None), LATER)
        for name in ("revenue", "cash_paid_ppe", "free_cash_flow")
    }
    assert year == {"revenue": 5131e6, "cash_paid_ppe": 10300e6, "free_cash_flow": 3000e6 - 10300e6}
    aside = periods.filter(pl.col("set_aside").is_not_null())
    assert set(aside.select("meant", "value").rows()) == {("revenue", 3100e6), ("cash_paid_ppe", 14900e6)}
    assert all("one filing states both and they differ" in why for why in aside["set_aside"])
