"""A backfill, in the order in which things happen: check the request, plan, fetch and archive, load and publish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from prefect import flow, runtime, task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE

from config.errors import Problem, SourceUnreachable
from config.specs import SourceSpec
from flows.network.fetch import Fetcher
from flows.network.host_limits import create_limits, host_turn
from flows.nightly import Unsteady, may_be_there_in_a_minute, tell_waiting
from flows.past.bulk import load_zips
from flows.past.bulk_zip import bulk_plan, fetch_zip, wants_zip
from flows.past.discovery import asked_as, every_way_asked
from flows.past.fan_out import read_by_runs
from flows.past.payloads import Discovered
from flows.past.plan import Part, Planner, not_planned, plan_rows, plan_sentence, plan_source
from flows.past.request import BackfillRequest, Mode, SourceName
from flows.past.retrieve import Retrieved, Retriever
from flows.steps.artifacts import RunStory, leave_run_artifacts, moved, said_before
from flows.steps.attempt import Attempt
from flows.steps.enter import enter_analyst_files
from flows.steps.night import WAIT_FOR_STORE_S
from flows.steps.one_by_one import PAUSES_S
from flows.steps.pipeline import Pipeline
from flows.steps.progress import tell
from flows.steps.publish import load_and_answer
from flows.upkeep import replay_and_tell
from warehouse.archive.backfill_cursor import Key
from warehouse.published.holdings import holdings
from warehouse.store.facts import Loaded
from warehouse.store.lock import store_lock

LOCK_HOLDER = "capex-signals backfill"
TURN_S = 20.0  # how long a backfill keeps a host before it lets others ask


def _run_name() -> str:
    """From the parameters as they came: they may be wrong, and a run that is refused has a name too."""
    given = runtime.flow_run.parameters
    sources = given.get("sources")
    named = "+".join(map(str, sources)) if isinstance(sources, list | tuple) else str(sources)
    kind = "plan" if given.get("dry_run") else getattr(given.get("mode"), "value", given.get("mode"))
    return f"backfill {kind} {named} {given.get('from_on')} to {given.get('to_on')}"[:200]


# Checked in BackfillRequest and nowhere else: the messages there name the field.
@flow(name="backfill", flow_run_name=_run_name, validate_parameters=False, retries=0, timeout_seconds=24 * 3600)
def backfill(
    sources: list[SourceName],
    from_on: date,
    to_on: date,
    mode: Mode = Mode.PLAN,
    *,
    dry_run: bool = False,
    limit: int | None = None,
    runs: int = 1,
) -> str:
    """Fetch what is missing of the past, load it and publish. A run that was killed goes on where it was.

    Args:
        sources: what to ask
        from_on: first day
        to_on: last day, not in the future
        mode: plan (say what would be done), fill (what is missing), refetch (also what is held), replay (read the archive anew)
        dry_run: only say what would be done, whatever the mode
        limit: at most so many requests in this run; the next one goes on from there
        runs: for a zip of every filer: by how many runs at a time the workers of the work pool read it; 1: by this run alone
    """
    pipeline = Pipeline.open()
    given = {
        "sources": sources, "from_on": from_on, "to_on": to_on, "mode": mode, "dry_run": dry_run, "limit": limit,
        "runs": runs,
    }  # fmt: skip
    request = BackfillRequest.checked(given, pipeline.catalog, pipeline.clock().date())
    if request.mode is Mode.REPLAY and not request.changes_nothing:
        return _replay(pipeline, request)
    if request.is_bulk:
        return _bulk(pipeline, request)
    with Fetcher(pipeline.settings) as fetcher:
        parts = plan(pipeline, request, fetcher)
        missing = {part.spec.id: part.trouble for part in parts if part.trouble}
        if request.changes_nothing:
            planned = _say(request, [plan_sentence(part) for part in parts], "This was a plan: nothing was changed.")
            return _complete(planned, missing)
        if not any(part.wanted or part.cursor.unpublished() for part in parts):
            told = [plan_sentence(part) if part.trouble else _held(part) for part in parts]
            nothing = _say(request, told, "Nothing to do: nothing was asked, nothing was changed.")
            return _complete(nothing, missing)
        for part in parts:
            tell(plan_sentence(part))
        gathered = fetch_all(pipeline, request, parts, fetcher)
    missing |= {source: one.unreachable for source, one in gathered.items() if one.unreachable}
    added, refused = _publish(pipeline, request, parts, gathered)
    return _complete(added, refused | missing)


def _bulk(pipeline: Pipeline, request: BackfillRequest) -> str:
    """The zip of every filer into the universe: days choose nothing in it, since one zip holds the whole history."""
    [name] = request.sources
    spec = pipeline.catalog.sources[name]
    if request.changes_nothing:
        return _say(request, [bulk_plan(pipeline, spec)], "This was a plan: nothing was changed.")
    if wants_zip(pipeline, spec, request.to_on, again=request.mode is Mode.REFETCH):
        create_limits([spec])
        with Fetcher(pipeline.settings) as fetcher, host_turn(spec):
            fetch_zip(pipeline, spec, fetcher, tell)
    reads = partial(read_by_runs, runs=request.runs) if request.runs > 1 else None
    done = load_zips(pipeline, name, tell, reads)
    refused = [f"refused: {line}" for line in done.refused]
    told = _say(request, refused, f"universe: {done.universe} with {done.filers:,} filers, {done.facts:,} facts")
    return _complete(told, {name: done.refused[0]} if done.refused and not done.filers else {})


def _complete(result: str, missing: dict[str, str]) -> str:
    """The result of a backfill that got at everything. Raises SourceUnreachable naming the sources it did not get at."""
    if not missing:
        return result
    why = "; ".join(f"{source}: {reason}" for source, reason in missing.items())
    raise SourceUnreachable(
        f"the backfill is not complete: {why}", remedy="run it again with the same days: it goes on where it was"
    )


def plan(pipeline: Pipeline, request: BackfillRequest, fetcher: Fetcher) -> list[Part]:
    """What there is to do for each source, left as a table. Changes nothing. One that cannot be planned stops no other."""
    held = holdings(pipeline.archive)
    if not pipeline.settings.offline:
        create_limits(every_way_asked(pipeline.catalog.sources[name] for name in request.sources))
    planner = Planner(pipeline, request, fetcher, held)
    parts, budget = [], request.limit
    for name in request.sources:
        spec = pipeline.catalog.sources[name]
        named = discover.with_options(
            task_run_name=f"discover {name} {request.from_on} to {request.to_on}", tags=[name]
        )
        part = _planned(planner, spec, named(planner, spec, budget, return_state=True).result(raise_on_failure=False))
        budget = None if budget is None else budget - len(part.wanted)
        parts.append(part)
    create_table_artifact(plan_rows(parts, held), key="backfill-plan", description=request.named())
    return parts


def _planned(planner: Planner, spec: SourceSpec, result: Any) -> Part:
    """The plan of one source, or why there is none."""
    if isinstance(result, Part):
        return result
    return not_planned(planner, spec, _why(result))


def _why(error: Any) -> str:
    """A problem as it stands; anything else is our own, and says so."""
    return str(error) if isinstance(error, Problem) else f"our error, please report it: {type(error).__name__}: {error}"


@task(
    name="discover",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=len(PAUSES_S),
    retry_delay_seconds=list(PAUSES_S),
    retry_jitter_factor=0.5,
    retry_condition_fn=may_be_there_in_a_minute,
)
def discover(planner: Planner, spec: SourceSpec, budget: int | None) -> Part:
    """Plan one source; the host that keeps its past is asked for its index while we hold it."""
    asked = asked_as(spec)
    if planner.pipeline.settings.offline or asked is spec:
        return plan_source(planner, spec, budget)
    with host_turn(asked):
        return plan_source(planner, spec, budget)


def fetch_all(
    pipeline: Pipeline, request: BackfillRequest, parts: list[Part], fetcher: Fetcher
) -> dict[str, Retrieved]:
    """Fetch and archive what is wanted, a turn at a time, outside the store's lock."""
    total, done = sum(len(part.wanted) for part in parts), 0
    gatherer = Retriever(pipeline, fetcher, tell)
    progress = create_progress_artifact(0.0, key="backfill-progress", description=f"{request.named()}: 0 of {total:,}")
    assert isinstance(progress, UUID)  # noqa: S101  a coroutine only for those who await it
    gathered = {}
    for part in parts:
        if part.trouble:
            continue
        so_far = Retrieved()
        for number, turn in enumerate(_turns(part), start=1):
            named = fetch_turn.with_options(
                task_run_name=f"fetch {part.spec.id} turn {number} {request.from_on} to {request.to_on}",
                tags=[part.spec.id],
            )
            so_far += _settled(named.submit(gatherer, part, turn, {}).result(raise_on_failure=False))
            done += len(turn)
            _advance(progress, request, done, total)
            if so_far.unreachable:
                break
        told = f", {so_far.not_taken} not taken, asked again next time: {so_far.refused}" if so_far.refused else ""
        tell(f"{part.spec.id}: {so_far.captured} captured, {so_far.gone} gone, {so_far.new_bytes:,} bytes{told}")
        gathered[part.spec.id] = so_far
    return gathered


