"""Tables of releases in the layouts of real ones, and as filers break them: read for the period they name, or told. Figures our own."""

from __future__ import annotations

import pytest
from company_facts import LOADED_AT

from config.contracts import Capture
from config.load import catalog
from transforms.sources.sec_press_release import parse

FILED = {"AMZN": "2025-02-06", "GOOGL": "2025-02-04", "META": "2025-01-29", "MSFT": "2025-01-29", "ORCL": "2024-12-09"}
ENDED = dict.fromkeys(FILED, "December 31, 2024") | {"ORCL": "November 30, 2024"}
QUARTER = '<tr><td></td><td colspan="2">Three Months Ended December 31,</td></tr>'
BOTH = QUARTER.replace("</tr>", '<td colspan="2">Twelve Months Ended December 31,</td></tr>')
MILLIONS = "<p>(in millions, unaudited)</p>"


def row(*cells):
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


YEARS, TWICE = row("", "2024", "2023"), row("", "2023", "2024", "2023", "2024")


def read(ticker, body):
    """((metric, whether of the year) -> value, reasons of the issues) of a release with that body."""
    page = f"<html><body><p>Results for the quarter ended {ENDED[ticker]}</p>{body}</body></html>".encode()
    scope = f"{ticker} 0000000000-25-000001 {FILED[ticker]} 8-K"
    found = parse(page, Capture("sec_press_release", scope, "", "0" * 64, 1, LOADED_AT, LOADED_AT), catalog())
    assert {str(end) for end in found.rows["period_end"]} <= {"2024-12-31", "2024-11-30"}
    return {
        (one["concept"], bool(one["period_start"]) and (one["period_end"] - one["period_start"]).days > 300): one[
            "value"
        ]
        for one in found.rows.iter_rows(named=True)
    }, {issue.reason for issue in found.issues}


SALES, SALES_OF_YEAR = ("cloud_revenue", False), ("cloud_revenue", True)


