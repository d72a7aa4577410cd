"""What a Prefect server needs before the first run: work pool, deployments, limits, the automation against zombies.

Everything here may be repeated: what is there and right stays as it is, a paused schedule stays paused.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId, FlowRunFilterState
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Crashed
from prefect.workers.process import ProcessWorker

from config.errors import Refused
from flows.network.host_limits import create_limits
from flows.past.discovery import every_way_asked
from flows.prefect_server.server import POOL
from flows.steps.pipeline import Pipeline

NIGHTLY = "nightly/nightly"
DECLARED = Path(__file__).resolve().parents[2] / "prefect.yaml"
ZOMBIES = "capex-signals: a run without a heartbeat has crashed"
SILENT_S = 120
ENDINGS = ("Completed", "Failed", "Cancelled", "Crashed", "AwaitingRetry", "Paused", "Suspended")
DEPLOY_TIMEOUT_S = 180

Say = Callable[[str], None]


def bootstrap(pipeline: Pipeline, say: Say) -> None:
    """Make the server that this process is pointed at ready for a worker. Raises Refused naming what failed."""
    with get_client(sync_client=True) as client:
        _create_pool(client)
        paused = _paused(client)
        _deploy()
        for name, slugs in paused.items():
            _pause_again(client, name, slugs, say)
        hosts = create_limits(every_way_asked(pipeline.catalog.sources.values()))
        _watch_for_zombies()
        if not pipeline.settings.database_url.get_secret_value():  # the database is ours alone: so were its workers
            crash_runs("its worker was gone when the server started; the next run takes up what it left")
        _catch_up(client, pipeline, say)
        found = client.read_deployments()
    names = ", ".join(sorted(deployment.name for deployment in found))
    say(f"deployments: {names}; one fetcher at a time for each of {len(hosts)} hosts")


def _create_pool(client: SyncPrefectClient) -> None:
    """The process work pool. Its runs are tethered to the worker: a killed worker leaves no run behind."""
    template = ProcessWorker.get_default_base_job_template()
    engine = shlex.join([sys.executable, "-m", "flows.prefect_server.tethered", "prefect.engine"])
    template["variables"]["properties"]["command"]["default"] = engine
    try:
        client.read_work_pool(POOL)
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))
    else:
        client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=template))


def _deploy() -> None:
    if not DECLARED.is_file():
        raise Refused(
            "the deployments are declared in the checkout", place=str(DECLARED), remedy="serve from a checkout"
        )
    done = subprocess.run(  # noqa: S603  our own interpreter and module
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(DECLARED)],
        cwd=DECLARED.parent,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=DEPLOY_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise Refused(
            f"the deployments were not taken: {(done.stdout + done.stderr).strip()[-2000:]}", place=DECLARED.name
        )


def _paused(client: SyncPrefectClient) -> dict[str, set[str | None]]:
    """Deployment id -> slugs of the schedules that somebody has switched off."""
    return {
        str(deployment.id): {schedule.slug for schedule in deployment.schedules if not schedule.active}
        for deployment in client.read_deployments()
        if any(not schedule.active for schedule in deployment.schedules)
    }


def _pause_again(client: SyncPrefectClient, deployment_id: str, slugs: set[str | None], say: Say) -> None:
    """Deploying switches every schedule on; what the operator switched off stays off."""
    deployment = client.read_deployment(deployment_id)
    for schedule in deployment.schedules:
        if schedule.slug in slugs and schedule.id is not None:
            client.update_deployment_schedule(deployment.id, schedule.id, active=False)
            say(f"the schedule of {deployment.name} is switched off; switch it on in the UI")


def _watch_for_zombies() -> None:
    """A run whose process is gone together with its worker never says so: mark it when its heartbeat stops."""
    automation = AutomationCore(
        name=ZOMBIES,
        description=f"No heartbeat for {SILENT_S} s although the run had not ended.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *(f"prefect.flow-run.{ending}" for ending in ENDINGS)},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=SILENT_S),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                name="Crashed",
                force=False,
                message=f"no heartbeat for {SILENT_S} s: the run's process is gone. The next run takes up what it left.",
            )
        ],
    )
    with get_client(sync_client=True) as client:
        if not client.read_automations_by_name(ZOMBIES):
            client.create_automation(automation)


def crash_runs(why: str, patience_s: float = 0.0) -> None:
    """Mark the runs whose worker is gone, after they have had `patience_s` to say themselves how they ended."""
    taken = FlowRunFilter(state=FlowRunFilterState.model_validate({"type": {"any_": ["RUNNING", "PENDING"]}}))
    began = time.monotonic()
    with get_client(sync_client=True) as client:
        while True:
            runs = [run for run in client.read_flow_runs(flow_run_filter=taken) if run.work_pool_name == POOL]
            if not runs or time.monotonic() - began >= patience_s:
                break
            time.sleep(0.5)
        for run in runs:
            client.set_flow_run_state(run.id, Crashed(message=why), force=True)


def _catch_up(client: SyncPrefectClient, pipeline: Pipeline, say: Say) -> None:
    """After an outage one nightly run makes up for all that were missed: a day that has passed cannot be asked again.

    The server schedules the next runs ahead, so those that fell into the outage are there, and late.
    """
    deployment = client.read_deployment_by_name(NIGHTLY)
    overdue = _overdue(client, deployment, pipeline.clock())
    for run in overdue:
        missed: State[None] = Cancelled(message="missed while no worker was there; one run makes up for all of them")
        client.set_flow_run_state(run.id, missed, force=True)
    if overdue:
        client.create_flow_run_from_deployment(deployment.id, tags=["catch-up"])
        say(f"{len(overdue)} nightly runs were missed: one runs now")


def _overdue(client: SyncPrefectClient, deployment: DeploymentResponse, now: datetime) -> list[FlowRun]:
    """Scheduled runs of the past that no worker has taken."""
    chosen = FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(any_=[deployment.id]),
        state=FlowRunFilterState.model_validate({"type": {"any_": ["SCHEDULED"]}}),
    )
    runs = client.read_flow_runs(flow_run_filter=chosen, limit=200)
    due = now.replace(tzinfo=UTC)
    return [run for run in runs if run.auto_scheduled and run.expected_start_time and run.expected_start_time < due]
