"""The captures after one that came late, and taking out again what one of them had added.

A list is compared with the capture before it. Where that one comes later than the list itself, the list is compared anew, and
what it is then not believed to say goes: as if everything had come in the order of the days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import polars as pl

from config.contracts import DATASETS, INSTANT, Capture, Dataset
from config.specs import SourceSpec
from warehouse.archive.captures import Logged
from warehouse.store.append import INCOMING, address_of, equal, insert, listed, position_of
from warehouse.store.append_snapshots import Reread, where_it_stands
from warehouse.store.facts import Store
from warehouse.store.frames import offered, read
from warehouse.store.lines import Line

_OF_A_CAPTURE = (
    "source", "scope", "url", "sha256", "size", "fetched_at", "taken_at", "taken_at_basis", "origin",
)  # fmt: skip
_AT = "source = $source AND scope = $scope AND captured_at = $t AND capture_sha256 = $sha"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a capture when it was loaded."""

    logged: Logged
    outcome: str
    reason: str


def stood_before(store: Store, capture: Capture) -> datetime | None:
    """The instant of the last capture of the same source and scope before a capture that was not refused."""
    last = store.states.lines.last_before(capture)
    return last.taken_at if last else None


def told_after(store: Store, capture: Capture) -> tuple[Told, ...]:
    """The captures of the same source and scope just after a capture: all that have the same bytes and stand for one instant."""
    if store.states.lines.first_after(capture, refused=True) is None:  # as of most
        return ()
    rows = store.connection.execute(
        f"""
        SELECT {listed(_OF_A_CAPTURE)}, http_status, headers, logged_at, outcome, reason FROM capture
        WHERE source = $source AND scope = $scope AND (taken_at, sha256) > ($t, $sha)
        QUALIFY rank() OVER (ORDER BY taken_at, sha256) = 1 ORDER BY logged_at, fetched_at""",
        position_of(capture),
    ).fetchall()
    return tuple(_told(*row[-5:], **dict(zip(_OF_A_CAPTURE, row[:-5], strict=True))) for row in rows)


def _told(status: int, headers: str, logged_at: datetime, outcome: str, reason: str, **capture: Any) -> Told:
    return Told(Logged(Capture(**capture, status=status, headers=orjson.loads(headers)), logged_at), outcome, reason)


def withdraw(store: Store, spec: SourceSpec, capture: Capture, reread: Reread | None = None) -> None:
    """Take out what a capture of a snapshot source added, with its issues and its line, as if it had never been loaded.

    What the next capture was found to say like this one, and added no row for, is then said by the next. In one transaction.
    """
    connection, position, dataset = store.connection, position_of(capture), DATASETS[spec.dataset]
    following = store.states.lines.first_after(capture)
    with store.states.written(alone=store.lake is None), store.writing():
        if following:
            left = where_it_stands(dataset, _left_to_say(store, dataset, position, following), following, reread)
            if left.height:
                insert(connection, dataset, f"SELECT * FROM {INCOMING}", left, {})
        connection.execute(f"DELETE FROM {dataset.name} WHERE {_AT}", position)
        connection.execute(f"DELETE FROM issue WHERE {_AT}", position)
        connection.execute(
            "DELETE FROM capture WHERE source = $source AND scope = $scope AND taken_at = $t AND sha256 = $sha",
            position,
        )
        store.states.appended(dataset, capture, None)
        store.states.lines.forget()


def _left_to_say(store: Store, dataset: Dataset, position: dict[str, object], following: Line) -> pl.DataFrame:
    """The rows of a capture whose keys have none in the next, as rows of the next, known and seen since that was."""
    stands = {
        "source": position["source"], "scope": position["scope"], "t": following.taken_at, "sha": following.sha256,
    }  # fmt: skip
    own = read(store.connection, f"SELECT * FROM {dataset.name} WHERE {_AT}", position)
    [(seen_at,)] = store.connection.execute(
        """
        SELECT min(logged_at) FROM capture
        WHERE source = $source AND scope = $scope AND taken_at = $t AND sha256 = $sha AND outcome <> 'refused'""",
        stands,
    ).fetchall()
    with offered(store.connection, "withdrawn_rows", own):
        left = read(
            store.connection,
            f"""
            SELECT c.* FROM withdrawn_rows c
            ANTI JOIN (SELECT {listed(dataset.key)} FROM {dataset.name} WHERE {_AT}) n ON {equal(dataset, dataset.key, "c", "n")}""",
            stands,
        )
    return left.with_columns(
        known_at=pl.lit(following.taken_at, INSTANT),
        known_at_basis=pl.lit(following.taken_at_basis, pl.String),
        captured_at=pl.lit(following.taken_at, INSTANT),
        capture_sha256=pl.lit(following.sha256, pl.String),
        source_url=pl.lit(address_of(following.url), pl.String),
        first_seen_at=pl.lit(seen_at, INSTANT),
    )
