"""Which captures of a source and scope the store has, in the order of what they stand for.

Each capture asks several times for those just before and after it, and a question to DuckDB takes a millisecond or two however few
rows it is of: of a replay of price lists that was a tenth.
"""

from __future__ import annotations

from bisect import insort
from datetime import datetime
from typing import NamedTuple

import duckdb

from config.contracts import Capture


class Line(NamedTuple):
    """A capture, and what became of it. Lines are in order by (taken_at, sha256)."""

    taken_at: datetime
    sha256: str
    fetched_at: datetime
    origin: str
    outcome: str
    url: str
    taken_at_basis: str


class Lines:
    """The lines of each source and scope. Kept (`alone`) where nobody else writes, as long as whoever writes says so here."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, alone: bool) -> None:
        self.connection, self.alone = connection, alone
        self._kept: dict[tuple[str, str], list[Line]] = {}

    def of(self, capture: Capture) -> list[Line]:
        """Those of the capture's source and scope."""
        name = (capture.source, capture.scope)
        if name in self._kept:
            return self._kept[name]
        query = f"SELECT {', '.join(Line._fields)} FROM capture WHERE source = ? AND scope = ?"
        lines = sorted(map(Line._make, self.connection.execute(query, name).fetchall()))
        if self.alone:
            self._kept[name] = lines
        return lines

    def last_until(self, capture: Capture) -> Line | None:
        """The last one up to the capture, its own line among them, that was not refused."""
        at = (capture.taken_at, capture.sha256)
        return next((line for line in reversed(self.of(capture)) if line[:2] <= at and line.outcome != "refused"), None)

    def last_before(self, capture: Capture) -> Line | None:
        """The last one before the capture that was not refused."""
        at = (capture.taken_at, capture.sha256)
        return next((line for line in reversed(self.of(capture)) if line[:2] < at and line.outcome != "refused"), None)

    def first_after(self, capture: Capture, *, refused: bool = False) -> Line | None:
        """The first one after the capture, be it `refused` or not."""
        at = (capture.taken_at, capture.sha256)
        after = (line for line in self.of(capture) if line[:2] > at)
        return next((line for line in after if refused or line.outcome != "refused"), None)

    def add(self, capture: Capture, outcome: str) -> None:
        """A line was written."""
        kept = self._kept.get((capture.source, capture.scope))
        if kept is not None:
            at = (capture.taken_at, capture.sha256, capture.fetched_at)
            insort(kept, Line(*at, capture.origin, outcome, capture.url, capture.taken_at_basis))

    def forget(self) -> None:
        """Lines were undone, or taken out."""
        self._kept.clear()
