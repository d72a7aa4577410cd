"""The parser of earnings releases: figures carried over, sentences our own, and what it must not read."""

from __future__ import annotations

import json
from datetime import date, datetime

import polars as pl
import pytest
from company_facts import LOADED_AT, SHARED
from places import FIXTURES_FOLDER

from config.contract_checks import checks
from config.contracts import COMPANY_FACT, Capture
from config.errors import SourceChanged
from config.load import catalog
from transforms.filings.listing import parse_filing_list
from transforms.filings.release_text import sentences
from transforms.filings.release_wordings import TOPICS, WORDINGS, figures_in
from transforms.sources.sec_press_release import discover, parse, scope_of

WHOLE = (FIXTURES_FOLDER / "sources" / "sec_press_release" / "MSFT_2024-07-30.txt").read_bytes()
SCOPE = "MSFT 0000950170-24-087835 2024-07-30 8-K"
DAYS = {"MSFT": ("June 30, 2024", "2024-07-30"), "AMZN": ("December 31, 2024", "2025-02-06"),
        "GOOGL": ("December 31, 2024", "2025-02-04"), "META": ("June 30, 2025", "2025-07-30"),
        "ORCL": ("August 31, 2024", "2024-09-09")}  # fmt: skip
shared = pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")


def capture(scope):
    return Capture("sec_press_release", scope, "", "0" * 64, 1, LOADED_AT, LOADED_AT)


def release(*paragraphs, ended="June 30, 2024"):
    body = "".join(f"<p>{text}</p>" for text in (f"Results for the quarter ended {ended}:", *paragraphs))
    return f"<html><body>{body}</body></html>".encode()


def parsed(payload, scope=SCOPE):
    return parse(payload, capture(scope), catalog())


def said_by(ticker, *paragraphs):
    ended, filed = DAYS[ticker]
    return parsed(release(*paragraphs, ended=ended), f"{ticker} 0000000000-24-000001 {filed} 8-K")


def figures(found):
    return {row["concept"]: row["value"] for row in found.rows.iter_rows(named=True)}


def test_a_release_becomes_rows_of_the_contract():
    found = parsed(WHOLE, "MSFT")
    assert checks(COMPANY_FACT).is_valid(found.rows)
    assert found.issues == ()
    assert figures(found) == {
        "cloud_revenue": 36.8e9,
        "cloud_revenue_growth_pct": 21,
        "cloud_revenue_growth_cc_pct": 22,
        "azure_growth_reported_pct": 29,
        "azure_growth_cc_pct": 30,
    }
    row = found.rows.filter(pl.col("concept") == "cloud_revenue").row(0, named=True)
    assert (row["period_start"], row["period_end"]) == (date(2024, 4, 1), date(2024, 6, 30))
    assert (row["definition"], row["unit"], row["currency"], row["decimals"]) == ("microsoft_cloud", "USD", "USD", -8)
    assert (row["known_at"], row["known_at_basis"]) == (datetime(2024, 7, 30, 21, 30), "filing_date_1730_new_york")
    assert (row["document_id"], row["form"], row["evidence_tier"]) == ("0000950170-24-087835", "8-K", 1)
    assert row["locator"] == "msft-ex99_1.htm#paragraph 1"
    assert row["source_url"].endswith("/789019/000095017024087835/0000950170-24-087835-index.htm")


def test_azures_growth_is_another_definition_in_each_of_three_spans():
    sentence = "Server products and cloud services revenue increased 17% driven by Azure revenue growth of 90%"
    spans = {}
    for end in (date(2021, 6, 30), date(2021, 9, 30), date(2024, 6, 30), date(2024, 9, 30)):
        (figure,), _ = figures_in(sentence, catalog().companies["MSFT"], end)
        spans[end] = figure.definition
    assert list(spans.values()) == ["azure_v1", "azure_v2", "azure_v2", "azure_v3"]


