"""A recast exhibit: old periods stated anew in tables, made here from the figures of Microsoft's of 2026-09-02."""

from __future__ import annotations

import csv
from datetime import date, datetime

import polars as pl
import pytest
from company_facts import LOADED_AT, SHARED

from config.contract_checks import checks
from config.contracts import COMPANY_FACT, Capture
from config.load import catalog
from transforms.sources.sec_press_release import parse

RECAST = SHARED / "sec" / "recent" / "msft_recast_2026-09-02.csv"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not RECAST.exists(), reason="../shared with the real payloads is not beside the checkout"),
]
SAID = "Beginning in fiscal year 2027 we revised the definition of Azure and recast prior period amounts."
QUARTERS = {"2025-09-30": 1, "2025-12-31": 2, "2026-03-31": 3, "2026-06-30": 4}
METRICS = ("azure_revenue", "azure_growth_reported_pct", "azure_growth_cc_pct")
SEGMENT = "Agents and Infrastructure"


def stated(metrics=METRICS):
    """(metric, last day, whether of the year) -> the figure in plain units, as the list of the recast has it."""
    with RECAST.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["metric"] in metrics]
    found = {}
    for row in rows:
        scale = 1e6 if row["unit"] == "USD_m" else 1
        found[row["metric"], row["period_end"], "Q" not in row["period"]] = float(row["value"]) * scale
    return found


def cell(text, wide=1, tag="td"):
    return f'<{tag} colspan="{wide}"><div><span style="font-size:10pt">{text}</span></div></{tag}>'


def amount(value):
    """A number as filers lay it out: the sign, the number and a spacer in cells of their own."""
    if value is None:
        return cell("&#160;", 3)
    return cell("$") + cell(f"{value / 1e6:,.0f}") + cell("&#160;")


def percent(value):
    return cell("&#160;", 3) if value is None else cell("") + cell(f"{value:.0f}") + cell("%")


def line(label, metric, columns, figures, mark):
    return "<tr>" + cell(label) + "".join(mark(figures.get((metric, end, year))) for end, year in columns) + "</tr>"


COLUMNS = [(end, False) for end in QUARTERS] + [("2026-06-30", True)]


def by_last_days(figures):
    """Spanning headings over last days, as in a statement."""
    days = [date.fromisoformat(end) for end, _ in COLUMNS]
    heads = "<tr>" + cell("&#160;") + cell("Three Months Ended", 12) + cell("Year Ended", 3) + "</tr>"
    heads += (
        "<tr>" + cell("(In millions)") + "".join(cell(f"{day:%B} {day.day}, {day:%Y}", 3) for day in days) + "</tr>"
    )
    rows = [
        line("Azure revenue", "azure_revenue", COLUMNS, figures, amount),
        line("Azure revenue growth<sup>(a)</sup>", "azure_growth_reported_pct", COLUMNS, figures, percent),
        line("Azure revenue growth in constant currency", "azure_growth_cc_pct", COLUMNS, figures, percent),
    ]
    return f"<table>{heads}{''.join(rows)}</table>"


def by_numbers_in_a_group(figures):
    """Quarters by number, the unit above the table, measures under a row that names Azure; all in a table that lays out the page."""
    names = [f"FY26-Q{QUARTERS[end]}" if not year else "FY26" for end, year in COLUMNS]
    heads = "<tr>" + cell("", tag="th") + "".join(cell(name, 3, "th") for name in names) + "</tr>"
    rows = [
        f'<tr><td colspan="16">{cell("Azure")}</td></tr>'.replace('<td colspan="16"><td', "<td").replace(
            "</td></td>", "</td>"
        ),
        line("Revenue", "azure_revenue", COLUMNS, figures, amount),
        line("Growth (y/y)", "azure_growth_reported_pct", COLUMNS, figures, percent),
        line("Growth in constant currency (y/y)", "azure_growth_cc_pct", COLUMNS, figures, percent),
    ]
    inner = f"<p>Azure (US$ in millions)</p><table>{heads}{''.join(rows)}</table>"
    return f"<table><tr><td>{inner}</td></tr></table>"


def on_its_side(figures):
    """Periods down the rows, under a cell that reaches over all four quarters."""
    heads = (
        "<tr>"
        + "".join(
            cell(text, 3)
            for text in (
                "",
                "Period",
                "Azure revenue (in millions)",
                "Azure growth (%)",
                "Azure growth in constant currency (%)",
            )
        )
        + "</tr>"
    )
    rows = ""
    for end, year in COLUMNS:
        name = "Fiscal year 2026" if year else f"Q{QUARTERS[end]} FY2026"
        marks = (amount, percent, percent)
        rows += "<tr>" + ('<td rowspan="5" colspan="3">&#160;</td>' if end == "2025-09-30" else "") + cell(name, 3)
        rows += (
            "".join(mark(figures.get((metric, end, year))) for metric, mark in zip(METRICS, marks, strict=True))
            + "</tr>"
        )
    return f"<table>{heads}{rows}</table>"


