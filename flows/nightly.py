"""The nightly run, in the order in which things happen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from httpx import HTTPError
from prefect import flow, runtime, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.exceptions import PrefectException
from prefect.futures import PrefectFuture
from prefect.tasks import Task

from config.contracts import Capture
from config.errors import SourceUnsteady
from config.specs import SourceSpec
from flows.network.clock import utc_now
from flows.network.fetch import Fetcher
from flows.network.host_limits import create_limits, host_turn
from flows.prefect_server.retention import remove_old_runs
from flows.steps.artifacts import leave_difference, leave_run_artifacts
from flows.steps.attempt import Attempt, our_error
from flows.steps.enter import enter_analyst_files
from flows.steps.fetch_source import fetch_source, tell_attempt
from flows.steps.night import answer_night, waiting_for
from flows.steps.one_by_one import PAUSES_S, fetch_each
from flows.steps.pipeline import Pipeline
from flows.steps.progress import tell
from flows.steps.report import Summary


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
    pipeline, due = Pipeline.open(), night_on()
    night = answer_night(pipeline, due, lambda: fetch_all(pipeline), tell)
    story = night.story
    create_markdown_artifact(story.summary.markdown, key="verdicts", description="Verdicts and sources of this run")
    leave_run_artifacts("nightly", f"nightly {due}", story)
    leave_difference(night.file_before, story.summary.published)
    _tidy(pipeline.settings.keep_runs_days)
    return story.summary


def _tidy(keep_days: int) -> None:
    """Remove Prefect's old runs. What was published stands whether or not that succeeds."""
    try:
        removed = remove_old_runs(utc_now(), keep_days)
    except (HTTPError, PrefectException) as error:
        tell(f"old runs were not removed: {type(error).__name__}: {error}")
    else:
        if removed:
            tell(f"{removed:,} runs older than {keep_days} days were removed from Prefect's database")


def tell_waiting(who: str, holder: str) -> None:
    """One line in the run's log while another run writes the store."""
    tell(waiting_for(who, holder))


def fetch_all(pipeline: Pipeline) -> list[Attempt]:
    """Ask every declared source, each in a task of its own, and enter the hand-entered statements.

    The lists of filings come first for those sources that learn from them what there is.
    """
    if pipeline.settings.offline:
        return fetch_each(pipeline, tell)  # nobody is asked: forty tasks would say so at the price of a night
    newest = pipeline.archive.newest()
    specs = [spec for spec in pipeline.catalog.sources.values() if spec.fetched]
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
        return Attempt(source, refused=our_error(result))
    attempt: Attempt = result
    return attempt


def may_be_there_in_a_minute(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether another try is worth it: not after a refusal, without a network, or after our own error."""
    return isinstance(state.result(raise_on_failure=False), Unsteady | SourceUnsteady)


# No time-out here: a thread cannot be interrupted. Every exchange has its own, in flows/network/fetch.py.
@task(
    name="fetch",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=len(PAUSES_S),
    retry_delay_seconds=list(PAUSES_S),
    retry_jitter_factor=0.5,
    retry_condition_fn=may_be_there_in_a_minute,
)
def fetch(pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, newest: dict[tuple[str, str], Capture]) -> Attempt:
    """Fetch and archive one source."""
    with host_turn(spec):
        attempt = fetch_source(pipeline, fetcher, spec, newest)
    tell_attempt(attempt, tell)
    if attempt.unsteady:
        raise Unsteady(attempt)
    return attempt
