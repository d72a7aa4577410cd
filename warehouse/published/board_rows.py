"""What the boards of a published file rest on: the rows of the store, which are only ever appended to.

A file that is staged anew may begin with the boards of the one before where the store has all their rows as they were, and what
has come since was captured later: a row of a board is what it is by its own day and by what was captured before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from config.contracts import LEADERBOARD_SCORE, TOKEN_PRICE
from config.specs import SourceSpec
from warehouse.store.canonical import Kinds, RowSums, canonical_query, row_sums
from warehouse.store.statements import literal

# Canonical rows in the order in which they were captured, so that later ones follow: a row's place is its number for good.
ORDER = ("captured_at", "capture_sha256", "source", "scope", "document_id", *LEADERBOARD_SCORE.key)
# What is made of these rows and of no other facts; a board with its category rests on no other one.
TABLES = (
    LEADERBOARD_SCORE.name,
    "board_score",
    "board_doubt",
    "board_answer",
    "scale_shift",
    "board_lead",
    "lead_answer",
)


@dataclass(frozen=True, slots=True)
class BoardRows:
    """The first `rows` rows of boards in a store: two checksums of them, the newest capture, the captures up to it, and a checksum of
    what price lists up to then said that their entrants' names mean."""

    rows: int
    added: int
    mixed: int
    through: str
    captures: int
    capture_times: int
    names: int

    @classmethod
    def of(
        cls,
        connection: duckdb.DuckDBPyConnection,
        sources: Mapping[str, SourceSpec],
        schema: str = "",
        first: int | None = None,
    ) -> BoardRows | None:
        """Those of an open store; None where it has none."""
        only = "" if first is None else f"WHERE r.rowid < {first}"
        [(rows, added, mixed, through)] = connection.execute(
            f"SELECT count(*), sum(hash(r)), bit_xor(hash(r)), max(captured_at) FROM {schema}{LEADERBOARD_SCORE.name} AS r {only}"
        ).fetchall()
        if not rows:
            return None
        of_boards = [spec.id for spec in sources.values() if spec.dataset == LEADERBOARD_SCORE.name]
        [(captures, times)] = connection.execute(
            f"SELECT count(*), coalesce(sum(hash(source, scope, taken_at)), 0) FROM {schema}capture "
            f"WHERE source IN {literal(of_boards)} AND outcome <> 'refused' AND taken_at <= $through",
            {"through": through},
        ).fetchall()
        # A name means what a list says from the day on which it says so (30_price.sql): an entrant is renamed by a list that comes late.
        prices = f"{schema}{TOKEN_PRICE.name}"
        [(names,)] = connection.execute(
            f"SELECT coalesce(sum(hash(listing, source, provider, alias_of, status, captured_at)), 0) FROM {prices} "
            f"WHERE CAST(captured_at AS DATE) <= $through AND (listing, source) IN ("
            f"SELECT (listing, source) FROM {prices} WHERE alias_of IS NOT NULL) "
            f"AND listing IN (SELECT r.entrant FROM {schema}{LEADERBOARD_SCORE.name} AS r {only})",
            {"through": through.date()},
        ).fetchall()
        return cls(rows, int(added), int(mixed), through.isoformat(), captures, int(times), int(names))

    def goes_on(self, connection: duckdb.DuckDBPyConnection, sources: Mapping[str, SourceSpec]) -> bool:
        """Whether an open store has all these rows as they were, and what it has besides was captured later."""
        if BoardRows.of(connection, sources, first=self.rows) != self:
            return False
        [(later,)] = connection.execute(
            f"SELECT coalesce(min(captured_at) > $through, true) FROM {LEADERBOARD_SCORE.name} WHERE rowid >= $rows",
            {"through": self.newest, "rows": self.rows},
        ).fetchall()
        return bool(later)

    @property
    def newest(self) -> datetime:
        return datetime.fromisoformat(self.through)

    def noted(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)


class Boards(NamedTuple):
    """What the boards of a staged file rest on, and what their canonical rows come to."""

    rests_on: BoardRows | None = None
    sums: RowSums = RowSums()


NO_BOARDS = Boards()


class Begun(NamedTuple):
    """A staged file that has the boards of the one published before, and nothing else."""

    connection: duckdb.DuckDBPyConnection
    path: Path
    boards: Boards


def take_boards(
    connection: duckdb.DuckDBPyConnection, sources: Mapping[str, SourceSpec], begun: Begun | None
) -> Boards:
    """The canonical rows of boards out of schema store, or those that have come since, after those of before."""
    table, since = f"history.{LEADERBOARD_SCORE.name}", begun.boards.rests_on if begun else None
    canonical = canonical_query(
        LEADERBOARD_SCORE, Kinds.of(sources), f"store.{LEADERBOARD_SCORE.name}", since.newest if since else None
    )
    into = f"INSERT INTO {table}" if begun else f"CREATE TABLE {table} AS"
    connection.execute(f"{into} FROM ({canonical}) ORDER BY {', '.join(ORDER)}")
    before = begun.boards.sums if begun else RowSums()
    come = f"FROM {table} WHERE rowid >= {before.rows}"
    sums = row_sums(connection, LEADERBOARD_SCORE, come)
    return Boards(BoardRows.of(connection, sources, "store."), before.plus(sums))
