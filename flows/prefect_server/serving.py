"""Which `capex-signals serve` serves a home: written down by it, so that other commands find it on any port.

The file is locked as long as it serves, and the kernel lets go of the lock with the process: what a killed one left
behind is told apart from one that serves, whoever has its process number now.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from config.errors import Refused, StoreBusy
from config.settings import Settings
from warehouse.home.layout import Home
from warehouse.store.lock import holder_of, store_lock

NAME = "capex-signals serve on port "


@dataclass(frozen=True, slots=True)
class Serving:
    """A `serve` of this home that runs: its process, and the port of its server on loopback."""

    pid: int
    port: int


@contextmanager
def noted(settings: Settings, port: int) -> Iterator[None]:
    """Be the one that serves this home. Raises Refused naming the other one where there is one.

    Two would schedule every night twice, and take each other's runs for those of a worker that is gone.
    """
    home = Home.open(settings.root)
    with ExitStack() as stack:
        try:
            stack.enter_context(store_lock(home, f"{NAME}{port}", path=home.serving))
        except StoreBusy:
            other = serving_of(settings)
            where = f"on port {other.port} (process {other.pid})" if other else "already"
            raise Refused(f"this home is being served {where}", remedy="end it first, or use it") from None
        yield


def serving_of(settings: Settings) -> Serving | None:
    """The one that serves this home now; None where nobody does."""
    held = holder_of(Home(settings.root).serving)
    if held is None or not held[0].startswith(NAME):
        return None
    return Serving(held[1], int(held[0].removeprefix(NAME)))
