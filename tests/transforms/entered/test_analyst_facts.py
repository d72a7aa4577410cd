"""Hand-entered statements: read as typed, dated by their medium, and refused when something does not hold together."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from places import FIXTURES_FOLDER, SHARED_DATA

from config.chains import Calendar
from config.contract_checks import checks
from config.contracts import COMPANY_FACT, Capture
from config.errors import Refused
from config.load import analyst_files, catalog
from config.metric_specs import Metric
from config.specs import Catalog, Company
from transforms.sources.analyst_facts import parse

SAMPLE = FIXTURES_FOLDER / "sources" / "analyst_facts" / "msft_sample.yml"
KPI = SHARED_DATA / "kpi" / "kpi.csv"

UNITS = {
    "rpo_commercial": ("USD", "instant"), "rpo_next12m_share_pct": ("pct", "instant"),
    "azure_growth_reported_pct": ("pct", "duration"), "azure_growth_cc_pct": ("pct", "duration"),
}  # fmt: skip


def _catalog() -> Catalog:
    metrics = {
        name: Metric(
            id=name, title_en=name, title_zh=name, definition="", meaning="", unit=unit, period=period, additive=False
        )
        for name, (unit, period) in UNITS.items()
    }
    microsoft = Company(ticker="MSFT", name="Microsoft", cik=789019, calendar=Calendar(year_end_month=6), followed=True)
    return Catalog(
        sources={}, companies={"MSFT": microsoft}, metrics=metrics, models={}, organizations={}, claims={}
    )  # fmt: skip


def _utc(text: str) -> datetime:
    """A naive UTC instant, as the contract keeps them."""
    return datetime.fromisoformat(text)


def _capture(scope: str) -> Capture:
    now = _utc("2026-11-22 12:00")
    return Capture("analyst_facts", scope, "", "0" * 64, 1, now, now, origin="entered")


def _rows(text: str | None = None) -> pl.DataFrame:
    payload = SAMPLE.read_bytes() if text is None else text.encode()
    parsed = parse(payload, _capture(SAMPLE.name), _catalog())
    assert parsed.issues == ()
    return parsed.rows


def _one(rows: pl.DataFrame, document: str, concept: str) -> dict[str, object]:
    found = rows.filter((pl.col("document_id") == document) & (pl.col("concept") == concept))
    assert found.height == 1
    return found.row(0, named=True)


def test_a_level_from_a_call_is_plain_dollars_known_when_the_call_ends() -> None:
    row = _one(_rows(), "msft-fy2025q2-call", "rpo_commercial")
    assert (row["value"], row["value_exact"]) == (298e9, "298000000000")
    assert (row["unit"], row["currency"], row["form"]) == ("USD", "USD", "call")
    assert (row["period_start"], row["period_end"]) == (None, date(2024, 12, 31))
    # 18:30 in New York is 23:30 UTC in winter.
    assert row["known_at"] == _utc("2025-01-29 23:30")
    assert row["known_at_basis"] == "earnings_call: published_on 18:30, America/New_York"
    assert (row["definition"], row["evidence_tier"], row["dimensions"]) == ("customers_commercial", 2, "")
    assert row["locator"] == "msft_sample.yml#/statements/3/figures/rpo_commercial"


def test_a_release_counts_from_half_past_five_new_york_summer_time() -> None:
    row = _one(_rows(), "msft-fy2024q4-release", "azure_growth_cc_pct")
    assert (row["value"], row["definition"], row["evidence_tier"]) == (30.0, "azure_v2", 1)
    assert (row["period_start"], row["period_end"]) == (date(2024, 4, 1), date(2024, 6, 30))
    assert row["known_at"] == _utc("2024-07-30 21:30")


def test_a_filing_counts_from_half_past_five_and_keeps_its_form() -> None:
    row = _one(_rows(), "msft-fy2026q4-10k", "rpo_commercial")
    assert (row["value"], row["form"], row["known_at"]) == (678e9, "10-K", _utc("2026-07-29 21:30"))


def test_an_article_counts_from_the_end_of_its_day() -> None:
    row = _one(_rows(), "article-2024-08-22", "azure_growth_cc_pct")
    assert row["known_at"] == _utc("2024-08-23 04:00")
    assert (row["status"], row["source_url"], row["evidence_tier"]) == ("estimated", None, 3)
    assert "no address" in str(row["note"])


def test_an_article_elsewhere_counts_from_the_end_of_its_day_there() -> None:
    text = SAMPLE.read_text("utf-8").replace("zone: America/New_York", "zone: Asia/Taipei")
    rows = _rows(text)
    assert _one(rows, "article-2024-08-22", "azure_growth_cc_pct")["known_at"] == _utc("2024-08-22 16:00")
    assert _one(rows, "msft-fy2025q2-call", "rpo_commercial")["known_at"] == _utc("2025-01-29 23:30")


def test_words_become_an_interval_without_a_value() -> None:
    row = _one(_rows(), "msft-fy2022q3-call", "rpo_next12m_share_pct")
    assert (row["value"], row["value_exact"], row["value_low"], row["value_high"]) == (None, None, 45.0, 55.0)


def test_rows_keep_the_contract() -> None:
    rows = _rows()
    assert rows.schema == COMPANY_FACT.stated_schema
    assert rows.height == 6
    checks(COMPANY_FACT).validate(rows)


def test_a_revision_outranks_every_kind_of_document() -> None:
    text = SAMPLE.read_text("utf-8").replace(
        "rpo_commercial: 298000000000",
        "rpo_commercial: {value: 299000000000, status: withdrawn, revision: 1, note: mistyped}",
    )
    row = _one(_rows(text), "msft-fy2025q2-call", "rpo_commercial")
    ranks = _rows()["form_rank"].to_list()
    assert row["status"] == "withdrawn"
    assert isinstance(row["form_rank"], int)
    assert row["form_rank"] > max(ranks)


BROKEN = {
    "unknown key": ("company: MSFT", "company: MSFT\nauthor: me", "author"),
    "unknown company": ("company: MSFT", "company: MSFTX", "companies.yml"),
    "unknown metric": ("rpo_next12m_share_pct", "rpo_next13m_share_pct", "metrics.yml"),
    "metric without a measure": ("  azure_growth_cc_pct: {unit: pct}\n", "", "not under measures"),
    "other unit than declared": ("azure_growth_cc_pct: {unit: pct}", "azure_growth_cc_pct: {unit: USD}", "unit USD"),
    "percent beyond a thousand": ("azure_growth_cc_pct: 30", "azure_growth_cc_pct: 3000", "beyond 1000"),
    "billions for dollars": ("298000000000", "298", "below a million"),
    "no definition": ("definition: azure_v2\n    ", "", "no definition"),
    "label against dates": ("period: FY2025Q2", "period: FY2025Q1", "that is FY2025Q2"),
    "start against label": ("period_start: 2024-04-01", "period_start: 2024-04-02", "no fiscal quarter"),
    "instant with a start": (
        "period: FY2025Q2", "period: FY2025Q2\n    period_start: 2024-10-01", "leave period_start out",
    ),
    "published too early": ("published_on: 2025-01-29", "published_on: 2024-12-31", "before the period ended"),
    "document nobody describes": ("document: msft-fy2025q2-call", "document: msft-call", "msft-call"),
    "figure that is a word": ("azure_growth_cc_pct: 30", "azure_growth_cc_pct: thirty", "azure_growth_cc_pct"),
    "truth for a figure": ("azure_growth_cc_pct: 30", "azure_growth_cc_pct: yes", "azure_growth_cc_pct"),
    "not a number": ("azure_growth_cc_pct: 30", "azure_growth_cc_pct: .nan", "azure_growth_cc_pct"),
    "half an interval": ("{low: 45, high: 55,", "{low: 45,", "low and high"),
    "interval upside down": ("{low: 45, high: 55,", "{low: 55, high: 45,", "not in order"),
    "withdrawn without a reason": (
        "rpo_commercial: 678000000000", "rpo_commercial: {value: 678000000000, status: withdrawn}", "withdrawn",
    ),
    "address nobody can open": ("url: https://example.org/release.md", "url: public file", "not an address"),
    "neither address nor note": ("    note: Read on paper; no address to open.\n", "", "where the document was read"),
    "filing without a form": ("    form: 10-K\n", "", "form"),
    "unknown zone": ("zone: America/New_York", "zone: America/Redmond", "Redmond"),
    "key written twice": ("      azure_growth_cc_pct: 30", "      azure_growth_cc_pct: 30\n      azure_growth_cc_pct: 31",
                          "twice"),
    "not YAML": ("measures:", "measures: [", "YAML"),
}  # fmt: skip


@pytest.mark.parametrize("slip", BROKEN)
def test_a_slip_refuses_the_file_and_names_the_place(slip: str) -> None:
    before, after, said = BROKEN[slip]
    text = SAMPLE.read_text("utf-8")
    assert before in text
    with pytest.raises(Refused) as refusal:
        parse(text.replace(before, after).encode(), _capture(SAMPLE.name), _catalog())
    assert said in str(refusal.value)
    assert SAMPLE.name in refusal.value.place


def test_one_document_cannot_say_two_things() -> None:
    again = """
  - period: FY2026Q4
    period_end: 2026-06-30
    document: msft-fy2026q4-10k
    statement: The same contracts, with another figure for the same day.
    figures:
      rpo_commercial: 679000000000
