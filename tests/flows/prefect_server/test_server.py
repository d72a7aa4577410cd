"""The private Prefect server: it starts, records, schedules, stays at home, and never outlives its run."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from config.errors import Refused
from config.settings import Settings
from flows.prefect_server import server
from flows.prefect_server.server import prefect_server, private_server, server_environment

RUN = """
import sys
from config.settings import Settings
from flows.prefect_server.server import prefect_server

with prefect_server(Settings(home=sys.argv[1]), print) as url:
    from prefect import flow, task
    from prefect.artifacts import create_markdown_artifact

    @task
    def double(number):
        return 2 * number

    @flow
    def doubled():
        create_markdown_artifact("# a table", key="table")
        return [future.result() for future in double.map([1, 2, 3])]

    print(doubled(), url)
"""

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", "flows.prefect_server.tethered", "http.server", "--bind", "127.0.0.1", sys.argv[1]],
                         stdin=subprocess.PIPE, start_new_session=True)
time.sleep(60)
"""


def listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(condition: object, seconds: float) -> bool:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_killed_parent_takes_its_child_along() -> None:
    port = server.free_port()
    command = [sys.executable, "-c", PARENT, str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as parent:  # noqa: S603  our own interpreter and text
        assert until(lambda: listens(port), 30)
        parent.send_signal(signal.SIGKILL)
    assert until(lambda: not listens(port), 30)


def test_a_server_that_ends_while_starting_names_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.sys, "executable", "/bin/false")
    starting = private_server(Settings(home=tmp_path), server.free_port(), print, deployments=False)
    with pytest.raises(Refused, match=r"server\.log: the Prefect server ended with code 1"), starting:
        pass


def test_a_server_that_never_answers_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    popen = subprocess.Popen

    def sleeper(_command: list[str], **options: object) -> subprocess.Popen[bytes]:
        started.append(popen(["/bin/sleep", "60"], **options))  # type: ignore[call-overload]
        return started[0]

    monkeypatch.setattr(server.subprocess, "Popen", sleeper)
    monkeypatch.setattr(server, "START_TIMEOUT_S", 0.2)
    starting = private_server(Settings(home=tmp_path), server.free_port(), print, deployments=False)
    with pytest.raises(Refused, match=r"did not answer within 0\.2 s"), starting:
        pass
    assert started[0].returncode == -signal.SIGTERM


def test_a_server_that_answers_is_used(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    httpserver.expect_request("/api/health").respond_with_data("true")
    httpserver.expect_request("/api/admin/version").respond_with_json("3.9.0")
    monkeypatch.setenv("PREFECT_API_URL", httpserver.url_for("/api"))
    monkeypatch.delattr(server.subprocess, "Popen")
    with prefect_server(Settings(home=tmp_path), print) as url:
        assert url == httpserver.url_for("/api")
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_answer_is_named_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def pretended(*_: object, **__: object) -> Iterator[str]:
        yield "http://127.0.0.1:1/api"

    gone = f"http://127.0.0.1:{server.free_port()}/api"
    said: list[str] = []
    monkeypatch.setenv("PREFECT_API_URL", gone)
    monkeypatch.setattr(server, "private_server", pretended)
    with prefect_server(Settings(home=tmp_path), said.append) as url:
        assert os.environ["PREFECT_API_URL"] == url == "http://127.0.0.1:1/api"
        assert os.environ["PREFECT_HOME"] == str(tmp_path / "prefect")
    assert gone in said[0]
    assert os.environ["PREFECT_API_URL"] == gone


def test_the_persons_own_prefect_settings_do_not_reach_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", "postgresql+asyncpg://elsewhere/prefect")
    monkeypatch.setenv("PREFECT_API_KEY", "secret")
    environment = server_environment(Settings(home=tmp_path), 4200, deployments=False)
    assert environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] == f"sqlite+aiosqlite:///{tmp_path}/prefect/prefect.db"
    assert "PREFECT_API_KEY" not in environment
    assert "*" not in environment["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"]


@pytest.mark.server
def test_a_run_with_a_private_server_is_recorded_whole_and_ends_quietly(
    tmp_path: Path, prefect_tables: Callable[[Settings], None]
) -> None:
    home, person = tmp_path / "home", tmp_path / "person"
    prefect_tables(Settings(home=home))  # the first start on an empty home is that of `bare_run`
    person.mkdir()
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    script = tmp_path / "run.py"
    script.write_text(RUN)
    done = subprocess.run(  # noqa: S603  our own interpreter and text
        [sys.executable, script, home],
        env=plain | {"HOME": str(person)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "[2, 4, 6]" in done.stdout
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr
    assert list(person.iterdir()) == []
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as database:
        assert database.execute("SELECT state_name, count(*) FROM task_run GROUP BY 1").fetchall() == [("Completed", 3)]
        assert database.execute("SELECT state_name FROM flow_run").fetchall() == [("Completed",)]
        assert database.execute("SELECT key FROM artifact").fetchall() == [("table",)]
    assert not listens(int(done.stdout.rsplit(":", 1)[1].split("/")[0]))


@pytest.mark.server
def test_the_declared_deployments_are_scheduled(prefect_api: str, repository: Path) -> None:
    """A scheduler that does not work says nothing (Prefect 3.8 on SQLAlchemy 2.1): only runs that exist prove that it does."""
    from prefect.client.orchestration import get_client

    def prefect(*arguments: str) -> None:
        done = subprocess.run(  # noqa: S603  our own interpreter and module
            [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
            cwd=repository,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    prefect("work-pool", "create", "capex-signals", "--type", "process")
    prefect("deploy", "--all")
    with get_client(sync_client=True) as client:
        assert str(client.api_url).rstrip("/") == prefect_api
        assert until(lambda: any(run.state_name == "Scheduled" for run in client.read_flow_runs()), 90)
        deployment = client.read_deployment_by_name("nightly/nightly")
        runs = [run for run in client.read_flow_runs() if run.deployment_id == deployment.id]
    assert deployment.work_pool_name == "capex-signals"
    assert all((run.expected_start_time.hour, run.expected_start_time.minute) == (6, 30) for run in runs)
    assert len(runs) >= 2
