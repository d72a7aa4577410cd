"""The real wordings, read in place: every figure they state against the list of indicators, and what is only noticed.

The excerpts are releases, copies of them and retellings. A release is read; a retelling in other words is a notice.
"""

from __future__ import annotations

import csv
import re
from datetime import date

import pytest
from company_facts import SHARED

from config.load import catalog
from transforms.companies.release_period import heading
from transforms.filings.release_text import sentences
from transforms.filings.release_wordings import figures_in

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout"),
]
TEXTS = SHARED / "kpi" / "press_release_text"
# The list's names for the metrics; its money is in billions.
NAMES = {
    "azure_growth_reported_pct": "azure_growth_reported_pct",
    "azure_growth_cc_pct": "azure_growth_cc_pct",
    "cloud_revenue": "microsoft_cloud_revenue_usd_b",
    "cloud_revenue_growth_pct": "microsoft_cloud_growth_pct",
    "cloud_revenue_growth_cc_pct": "microsoft_cloud_growth_cc_pct",
    "cloud_gross_margin_pct": "microsoft_cloud_gross_margin_pct",
    "rpo_commercial": "commercial_rpo_usd_b",
    "rpo_commercial_growth_pct": "commercial_rpo_growth_pct",
}
# Figures and notices of each excerpt, counted by reading it.
EXPECTED = {
    "FY2018Q1_cdrinfo": (1, 1),  # a run rate of commercial cloud
    "FY2019Q1_windowscentral": (2, 0),
    "FY2020Q1_mesaonline": (0, 1),
    "FY2020Q2_mspoweruser": (0, 2),
    "FY2020Q3_ex991_header": (2, 0),
    "FY2020Q3_mspoweruser": (0, 2),
    "FY2020Q4_mspoweruser": (2, 0),
    "FY2021Q2_mspoweruser": (0, 1),
    "FY2021Q3_marketscreener": (2, 0),
    "FY2022Q1_newsbreak": (0, 1),
    "FY2022Q1_webpronews": (2, 0),
    "FY2022Q2_msdynamicsworld": (0, 1),
    "FY2022Q3_ex991_header": (2, 0),
    "FY2022Q4_techpowerup": (2, 0),
    "FY2023Q1_ir_intelligent_cloud": (1, 0),
    "FY2023Q3_note": (0, 1),
    "FY2023Q4_release": (3, 0),
    "FY2024Q1_ir_performance": (1, 1),  # "increased 2 points" states no level
    "FY2024Q2_release_header": (3, 0),
    "FY2024Q4_ir_performance_mirror": (1, 0),
    "FY2024Q4_release": (5, 0),
    "FY2025Q4_release": (4, 0),
    "FY2026Q1_10q_sentence": (1, 0),
    "FY2026Q4_parser_fixture": (3, 1),  # its sentence on commercial RPO begins with a small letter
}


def quarter_end(name):
    year, quarter = map(int, re.match(r"FY(\d{4})Q(\d)", name).groups())
    return [date(year - 1, 9, 30), date(year - 1, 12, 31), date(year, 3, 31), date(year, 6, 30)][quarter - 1]


def read(name):
    """(figures with the kind of section they stand in, topics of the notices) of one excerpt."""
    figures, topics, section = [], [], "quarter"
    for line in (TEXTS / f"{name}.txt").read_text("utf-8").splitlines()[2:]:
        section = heading(line, catalog().companies["MSFT"], quarter_end(name)) or section
        for sentence in sentences(line):
            found, almost = figures_in(sentence, catalog().companies["MSFT"], quarter_end(name))
            figures += [(section, figure) for figure in found]
            topics += almost
    return figures, topics


def indicators():
    with (SHARED / "kpi" / "kpi.csv").open(encoding="utf-8", newline="") as lines:
        return {(row["metric"], row["fiscal_period"]): row for row in csv.DictReader(lines) if row["company"] == "MSFT"}