def disclosed(body, item="Regulation FD Disclosure", day="20260902", said=SAID, release=""):
    page = f"<html><body><p>{said}</p>{body}</body></html>"
    whole = (
        f"<SEC-DOCUMENT>0001193125-26-380280.txt : {day}\n<SEC-HEADER>0001193125-26-380280.hdr.sgml : {day}\n"
        "ACCESSION NUMBER:\t\t0001193125-26-380280\nCONFORMED SUBMISSION TYPE:\t8-K\n"
        f"ITEM INFORMATION:\t\t{item}\nFILED AS OF DATE:\t\t{day}\nFILER:\n\t\tCENTRAL INDEX KEY:\t\t\t0000789019\n</SEC-HEADER>\n"
        f"{release}<DOCUMENT>\n<TYPE>EX-99.{2 if release else 1}\n<FILENAME>ex99.htm\n<TEXT>\n{page}\n</TEXT>\n</DOCUMENT>\n</SEC-DOCUMENT>\n"
    ).encode()
    return parse(whole, Capture("sec_press_release", "MSFT", "", "0" * 64, 1, LOADED_AT, LOADED_AT), catalog())


def taken(rows):
    return {
        (row["concept"], str(row["period_end"]), (row["period_end"] - row["period_start"]).days > 300): row["value"]
        for row in rows.iter_rows(named=True)
    }


@pytest.mark.parametrize("layout", [by_last_days, by_numbers_in_a_group, on_its_side])
@pytest.mark.parametrize("item", ["Regulation FD Disclosure", "Other Events"])
def test_the_tables_of_a_recast_are_vintages_of_the_old_periods(layout, item):
    expected = {key: value for key, value in stated().items() if key[1] != "2025-06-30"}
    rows = disclosed(layout(expected), item).rows
    assert taken(rows) == expected
    assert len(expected) == 13
    assert set(rows["definition"]) == {"azure_v4"}
    assert set(rows["known_at"]) == {datetime(2026, 9, 2, 21, 30)}
    assert checks(COMPANY_FACT).is_valid(rows)
    money = rows.filter(pl.col("unit") == "USD")
    assert set(money["decimals"]) == {-6}


def test_a_recast_that_no_step_declares_has_no_definition():
    found = disclosed(by_last_days(stated()), day="20270902")
    assert set(found.rows["definition"]) == {"azure_undeclared"}
    assert "definition not declared for the period" in {issue.reason for issue in found.issues}


def test_a_table_without_a_word_of_a_recast_is_none_of_the_past():
    found = disclosed(by_last_days(stated()), said="Slides for a conference.")
    assert found.rows.is_empty()
    assert found.issues


def test_a_recast_beside_a_release_is_read_as_such():
    release = (
        "<DOCUMENT>\n<TYPE>EX-99.1\n<FILENAME>ex991.htm\n<TEXT>\n<html><body><p>Results for the quarter ended June 30, 2026</p>"
        "<p>Azure and other cloud services revenue increased 43%</p></body></html>\n</TEXT>\n</DOCUMENT>\n"
    )
    found = disclosed(by_last_days(stated()), "Results of Operations and Financial Condition", release=release)
    growth = found.rows.filter(
        (pl.col("concept") == "azure_growth_reported_pct") & (pl.col("period_end") == date(2026, 6, 30))
    )
    quarter = growth.filter(pl.col("period_start") == date(2026, 4, 1))
    assert sorted(quarter.select("definition", "value").rows()) == [("azure_v3", 43), ("azure_v4", 42)]


def segments_by_measure(figures):
    """Measures as rows of words, segments under each, as Microsoft's releases have them."""
    days = [date.fromisoformat(end) for end, _ in COLUMNS]
    heads = "<tr>" + cell("(In millions)") + cell("Three Months Ended", 12) + cell("Year Ended", 3) + "</tr>"
    heads += "<tr>" + cell("") + "".join(cell(f"{day:%B} {day.day}, {day:%Y}", 3) for day in days) + "</tr>"
    body = ""
    for words, metric in (
        ("Revenue", "segment_revenue"),
        ("Cost of revenue", "other"),
        ("Operating Income", "segment_operating_income"),
    ):
        body += f"<tr>{cell(words)}</tr>" + line(SEGMENT, metric, COLUMNS, figures, amount)
        body += "".join(
            f"<tr>{cell(name)}{''.join(amount(1e9) for _ in COLUMNS)}</tr>"
            for name in ("Productivity and Business Processes", "Total")
        )
    return f"<table>{heads}{body}</table>"


def segments_by_name(figures):
    """The segment as a row of words, its measures under it."""
    return segments_by_measure({}).partition('<tr><td colspan="1"><div><span style="font-size:10pt">Revenue')[0] + (
        f"<tr>{cell(SEGMENT)}</tr>"
        + line("Revenue", "segment_revenue", COLUMNS, figures, amount)
        + line("Cost of revenue", "segment_cost_of_revenue", COLUMNS, figures, amount)
        + line("Operating income", "segment_operating_income", COLUMNS, figures, amount)
        + "</table>"
    )


@pytest.mark.parametrize("layout", [segments_by_measure, segments_by_name])
def test_the_segments_of_a_recast_are_read_and_their_costs_are_not(layout):
    metrics = ("segment_revenue", "segment_operating_income")
    expected = stated(metrics)
    found = disclosed(
        layout({**expected, **stated(("segment_cost_of_revenue",))}),
        said=SAID.replace("definition of Azure", "segments"),
    )
    assert taken(found.rows) == expected
    assert len(expected) == 6
    assert set(found.rows["definition"]) == {"agents_and_infra"}
