"""Prefect's database with its tables and nothing in them: setting it up takes longer than all else of a server's first start."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

from config.settings import Settings
from flows.prefect_server.database import database_file, prefect_home
from flows.prefect_server.server import server_environment


def put_database(shared: Path, settings: Settings) -> None:
    """A copy into the home of those settings; `shared` is a folder of this run, in which the first who asks makes it."""
    made = database_file(prefect_home(Settings(home=shared / "prefect-database")))
    made.parent.mkdir(parents=True, exist_ok=True)
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(made)
    copy = database_file(prefect_home(settings))
    copy.parent.mkdir(mode=0o700, parents=True)
    shutil.copyfile(made, copy)


def _make(path: Path) -> None:
    under_way = path.with_name("under way")
    environment = server_environment(Settings(home=path.parent), 0, deployments=True, home=under_way)
    under_way.mkdir()
    command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)  # noqa: S603  our own words
    assert done.returncode == 0, done.stdout + done.stderr
    database_file(under_way).rename(path)
