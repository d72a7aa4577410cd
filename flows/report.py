"""What a run found, for people: the page, the Prefect artifact, the table on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.scenario import scenarios
from config.specs import Question
from config.terms import terms
from config.version import code_version
from flows.judge import Judged
from flows.pipeline import Pipeline
from transforms.alerts import Alert
from transforms.scenarios import calculate
from transforms.site.markdown import render_markdown
from transforms.site.model import ClaimReport, IssueCount, Report, SourceState
from transforms.site.page import render_page
from transforms.site.words import Phrase, amount
from warehouse.home import write_atomically
from warehouse.stage import Stage

QUESTIONS = get_args(Question)
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
    alerts: tuple[Alert, ...]
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
        claims=_claims(stage, judged),
        sources=tuple(_source(pipeline, row) for row in stage.frame("FROM freshness").iter_rows(named=True)),
        issues=tuple(_issue(row) for row in stage.frame(ISSUES).iter_rows(named=True)),
        scenarios=tuple((spec, calculate(spec)) for spec in scenarios().values()),
    )


def _claims(stage: Stage, judged: list[Judged]) -> tuple[ClaimReport, ...]:
    """Each claim with what stands beside its verdict."""
    flips = _by_claim(stage, "SELECT * FROM verdict_flip WHERE told_by_code = 'today' ORDER BY claim_id, as_of")
    awaits = _by_claim(stage, "FROM next_evidence")
    late = _by_claim(
        stage, "SELECT claim_id, count(*) AS rows FROM verdict_evidence WHERE backfilled GROUP BY claim_id"
    )
    return tuple(
        ClaimReport(
            item.spec,
            item.verdict,
            item.evidence,
            item.variants,
            tuple(awaits.get(item.spec.id, ())),
            tuple(flips.get(item.spec.id, ())),
            sum(row["rows"] for row in late.get(item.spec.id, ())),
        )
        for item in sorted(judged, key=lambda item: (QUESTIONS.index(item.spec.question), item.spec.id))
    )


def _by_claim(stage: Stage, query: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in stage.frame(query).iter_rows(named=True):
        found.setdefault(row["claim_id"], []).append(row)
    return found


ISSUES = """
    SELECT source, severity, reason, count(*) AS rows, min(detail) AS example
    FROM history.issue GROUP BY source, severity, reason ORDER BY source, severity, rows DESC, reason"""


def _source(pipeline: Pipeline, row: Mapping[str, Any]) -> SourceState:
    spec = pipeline.catalog.sources[row["source"]]
    return SourceState(
        source=spec.id,
        title=Phrase(spec.title_zh or spec.title, spec.title),
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
