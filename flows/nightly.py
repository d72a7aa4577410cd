"""The nightly run, in the order in which things happen."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any

from prefect import flow, runtime, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.tasks import Task

from config.contracts import Capture
from config.errors import SourceUnsteady
from config.specs import SourceSpec
from flows.answer import load_and_answer
from flows.artifacts import RunStory, days_in_words, leave_run_artifacts, moved, said_before
from flows.fetch import Fetcher, utc_now
from flows.pipeline import Pipeline
from flows.report import Summary
from flows.steps import Attempt, enter_analyst_files, fetch_source
from flows.telling import tell
from flows.turns import create_limits, host_turn
from warehouse.lock import store_lock
from warehouse.nights import Night, days_without, nights, note

WAIT_FOR_STORE_S = 3600.0
LOCK_HOLDER = "capex-signals nightly"


class Unsteady(Exception):
    """An answer that may be whole in a minute: the task is tried again. Holds what was captured all the same."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(attempt.unreachable)
        self.attempt = attempt


def night_on() -> date:
    """The day the run was due (UTC): of a run that was late, not the day on which it runs."""
    due: datetime = runtime.flow_run.scheduled_start_time or utc_now()
    return date(due.year, due.month, due.day)  # Prefect's own kind of date is not one that JSON knows


def _run_name() -> str:
    return f"nightly {night_on()}"


@flow(name="nightly", flow_run_name=_run_name, retries=0, timeout_seconds=6 * 3600)
def nightly() -> Summary:
    """Fetch what is new, load it, judge every claim, publish and report.

    A source that does not answer, or sends something else than it declares, keeps its last good series and does
    not stop the others. What was captured by a run that was killed is loaded by the next one.
    """
    pipeline = Pipeline.open()
    due, started_at = night_on(), pipeline.clock()
    gap = _gap(pipeline, due)
    attempts = fetch_all(pipeline)
    waiting = partial(tell_waiting, LOCK_HOLDER)
    with store_lock(pipeline.home, LOCK_HOLDER, wait_s=WAIT_FOR_STORE_S, waiting=waiting):
        before = said_before(pipeline)
        summary, progress = load_and_answer(pipeline, attempts, tell)
        note(pipeline.home, Night(due, started_at, summary.report.published_at, summary.published_id))
    create_markdown_artifact(summary.markdown, key="verdicts", description="Verdicts and sources of this run")
    leave_run_artifacts("nightly", f"nightly {due}", RunStory(attempts, progress, summary, moved(before, summary), gap))
    return summary


def tell_waiting(who: str, holder: str) -> None:
    """One line in the run's log while another run writes the store."""
    tell(f"{who} is waiting: the store is being written by {holder}")


def _gap(pipeline: Pipeline, due: date) -> str:
    """The days without a run, as a sentence: snapshots of those days cannot be had any more, except by a backfill."""
    missing = days_without(nights(pipeline.home), due)
    if not missing:
        return ""
    sentence = f"No run published on {days_in_words(missing)} ({len(missing)} days since the first night)."
    tell(sentence)
    return sentence


def fetch_all(pipeline: Pipeline) -> list[Attempt]:
    """Ask every declared source, each in a task of its own, and enter the hand-entered statements.

    The lists of filings come first for those sources that learn from them what there is.
    """
    newest = pipeline.archive.newest()
    specs = [spec for spec in pipeline.catalog.sources.values() if spec.fetched]
    if not pipeline.settings.offline:
        create_limits(specs)  # a server that `serve` has not set up has none
    with Fetcher(pipeline.settings) as fetcher:
        asked = {spec.id: _submit(pipeline, fetcher, spec, newest) for spec in specs if not spec.discovered_from}
        for leader in sorted({spec.discovered_from for spec in specs} & asked.keys()):
            asked[leader].wait()
        asked |= {spec.id: _submit(pipeline, fetcher, spec, newest) for spec in specs if spec.discovered_from}
        return [*(settled(source, future) for source, future in asked.items()), *enter_analyst_files(pipeline)]


def _submit(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, newest: dict[tuple[str, str], Capture]
) -> PrefectFuture[Attempt]:
    named = fetch.with_options(task_run_name=f"fetch {spec.id} {night_on()}", tags=[spec.id])
    return named.submit(pipeline, fetcher, spec, newest)


def settled(source: str, future: PrefectFuture[Attempt]) -> Attempt:
    """What became of one source, also when its task failed: our own error in one must not stop the others."""
    result: Any = future.result(raise_on_failure=False)
    if isinstance(result, Unsteady):
        return result.attempt
    if isinstance(result, BaseException):
        return Attempt(source, refused=f"our error, please report it: {type(result).__name__}: {result}")
    attempt: Attempt = result
    return attempt


def may_be_there_in_a_minute(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether another try is worth it: not after a refusal, without a network, or after our own error."""
    return isinstance(state.result(raise_on_failure=False), Unsteady | SourceUnsteady)


# No time-out here: a thread cannot be interrupted. Every exchange has its own, in flows/fetch.py.
@task(
    name="fetch",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=2,
    retry_delay_seconds=[10, 60],
    retry_jitter_factor=0.5,
    retry_condition_fn=may_be_there_in_a_minute,
)
def fetch(pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, newest: dict[tuple[str, str], Capture]) -> Attempt:
    """Fetch and archive one source."""
    if pipeline.settings.offline:
        attempt = fetch_source(pipeline, fetcher, spec, newest)
    else:
        with host_turn(spec):
            attempt = fetch_source(pipeline, fetcher, spec, newest)
    if problem := attempt.unreachable or attempt.refused or attempt.switched_off:
        tell(f"{spec.id}: {problem}")
    if attempt.captured:
        tell(f"{spec.id}: {attempt.captured} captured, {attempt.new_bytes:,} new bytes")
    if attempt.unsteady:
        raise Unsteady(attempt)
    return attempt
