"""What a run leaves in the Prefect UI: what it asked, what came, what was added and refused, which verdicts moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.events import emit_event

from config.errors import Refused
from flows.steps.attempt import Attempt
from flows.steps.differences import told_of
from flows.steps.load import Progress
from flows.steps.pipeline import Pipeline
from flows.steps.report import Summary
from transforms.claims.alerts import Alert
from transforms.site.markdown import escape
from warehouse.archive import verdict_ledger
from warehouse.store.facts import Loaded

MOST_CAPTURES = 500  # rows of one artifact: a replay reads a whole archive


@dataclass(frozen=True, slots=True)
class Moved:
    """A claim whose verdict differs from the one published before. `before` is empty for a claim never judged."""

    claim_id: str
    title: str
    before: str
    now: str


def said_before(pipeline: Pipeline) -> dict[str, str]:
    """claim -> the verdict last published. Read it before the run publishes."""
    return {record["claim_id"]: record["verdict"] for record in verdict_ledger.said(pipeline.home)}


def moved(before: Mapping[str, str], summary: Summary) -> list[Moved]:
    """The verdicts that this run changed."""
    return [
        Moved(claim.spec.id, claim.spec.title_en, before.get(claim.spec.id, ""), claim.verdict.verdict)
        for claim in summary.report.claims
        if before.get(claim.spec.id) != claim.verdict.verdict
    ]


@dataclass(frozen=True, slots=True)
class RunStory:
    """What a run that published did. `gap` names the days without a run; empty: there are none."""

    attempts: list[Attempt]
    progress: Progress
    summary: Summary
    moves: list[Moved]
    gap: str = ""


def leave_run_artifacts(key: str, title: str, story: RunStory) -> None:
    """The run's own page, and its captures as a table."""
    summary, progress = story.summary, story.progress
    lines = [f"# {escape(title)}", "", *([f"**{escape(story.gap)}**", ""] if story.gap else [])]
    lines += ["## Verdicts that moved", "", *(_moves(story.moves) or ["none"]), ""]
    lines += ["## Asked", "", *_asked(story.attempts), "", "## Loaded", "", *_loaded(progress.loaded), ""]
    lines += [f"Rows added: {summary.rows_added:,}. Rows quarantined: {summary.rows_quarantined:,}."]
    lines += [f"Rebuilt: {escape(progress.rebuilt)}"] if progress.rebuilt else []
    lines += ["", f"Published as `{summary.published.name}`."]
    create_markdown_artifact("\n".join(lines), key=key, description=title)
    shown = _most_telling(progress.loaded)
    rest = len(progress.loaded) - len(shown)
    told = f"captures read{f'; {rest:,} more stand in the view `capture`' if rest else ''}"
    create_table_artifact([_capture(item) for item in shown], key=f"{key}-captures", description=told)
    _tell_alerts(summary.alerts)


def leave_difference(before: Path | None, published: Path) -> None:
    """What the run changed in what readers see, against the file it replaced. `before` is None for the first file."""
    try:
        text = told_of(before, published)[0] if before else "The first published file: there is none before it.\n"
    except Refused as refused:  # pruned, or damaged: then there is nothing to compare with
        text = escape(refused)
    create_markdown_artifact(text, key="difference", description="What differs from the file published before")


def _tell_alerts(alerts: Sequence[Alert]) -> None:
    """What a person wants to be told, as an artifact and as one Prefect event each."""
    lines = [f"- {escape(alert.text_en)}" for alert in alerts]
    if not lines:
        return
    create_markdown_artifact("\n".join(["# Alerts", "", *lines, ""]), key="alerts", description="News of this run")
    for alert in alerts:
        emit_event(
            event=f"capex-signals.{alert.kind}",
            resource={
                "prefect.resource.id": f"capex-signals.{alert.kind}.{alert.id}",
                "prefect.resource.name": alert.subject,
            },
            payload={"text_en": alert.text_en, "text_zh": alert.text_zh},
        )


def _moves(moves: list[Moved]) -> list[str]:
    return [
        f"- {move.claim_id} {escape(move.title)}: {move.before or 'never judged'} → **{move.now}**" for move in moves
    ]


def _asked(attempts: list[Attempt]) -> list[str]:
    rows = ["| source | captured | new bytes | what stood in the way |", "| --- | --- | --- | --- |"]
    for attempt in attempts:
        obstacle = escape(attempt.unreachable or attempt.refused or attempt.switched_off)
        rows.append(f"| {attempt.source} | {attempt.captured} | {attempt.new_bytes:,} | {obstacle} |")
    return rows


def _loaded(loaded: list[Loaded]) -> list[str]:
    if not loaded:
        return ["nothing new in the archive"]
    rows = ["| capture | outcome | read | added | quarantined |", "| --- | --- | --- | --- | --- |"]
    for item in _most_telling(loaded):
        name = escape(f"{item.capture.source} {item.capture.scope}".strip())
        rows.append(
            f"| {_link(name, item.capture.url)} | {item.outcome} {escape(item.reason)} | {item.rows_stated:,} | "
            f"{item.rows_added:,} | {item.rows_quarantined:,} |"
        )
    if len(loaded) > MOST_CAPTURES:
        rows += ["", f"{len(loaded) - MOST_CAPTURES:,} more captures stand in the view `capture`."]
    return rows


def _most_telling(loaded: list[Loaded]) -> list[Loaded]:
    """What a page can show: all, or of a whole archive what was refused or quarantined before what simply went in."""
    if len(loaded) <= MOST_CAPTURES:
        return loaded
    return sorted(loaded, key=lambda item: (item.outcome != "refused", not item.rows_quarantined))[:MOST_CAPTURES]


def _link(text: str, url: str) -> str:
    """A link for addresses of the web only: a hand-entered file's name is none, and no other scheme becomes one."""
    if not url.startswith(("https://", "http://")) or set(url) & set("()<> \n|"):
        return text
    return f"[{text}]({url})"


def _capture(item: Loaded) -> dict[str, Any]:
    capture = item.capture
    return {
        "source": capture.source, "scope": capture.scope, "stands for (UTC)": f"{capture.taken_at:%Y-%m-%d %H:%M:%S}",
        "proved by": capture.taken_at_basis, "outcome": item.outcome, "figures read": item.rows_stated,
        "rows added": item.rows_added, "quarantined": item.rows_quarantined, "reason": item.reason,
        "bytes": capture.size, "sha256": capture.sha256, "address": capture.url,
    }  # fmt: skip


def days_in_words(days: list[date]) -> str:
    """`2026-01-02 to 2026-01-04, 2026-01-09`: runs of days together."""
    runs: list[list[date]] = []
    for day in days:
        if runs and (day - runs[-1][-1]).days == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
