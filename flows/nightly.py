"""The nightly run, in the order in which things happen."""

from __future__ import annotations

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event
from prefect.futures import PrefectFuture

from config.contracts import Capture
from config.specs import SourceSpec
from flows.answer import load_and_answer
from flows.fetch import Fetcher
from flows.pipeline import Pipeline
from flows.report import Summary
from flows.steps import Attempt, enter_analyst_files, fetch_source
from flows.telling import tell
from transforms.site.markdown import escape
from warehouse.lock import store_lock

WAIT_FOR_STORE_S = 3600.0
LOCK_HOLDER = "capex-signals nightly"


@flow(name="nightly", flow_run_name="nightly", retries=0, timeout_seconds=6 * 3600)
def nightly() -> Summary:
    """Fetch what is new, load it, judge every claim, publish and report.

    A source that does not answer, or sends something else than it declares, keeps its last good series and does
    not stop the others. What was captured by a run that was killed is loaded by the next one.
    """
    pipeline = Pipeline.open()
    attempts = fetch_all(pipeline)
    with store_lock(
        pipeline.home, LOCK_HOLDER, wait_s=WAIT_FOR_STORE_S, waiting=lambda holder: tell(f"waiting for {holder}")
    ):
        summary = load_and_answer(pipeline, attempts, tell)
    create_markdown_artifact(summary.markdown, key="verdicts", description="Verdicts and sources of this run")
    if summary.alerts:
        lines = "\n".join(f"- {escape(alert.text_en)}" for alert in summary.alerts)
        create_markdown_artifact(f"# Alerts\n\n{lines}\n", key="alerts", description="What changed since the last run")
    for alert in summary.alerts:
        emit_event(
            event=f"capex-signals.{alert.kind}",
            resource={
                "prefect.resource.id": f"capex-signals.{alert.kind}.{alert.id}",
                "prefect.resource.name": alert.subject,
            },
            payload={"text_en": alert.text_en, "text_zh": alert.text_zh},
        )
    return summary


def fetch_all(pipeline: Pipeline) -> list[Attempt]:
    """Ask every declared source, each in a task of its own, and enter the hand-entered statements.

    The lists of filings come first for those sources that learn from them what there is.
    """
    newest = pipeline.archive.newest()
    specs = [spec for spec in pipeline.catalog.sources.values() if spec.fetched]
    with Fetcher(pipeline.settings) as fetcher:
        asked = {spec.id: _submit(pipeline, fetcher, spec, newest) for spec in specs if not spec.discovered_from}
        for leader in sorted({spec.discovered_from for spec in specs} & asked.keys()):
            asked[leader].result()
        asked |= {spec.id: _submit(pipeline, fetcher, spec, newest) for spec in specs if spec.discovered_from}
        return [*(asked[spec.id].result() for spec in specs), *enter_analyst_files(pipeline)]


def _submit(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, newest: dict[tuple[str, str], Capture]
) -> PrefectFuture[Attempt]:
    named = fetch.with_options(task_run_name=f"fetch {spec.id}", tags=[spec.id])
    return named.submit(pipeline, fetcher, spec, newest)


# No time-out here: a thread cannot be interrupted. Every exchange has its own, in flows/fetch.py.
@task(name="fetch", cache_policy=NO_CACHE, persist_result=False)
def fetch(pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, newest: dict[tuple[str, str], Capture]) -> Attempt:
    """Fetch and archive one source."""
    attempt = fetch_source(pipeline, fetcher, spec, newest)
    if problem := attempt.unreachable or attempt.refused or attempt.switched_off:
        tell(f"{spec.id}: {problem}")
    if attempt.captured:
        tell(f"{spec.id}: {attempt.captured} captured, {attempt.new_bytes:,} new bytes")
    return attempt