def _turns(part: Part) -> Iterator[tuple[Discovered, ...]]:
    """The wanted captures in handfuls that take about TURN_S at the polite pace."""
    items = iter(part.wanted)
    size = max(1, int(TURN_S * part.asked.requests_per_second))
    while turn := tuple(islice(items, size)):
        yield turn


@task(
    name="fetch turn",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=len(PAUSES_S),
    retry_delay_seconds=list(PAUSES_S),
    retry_jitter_factor=0.5,
    retry_condition_fn=may_be_there_in_a_minute,
)
def fetch_turn(gatherer: Retriever, part: Part, turn: tuple[Discovered, ...], tried: dict[Key, Retrieved]) -> Retrieved:
    """Fetch one handful while holding the host. What an earlier try has captured is not asked again."""
    if gatherer.pipeline.settings.offline:
        return gatherer.retrieve(part, turn, tried)
    with host_turn(part.asked):
        gathered = gatherer.retrieve(part, turn, tried)
    if gathered.unsteady:
        raise Unsteady(Attempt(part.spec.id, gathered.captured, gathered.new_bytes, gathered.unreachable))
    return gathered


def _settled(result: Any) -> Retrieved:
    if isinstance(result, Retrieved):
        return result
    if isinstance(result, Unsteady):
        found = result.attempt
        return Retrieved(captured=found.captured, new_bytes=found.new_bytes, unreachable=found.unreachable)
    return Retrieved(unreachable=_why(result))


