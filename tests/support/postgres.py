"""A PostgreSQL server of one's own for as long as a test runs. Needs the binaries (Debian: apt install postgresql)."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.prefect_server.server import free_port

PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
START_S = 60


def binary(name: str) -> str | None:
    """Where a program of PostgreSQL's is; None: not installed."""
    return shutil.which(name, path=os.pathsep.join([*map(str, PLACES), os.environ.get("PATH", "")]))


def _as_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: there it runs as the user its package made."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Yield the address of an empty database. The password guards nothing: it listens on loopback and is gone after."""
    initdb, server = binary("initdb"), binary("postgres")
    assert initdb is not None
    assert server is not None
    data, secret = folder / "data", folder / "password"
    folder.mkdir(parents=True, exist_ok=True)
    secret.write_text("only-for-tests")
    if os.geteuid() == 0:
        for path in (folder, secret):
            shutil.chown(path, "postgres")
    making = [initdb, "-D", str(data), "-U", "tests", f"--pwfile={secret}", "--auth=scram-sha-256", "-E", "UTF8", "-N"]
    subprocess.run(_as_user(making), check=True, capture_output=True, cwd="/")  # noqa: S603
    port = free_port()
    options = ["-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-F"]
    running = subprocess.Popen(  # noqa: S603
        _as_user([server, "-D", str(data), *options]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
    )
    try:
        deadline = time.monotonic() + START_S
        while not (data / "postmaster.pid").exists() or "ready" not in (data / "postmaster.pid").read_text():
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        yield f"postgresql://tests:only-for-tests@127.0.0.1:{port}/postgres"
    finally:
        running.terminate()
        running.wait(30)
