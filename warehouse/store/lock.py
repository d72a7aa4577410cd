"""One writer at a time, from append to swap. Readers never need the lock.

The lock is the kernel's (flock): it ends with the process, however that ends. The file's text only tells
people who holds it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import orjson

from config.errors import Refused, StoreBusy
from warehouse.home.disk import faults_named
from warehouse.home.layout import Home

WAIT_STEP_S = 0.5


@contextmanager
def store_lock(
    home: Home,
    holder: str,
    *,
    wait_s: float = 0.0,
    waiting: Callable[[str], None] | None = None,
    path: Path | None = None,
) -> Iterator[None]:
    """Hold the store's lock. Raises StoreBusy naming the holder when it is not free within `wait_s` seconds.

    `waiting` is called once with the holder's description when there is something to wait for. What the disk
    refuses in between is raised as NotWritten: whoever writes to the home folder does it in here. `path` is another
    lock than the store's: that of the universe, which no night writes.
    """
    lock = path or home.lock
    if lock.exists() and not lock.is_file():
        raise Refused("the lock is no file", place=str(lock), remedy="move away what lies there")
    with faults_named(home.root), lock.open("a+", errors="replace") as stream:
        _acquire(stream, wait_s, waiting)
        try:
            _describe(stream, holder)
            yield
        finally:
            _describe(stream, "")
            fcntl.flock(stream, fcntl.LOCK_UN)


def holder_of(path: Path) -> tuple[str, int] | None:
    """(who, process) of the one that holds this lock now; None where nobody does, or has said no name yet."""
    if not path.is_file():
        return None
    with path.open("r") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _described(stream)
    return None


def _acquire(stream: IO[str], wait_s: float, waiting: Callable[[str], None] | None) -> None:
    waited = 0.0
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            name = _holder(stream)
            if waited == 0.0 and waiting is not None and wait_s > 0:
                waiting(name)
            if waited >= wait_s:
                raise StoreBusy(
                    f"the store is being written by {name}", remedy="wait for it to end, or stop it"
                ) from None
            time.sleep(WAIT_STEP_S)
            waited += WAIT_STEP_S
        else:
            return


def _describe(stream: IO[str], holder: str) -> None:
    stream.seek(0)
    stream.truncate()
    if holder:
        stream.write(orjson.dumps({"pid": os.getpid(), "holder": holder}).decode())
    stream.flush()


def _holder(stream: IO[str]) -> str:
    described = _described(stream)
    return f"{described[0]} (process {described[1]})" if described else "a process that has not said its name"


def _described(stream: IO[str]) -> tuple[str, int] | None:
    stream.seek(0)
    try:
        record = orjson.loads(stream.read())
        return str(record["holder"]), int(record["pid"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