@pytest.mark.parametrize(
    ("ticker", "body", "figures"),
    [
        ("AMZN", f"{MILLIONS}<table>{BOTH}{TWICE}{row('<b>AWS</b>')}{row('Net sales', '$ 24,204', '$ 28,786', '$ 90,757', '$107,556')}"
         f"{row('Operating income', '7,167', '10,632', '24,631', '39,834')}</table>", {SALES: 28786e6, SALES_OF_YEAR: 107556e6}),
        ("GOOGL", f"{MILLIONS}<table>{QUARTER.replace('Three Months', 'Quarter')}{row('', '2023', '2024')}{row('Revenues:')}"
         f"{row('Google Services', '$76,311', '$84,094')}{row('Google Cloud', '9,192', '11,955')}{row('Total revenues', '86,310', '96,469')}"
         f"{row('Operating income (loss):')}{row('Google Cloud', '864', '2,093')}</table>", {SALES: 11955e6}),
        ("META", f"<table><caption>In millions</caption>{QUARTER}{YEARS}"
         f"{row('Capital expenditures, including principal payments on finance leases', '$14,840', '$7,900')}</table>",
         {("capex_incl_finance_leases", False): 14840e6}),
        # The balance needs no span, the sales do; thousands as they say.
        ("ORCL", f"<p>($ in thousands)</p><table>{row('', 'November 30, 2024', 'November 30, 2023')}"
         f"{row('Remaining performance obligations', '97,300,000', '65,000,000')}</table>", {("rpo_total", False): 97.3e9}),
        # Marks of footnotes in both shapes, a hidden row with an older figure, a total in a cell that reaches down.
        ("MSFT", f"{MILLIONS}<table>{QUARTER}{YEARS}{row('Microsoft Cloud revenue<sup>(1)</sup> (a)', '$40,900<sup>1</sup>', '33,700')}"
         f"<tr style=\"display:none\"><td>Microsoft Cloud revenue</td><td>55,500</td><td>1</td></tr>"
         f"{row('Microsoft Cloud revenue growth', '21 %', '24 %')}{row('Microsoft Cloud revenue growth, constant currency', '(5', ')%')}</table>",
         {SALES: 40900e6, ("cloud_revenue_growth_pct", False): 21, ("cloud_revenue_growth_cc_pct", False): -5}),
        # A table within a cell of the page's layout; the quarter by its number; zero-width marks in number and name.
        ("MSFT", f"<table><tr><td>{MILLIONS}<table>{row('', 'Q2 FY25', 'Q1 FY25', 'Q2 FY24')}"
         f"{row('Micro&#8203;soft Cloud revenue', '40,&#8203;900', '38,900', '33,700')}</table></td><td>2024</td></tr></table>", {SALES: 40900e6}),
        # A group's words end with the group: the row says itself that it is sales.
        ("AMZN", f"{MILLIONS}<table>{QUARTER}{YEARS}{row('Operating income (loss):')}{row('North America', '9,256', '6,461')}"
         f"{row('AWS net sales', '28,786', '24,204')}</table>", {SALES: 28786e6}),
        # Numbers that say their unit, in cells of blocks, with marks behind them.
        ("MSFT", f"<table>{QUARTER}{YEARS}{row('<div>Microsoft Cloud revenue</div>', '<div>$40.9 billion (1)</div>', '<div>$33.7 billion</div>')}"
         f"{row('Microsoft Cloud revenue growth', '21%(2)', '24%*')}</table>", {SALES: 40.9e9, ("cloud_revenue_growth_pct", False): 21}),
        # What stands before the table is ended by its headings.
        ("MSFT", f"<p>Three Months Ended December 31,</p>{MILLIONS}<table>{YEARS}{row('Microsoft Cloud revenue', '40,900', '33,700')}</table>",
         {SALES: 40900e6}),
        ("MSFT", f"<p>Fiscal Year 2025</p>{MILLIONS}<table>{row('', 'Q1', 'Q2')}{row('Microsoft Cloud revenue', '38,900', '40,900')}</table>",
         {SALES: 40900e6}),
        # The sentence rounds what the table states.
        ("AMZN", f"<p>AWS segment sales increased 19% year-over-year to $28.8 billion.</p>{MILLIONS}<table>{QUARTER}{YEARS}"
         f"{row('AWS net sales', '28,786', '24,204')}</table>", {SALES: 28786e6, ("cloud_revenue_growth_pct", False): 19}),
        # An outflow in brackets, as a cash-flow statement has it, beside the sentence that rounds it.
        ("META", f"<p>Capital expenditures, including principal payments on finance leases, were $14.84 billion</p>{MILLIONS}<table>{QUARTER}"
         f"{YEARS}{row('Capital expenditures, including principal payments on finance leases', '(14,836)', '(7,665)')}</table>",
         {("capex_incl_finance_leases", False): 14836e6}),
        # The measure above the columns: Microsoft's reconciliation of growth in constant currency.
        ("MSFT", f'<table><tr><td></td><td colspan="3">Three Months Ended December 31, 2024</td></tr>'
         f"{row('', 'Percentage Change Y/Y (GAAP)', 'Constant Currency Impact', 'Percentage Change Y/Y Constant Currency')}"
         f"{row('Azure and other cloud services', '31%', '(1)%', '30%')}</table>",
         {("azure_growth_reported_pct", False): 31, ("azure_growth_cc_pct", False): 30}),
    ],
)  # fmt: skip
def test_rows_of_the_quarter_and_of_its_year(ticker, body, figures):
    assert read(ticker, body) == (figures, set())


