"""Workers of one work pool as on several hosts: a process group each, with a home of its own or one that they share."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from injection import Served, Small
from own_network import Cable
from processes import children

from config.settings import Settings
from flows.prefect_server.server import POOL, client_environment, start_child, stop_child
from warehouse.home.lake import Lake

LONG = 600


def reporting(small: Small, url: str) -> dict[str, str]:
    """The environment of a process of that project that reports to the server at this address of its API."""
    return {
        **small.environment(),
        **client_environment(Settings(home=small.home), url),
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_WORKER_QUERY_SECONDS": "3",
    }


@contextmanager
def host_worker(small: Small, url: str, name: str, cable: Cable | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that takes one run at a time, while the block runs; yielded once the server has heard of it.

    With a cable it has a network of its own, which that leads out of.
    """
    worker = ["prefect", "worker", "start", "--pool", POOL, "--type", "process", "--name", name, "--limit", "1"]
    log = small.folder / f"{name}.log"
    child = (
        _behind(cable, worker, reporting(small, url), log) if cable else start_child(worker, reporting(small, url), log)
    )
    asked = Served(small, url.removesuffix("/api"), child, [])  # type: ignore[arg-type]
    try:
        deadline = time.monotonic() + LONG
        while name not in [one["name"] for one in asked.api("POST", f"/work_pools/{POOL}/workers/filter")]:
            assert child.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.5)
        yield child
    finally:
        stop_child(child)


def _behind(cable: Cable, words: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    tethered = [sys.executable, "-m", "flows.prefect_server.tethered", *words]
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603  our own words
            [*cable.prefix(), *tethered], env=environment, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip


def ports_of(lake: Lake | None, url: str) -> list[int]:
    """Those at which the server of that address, and all that the lake is made of, are asked."""
    addresses = [url, *([lake.catalog, lake.endpoint] if lake else [])]
    return [port for address in addresses if (port := urlsplit(address).port)]


def power_cut(worker: subprocess.Popen[bytes]) -> None:
    """The worker and all that it has started are gone, and say nothing of it."""
    for pid in (worker.pid, *children(worker.pid)):
        os.kill(pid, signal.SIGKILL)
    worker.wait(30)


def settings_of(lake: Lake) -> dict[str, str]:
    """What a host sets to have this lake."""
    return {
        "CAPEX_SIGNALS_STORE": f"ducklake:{lake.catalog}",
        "CAPEX_SIGNALS_STORE_DATA": str(lake.data),
        **({"AWS_ENDPOINT_URL": lake.endpoint} if lake.endpoint else {}),
    }
