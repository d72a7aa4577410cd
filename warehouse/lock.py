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
from typing import IO

import orjson

from config.errors import StoreBusy
from warehouse.disk import faults_named
from warehouse.home import Home

WAIT_STEP_S = 0.5


@contextmanager
def store_lock(
    home: Home, holder: str, *, wait_s: float = 0.0, waiting: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the store's lock. Raises StoreBusy naming the holder when it is not free within `wait_s` seconds.

    `waiting` is called once with the holder's description when there is something to wait for. What the disk
    refuses in between is raised as NotWritten: whoever writes to the home folder does it in here.
    """
    with faults_named(home.root), home.lock.open("a+") as stream:
        _acquire(stream, wait_s, waiting)
        try:
            _describe(stream, holder)
            yield
        finally:
            _describe(stream, "")
            fcntl.flock(stream, fcntl.LOCK_UN)


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
    stream.seek(0)
    try:
        record = orjson.loads(stream.read())
        return f"{record['holder']} (process {record['pid']})"
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "a process that has not said its name"