SENTENCES = [
    ("MSFT", "Server products and cloud services revenue increased 19% (up 21% in constant currency) driven by Azure "
     "revenue growth of 47% (50% CC)", {"azure_growth_reported_pct": 47, "azure_growth_cc_pct": 50}),
    ("MSFT", "Azure and other cloud services revenue increased 39% (up 38% in constant currency)",
     {"azure_growth_reported_pct": 39, "azure_growth_cc_pct": 38}),
    ("MSFT", "Azure and other cloud services revenue decreased 2% (up 1% in constant currency)",
     {"azure_growth_reported_pct": -2, "azure_growth_cc_pct": 1}),
    ("MSFT", "Commercial remaining performance obligation increased 84% to $678 billion",
     {"rpo_commercial": 678e9, "rpo_commercial_growth_pct": 84}),
    ("MSFT", "Commercial remaining performance obligation increased 34% (up 36% in constant currency) to $298 billion",
     {"rpo_commercial": 298e9, "rpo_commercial_growth_pct": 34, "rpo_commercial_growth_cc_pct": 36}),
    ("MSFT", "Microsoft Cloud revenue was $59.3 billion and increased 27%",
     {"cloud_revenue": 59.3e9, "cloud_revenue_growth_pct": 27}),
    ("MSFT", "Made-up words of a Microsoft Cloud generating $20.7 billion in revenue for the quarter, up 36% year over year",
     {"cloud_revenue": 20.7e9, "cloud_revenue_growth_pct": 36}),
    ("MSFT", "Made-up words generating $17.7 billion in commercial cloud revenue, up 33% year over year",
     {"cloud_revenue": 17.7e9, "cloud_revenue_growth_pct": 33}),
    ("MSFT", "Microsoft Cloud gross margin percentage decreased slightly to 71%.", {"cloud_gross_margin_pct": 71}),
    ("MSFT", "Capital expenditures including finance leases were $19.0 billion", {"capex_incl_finance_leases": 19e9}),
    ("MSFT", "Capital expenditures were $24.2 billion, including $6.5 billion of finance leases",
     {"capex_incl_finance_leases": 24.2e9}),
    ("AMZN", "AWS segment sales increased 19% year-over-year to $28.8 billion.",
     {"cloud_revenue": 28.8e9, "cloud_revenue_growth_pct": 19}),
    ("AMZN", "AWS segment sales increased 19% year-over-year to $28.8 billion, or increased 18%, excluding changes in "
     "foreign exchange rates.",
     {"cloud_revenue": 28.8e9, "cloud_revenue_growth_pct": 19, "cloud_revenue_growth_cc_pct": 18}),
    ("GOOGL", "Google Cloud revenues increased 30% to $12.0 billion, which is a made-up clause.",
     {"cloud_revenue": 12e9, "cloud_revenue_growth_pct": 30}),
    ("GOOGL", "Google Cloud saw made up words as revenues increased 48% to $17.7 billion, and more.",
     {"cloud_revenue": 17.7e9, "cloud_revenue_growth_pct": 48}),
    # The real makes of the first and second quarter of 2026, looked up in public copies of the two releases.
    ("GOOGL", "Google Cloud saw a meaningful acceleration in growth as revenues increased 63% to $20.0 billion, and more.",
     {"cloud_revenue": 20e9, "cloud_revenue_growth_pct": 63}),
    ("META", "Capital expenditures \u2013 Capital expenditures, including principal payments on finance leases, were $31.08 "
     "billion.", {"capex_incl_finance_leases": 31.08e9}),
    ("META", "Capital expenditures, including principal payments on finance leases, were $17.01 billion.",
     {"capex_incl_finance_leases": 17.01e9}),
    ("ORCL", "Cloud Infrastructure (IaaS) Revenue $2.2 billion, up 45% in USD and up 46% in constant currency",
     {"cloud_revenue": 2.2e9, "cloud_revenue_growth_pct": 45, "cloud_revenue_growth_cc_pct": 46}),
    ("ORCL", "Cloud Infrastructure (IaaS) Revenue $1.0 billion, up 53% in USD, up 59% in constant currency",
     {"cloud_revenue": 1e9, "cloud_revenue_growth_pct": 53, "cloud_revenue_growth_cc_pct": 59}),
    ("ORCL", "Cloud Infrastructure (IaaS) Revenue $2.4 billion, up 52% in both USD and constant currency",
     {"cloud_revenue": 2.4e9, "cloud_revenue_growth_pct": 52, "cloud_revenue_growth_cc_pct": 52}),
    ("ORCL", "Q1 Cloud Infra (IaaS) Revenue up 121% in USD &amp; up 120% in constant currency to $7.4 billion.",
     {"cloud_revenue": 7.4e9, "cloud_revenue_growth_pct": 121, "cloud_revenue_growth_cc_pct": 120}),
    ("ORCL", "Total Remaining Performance Obligations up 53% to $99 billion", {"rpo_total": 99e9, "rpo_growth_pct": 53}),
]  # fmt: skip