def _advance(progress: UUID, request: BackfillRequest, done: int, total: int) -> None:
    update_progress_artifact(
        progress, 100 * done / max(total, 1), description=f"{request.named()}: {done:,} of {total:,}"
    )


def _publish(
    pipeline: Pipeline, request: BackfillRequest, parts: list[Part], gathered: dict[str, Retrieved]
) -> tuple[str, dict[str, str]]:
    """Load and publish under the store's lock, then note in each cursor that its captures are in.

    Gives what was added, and the sources that brought nothing because everything of theirs was refused, with the reason.
    """
    attempts = [
        Attempt(source, one.captured, one.new_bytes, one.unreachable, one.refused) for source, one in gathered.items()
    ]
    attempts += [Attempt(part.spec.id, unreachable=part.trouble) for part in parts if part.trouble]
    waiting = partial(tell_waiting, LOCK_HOLDER)
    with store_lock(pipeline.home, LOCK_HOLDER, wait_s=WAIT_FOR_STORE_S, waiting=waiting):
        before = said_before(pipeline)
        summary, progress = load_and_answer(pipeline, [*attempts, *enter_analyst_files(pipeline)], tell)
    for part in parts:
        if not part.trouble and not gathered[part.spec.id].unreachable and not part.left:
            part.cursor.finish(summary.published_id, summary.rows_added, pipeline.clock())
    leave_run_artifacts("backfill", request.named(), RunStory(attempts, progress, summary, moved(before, summary)))
    return f"{summary.rows_added:,} rows added", all_refused(gathered, progress.loaded)


def all_refused(gathered: dict[str, Retrieved], loaded: Sequence[Loaded]) -> dict[str, str]:
    """The sources of which something came, or was there to come, and nothing was taken: source -> the first reason."""
    found: dict[str, str] = {}
    for source, one in gathered.items():
        of_it = [item for item in loaded if item.capture.source == source]
        at_load = [item.reason for item in of_it if item.outcome == "refused"]
        if not one.captured and one.refused:
            found[source] = one.refused
        elif one.captured and at_load and len(at_load) == len(of_it):
            found[source] = at_load[0]
    return found


def _replay(pipeline: Pipeline, request: BackfillRequest) -> str:
    """The whole archive anew: the store is built in first-seen order, which no part of it can be left out of."""
    tell("replay reads the whole archive: sources and days choose nothing")
    summary = replay_and_tell(pipeline, "backfill", request.named())
    return f"Replayed: {summary.rows_added:,} rows added, {summary.published_id}"


def _held(part: Part) -> str:
    ended = part.cursor.last_finished()
    when = f"; finished {ended[0]:%Y-%m-%d %H:%M} UTC with {ended[1]:,} rows added" if ended else ""
    return f"{part.spec.id}: all {len(part.found):,} captures of these days are held{when}"


def _say(request: BackfillRequest, lines: list[str], end: str) -> str:
    text = "\n".join([f"# {request.named()}", "", *(f"- {line}" for line in lines), "", end])
    create_markdown_artifact(text, key="backfill", description=request.named())
    for line in (*lines, end):
        tell(line)
    return end
