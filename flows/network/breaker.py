"""The circuit breaker: a host that refuses is left alone for as long as it says, or the SEC's ten minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from config.errors import HostRefuses
from config.specs import SourceSpec
from flows.network.responses import LONGEST_WAIT_S
from warehouse.archive import refusals
from warehouse.home.layout import Home

LONGEST = timedelta(seconds=LONGEST_WAIT_S)


class Breaker:
    """Over the refusals kept in one home folder; every process there sees the same."""

    def __init__(self, home: Home, clock: Callable[[], datetime]) -> None:
        self._home, self._clock = home, clock

    def closed_at(self, url: str) -> datetime | None:
        """Until when the host of this address is not to be asked; None: it may be asked now."""
        return refusals.refused_until(self._home, self._clock(), LONGEST).get(urlsplit(url).hostname or "")

    @contextmanager
    def guarding(self, spec: SourceSpec, url: str) -> Iterator[None]:
        """Raise HostRefuses at once while the host is left alone; note it when it refuses inside the block."""
        host = urlsplit(url).hostname or ""
        if until := self.closed_at(url):
            raise HostRefuses(
                f"{host} refused us; it is left alone until {until:%Y-%m-%d %H:%M} UTC.",
                source=spec.id,
                place=url,
                remedy="nothing to do: the first run after that asks again",
            )
        try:
            yield
        except HostRefuses as problem:
            refusals.note(self._home, host, self._clock() + timedelta(seconds=problem.wait_s), problem.message)
            raise