@pytest.mark.parametrize(("ticker", "sentence", "stated"), SENTENCES)
def test_sentences_of_the_known_makes(ticker, sentence, stated):
    found = said_by(ticker, f"\u2022 {sentence}")
    assert figures(found) == stated
    assert found.issues == ()


@pytest.mark.parametrize("ticker", WORDINGS)
def test_every_wording_lies_within_its_topic(ticker):
    """Otherwise a change of words would pass unnoticed."""
    topics = TOPICS[ticker]
    assert {wording.topic for wording in WORDINGS[ticker]} <= set(topics)
    for company, sentence, _ in SENTENCES:
        if company == ticker:
            assert any(words.search(sentence.replace("&amp;", "&")) for words in topics.values()), sentence


ALMOST = [
    ("MSFT", "For comparison, Azure revenue growth of 76% was said to be that of Q2 2019."),
    ("MSFT", "Azure and other cloud services revenue increased about 40%"),
    ("MSFT", "Azure and other cloud services revenue increased 40% to 41%"),
    ("MSFT", "Server products and cloud services revenue increased 30%, driven by strong Azure revenue growth of 62%"),
    ("MSFT", "Azure ML revenue increased more than 100 percent"),
    ("MSFT", "Microsoft Cloud revenue was about $59.3 billion, up 27%"),
    ("MSFT", "For the fiscal year Microsoft Cloud revenue was $168.9 billion, up 23% year over year"),
    ("MSFT", "Microsoft Cloud gross margin percentage increased 2 points without a level"),
    ("MSFT", "Commercial remaining performance obligation was $678 billion"),
    ("MSFT", "Capital expenditures were $41 billion"),
    ("AMZN", "AWS segment sales increased nearly 19% year-over-year to $28.8 billion."),
    ("GOOGL", "Google Cloud revenues increased strongly to $12.0 billion"),
    ("META", "Capital expenditures, including other things, were $17.01 billion"),
    ("ORCL", "Cloud Database (IaaS) Revenue $0.6 billion, up 30% in USD"),
    ("ORCL", "Remaining Performance Obligations of more than $455 billion"),
]


@pytest.mark.parametrize(("ticker", "sentence"), ALMOST)
def test_a_sentence_that_almost_fits_is_a_notice_and_no_figure(ticker, sentence):
    found = said_by(ticker, sentence)
    assert found.rows.height == 0
    (issue,) = found.issues
    assert (issue.severity, issue.detail) == ("notice", sentence)
    assert issue.reason.endswith("sentence not read")
    assert issue.locator == "#paragraph 1"


def test_a_years_level_of_azure_is_neither_a_growth_nor_a_notice():
    level = "Azure surpassed $75 billion in revenue, up 34 percent, in made-up words."
    found = said_by("MSFT", f"{level}</p><p>Azure and other cloud services revenue grew 31%")
    assert (found.rows["value"].to_list(), found.issues) == ([31], ())


def test_a_release_with_numbers_that_gives_neither_figure_nor_notice_is_a_failed_read():
    with pytest.raises(SourceChanged, match="neither a figure nor a sentence of a known topic"):
        said_by("MSFT", "Revenue of another kind was $12.5 billion.")


def test_figures_of_the_year_are_the_years():
    year = "AWS segment sales increased 19% year-over-year to $107.6 billion."
    quarter = "AWS segment sales increased 19% year-over-year to $28.8 billion."
    rows = said_by("AMZN", "Fourth Quarter 2024", quarter, "Full Year 2024", year).rows
    money = rows.filter(pl.col("concept") == "cloud_revenue").sort("value")
    assert money.select("value", "period_start", "period_end").rows() == [
        (28.8e9, date(2024, 10, 1), date(2024, 12, 31)),
        (107.6e9, date(2024, 1, 1), date(2024, 12, 31)),
    ]


@pytest.mark.parametrize(
    ("ended", "filed", "starts"),
    [("May 31, 2025", "2025-06-11", [date(2024, 6, 1)]), ("August 31, 2025", "2025-09-09", [])],
)
def test_oracle_names_the_year_in_the_sentence(ended, filed, starts):
    """In the release of a first quarter it is the year before, or a plan for this one."""
    sentence = "FY 2025 Cloud Infra (IaaS) Revenue $10.2 billion, up 50% USD, and up 50% constant currency"
    found = parsed(release(sentence, ended=ended), f"ORCL 0000000000-25-000001 {filed} 8-K")
    assert found.rows["period_start"].unique().to_list() == starts
    assert len(found.issues) == (0 if starts else 1)


