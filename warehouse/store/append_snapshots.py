"""Append what a capture of a snapshot source changes: a price list states what holds on its day, and nothing of any other.

What held just before a capture is kept from one capture to the next (`States`): what a source has ever listed is as many rows
again as the capture has, and finding the newest of each key among all that were ever appended takes longer than reading it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from config.contracts import INSTANT, Capture, Dataset
from warehouse.store.append import (
    ABSENCE,
    INCOMING,
    UNLISTED,
    address_of,
    equal,
    insert,
    listed,
    loaded,
    position_of,
)  # fmt: skip
from warehouse.store.frames import offered, read
from warehouse.store.lines import Line, Lines

BEFORE, CHANGED = "rows_before", "changed_rows"
# What is said of a state in each capture otherwise, and makes it no other state.
PLACE = ("locator", "value_exact", "note")
# The rows of a capture that is loaded already, by sha256 and instant; None where its bytes are not at hand.
Reread = Callable[[str, datetime], pl.DataFrame | None]


@dataclass(frozen=True, slots=True)
class _Held:
    """The newest row of each key: `after` the capture at (taken_at, sha256) and of nothing later, or just before it."""

    at: tuple[datetime, str]
    rows: pl.DataFrame
    after: bool


class States:
    """What snapshot sources state, by dataset, source and scope, and which captures there are. True as long as whoever appends
    rows says so here."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, alone: bool = True) -> None:
        self.connection = connection
        self.lines = Lines(connection, alone=alone)
        self._held: dict[tuple[str, str, str], _Held] = {}

    def before(self, dataset: Dataset, capture: Capture) -> pl.DataFrame:
        """The newest row of each key before the capture, as appended."""
        name, at = (dataset.name, capture.source, capture.scope), (capture.taken_at, capture.sha256)
        held = self._held.get(name)
        if held is None or not (at > held.at if held.after else at == held.at):
            held = self._held[name] = _Held(at, _state_before(self.connection, dataset, capture), after=False)
        return held.rows

    def appended(self, dataset: Dataset, capture: Capture, rows: pl.DataFrame | None) -> None:
        """What holds after a capture that was appended. None: something later is held, and may be another state now."""
        name = (dataset.name, capture.source, capture.scope)
        self._held.pop(name, None)
        if rows is not None:
            self._held[name] = _Held((capture.taken_at, capture.sha256), rows, after=True)

    @contextmanager
    def written(self, *, alone: bool) -> Iterator[None]:
        """Around a write that is one transaction: what it undoes was never stated, and where this process does not write alone
        another may have written since a capture was compared, and will before the next one is.
        """
        if not alone:
            self.forget()
        try:
            yield
        except BaseException:
            self.forget()
            raise
        if not alone:
            self.forget()

    def forget(self) -> None:
        """Nothing is known any more: what was appended was undone, or others may have written."""
        self._held.clear()
        self.lines.forget()


def _state_before(connection: duckdb.DuckDBPyConnection, dataset: Dataset, capture: Capture) -> pl.DataFrame:
    """By row id: the rows are wide, and sorting them would take three times as long."""
    return read(
        connection,
        f"""
        SELECT {listed([column.name for column in dataset.columns])} FROM {dataset.name} WHERE rowid IN (
            SELECT arg_max(rowid, (captured_at, capture_sha256)) FROM {dataset.name}
            WHERE source = $source AND scope = $scope AND (captured_at, capture_sha256) < ($t, $sha)
            GROUP BY {listed(dataset.key)})""",
        position_of(capture),
    )


def append_snapshot(
    states: States,
    dataset: Dataset,
    capture: Capture,
    rows: pl.DataFrame,
    seen_at: datetime,
    *,
    dated: bool,
    reread: Reread | None = None,
) -> int:
    """Append what a capture taken at t changes; returns how many rows were added.

    For each key whose state differs from the state just before t: the row (t, state), a vanished key being
    `absent`. A key that is absent when it is first seen is a state too, or an earlier capture that comes later could not tell
    a price the list withheld from a listing it did not have. And where the next capture n that is already loaded holds no row for that key, also (n, the state
    before t): n was compared with that older state and found equal, so the change at t must not outlive n. Where it stands in n, and in which words,
    n is read again to say: positions in a list move from capture to capture.
    A row is known from its capture on. Where each row says its own day (`dated`: a file that a person keeps), it is known
    from that day, and so is what corrects it or takes it back.
    """
    before, incoming = states.before(dataset, capture), loaded(rows, capture, seen_at).select(dataset.schema.names())
    if not dated:
        incoming = incoming.with_columns(_clock(capture))
    changed = pl.concat(
        [_said(dataset, before, incoming), _gone(dataset, before, incoming, capture, seen_at, dated=dated)]
    )
    added = insert(states.connection, dataset, f"SELECT * FROM {INCOMING}", changed, {}) if changed.height else 0
    position = position_of(capture)
    following = states.lines.first_after(capture)
    if following:
        with offered(states.connection, BEFORE, before), offered(states.connection, CHANGED, changed):
            carried = _carried(states.connection, dataset, position, following, seen_at, dated=dated)
        if carried.height:
            carried = where_it_stands(dataset, carried, following, reread)
            added += insert(states.connection, dataset, f"SELECT * FROM {INCOMING}", carried, {})
    kept = before.join(changed, on=dataset.key, how="anti", nulls_equal=True)
    states.appended(dataset, capture, None if following else pl.concat([kept, changed]))
    return added