@pytest.mark.parametrize(
    "table",
    [
        f"{MILLIONS}<table>{QUARTER.replace('Three', 'Three and Six')}{YEARS}{row('Microsoft Cloud revenue', '40,900', '33,700')}</table>",
        f"{MILLIONS}<table>{row('', '2024', '2023')}{row('Microsoft Cloud revenue', '40,900', '33,700')}</table>",
        f"<table>{QUARTER}{YEARS}{row('Microsoft Cloud revenue', '40,900', '33,700')}</table>",
        f"<p>(in thousands)</p><table>{row('(in millions)')}{QUARTER}{YEARS}{row('$ in billions')}{row('Microsoft Cloud revenue', '40,900', '33,700')}</table>",
        f"<p>(in billions)</p><table>{QUARTER}{YEARS}{row('Microsoft Cloud revenue', '40,9', '33,7')}</table>",
        f"{MILLIONS}<table>{QUARTER}{YEARS}{row('Microsoft Cloud revenue excluding Nuance', '40,900', '33,700')}</table>",
        f"{MILLIONS}<table>{QUARTER}{YEARS}{row('Microsoft Cloud gross margin percentage', '70%', '72%')}</table>",
        f"{MILLIONS}<table>{QUARTER}{YEARS}{row('Revenue and operating income')}{row('Microsoft Cloud', '40,900', '33,700')}</table>",
        f"<table>{QUARTER}{YEARS}{row('<div>Microsoft Cloud revenue</div>', '<div>about $40.9 billion</div>', '<div>some $33.7 billion</div>')}</table>",
        f"{MILLIONS}<table>{row('', 'Change')}{row('Microsoft Cloud revenue growth', '21%')}</table>",
        f"{MILLIONS}<table>{QUARTER}{YEARS}{row('Azure and other cloud services revenue growth', '6,409', '5,300')}</table>",
        f"{MILLIONS}<table>{row('', 'December 31, 2024', 'December 31, 2023')}{row('Microsoft Cloud revenue', '40,900', '33,700')}</table>",
        # Headings that should span two columns and stand over one each; an amount below zero.
        f"{MILLIONS}<table>{row('', 'Three Months Ended December 31,', 'Year Ended December 31,')}{TWICE}"
        f"{row('Microsoft Cloud revenue', '33,700', '40,900', '130,000', '150,000')}</table>",
        f"{MILLIONS}<table>{QUARTER}{YEARS}{row('Microsoft Cloud revenue', '(40,900)', '(33,700)')}</table>",
        f"<table>{row('', 'Three Months Ended December 31, 2024 % Change Q/Q')}{row('Microsoft Cloud', '5%')}</table>",
    ],
)  # fmt: skip
def test_a_row_on_a_metric_that_cannot_be_read_is_told(table):
    assert read("MSFT", table) == ({}, {"row of a table not read"})


@pytest.mark.parametrize(
    "table",
    [
        f"{MILLIONS}<table>{QUARTER.replace('Three', 'Six')}{YEARS}{row('Microsoft Cloud revenue', '79,800', '65,500')}</table>",
        f"{MILLIONS}<table>{row('', 'Q2 FY24')}{row('Microsoft Cloud revenue', '33,700')}</table>",
    ],
)
def test_another_span_and_a_comparative_are_left(table):
    sound = "<p>Commercial remaining performance obligation increased 34% to $298 billion</p>"
    figures, reasons = read("MSFT", sound + table)
    assert (figures[("rpo_commercial", False)], SALES in figures, reasons) == (298e9, False, set())


def test_two_rows_that_differ_are_neither_taken():
    both = row("Microsoft Cloud revenue", "40,900", "33,700") + row("Microsoft Cloud revenue", "49,000", "33,700")
    assert read("MSFT", f"{MILLIONS}<table>{QUARTER}{YEARS}{both}</table>") == ({}, {"two values for one figure"})


GOOGLE = row("Google Cloud revenues", "$11,800", "$9,192")
ABOVE = QUARTER.replace("Three Months", "Quarter")


@pytest.mark.parametrize(
    "body",
    [
        f"<p>Non-GAAP constant currency revenues by segment</p>{MILLIONS}<table>{ABOVE}{YEARS}{GOOGLE}</table>",
        f"<p>Pro forma results</p>{MILLIONS}<table>{ABOVE}{YEARS}{GOOGLE}</table>",
        f"{MILLIONS}<table>{ABOVE}{YEARS}{row('Constant currency:')}{GOOGLE}</table>",
        f"{MILLIONS}<table>{row('', 'Quarter Ended December 31, 2024 Pro Forma')}{row('Google Cloud revenues', '$11,800')}</table>",
        f"{MILLIONS}<table>{ABOVE}{YEARS}{row('Adjusted (non-GAAP)')}{GOOGLE}</table>",
    ],
)
def test_amounts_under_a_heading_that_measures_them_otherwise_are_told_and_not_read(body):
    assert read("GOOGL", body) == ({}, {"row of a table not read"})


def test_a_column_as_reported_is_read_beside_one_in_constant_currency():
    head = row("", "Quarter Ended December 31, 2024 As Reported", "Quarter Ended December 31, 2024 Constant Currency")
    title = "<p>Reconciliation of GAAP revenues to non-GAAP constant currency revenues</p>"
    figures, reasons = read(
        "GOOGL", f"{title}{MILLIONS}<table>{head}{row('Google Cloud revenues', '$11,955', '$11,800')}</table>"
    )
    assert (figures, reasons) == ({SALES: 11955e6}, {"row of a table not read"})
