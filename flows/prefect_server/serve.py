"""`capex-signals serve`: Prefect server, deployments and a worker as children of one process, and the report, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from config.errors import Refused
from config.settings import Settings
from flows.prefect_server.database import prefect_home, trouble
from flows.prefect_server.report_server import report_served
from flows.prefect_server.server import (
    LOOPBACK,
    POOL,
    answers,
    client_environment,
    pointed_at,
    private_server,
    start_child,
    stop_child,
)
from flows.prefect_server.serving import noted
from warehouse.home.layout import Home

DEFAULT_PORT = 4200
HEARTBEAT_S = 30
WATCH_STEP_S = 1.0
WORKER_START_S = 120.0
WORKER_STOP_S = 5.0
RUNS_END_S = 5.0
RESTART_PAUSE_S = 5.0
MISSED_ANSWERS = 30
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The database's password is the server's: no run needs it, and what a run does not have it cannot show.
SERVER_ONLY = frozenset({"CAPEX_SIGNALS_DATABASE_URL"})

Say = Callable[[str], None]


class Worker:
    """The worker process. It is started again when it dies; its runs die with it, and say so to the server."""

    def __init__(self, settings: Settings, url: str, pool: str, say: Say) -> None:
        self.log = prefect_home(settings) / "worker.log"
        self._pool, self._say = pool, say
        self._name = f"{pool}-{socket.gethostname()}"
        kept = {name: value for name, value in os.environ.items() if name not in SERVER_ONLY}
        self._environment = {
            **kept,
            **client_environment(settings, url),
            "CAPEX_SIGNALS_HOME": str(settings.root),
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_S),
            "PREFECT_WORKER_QUERY_SECONDS": "3",
            "PREFECT_LOGGING_LEVEL": "INFO",
        }
        self.child = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = ["prefect", "worker", "start", "--pool", self._pool, "--type", "process", "--name", self._name]
        return start_child(command, self._environment, self.log)

    def await_online(self) -> None:
        """Return when the server has heard of it. Raises Refused when it ends, or stays silent."""
        from prefect.client.orchestration import get_client  # noqa: PLC0415  only now does Prefect know its server

        began = time.monotonic()
        with get_client(sync_client=True) as client:
            before = {
                worker.name: worker.last_heartbeat_time for worker in client.read_workers_for_work_pool(self._pool)
            }
            while True:
                for worker in client.read_workers_for_work_pool(self._pool):
                    if worker.name == self._name and worker.last_heartbeat_time != before.get(worker.name):
                        return
                if self.child.poll() is not None or time.monotonic() - began > WORKER_START_S:
                    raise Refused("the worker did not start", place=str(self.log), remedy="that log says why")
                time.sleep(WATCH_STEP_S)

    def watch(self) -> None:
        """Start it again when it has died."""
        if self.child.poll() is None:
            return
        self._say(f"the worker ended with code {self.child.returncode}: starting it again ({self.log} says why)")
        time.sleep(RESTART_PAUSE_S)
        self.child = self._start()

    def stop(self) -> None:
        """End it. Its runs end with it, and have some time to tell the server."""
        from flows.prefect_server.deployments import crash_runs  # noqa: PLC0415

        stop_child(self.child, WORKER_STOP_S)
        crash_runs("its worker was ended while it ran; the next run takes up what it left", RUNS_END_S)


def serve(settings: Settings, port: int, say: Say) -> None:
    """Serve until Ctrl-C or SIGTERM, then end every child. Raises Refused when something does not start or the server ends."""
    Home.open(settings.root)
    require_free(port)
    if wrong := trouble(settings):  # its schedules are to last: it takes no database in place of this one
        raise Refused(wrong.what, remedy=wrong.mend)
    with _signals_interrupt(), noted(settings, port):
        try:
            with report_served(Home(settings.root).report, port + 1) as report, serving(settings, port, say) as worker:
                say(f"serving: open http://{LOOPBACK}:{port}/v2/deployments")
                say(f"report:  open {report}")
                say("Ctrl-C ends the server, the worker and its runs")
                _watch(worker, port)
        except KeyboardInterrupt:
            say("ended")


@contextmanager
def serving(settings: Settings, port: int, say: Say) -> Iterator[Worker]:
    """Yield a worker that is polling, beside a server with all deployments."""
    with private_server(settings, port, say, deployments=True) as url, pointed_at(url, settings):
        from flows.prefect_server.deployments import bootstrap  # noqa: PLC0415  only now does Prefect know its server
        from flows.steps.pipeline import Pipeline  # noqa: PLC0415

        say("applying the deployments of prefect.yaml")
        bootstrap(Pipeline.open(settings), say)
        worker = Worker(settings, url, POOL, say)
        try:
            worker.await_online()
            yield worker
        finally:
            say("ending the worker and its runs, then the server")
            worker.stop()


def require_free(port: int) -> None:
    """Raises Refused when something listens on the port."""
    try:
        with socket.create_server((LOOPBACK, port)):
            return
    except OSError as error:
        raise Refused(
            f"port {port} is taken: {error.strerror}",
            remedy="end what listens there (perhaps another `capex-signals serve`), or give another --port",
        ) from error


def _watch(worker: Worker, port: int) -> None:
    missed = 0
    while missed < MISSED_ANSWERS:
        time.sleep(WATCH_STEP_S)
        missed = 0 if answers(f"http://{LOOPBACK}:{port}/api") else missed + 1
        worker.watch()
    raise Refused(
        "the Prefect server has ended or does not answer any more",
        place=str(worker.log.with_name("server.log")),
        remedy="that log says why; start `capex-signals serve` again: what was scheduled is kept",
    )


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """SIGTERM (a service manager) and SIGHUP (a closed terminal) end us the way Ctrl-C does, which a shell's `&` would switch off."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
