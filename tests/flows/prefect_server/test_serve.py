"""`capex-signals serve` as an operator meets it: scheduled, triggered through the API, ended by one Ctrl-C."""

from __future__ import annotations

import socket
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from injection import Served, command

from config.errors import Refused
from config.settings import Settings
from flows.commands import doctor
from flows.prefect_server.serve import require_free
from flows.prefect_server.server import free_port

pytestmark = pytest.mark.server


def test_a_taken_port_is_refused_with_a_remedy() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken, pytest.raises(Refused, match="give another --port"):
        require_free(taken.getsockname()[1])


def test_it_listens_on_loopback_only(served: Served) -> None:
    port = int(served.url.rpartition(":")[2])
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    local = {row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
    assert local == {f"0100007F:{port:04X}"}


def test_what_holds_secrets_is_for_this_user_only(served: Served) -> None:
    assert (served.small.home / "prefect").stat().st_mode & 0o777 == 0o700


def test_the_nightly_run_is_scheduled_and_every_deployment_is_there(served: Served) -> None:
    found = {item["name"] for item in served.api("POST", "/deployments/filter")}
    assert found == {"backfill", "bulk_slices", "judge", "nightly", "publish", "replay", "maintenance"}
    runs = served.scheduled("nightly")
    assert len(runs) >= 2
    assert {run["expected_start_time"][11:16] for run in runs} == {"06:30"}


def test_the_doctor_sees_the_schedule_and_the_worker(served: Served) -> None:
    port = int(served.url.rpartition(":")[2])
    assert served.scheduled("nightly")
    found = {item.about: item for item in doctor.examine(Settings(home=served.small.home, offline=True))}
    assert found["port"].found == f"a Prefect server answers on {port} (serve of this home)"
    assert found["schedules"].found.endswith("06:30 UTC")
    assert found["worker"].found == f"capex-signals-{socket.gethostname()} polls for runs"
    assert not found["worker"].grave


def test_every_host_has_a_limit_of_one_and_zombies_are_watched_for(served: Served) -> None:
    limits = served.api("POST", "/v2/concurrency_limits/filter")
    assert {limit["name"]: limit["limit"] for limit in limits if limit["name"].startswith("fetch:")} == {
        "fetch:127.0.0.1": 1,
    }
    [automation] = served.api("POST", "/automations/filter")
    assert automation["enabled"]
    assert "prefect.flow-run.heartbeat" in automation["trigger"]["expect"]
    assert automation["actions"][0]["state"] == "CRASHED"


def test_a_nightly_run_triggered_through_the_api_publishes_and_explains_itself(served: Served) -> None:
    run = served.run("nightly")
    ended = served.ended(run)
    assert ended["state_name"] == "Completed", served.logs()
    assert ended["name"].startswith("nightly 20")
    assert (served.small.home / "published" / "latest.duckdb").exists()
    artifacts = served.artifacts(run)
    assert {"nightly", "nightly-captures", "verdicts"} <= set(artifacts)
    assert "ecb_fx" in artifacts["nightly"]["data"]
    tasks = served.api("POST", "/task_runs/filter", flow_runs={"id": {"any_": [run]}})
    day = ended["expected_start_time"][:10]
    assert {task["name"] for task in tasks} == {f"fetch ecb_fx {day}", f"fetch litellm_prices {day}"}
    assert {tag for task in tasks for tag in task["tags"]} >= {"ecb_fx", "litellm_prices"}


def test_judge_runs_from_its_deployment_and_reads_what_publish_published(served: Served) -> None:
    if not (served.small.home / "published" / "latest.duckdb").exists():
        assert served.ended(served.run("publish"))["state_name"] == "Completed", served.logs()
    run = served.run("judge", as_of="2026-01-01")
    assert served.ended(run)["state_name"] == "Completed", served.logs()
    assert "C27" in served.artifacts(run)["judged"]["data"]


def test_a_second_serve_is_refused(served: Served) -> None:
    port = served.url.rpartition(":")[2]
    done = subprocess.run(  # noqa: S603  our own interpreter and module
        command("serve", "--port", port),
        env=served.small.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 3
    assert f"port {port} is taken" in done.stderr


def test_a_second_serve_of_one_home_is_refused_on_any_port_and_names_the_first(served: Served) -> None:
    done = subprocess.run(  # noqa: S603  our own interpreter and module
        command("serve", "--port", str(free_port())),
        env=served.small.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    port = served.url.rpartition(":")[2]
    assert done.returncode == 3
    assert f"served on port {port} (process {served.process.pid})" in done.stderr
