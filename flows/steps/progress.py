"""Progress lines: to the run's log on the Prefect server, and to the terminal of whoever started the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prefect import get_run_logger

from config.errors import writable

_listeners: list[Callable[[str], None]] = []


@contextmanager
def listening(listener: Callable[[str], None]) -> Iterator[None]:
    """Also hand every line to `listener` while the block runs."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def tell(line: str) -> None:
    """One line of progress of the current flow or task run."""
    line = writable(line)
    get_run_logger().info(line)
    for listener in _listeners:
        listener(line)