"""
    with pytest.raises(Refused, match="already stated at"):
        _rows(SAMPLE.read_text("utf-8") + again)


def test_the_projects_own_files_are_sound() -> None:
    rows = _own_rows()
    assert rows.filter(rows.select(*COMPANY_FACT.key, "document_id").is_duplicated()).is_empty()
    told = rows.group_by("document_id").agg(
        pl.struct("known_at", "source_url", "evidence_tier", "form").n_unique().alias("n")
    )  # one document is described alike in every file
    assert told.filter(pl.col("n") > 1).is_empty()
    addressed = rows.filter(pl.col("source_url").is_not_null())
    assert addressed["source_url"].str.starts_with("https://").all()
    assert rows.filter(pl.col("source_url").is_null() & ~pl.col("note").str.contains("no address")).is_empty()


OTHER_SOURCES = ("events_", "guidance_")
FIRST_FILES = ("msft_azure_ai_points.yml", "msft_azure_growth.yml", "msft_commercial_rpo.yml")


def _own_rows(*names: str) -> pl.DataFrame:
    """The rows of the named files, or of all that hold figures of companies."""
    return pl.concat(
        parse(body, _capture(name), catalog()).rows
        for name, body in analyst_files().items()
        if (name in names if names else not name.startswith(OTHER_SOURCES))
    )


NAMES = {
    "commercial_rpo_usd_b": "rpo_commercial", "commercial_rpo_growth_pct": "rpo_commercial_growth_pct",
    "commercial_rpo_growth_cc_pct": "rpo_commercial_growth_cc_pct", "commercial_rpo_next12m_pct": "rpo_next12m_share_pct",
    "commercial_rpo_next12m_growth_pct": "rpo_next12m_growth_pct",
    "commercial_rpo_beyond12m_growth_pct": "rpo_beyond12m_growth_pct",
    "commercial_rpo_openai_share_pct": "rpo_openai_share_pct",
    "azure_growth_reported_pct": "azure_growth_reported_pct", "azure_growth_cc_pct": "azure_growth_cc_pct",
    "azure_growth_cc_pct_recast": "azure_growth_cc_pct", "azure_ai_points": "azure_ai_points",
    "azure_ai_points_recast": "azure_ai_points",
}  # fmt: skip


def _listed() -> list[tuple[object, ...]]:
    """What the collected list says, one tuple for each row we took over."""
    with KPI.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["company"] == "MSFT" and row["metric"] in NAMES]
    listed = []
    for row in rows:
        factor = 10**9 if row["metric"] == "commercial_rpo_usd_b" else 1
        words = "equivalent split" in row["definition"]
        url = row["source_url"].split(" (")[0]
        listed.append((
            NAMES[row["metric"]], row["period_end"], None if words else Decimal(row["value"]) * factor,
            Decimal(row["value"]) if words else None, int(row["tier"]), url,
            "azure_v3" if row["metric"].endswith("_recast") else row["definition"][:8]
            if row["definition"].startswith("azure_v") else "",
            row["published_on"], "[cc not spoken" in row["definition"] or "[no cc in brackets" in row["definition"],
        ))  # fmt: skip
    return listed


@pytest.mark.shared
def test_every_figure_equals_the_collected_list() -> None:
    if not KPI.exists():
        pytest.skip("the collected list ../shared/data/kpi/kpi.csv is not beside the checkout")
    ours = []
    for row in _own_rows(*FIRST_FILES).iter_rows(named=True):
        exact = None if row["value_exact"] is None else Decimal(row["value_exact"])
        middle = None if row["value_low"] is None else (Decimal(row["value_low"]) + Decimal(row["value_high"])) / 2
        definition = row["definition"] if row["definition"].startswith("azure_v") else ""
        published = _published_on(row["known_at"], row["known_at_basis"])
        inferred = row["status"] == "estimated" and "Not given apart" in row["note"]
        ours.append((
            row["concept"], row["period_end"].isoformat(), exact, middle, row["evidence_tier"], row["source_url"] or "",
            definition, published, inferred,
        ))  # fmt: skip
    listed = [row if row[0] != "azure_ai_points" else (*row[:6], "", *row[7:]) for row in _listed()]
    ours = [row if row[0] != "azure_ai_points" else (*row[:6], "", *row[7:]) for row in ours]
    assert len(ours) == 233
    assert sorted(repr((*row[:5], *row[6:])) for row in ours) == sorted(repr((*row[:5], *row[6:])) for row in listed)
    # What it read in a file of unknown origin has no address there; ours was found since, or there is none at hand.
    elsewhere = Counter(map(repr, listed)) - Counter(map(repr, ours))
    assert all("'public file'" in row for row in elsewhere)


MORE = {
    ("MSFT", "capex_incl_finance_leases_usd_b"): ("capex_incl_finance_leases", 10**9),
    ("MSFT", "microsoft_cloud_revenue_usd_b"): ("cloud_revenue", 10**9),
    ("MSFT", "microsoft_cloud_growth_pct"): ("cloud_revenue_growth_pct", 1),
    ("MSFT", "microsoft_cloud_growth_cc_pct"): ("cloud_revenue_growth_cc_pct", 1),
    ("MSFT", "microsoft_cloud_gross_margin_pct"): ("cloud_gross_margin_pct", 1),
    ("AMZN", "aws_revenue_usd_b"): ("cloud_revenue", 10**9),
    ("AMZN", "aws_growth_pct"): ("cloud_revenue_growth_pct", 1),
    ("AMZN", "aws_growth_cc_pct"): ("cloud_revenue_growth_cc_pct", 1),
    ("AMZN", "aws_backlog_usd_b"): ("cloud_backlog", 10**9),
    ("GOOGL", "google_cloud_revenue_usd_b"): ("cloud_revenue", 10**9),
    ("GOOGL", "google_cloud_growth_pct"): ("cloud_revenue_growth_pct", 1),
    ("GOOGL", "google_cloud_backlog_usd_b"): ("cloud_backlog", 10**9),
    ("ORCL", "oci_revenue_usd_b"): ("cloud_revenue", 10**9),
    ("ORCL", "oci_growth_pct"): ("cloud_revenue_growth_pct", 1),
    ("ORCL", "oci_growth_cc_pct"): ("cloud_revenue_growth_cc_pct", 1),
}


@pytest.mark.shared
def test_every_figure_of_the_cloud_lines_and_of_capex_equals_the_collected_list() -> None:
    if not KPI.exists():
        pytest.skip("the collected list ../shared/data/kpi/kpi.csv is not beside the checkout")
    with KPI.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["company"], row["metric"]) in MORE]
    listed = set()
    for row in rows:
        metric, factor = MORE[row["company"], row["metric"]]
        figure = (Decimal(row["value"]) * factor).normalize()
        listed.add((row["company"], metric, row["period_end"], figure, int(row["tier"]), row["published_on"]))
    names = {metric for metric, _ in MORE.values()}
    ours = {
        (row["company"], row["concept"], row["period_end"].isoformat(), Decimal(row["value_exact"] or int(row["value_low"])).normalize(),
         row["evidence_tier"], _published_on(row["known_at"], row["known_at_basis"]))
        for row in _own_rows().filter(pl.col("concept").is_in(names)).iter_rows(named=True)
        if row["document_id"] != "microsoft-com-fy2023q1-metrics"  # found since: the list has a bound for the quarter
    }  # fmt: skip
    newer = {one for one in ours if one[5] == "2026-09-10"}  # Oracle's print after the list was collected
    assert newer == {
        ("ORCL", "cloud_revenue", "2026-08-31", Decimal("7.388E+9"), 3, "2026-09-10"),
        ("ORCL", "cloud_revenue_growth_pct", "2026-08-31", Decimal(121), 3, "2026-09-10"),
    }
    assert ours - newer == listed


def _published_on(known_at: datetime, basis: str) -> str:
    """The publication date behind known_at: articles count from midnight after it, the others fall on it."""
    hours = 24 if basis.startswith("article") else 0
    eastern = pl.Series([known_at]).dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York")
    return str(eastern.dt.offset_by(f"-{hours}h").dt.date()[0])


@pytest.mark.shared
def test_the_commercial_level_is_there_for_every_quarter_of_the_list() -> None:
    if not KPI.exists():
        pytest.skip("the collected list ../shared/data/kpi/kpi.csv is not beside the checkout")
    levels = _own_rows().filter(pl.col("concept") == "rpo_commercial").sort("period_end")
    assert levels.height == 28
    assert (levels["value"][0], levels["value"][-1]) == (86e9, 678e9)
    assert levels["definition"].unique().to_list() == ["customers_commercial"]
