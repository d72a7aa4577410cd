"""A small project for tests that need whole processes: two sources on loopback, one claim, no starter data."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests
from places import FIXTURES_FOLDER, REPOSITORY, TESTS
from pytest_httpserver import HTTPServer

from flows.prefect_server.server import free_port

FIXTURES = FIXTURES_FOLDER / "sources"
PAYLOADS = {
    "ecb_fx": (FIXTURES / "ecb_fx" / "eurofxref-hist.csv").read_bytes(),
    "litellm_prices": (FIXTURES / "litellm_prices" / "2026-09-01.json").read_bytes(),
}
NOW = "2026-11-20T06:30:00"


@dataclass
class Small:
    """The project as its processes shall see it: `command(...)` runs in `environment()`."""

    folder: Path
    server: HTTPServer
    now: str = NOW
    fault: dict[str, Any] | None = None
    settings: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    starter: bool = False
    sources: tuple[str, ...] = tuple(PAYLOADS)
    constants: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def serve_payloads(self) -> None:
        """The sources answer with their fixtures."""
        for name, body in PAYLOADS.items():
            self.server.expect_request(f"/{name}").respond_with_data(body)

    def environment(self) -> dict[str, str]:
        """The environment of a process; writes down what is to be changed in it."""
        sources = {
            name: {
                "addresses": [self.addresses.get(name, self.server.url_for(f"/{name}"))],
                "hosts": ["127.0.0.1", *self.hosts],
                "rows": {"min": 1, "max": 100_000},
                "requests_per_second": 20.0,
                "history": None,  # its repository is not on this machine
            }
            for name in self.sources
        }
        plan = {
            "sources": sources, "claims": ["C27"], "now": self.now, "fault": self.fault, "starter": self.starter,
            "constants": self.constants,
        }  # fmt: skip
        path = self.folder / "inject.json"
        path.write_text(json.dumps(plan))
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CAPEX_SIGNALS_"))
        }
        return {
            **kept,
            "PYTHONPATH": os.pathsep.join([str(TESTS / "injected"), str(TESTS / "support"), str(REPOSITORY)]),
            "CAPEX_SIGNALS_INJECT": str(path),
            "CAPEX_SIGNALS_HOME": str(self.home),
            **self.settings,
        }

    def striking(self, module: str, function: str, when: str, kind: str = "kill", **more: Any) -> Small:
        """The same project, whose processes meet this fault once."""
        once = self.folder / f"struck-{module}-{function}-{when}-{kind}"
        fault = {"module": module, "function": function, "when": when, "kind": kind, "once": str(once), **more}
        return replace(self, fault=fault)


@dataclass
class Served:
    """A running `capex-signals serve`."""

    small: Small
    url: str
    process: subprocess.Popen[str]
    said: list[str]

    def api(self, method: str, path: str, **body: Any) -> Any:
        """One request to the Prefect API; a busy SQLite is asked again (503), as Prefect's own clients do."""
        with requests.Session() as session:
            session.trust_env = False
            for _ in range(10):
                answer = session.request(method, f"{self.url}/api{path}", json=body or None, timeout=30)
                if answer.status_code != requests.codes.service_unavailable:
                    break
                time.sleep(1)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def deployment(self, name: str) -> str:
        """The id of one deployment."""
        return str(self.api("GET", f"/deployments/name/{name}/{name}")["id"])

    def run(self, name: str, **parameters: Any) -> str:
        """Start a run of a deployment now; returns its id."""
        return str(
            self.api("POST", f"/deployments/{self.deployment(name)}/create_flow_run", parameters=parameters)["id"]
        )

    def ended(self, run: str, seconds: float = 240) -> dict[str, Any]:
        """The run once it has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found: dict[str, Any] = self.api("GET", f"/flow_runs/{run}")
            if found["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}:
                return found
            time.sleep(0.5)
        raise AssertionError(f"{found['name']} is still {found['state_name']}: {found['state']}; {self.logs()}")

    def scheduled(self, name: str, seconds: float = 90) -> list[dict[str, Any]]:
        """The runs the server has scheduled ahead; its scheduler looks at new deployments every few seconds."""
        chosen = {"deployment_id": {"any_": [self.deployment(name)]}, "state": {"type": {"any_": ["SCHEDULED"]}}}
        deadline = time.monotonic() + seconds
        found: list[dict[str, Any]] = []
        while len(found) < 2 and time.monotonic() < deadline:
            found = self.api("POST", "/flow_runs/filter", flow_runs=chosen)
            time.sleep(0.2)
        return found

    def artifacts(self, run: str) -> dict[str, Any]:
        """key -> data of the artifacts a run left."""
        chosen = {"flow_run_id": {"any_": [run]}}
        return {found["key"]: found for found in self.api("POST", "/artifacts/filter", artifacts=chosen)}

    def logs(self) -> str:
        """The end of what server and worker wrote."""
        folder = self.small.home / "prefect"
        return "\n".join(path.read_text()[-3000:] for path in sorted(folder.glob("*.log")))


@contextmanager
def serving(small: Small, seconds: float = 200) -> Iterator[Served]:
    """`capex-signals serve` on a free port, ended by one SIGINT like Ctrl-C."""
    port = free_port()
    process = subprocess.Popen(  # noqa: S603  our own interpreter and module
        command("serve", "--port", str(port)),
        env=small.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    served = Served(small, f"http://127.0.0.1:{port}", process, [])
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: served.said.extend(process.stdout or []), daemon=True)
    reader.start()
    try:
        deadline = time.monotonic() + seconds
        while not any(line.startswith("serving") for line in served.said):
            assert process.poll() is None, served.said
            assert time.monotonic() < deadline, served.said
            time.sleep(0.2)
        yield served
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
        reader.join(5)
        process.stdout.close()


def command(*arguments: str) -> list[str]:
    """`capex-signals ...`."""
    return [sys.executable, "-m", "flows.cli", *arguments]
