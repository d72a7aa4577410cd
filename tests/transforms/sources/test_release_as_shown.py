"""Releases as a reader sees them: marks, what is hidden, other spellings, and the period that words name. Sentences our own."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from config.contracts import Capture
from config.load import catalog
from transforms.filings.listing import Filing, FilingList
from transforms.sources.sec_press_release import discover, parse

LOADED_AT = datetime(2026, 11, 22)
ENDED = {
    "AMZN": "December 31, 2024",
    "GOOGL": "December 31, 2024",
    "META": "December 31, 2024",
    "MSFT": "December 31, 2024",
}
SOUND = "AWS segment sales increased 19% year-over-year to $28.8 billion."
STALE = "AWS segment sales increased 12% year-over-year to $24.2 billion."
READ = {"cloud_revenue": 28.8e9, "cloud_revenue_growth_pct": 19}
UNREAD = ["AWS sales: sentence not read"]
ANOTHER = ["another period than the quarter reported: sentence not read"]


def release(ticker, body, sheet=""):
    """What is read of a page of that body."""
    page = f"<html><head>{sheet}</head><body><p>Quarter ended {ENDED[ticker]}</p>{body}</body></html>".encode()
    scope = f"{ticker} 0000000000-25-000001 2025-02-06 8-K"
    return parse(page, Capture("sec_press_release", scope, "", "0" * 64, 1, LOADED_AT, LOADED_AT), catalog())


def said(ticker, body, sheet=""):
    """(figures by metric, reasons of the issues, whether each figure is the year's) of a page of that body."""
    found = release(ticker, body, sheet)
    rows = found.rows.rows(named=True)
    years = {(row["period_end"] - row["period_start"]).days > 300 for row in rows if row["period_start"]}
    return {row["concept"]: row["value"] for row in rows}, [issue.reason for issue in found.issues], years


@pytest.mark.parametrize(
    ("mark", "sheet"),
    [
        ('<span style="font-size:6.5pt;vertical-align:text-top">1</span>', ""),
        ('<font style="vertical-align:baseline;position:relative;top:-3.5pt;font-size:6.5pt">1</font>', ""),
        ('<span style="vertical-align:33%">1</span>', ""),
        ('<span class="note">1</span>', "<style>.note, .other {vertical-align: super}</style>"),
        ('<a href="#f1">1</a>', ""),
        ('<font size="1">1</font>', ""),
        ("<small>1</small>", ""),
        ("<sub>1</sub>", ""),
        ('<span style="vertical-align:sub;font-size:60%">1</span>', ""),
        ('<span style="font-size:60%">1</span>', ""),
        ("&#8224;", ""),
        ("&#185;", ""),
    ],
)
def test_a_mark_of_a_footnote_is_no_digit(mark, sheet):
    assert said("AMZN", f"<p>{SOUND.replace('28.8', f'28.8{mark}')}</p>", sheet)[:2] == (READ, [])
    assert said("AMZN", f"<p>{SOUND.replace('19', f'19{mark}')}</p>", sheet)[:2] == (READ, [])


@pytest.mark.parametrize(
    "split",
    [
        "<b>28</b>.<i>8</i>",
        '<span style="font-size:10pt">28.8</span>',
        '<a href="x.htm">28.8</a>',
        '<a href="#t1">28.8</a>',
    ],
)
def test_a_number_in_pieces_is_one_number(split):
    assert said("AMZN", f"<p>{SOUND.replace('28.8', split)}</p>")[0] == READ


@pytest.mark.parametrize(
    "style",
    [
        "opacity:0", "visibility:collapse", "position:absolute; left:-9999px", "font-size:0pt", "font-size: 0.0em",
        "height:0; overflow:hidden", "clip:rect(0,0,0,0);position:absolute", "color:#FFFFFF", "DISPLAY : NONE !important",
        "text-indent:-9999px", "text-decoration: underline line-through",
    ],
)  # fmt: skip
def test_what_no_browser_shows_is_not_read(style):
    assert said("AMZN", f'<p>{SOUND}</p><div style="{style}"><p>{STALE}</p></div>')[:2] == (READ, [])


@pytest.mark.parametrize(
    ("sheet", "element"),
    [
        ("p.old, .stale {display : none}", '<p class="old">{}</p>'),
        ("#stale {visibility: hidden}", '<p id="stale">{}</p>'),
        ("div.box > p {display: none}", '<div class="box"><p>{}</p></div>'),
        (".gone {text-decoration: line-through}", '<p class="gone">{}</p>'),
        ("/* p {display: none} */", "<details><summary>More</summary><p>{}</p></details>"),
        ("", "<dialog><p>{}</p></dialog>"),
    ],
)
def test_what_a_style_sheet_hides_is_not_read(sheet, element):
    body = f"<p>{SOUND}</p>{element.format(STALE)}"
    assert said("AMZN", body, f"<style>{sheet}</style>")[:2] == (READ, [])


@pytest.mark.parametrize(
    "element",
    [
        '<table><tr><td style="background-color:#004080"><font color="white">{}</font></td></tr></table>',
        '<table><tr><td style="vertical-align:top">{}</td></tr></table>',
        '<div style="height:auto;overflow:hidden"><p>{}</p></div>',
        '<p style="opacity:0.87;font-size:0.8em;text-indent:-18pt">{}</p>',
        '<p style="position:relative;left:0">{}</p>',
    ],
)
def test_what_a_browser_shows_is_read(element):
    assert said("AMZN", element.format(SOUND))[:2] == (READ, [])


def test_a_sheet_for_printing_hides_nothing():
    sheet = "<style>@media print {.p {display:none} .q {color:red}}</style>"
    assert said("AMZN", f'<p class="p">{SOUND}</p>', sheet)[0] == READ


@pytest.mark.parametrize(
    ("sentence", "figures", "reasons"),
    [
        ("AWS segment sales increased 19\uff05 year-over-year to \uff0428.8 billion.", READ, []),
        (
            "AWS segment sales increased 19\u202f% year\u2011over\u2011year to $\u00a028.\u20668\u2069 billion.",
            READ,
            [],
        ),
        ("AWS SEGMENT SALES INCREASED 19% YEAR-OVER-YEAR TO $28.8 BILLION.", {}, UNREAD),
        ("AWS segment sales increased 19% year-over-year to $28.800 million.", {}, UNREAD),
        ("AWS segment sales increased 19% year-over-year to $28 800 million.", {}, UNREAD),
        ("AWS segment sales increased 19 percent year-over-year to $28.8bn.", {}, UNREAD),
        ("AWS segment sales rose to 28.8 billion dollars.", {}, UNREAD),
        ("AWS segment sales increased 19%(1) year-over-year to $28.8(2) billion.", {}, UNREAD),
        ("AWS segment sales increased 19% year-over-year to US$28.8 billion.", {}, UNREAD),
        ("AWS segment sales increased 19% year-over-year to $28. 8 billion.", {}, UNREAD),
        (
            "AWS segment sales increased 19% year-over-year to $<span style='display:none'>1</span>28.8 billion.",
            READ,
            [],
        ),
    ],
)
def test_other_spellings_are_read_or_told(sentence, figures, reasons):
    assert said("AMZN", f"<p>{sentence}</p>")[:2] == (figures, reasons)


@pytest.mark.parametrize(
    "sentence",
    [
        "Capital expenditures including finance leases were 22.6 billion dollars.",
        "Azure and other cloud services revenue growth was thirty-one percent.",
        "COMMERCIAL REMAINING PERFORMANCE OBLIGATION was 298 billion.",
        "Microsoft Cloud revenue came to 40.9bn.",
    ],
)
def test_a_figure_of_a_known_metric_that_is_not_read_is_told_beside_others(sentence):
    sound = "<p>Microsoft Cloud gross margin percentage decreased slightly to 70%.</p>"
    figures, reasons, _ = said("MSFT", f"{sound}<p>{sentence}</p>")
    assert figures == {"cloud_gross_margin_pct": 70}
    assert len(reasons) == 1


@pytest.mark.parametrize(
    "heading",
    [
        "2024", "Twelve Months Ended December 31, 2024" + ", with words that filers add to their headings" * 5 + ":",
        "2024 Annual Results", "12 Months Ended December 31, 2024", "Twelve-Month Period Ended December 31, 2024",
        "Calendar 2024", "Year in Review", "Results of the year", "Fiscal 2024 highlights",
    ],
)  # fmt: skip
def test_under_a_heading_of_the_year_figures_are_the_years(heading):
    figures, reasons, years = said("AMZN", f"<h3>{heading}</h3><p>AWS segment sales increased 19% year-over-year to $107.6 billion.</p>")  # fmt: skip
    assert (figures["cloud_revenue"], reasons, years) == (107.6e9, [], {True})


@pytest.mark.parametrize(
    "heading",
    [
        "YTD 2024", "2023", "2024 Third Quarter", "Fiscal 2023 Fourth Quarter", "FY23 Q4", "First Nine Months of 2024", "9 Months Ended September 30, 2024", "Second Half 2024", "Third Quarter 2024",
        "Quarter Ended September 30, 2024", "Prior Quarter", "First Quarter 2025 Guidance", "Q3 2024",
    ],
)  # fmt: skip
def test_under_a_heading_of_another_period_nothing_is_the_quarters(heading):
    assert said("AMZN", f"<h3>{heading}</h3><p>{SOUND}</p>")[:2] == ({}, ANOTHER)


@pytest.mark.parametrize(
    "heading",
    [
        "2024 Fourth Quarter", "Fiscal Year 2024 Q4", "Fourth Quarter 2024", "Fourth Quarter and Full Year 2024", "Q4 2024 compared to Q4 2023", "Q4 FY24",
        "Three Months Ended December 31, 2024 and Twelve Months Ended December 31, 2024",
    ],
)  # fmt: skip
def test_under_a_heading_of_the_quarter_figures_are_the_quarters(heading):
    assert said("AMZN", f"<h3>Full Year 2024</h3><h3>{heading}</h3><p>{SOUND}</p>") == (READ, [], {False})


@pytest.mark.parametrize(
    ("sentence", "revenue"),
    [
        ("Google Cloud revenues increased 30% to $12.0 billion in the fourth quarter of 2024.", 12e9),
        ("Google Cloud revenues increased 30% to $12.0 billion, compared with the fourth quarter of 2023.", 12e9),
        ("Google Cloud revenues increased 31% to $43.2 billion in 2024.", None),
        ("Google Cloud revenues increased 26% to $9.2 billion in the fourth quarter of 2023.", None),
        ("For the nine months, Google Cloud revenues increased 31% to $31.2 billion.", None),
        ("In Q3, Google Cloud revenues increased 35% to $11.4 billion.", None),
        ("Over the past twelve months Google Cloud revenues increased 31% to $43.2 billion.", None),
    ],
)
def test_a_sentence_of_another_period_is_not_the_quarters(sentence, revenue):
    figures, reasons, _ = said("GOOGL", f"<p>{sentence}</p>")
    assert (figures.get("cloud_revenue"), reasons) == (revenue, [] if revenue else ANOTHER)


@pytest.mark.parametrize(("year", "capex"), [(2024, {(14.84e9, False), (39.23e9, True)}), (2023, set())])
def test_the_year_behind_both_periods_is_that_of_the_quarter(year, capex):
    sentence = (
        "Capital expenditures, including principal payments on finance leases, were $14.84 billion and $39.23 billion for the "
        f"fourth quarter and full year {year}, respectively."
    )
    rows = release("META", f"<p>{sentence}</p>").rows.iter_rows(named=True)
    assert {(row["value"], (row["period_end"] - row["period_start"]).days > 300) for row in rows} == capex


def disclosed(item, *paragraphs, kind="EX-99.1"):
    """A whole 8-K of that item, as EDGAR wraps it."""
    body = "".join(f"<p>{text}</p>" for text in ("For the quarter ended June 30, 2026", *paragraphs))
    whole = (
        "<SEC-DOCUMENT>0001193125-26-000001.txt : 20260902\n<SEC-HEADER>0001193125-26-000001.hdr.sgml : 20260902\n"
        "ACCESSION NUMBER:\t\t0001193125-26-000001\nCONFORMED SUBMISSION TYPE:\t8-K\n"
        f"ITEM INFORMATION:\t\t{item}\nITEM INFORMATION:\t\tFinancial Statements and Exhibits\n"
        "FILED AS OF DATE:\t\t20260902\nFILER:\n\t\tCENTRAL INDEX KEY:\t\t\t0000789019\n</SEC-HEADER>\n"
        "<DOCUMENT>\n<TYPE>EX-3.1\n<FILENAME>ex31.htm\n<TEXT>\n<html><body><p>By-laws</p></body></html>\n</TEXT>\n</DOCUMENT>\n"
        f"<DOCUMENT>\n<TYPE>{kind}\n<FILENAME>ex991.htm\n<TEXT>\n<html><body>{body}</body></html>\n</TEXT>\n</DOCUMENT>\n"
        "</SEC-DOCUMENT>\n"
    ).encode()
    return parse(whole, Capture("sec_press_release", "MSFT", "", "0" * 64, 1, LOADED_AT, LOADED_AT), catalog())


def test_what_is_disclosed_between_prints_is_no_print_and_a_recast_is_asked_for():
    """The very sentence of a release would be the old definition's print of the quarter."""
    sentence = "Azure and other cloud services revenue increased 42% (up 40% in constant currency)"
    recast = "Beginning in fiscal year 2027 we have revised the definition of Azure and recast prior periods."
    found = disclosed("Regulation FD Disclosure", recast, sentence)
    assert found.rows.is_empty()
    assert [issue.reason for issue in found.issues] == [
        "figures of earlier periods stated anew",
        "Azure: sentence not read",
    ]
    assert "0001193125-26-000001" in found.issues[0].detail
    for kind in ("EX-99.2", "8-K"):  # wherever it is said
        elsewhere = disclosed("Other Events", "Exhibit 99.2 has recast segment results.", kind=kind)
        assert [issue.reason for issue in elsewhere.issues] == ["figures of earlier periods stated anew"]
    plain = disclosed("Other Events", "The board declared a dividend of $0.91 per share.")
    assert [issue.reason for issue in plain.issues] == ["no release to read"]
    print_of_the_quarter = disclosed("Results of Operations and Financial Condition", sentence)
    assert print_of_the_quarter.rows.height == 2


def test_disclosures_are_asked_for_where_definitions_change_with_the_period():
    def filing(number, *items):
        accession = f"0001193125-26-{number:06d}"
        return Filing(789019, accession, "8-K", date(2026, 9, number), None, items, 1, False, False, "x.htm", "", "")

    listed = FilingList(
        789019, (filing(1, "7.01", "9.01"), filing(2, "8.01"), filing(3, "2.02"), filing(4, "5.02")), (), ()
    )
    spec = catalog().sources["sec_press_release"]
    asked = [scope.split(" ")[1][-1] for scope, _ in discover(spec, "MSFT", listed)]
    assert asked == ["3", "2", "1"]
    assert [scope.split(" ")[1][-1] for scope, _ in discover(spec, "AMZN", listed)] == ["3"]


@pytest.mark.parametrize("heading", ["Fiscal 2024 Second Quarter", "FY24 Q2", "Second Quarter Fiscal 2024"])
def test_a_fiscal_year_before_or_behind_its_quarter_is_not_the_calendars(heading):
    """Oracle's quarter to November 2024 is the second of fiscal 2025."""
    body = f"<html><body><p>quarter ended November 30, 2024</p><h3>{heading}</h3><p>Total Remaining Performance Obligations up 50% to $65 billion</p></body></html>"
    scope = "ORCL 0000000000-24-000001 2024-12-09 8-K"
    found = parse(body.encode(), Capture("sec_press_release", scope, "", "0" * 64, 1, LOADED_AT, LOADED_AT), catalog())
    assert found.rows.is_empty()
    assert [issue.reason for issue in found.issues] == ANOTHER


@pytest.mark.parametrize(
    "sentence",
    [
        "Excluding an acquisition, Microsoft Cloud revenue was $38.0 billion, up 18% year-over-year.",
        "On a pro forma basis Microsoft Cloud revenue was $41.5 billion, up 22%.",
        "Non-GAAP Microsoft Cloud revenue was $40.0 billion, up 20%.",
        "Annualized Microsoft Cloud revenue was $163.6 billion, up 21% year-over-year.",
        "Had it not been for currency, Microsoft Cloud revenue was $41.3 billion, up 22%.",
        "We expect Microsoft Cloud revenue of $42.0 billion, up 20%, in the coming months.",
        "Guidance: Microsoft Cloud revenue of $42.0 billion, up 20%.",
        "Analysts had expected Microsoft Cloud revenue of $41.1 billion, up 22%.",
        "Microsoft Cloud revenue of $41.3 billion, up 22%, excluding the effect of currency.",
        "Microsoft Cloud revenue was $40.9 billion, up 23% year-over-year in constant currency.",
        "Microsoft Cloud revenue was $163.6 billion, up 21% year-over-year on an annualized basis.",
        "Other Microsoft Cloud revenue was $4.1 billion, up 3% year-over-year.",
    ],
)
def test_what_is_expected_or_measured_otherwise_is_told_and_not_read(sentence):
    figures, reasons, _ = said("MSFT", f"<p>{sentence}</p>")
    assert (figures, reasons) == ({}, ["cloud revenue: sentence not read"])


@pytest.mark.parametrize(
    ("ticker", "sentence", "topic"),
    [
        ("GOOGL", "Google Cloud revenues increased 28% to $11.8 billion in constant currency.", "Google Cloud revenue"),
        ("GOOGL", "Google Cloud revenues increased 30% to $47.8 billion annualized.", "Google Cloud revenue"),
        ("GOOGL", "Google Cloud revenues increased 31% to $12.1 billion on a pro forma basis, led by AI.", "Google Cloud revenue"),
        ("MSFT", "Microsoft Cloud gross margin percentage decreased to 72% excluding the change in useful lives", "cloud gross margin"),
    ],
)  # fmt: skip
def test_a_clause_whose_end_says_that_it_is_measured_otherwise_is_told_and_not_read(ticker, sentence, topic):
    assert said(ticker, f"<p>{sentence}</p>")[:2] == ({}, [f"{topic}: sentence not read"])


def test_what_a_sentence_says_next_does_not_measure_its_figures():
    sentence = "Google Cloud revenues increased 30% to $12.0 billion led by growth in GCP, with adjusted margins up."
    figures, reasons, _ = said("GOOGL", f"<p>{sentence}</p>")
    assert (sorted(figures.values()), reasons) == ([30, 12e9], [])


@pytest.mark.parametrize(
    "sentence",
    [
        "A year ago Microsoft Cloud revenue was $33.7 billion, up 24% year-over-year.",
        "In the December 2023 quarter Microsoft Cloud revenue was $33.7 billion, up 24% year-over-year.",
        "Microsoft Cloud revenue of $38.9 billion, up 22%, in the September quarter.",
        "Since July Microsoft Cloud revenue was $79.8 billion, up 22% year-over-year.",
        "Microsoft Cloud revenue was $137.4 billion, up 23%, for 2024 and $40.9 billion in the second quarter.",
    ],
)
def test_a_period_told_in_other_words_is_not_the_quarters(sentence):
    figures, reasons, _ = said("MSFT", f"<p>{sentence}</p>")
    assert (figures, reasons) == ({}, ANOTHER)


@pytest.mark.parametrize(
    "sentence",
    [
        "Better than expected execution drove Microsoft Cloud revenue to $40.9 billion, up 21% year-over-year.",
        "Microsoft Cloud revenue was $40.9 billion, up 21% year-over-year, and we expect it to grow.",
        "Microsoft Cloud revenue was $40.9 billion, up 21% year-over-year, in the December quarter.",
        "In the second quarter of fiscal 2025 Microsoft Cloud revenue was $40.9 billion, up 21% year-over-year.",
    ],
)
def test_what_was_reported_is_read_whatever_is_said_beside_it(sentence):
    figures, reasons, _ = said("MSFT", f"<p>{sentence}</p>")
    assert (figures, reasons) == ({"cloud_revenue": 40.9e9, "cloud_revenue_growth_pct": 21}, [])


@pytest.mark.parametrize("heading", ["Outlook", "CFO Outlook Commentary", "Business Outlook", "Guidance"])
def test_under_a_heading_of_the_outlook_nothing_was_reported(heading):
    sentence = "Capital expenditures, including principal payments on finance leases, were $60 billion."
    figures, reasons, _ = said("META", f"<h3>{heading}</h3><p>{sentence}</p>")
    assert (figures, reasons) == ({}, ANOTHER)


def test_a_rise_in_constant_currency_beside_a_fall_has_its_own_sign():
    sentence = "AWS segment sales decreased 3% year-over-year to $28.8 billion, or increased 1%, excluding changes in foreign exchange rates."
    figures, _, _ = said("AMZN", f"<p>{sentence}</p>")
    assert (figures["cloud_revenue_growth_pct"], figures["cloud_revenue_growth_cc_pct"]) == (-3, 1)
