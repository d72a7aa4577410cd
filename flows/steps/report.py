"""What a run found, for people: the site, the Prefect artifact, the table on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.pages import pages
from config.scenario import scenarios
from config.specs import Question
from config.terms import terms
from config.version import code_version
from flows.steps.judge import Judged
from flows.steps.pipeline import Pipeline
from transforms.claim_tests.outcome import Sentences
from transforms.claims.alerts import Alert
from transforms.claims.scenarios import calculate
from transforms.site.addresses import hosts
from transforms.site.files import files as site_files
from transforms.site.markdown import render_markdown
from transforms.site.model import ClaimReport, Report, SourceState
from transforms.site.why import why
from transforms.site.words import Phrase, amount
from warehouse.evidence.claim_query import claim_sql
from warehouse.evidence.said import sentences
from warehouse.home.built_folder import write_changed
from warehouse.published.pages import NAMED_DAYS, page_query
from warehouse.published.stage import Stage

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
        scenarios=tuple((spec, calculate(spec)) for spec in scenarios().values()),
        tables={page: stage.frame(page_query(page)) for page in pages()},
        named_days=stage.frame(NAMED_DAYS),
        unnamed=tuple(name for (name,) in stage.frame(UNNAMED).iter_rows()),
        captures=dict(stage.frame(CAPTURES).iter_rows()),
        said={name: Phrase(zh, en) for name, (en, zh) in sentences(stage.connection).items()},
    )


CAPTURES = "SELECT left(sha256, 12), CAST(CAST(min(taken_at) AS DATE) AS VARCHAR) FROM capture GROUP BY ALL"

# What a developer itself began to sell within the last month of its lists, and config/models.yml does not know.
UNNAMED = """
    SELECT provider || ' ' || any_value(listing ORDER BY length(listing), listing) FROM unmatched_listing
    WHERE first_party AND is_listed AND first_on > CAST(as_of_instant(as_of_now()) AS DATE) - 31
    GROUP BY provider, regexp_extract(listing, '[^/]*$')
    ORDER BY max(3 * coalesce(input_usd_per_mtok, 0) + coalesce(output_usd_per_mtok, 0)) DESC, 1"""


def _claims(stage: Stage, judged: list[Judged]) -> tuple[ClaimReport, ...]:
    """Each claim with what stands beside its verdict."""
    awaits = _by_claim(stage, "FROM next_evidence")
    ledger = _by_claim(stage, "FROM specification")
    flips = _by_claim(stage, "FROM verdict_flip WHERE told_by_code = 'today'")
    said = sentences(stage.connection)
    history = stage.frame("FROM history.verdict").partition_by("claim_id", as_dict=True)
    spans = stage.frame("FROM history.evidence_span").partition_by("claim_id", as_dict=True, include_key=False)
    none = stage.frame("FROM history.evidence_span LIMIT 0").drop("claim_id")
    return tuple(
        ClaimReport(
            item.spec,
            item.verdict,
            item.evidence,
            item.variants,
            tuple(awaits.get(item.spec.id, ())),
            history[(item.spec.id,)],
            spans.get((item.spec.id,), none),
            tuple(ledger.get(item.spec.id, ())),
            claim_sql(item.spec),
            _causes(flips.get(item.spec.id, ()), said, hosts(spans.get((item.spec.id,), none))),
        )
        for item in sorted(judged, key=lambda item: (QUESTIONS.index(item.spec.question), item.spec.id))
    )


def _causes(flips: Iterable[Mapping[str, Any]], said: Sentences, sites: Mapping[str, str]) -> dict[date, Phrase]:
    return {flip["as_of"]: why(flip, said, terms(), sites) for flip in flips}


def _by_claim(stage: Stage, query: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in stage.frame(query).iter_rows(named=True):
        found.setdefault(row["claim_id"], []).append(row)
    return found


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


def write_site(pipeline: Pipeline, report: Report) -> Path:
    """The site under report/ in the home folder; what shows what it showed before is not made again."""
    write_changed(pipeline.home.report, site_files(report, terms()))
    return pipeline.home.report / "index.html"


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
    if summary.report.unnamed:
        console.print(Text(f"new and without a model: {', '.join(summary.report.unnamed)}"))
        console.print(Text("capex-signals new model NAME proposes an entry"))
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