def test_every_excerpt_is_expected():
    assert {path.stem for path in TEXTS.glob("*.txt")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_an_excerpt_yields_what_it_states_and_nothing_else(name):
    figures, almost = read(name)
    assert (len(figures), len(almost)) == EXPECTED[name]


def test_every_figure_agrees_with_the_list_of_indicators():
    listed, compared, of_the_year = indicators(), 0, []
    for name in EXPECTED:
        for section, figure in read(name)[0]:
            if section == "year":
                of_the_year.append((name, figure.value))
                continue
            row = listed[NAMES[figure.metric], name[:8]]
            billions = 1e9 if figure.unit == "USD" else 1
            assert float(figure.value) / billions == pytest.approx(float(row["value"])), (name, figure.metric)
            if figure.metric.startswith("azure"):
                assert row["definition"].startswith(figure.definition), name
            compared += 1
    assert compared == 36
    assert of_the_year == [("FY2024Q4_ir_performance_mirror", 71)]  # the quarter's was 69


# Oracle's and Amazon's sentences, as the list quotes them. Of Alphabet's and META's releases nothing is at hand: their makes
# are in test_sec_press_release.py.
QUOTED = {
    ("ORCL", "oci_revenue_usd_b"): "cloud_revenue",
    ("ORCL", "oci_growth_pct"): "cloud_revenue_growth_pct",
    ("ORCL", "oci_growth_cc_pct"): "cloud_revenue_growth_cc_pct",
    ("ORCL", "rpo_total_usd_b"): "rpo_total",
    ("ORCL", "rpo_growth_pct"): "rpo_growth_pct",
    ("AMZN", "aws_revenue_usd_b"): "cloud_revenue",
    ("AMZN", "aws_growth_pct"): "cloud_revenue_growth_pct",
}


def test_quotations_of_other_releases():
    compared = set()
    with (SHARED / "kpi" / "kpi.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            metric = QUOTED.get((row["company"], row["metric"]))
            if metric is None:
                continue
            end = date.fromisoformat(row["period_end"])
            quote = row["quote"]
            if "(IaaS) Revenue" in quote:  # the list breaks these off before their end
                quote += " and constant currency" if quote.endswith("both USD") else " in constant currency"
            figures, _ = figures_in(quote, catalog().companies[row["company"]], end)
            stated = {figure.metric: figure for figure in figures}
            if metric in stated:
                billions = 1e9 if stated[metric].unit == "USD" else 1
                assert float(stated[metric].value) / billions == pytest.approx(float(row["value"])), row["quote"]
                compared.add((row["company"], metric, row["fiscal_period"]))
    assert len(compared) == 12 + 24 + 4  # Amazon's; Oracle's infrastructure; its obligations


# Names of what is read from releases, and amounts beside them, looked for without the reader's own words for either.
NAMED = re.compile(
    r"Azure|Microsoft Cloud|[Cc]ommercial cloud|remaining performance obligation|[Cc]apital expenditures?|\bAWS\b|Google Cloud|IaaS"
)
AMOUNTS = re.compile(r"\$ ?([\d.,]*\d) (billion|million)")
# What is known to be something else: a year's level, and what is leased of the whole.
LEFT = re.compile(
    r"surpassed \$\d+ billion|including \$[\d.]+ billion of financed? leases|increased \$[\d.]+ billion or \d+% driven by Azure"
    r"|^Revenue was \$[\d.]+ billion|number of \$10 million"
)


def real_sentences():
    """(ticker, last day of the quarter, sentence) of every text of a release or a call at hand."""
    for name in EXPECTED:
        for line in (TEXTS / f"{name}.txt").read_text("utf-8").splitlines()[2:]:
            yield from (("MSFT", quarter_end(name), sentence) for sentence in sentences(line))
    with (SHARED / "kpi" / "kpi.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["company"] in catalog().companies and row["period_end"]:
                yield row["company"], date.fromisoformat(row["period_end"]), row["quote"]
    with (SHARED / "kpi" / "transcript_sentences.csv").open(encoding="utf-8", newline="") as lines:
        yield from (("MSFT", quarter_end(row["fiscal_period"]), row["sentence"]) for row in csv.DictReader(lines))
    # META's release of 2025-01-29, whose year was neither read nor told.
    yield (
        "META",
        date(2024, 12, 31),
        (
            "Capital expenditures, including principal payments on finance leases, were $14.84 billion and $39.23 billion for the "
            "fourth quarter and full year 2024, respectively."
        ),
    )


def test_every_amount_beside_the_name_of_a_metric_is_read_or_told():
    dropped, amounts, read = [], 0, 0
    for ticker, end, sentence in real_sentences():
        if not NAMED.search(sentence):
            continue
        figures, topics = figures_in(sentence, catalog().companies[ticker], end)
        values = {float(figure.value) for figure in figures}
        for number, unit in AMOUNTS.findall(LEFT.sub("", sentence)):
            value = round(float(number.replace(",", "")) * (1e9 if unit == "billion" else 1e6))
            amounts += 1
            read += value in values
            if value not in values and not topics:
                dropped.append((ticker, number, sentence[:200]))
    assert dropped == []
    assert amounts > 150
    assert read > 60
