"""What a run found, for people: the page, the Prefect artifact, the table on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.terms import terms
from config.version import code_version
from flows.judge import Judged
from flows.pipeline import Pipeline
from transforms.site.markdown import render_markdown
from transforms.site.model import ClaimReport, IssueCount, Report, SourceState
from transforms.site.page import render_page
from transforms.site.words import amount
from warehouse.home import write_atomically
from warehouse.stage import Stage

COLOURS = {"supported": "green", "refuted": "red", "mixed": "yellow"}


@dataclass(frozen=True, slots=True)
class Summary:
    """What the command line and the artifact say of a run."""

    published_id: str
    published: Path
    page: Path
    markdown: str
    report: Report
    rows_added: int
    rows_quarantined: int
    refused: tuple[str, ...]
    unreachable: Mapping[str, str]


def compose(pipeline: Pipeline, stage: Stage, judged: list[Judged], as_of: date) -> Report:
    """The report on the staged file, before it is closed."""
    meta = stage.frame("FROM history.meta").row(0, named=True)
    return Report(
        as_of=as_of,
        published_at=stage.published_at,
        code_version=code_version(),
        digest=stage.digest,
        starter_only=meta["starter_only"],
        claims=tuple(ClaimReport(item.spec, item.verdict, _addressed(stage, item)) for item in judged),
        sources=tuple(_source(pipeline, row) for row in stage.frame("FROM freshness").iter_rows(named=True)),
        issues=tuple(_issue(row) for row in stage.frame(ISSUES).iter_rows(named=True)),
    )


ISSUES = """
    SELECT source, severity, reason, count(*) AS rows, min(detail) AS example
    FROM history.issue GROUP BY source, severity, reason ORDER BY source, severity, rows DESC, reason"""

ADDRESSES = """
    SELECT evidence_name(source, capture_sha256, locator) AS evidence, source, any_value(document_id) AS document,
        any_value(source_url) AS source_url
    FROM {table} WHERE list_contains($names, evidence_name(source, capture_sha256, locator)) GROUP BY ALL"""


def _addressed(stage: Stage, item: Judged) -> Any:
    """The evidence with the source, document and address of each row."""
    names = list(item.verdict.evidence)
    tables = ("history.company_period", "history.token_price", "history.leaderboard_score", "history.fx_rate")
    query = " UNION ALL ".join(ADDRESSES.format(table=table) for table in tables)
    found = stage.frame(query, {"names": names}).unique("evidence", keep="first", maintain_order=True)
    return item.evidence.join(found, on="evidence", how="left", maintain_order="left")


def _source(pipeline: Pipeline, row: Mapping[str, Any]) -> SourceState:
    spec = pipeline.catalog.sources[row["source"]]
    return SourceState(
        source=spec.id,
        title=spec.title,
        homepage=spec.homepage,
        tier=spec.tier,
        licence=spec.licence,
        state=row["state"],
        last_capture_at=row["last_good_at"],
        age_days=row["age_days"],
        last_known_at=row["last_known_at"],
        detail=row["unreachable"] or row["last_reason"],
    )


def _issue(row: Mapping[str, Any]) -> IssueCount:
    return IssueCount(row["source"], row["severity"], row["reason"], row["rows"], row["example"])


def write_page(pipeline: Pipeline, report: Report) -> Path:
    """The bilingual page, under report/ in the home folder."""
    path = pipeline.home.report / "index.html"
    write_atomically(path, render_page(report, terms()).encode())
    return path


def markdown(report: Report) -> str:
    """The report as a Prefect artifact."""
    return render_markdown(report, terms())


def print_summary(summary: Summary, console: Console) -> None:
    """Verdicts and sources as tables, then where everything lies."""
    words = terms()
    table = Table(title=f"Verdicts as of {summary.report.as_of}", title_justify="left")
    for column in ("claim", "verdict", "statistic", "n", "flags"):
        table.add_column(column, overflow="fold")
    for claim in summary.report.claims:
        verdict = claim.verdict
        shown = "" if verdict.statistic is None else amount(verdict.statistic, verdict.statistic_unit, words).en
        name = Text(words.verdicts[verdict.verdict].en, style=COLOURS.get(verdict.verdict, ""))
        table.add_row(f"{claim.spec.id} {claim.spec.title_en}", name, shown, str(verdict.n), ", ".join(verdict.flags))
    console.print(table)
    _print_silent(summary.report.sources, console)
    quarantined = f", {summary.rows_quarantined:,} quarantined" if summary.rows_quarantined else ""
    console.print(Text(f"rows added: {summary.rows_added:,}{quarantined}"))
    console.print(Text(f"data:   {summary.published.parent / 'latest.duckdb'}"))
    console.print(Text(f"report: {summary.page}"))


SILENT = ("unreachable", "refused", "late", "never", "switched_off")


def _print_silent(sources: Iterable[SourceState], console: Console) -> None:
    """The sources that brought nothing new, and how old what is held of them is. Why was said when it was found."""
    silent = [source for source in sources if source.state in SILENT]
    if not silent:
        return
    table = Table("source", "state", "last known figures", title="Sources without news", title_justify="left")
    for source in silent:
        held = f"{source.last_known_at:%Y-%m-%d}" if source.last_known_at else "none from it yet"
        table.add_row(source.source, source.state, held)
    console.print(table)
