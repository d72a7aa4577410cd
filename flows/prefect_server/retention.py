"""Runs that are older than a person keeps them, with their logs and artifacts: removed through Prefect's own interface.

The archive is another matter and is never touched: what these runs captured, published and said stands in its journals.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowFilter,
    FlowFilterId,
    FlowRunFilter,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound

PAGE = 200
ENDED = {"type": {"any_": ["COMPLETED", "FAILED", "CANCELLED", "CRASHED"]}}


def remove_old_runs(now: datetime, keep_days: int, most: int = 500) -> int:
    """Remove up to `most` runs that ended more than `keep_days` before `now` (naive UTC); the last of each flow stays. Gives how many.

    A home that was never tidied is tidied over some nights. Task runs go with their run, logs a moment later.
    """
    before = now.replace(tzinfo=UTC) - timedelta(days=keep_days)
    with get_client(sync_client=True) as client:
        old = _ended_before(client, before, most)
        last = {_last_of(client, flow_id) for flow_id in {run.flow_id for run in old}}
        gone = [run for run in old if run.id not in last]
        for run in gone:
            _remove(client, run)
    return len(gone)


def _ended_before(client: SyncPrefectClient, before: datetime, most: int) -> list[FlowRun]:
    chosen = FlowRunFilter.model_validate({"state": ENDED, "end_time": {"before_": before}})
    found: list[FlowRun] = []
    while len(found) < most:
        page = client.read_flow_runs(
            flow_run_filter=chosen,
            sort=FlowRunSort.START_TIME_ASC,
            limit=min(PAGE, most - len(found)),
            offset=len(found),
        )
        found += page
        if len(page) < PAGE:
            break
    return found


def _last_of(client: SyncPrefectClient, flow_id: object) -> object:
    """The run of a flow that ended last, however it ended."""
    of_flow = FlowFilter(id=FlowFilterId.model_validate({"any_": [flow_id]}))
    ended = FlowRunFilter.model_validate({"state": ENDED})
    [run] = client.read_flow_runs(flow_filter=of_flow, flow_run_filter=ended, sort=FlowRunSort.END_TIME_DESC, limit=1)
    return run.id


def _remove(client: SyncPrefectClient, run: FlowRun) -> None:
    """The artifacts first: they name their run, and would be found by nobody once it is gone."""
    of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    while page := client.read_artifacts(artifact_filter=of_run, limit=PAGE):
        for artifact in page:
            client.delete_artifact(artifact.id)
    try:
        client.delete_flow_run(run.id)
    except ObjectNotFound:  # another night tidies up as well
        return
