"""Servers that tests in a row share: started for the first that asks, stopped when the next test is none of theirs.

One that idles until the end of the run takes a fortieth of a processor, and its worker as much, from all tests after it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any, TypeVar

S = TypeVar("S")


class SharedServers:
    """What runs, by name."""

    def __init__(self) -> None:
        self._running: dict[str, Any] = {}
        self._ends = ExitStack()

    def get(self, name: str, start: Callable[[], AbstractContextManager[S]]) -> S:
        """What runs under that name, started where it does not yet."""
        if name not in self._running:
            self._running[name] = self._ends.enter_context(start())
        found: S = self._running[name]
        return found

    def stop(self) -> None:
        """End all of them."""
        self._running.clear()
        self._ends.close()