def test_two_values_for_one_figure_are_neither_taken():
    found = said_by(
        "AMZN",
        "AWS segment sales increased 19% year-over-year to $28.8 billion.",
        "AWS segment sales increased 19% year-over-year to $107.6 billion.",
    )
    assert figures(found) == {"cloud_revenue_growth_pct": 19}
    assert [(issue.reason, issue.severity) for issue in found.issues] == [("two values for one figure", "quarantined")]


@pytest.mark.parametrize(
    ("amounts", "taken"),
    [
        (("$28.8 billion", "$28,786 million"), 28786e6),
        (("$28,786 million", "$28.8 billion"), 28786e6),
        (("$29 billion", "$28.8 billion", "$28,786 million"), 28786e6),
        (("$28.7 billion", "$28,786 million"), None),
        (("$28,786 million", "$28,768 million", "$28,786 million"), None),
    ],
)
def test_of_an_amount_and_its_rounding_the_finer_is_the_figure(amounts, taken):
    found = said_by("AMZN", *(f"AWS segment sales increased 19% year-over-year to {text}." for text in amounts))
    assert figures(found).get("cloud_revenue") == taken
    assert [issue.reason for issue in found.issues] == (["two values for one figure"] if taken is None else [])


def test_the_quarter_may_stand_in_a_tables_head():
    page = "<html><body><p>Three Months Ended August 31,</p><p>Total Remaining Performance Obligations up 53% to $99 billion</p></body></html>"
    rows = parsed(page.encode(), "ORCL 0000000000-24-000001 2024-09-09 8-K").rows
    assert rows["period_end"].unique().to_list() == [date(2024, 8, 31)]


CUT = WHOLE[: len(WHOLE) * 3 // 4]
LIMIT = (
    b"<html><head><title>Request Rate Threshold Exceeded</title></head><body>Undeclared Automated Tool</body></html>"
)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"", "empty"),
        (LIMIT, "refused the request"),
        (CUT, "cut off"),
        (release("x")[:-20], "cut off"),
        (b"<html><body><p>A page about something else.</p></body></html>", "names no quarter"),
        (release("x", ended="June 30, 2023"), "names no quarter that ended before it was filed"),
        (release("x", ended="May 31, 2024"), "names no quarter"),
        (WHOLE.replace(b"0000789019", b"0001018724"), "CIK 1018724, MSFT is"),
        (WHOLE.replace(b"ACCESSION NUMBER:\t\t0000950170-24-087835", b"ACCESSION NUMBER:\t\t0000950170-24-087836"), "accession is"),
    ],
)  # fmt: skip
def test_what_is_no_release_is_refused(payload, message):
    with pytest.raises(SourceChanged, match=message):
        parsed(payload)


@pytest.mark.parametrize(
    "payload",
    [
        WHOLE.replace(b"<TYPE>EX-99.1", b"<TYPE>EX-10.1"),
        WHOLE.replace(b"quarter ended June 30, 2024", b"year before last"),
    ],
)
def test_a_filing_that_reports_no_quarter_is_a_notice(payload):
    found = parsed(payload)
    assert found.rows.height == 0
    assert [(issue.reason, issue.severity) for issue in found.issues] == [("no release to read", "notice")]


def test_a_whole_filing_tells_its_company():
    assert scope_of(WHOLE, catalog()) == "MSFT"
    assert scope_of(release("x"), catalog()) == ""


def test_sentences_lose_bullets_and_quotation_marks():
    text = "\u00b7 One was 1.5 here. \u201cTwo was,\u201d said a person. \u00b7 Three"
    assert list(sentences(text)) == ["One was 1.5 here.", "Two was,", "said a person.", "Three"]


@pytest.mark.shared
@shared
def test_discovery_asks_for_the_whole_of_each_8k_with_results():
    payload = (SHARED / "sec" / "submissions" / "MSFT_CIK0000789019_finalysis.json").read_bytes()
    listed = parse_filing_list(payload, 789019, capture("MSFT"))
    spec = catalog().sources["sec_press_release"]
    asked = discover(spec, "MSFT", listed)
    folder = "https://www.sec.gov/Archives/edgar/data/789019/000119312526027198"
    # 25 prints; what it disclosed between them is asked for, too, since its definitions change with the period.
    between = [
        one
        for one in listed.filings
        if one.base_form == "8-K" and "2.02" not in one.items and {"7.01", "8.01"} & set(one.items)
    ]
    assert len(asked) == 25 + len(between)
    assert asked[0] == ("MSFT 0001193125-26-027198 2026-01-28 8-K", f"{folder}/0001193125-26-027198.txt")
    assert discover(spec, "AAPL", listed) == []