def _clock(capture: Capture) -> tuple[pl.Expr, ...]:
    return (
        pl.lit(capture.taken_at, INSTANT).alias("known_at"),
        pl.lit(capture.taken_at_basis).alias("known_at_basis"),
    )


def _said(dataset: Dataset, before: pl.DataFrame, incoming: pl.DataFrame) -> pl.DataFrame:
    """The incoming rows that say otherwise than the row of their key before, or are the first of it."""
    state = [*dataset.key, *dataset.payload]
    return incoming.join(before, on=state, how="anti", nulls_equal=True, maintain_order="left")


def _gone(
    dataset: Dataset, before: pl.DataFrame, incoming: pl.DataFrame, capture: Capture, seen_at: datetime, *, dated: bool
) -> pl.DataFrame:
    """An `absent` row of each key that was listed before and is no more."""
    gone = before.filter(_listed(dataset, before)).join(
        incoming, on=dataset.key, how="anti", nulls_equal=True, maintain_order="left"
    )
    if gone.is_empty():
        return gone
    emptied = [
        pl.lit(UNLISTED if name == ABSENCE else None, dataset.schema[name]).alias(name)
        for name in (*dataset.payload, "value_exact")
        if name != "status"
    ]
    return gone.with_columns(
        *emptied,
        *(() if dated else _clock(capture)),
        pl.lit("absent").alias("status"),
        pl.lit("no longer listed").alias("note"),
        pl.lit(capture.taken_at, INSTANT).alias("captured_at"),
        pl.lit(capture.sha256).alias("capture_sha256"),
        pl.lit(address_of(capture.url), pl.String).alias("source_url"),
        pl.lit(seen_at, INSTANT).alias("first_seen_at"),
    )


def where_it_stands(dataset: Dataset, carried: pl.DataFrame, following: Line, reread: Reread | None) -> pl.DataFrame:
    """The rows with their places and words in the capture that they are of, as far as it can be read again."""
    if reread is None or not _listed(dataset, carried).any():
        return carried
    rows = reread(following.sha256, following.taken_at)
    if rows is None:
        return carried
    own = rows.select(*dataset.key, *(pl.col(name).alias(f"own_{name}") for name in PLACE)).unique(dataset.key)
    found = carried.join(own, on=dataset.key, how="left", nulls_equal=True, maintain_order="left")
    there = pl.col(f"own_{PLACE[0]}").is_not_null()
    said = (pl.when(there).then(f"own_{name}").otherwise(name).alias(name) for name in PLACE)
    return found.with_columns(*said).select(carried.columns)


def _listed(dataset: Dataset, rows: pl.DataFrame) -> pl.Series:
    """Which rows a list has, be it without a price."""
    return rows[ABSENCE].ne_missing(UNLISTED) if ABSENCE in dataset.payload else rows["status"] != "absent"


def _carried(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    position: dict[str, object],
    following: Line,
    seen_at: datetime,
    *,
    dated: bool,
) -> pl.DataFrame:
    states = [name for name in (*dataset.payload, "value_exact") if name not in {"status", ABSENCE}]
    payload = ", ".join(f"s.{name} AS {name}" for name in states)
    if ABSENCE in dataset.payload:
        payload += f", CASE WHEN s.source IS NULL THEN '{UNLISTED}' ELSE s.{ABSENCE} END AS {ABSENCE}"
    clock = "" if dated else "$n AS known_at, $basis AS known_at_basis, "
    return read(
        connection,
        f"""
        SELECT c.* REPLACE ({payload}, coalesce(s.status, 'absent') AS status, {clock}
            $n AS captured_at, $n_sha AS capture_sha256, $url AS source_url, $seen AS first_seen_at,
            CASE WHEN s.source IS NULL THEN 'no longer listed' ELSE s.note END AS note,
            coalesce(s.locator, c.locator) AS locator)
        FROM {CHANGED} c LEFT JOIN {BEFORE} s ON {equal(dataset, dataset.key, "c", "s")}
        ANTI JOIN (
            SELECT {listed(dataset.key)} FROM {dataset.name}
            WHERE source = $source AND scope = $scope AND captured_at = $n AND capture_sha256 = $n_sha
        ) x ON {equal(dataset, dataset.key, "c", "x")}""",
        {
            "source": position["source"], "scope": position["scope"], "n": following.taken_at,
            "n_sha": following.sha256, "url": address_of(following.url),
            **({} if dated else {"basis": following.taken_at_basis}), "seen": seen_at,
        },
    )  # fmt: skip
