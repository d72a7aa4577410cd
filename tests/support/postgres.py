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


class Cluster:
    """A PostgreSQL server over a folder. The password guards nothing: it listens on loopback and is gone after."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.port = folder, folder / "data", free_port()
        self.address = f"postgresql://tests:only-for-tests@127.0.0.1:{self.port}/postgres"
        self.running: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """An empty database."""
        secret = self.folder / "password"
        self.folder.mkdir(parents=True, exist_ok=True)
        secret.write_text("only-for-tests")
        if os.geteuid() == 0:
            for path in (self.folder, secret):
                shutil.chown(path, "postgres")
        making = [
            _program("initdb"),
            "-D",
            str(self.data),
            "-U",
            "tests",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "-E",
            "UTF8",
            "-N",
        ]
        subprocess.run(_as_user(making), check=True, capture_output=True, cwd="/")  # noqa: S603

    def start(self) -> None:
        """Returns when it takes connections."""
        options = ["-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.folder), "-F"]
        self.running = subprocess.Popen(  # noqa: S603
            _as_user([_program("postgres"), "-D", str(self.data), *options]),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        deadline = time.monotonic() + START_S
        while not (self.data / "postmaster.pid").exists() or "ready" not in (self.data / "postmaster.pid").read_text():
            assert self.running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def stop(self) -> None:
        """At once: whoever is connected is cut off, and what was not committed is rolled back."""
        if self.running:
            subprocess.run(  # noqa: S603
                _as_user([_program("pg_ctl"), "-D", str(self.data), "-m", "fast", "-w", "stop"]),
                check=False, capture_output=True, cwd="/",
            )  # fmt: skip
            self.running.wait(30)
            self.running = None


def _program(name: str) -> str:
    found = binary(name)
    assert found is not None
    return found


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A server with an empty database, while the block runs."""
    made = Cluster(folder)
    made.make()
    made.start()
    try:
        yield made
    finally:
        made.stop()