@pytest.mark.shared
@shared
def test_the_releases_others_read_are_those_that_are_asked_for():
    payload = (SHARED / "sec" / "submissions" / "MSFT_CIK0000789019_finalysis.json").read_bytes()
    listed = parse_filing_list(payload, 789019, capture("MSFT"))
    asked = {scope for scope, _ in discover(catalog().sources["sec_press_release"], "MSFT", listed)}
    links = json.loads((SHARED / "sec" / "press_release_json" / "microsoft_quarterly-links.json").read_bytes())
    assert len(links) == 22
    assert {f"MSFT {link['adsh']} {link['date']} 8-K" for link in links} <= asked


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Microsoft Cloud revenue was $40.9<sup>1</sup> billion and increased 34<sup>2</sup>%", {"cloud_revenue": 40.9e9, "cloud_revenue_growth_pct": 34}),
        ("Microsoft Cloud revenue was $40.9\u00b9 billion and increased 21 %", {"cloud_revenue": 40.9e9, "cloud_revenue_growth_pct": 21}),
        ('Microsoft Cloud revenue was $40.9<span style="vertical-align: super">1</span> billion and increased 21%', {"cloud_revenue": 40.9e9, "cloud_revenue_growth_pct": 21}),
        ("Azure and other cloud services\u200b revenue grew 31%", {"azure_growth_reported_pct": 31}),
        ("Azure and other cloud services revenue grew</p><p>31%", {"azure_growth_reported_pct": 31}),
        ('<span style="DISPLAY : none">Azure and other cloud services revenue grew 29%</span></p><p>Azure and other cloud services revenue grew 31%', {"azure_growth_reported_pct": 31}),
    ],
)  # fmt: skip
def test_a_release_is_read_as_a_browser_shows_it(written, read):
    assert figures(said_by("MSFT", written)) == read


def test_a_decimal_comma_is_no_group_of_thousands():
    found = said_by("MSFT", "Microsoft Cloud revenue was $12,5 billion and increased 21%")
    assert found.rows.is_empty()
    assert [issue.reason for issue in found.issues] == ["cloud revenue: sentence not read"]


@pytest.mark.parametrize(
    "head",
    [
        "Results for the Twelve Months Ended December 31, 2024",
        "Year Ended December 31, 2024 Highlights of Our Business and of Its Segments",
    ],
)
def test_the_year_under_its_own_heading_is_not_the_quarter(head):
    found = said_by("AMZN", head, "AWS segment sales increased 19% year-over-year to $107.6 billion.")
    assert set(found.rows["period_start"]) == {date(2024, 1, 1)}


def test_figures_of_nine_months_are_a_notice():
    found = said_by(
        "AMZN",
        "Nine Months Ended September 30, 2024",
        "AWS segment sales increased 19% year-over-year to $78.8 billion.",
    )
    assert found.rows.is_empty()
    assert [issue.reason for issue in found.issues] == ["another period than the quarter reported: sentence not read"]


def test_a_print_beyond_the_last_proved_definition_is_undeclared_and_asked_for():
    body = release("Azure and other cloud services revenue grew 43%", ended="September 30, 2026")
    found = parsed(body, "MSFT 0000000000-26-000001 2026-10-28 8-K")
    assert found.rows["definition"].to_list() == ["azure_undeclared"]
    assert [issue.reason for issue in found.issues] == ["definition not declared for the period"]


def test_an_earlier_quarter_named_first_is_not_the_releases():
    body = (
        b"<html><body><p>In the quarter ended August 31, 2024 we announced a partnership.</p>"
        b"<p>Three months ended November 30, 2024</p><p>Q2 Remaining Performance Obligations $97 billion, up 49% in USD "
        b"and up 50% in constant currency</p></body></html>"
    )
    found = parsed(body, "ORCL 0001341439-24-000070 2024-12-09 8-K")
    assert set(found.rows["period_end"]) == {date(2024, 11, 30)}
