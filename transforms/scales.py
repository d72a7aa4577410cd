"""On which scale a board's scores stand: re-anchoring and changes of method, found from the scores themselves.

A board that is re-anchored moves every entrant by the same amount, so a score of one segment must not be compared
with one of another (gaps inside one day are not touched by it). The rule, in points:

  From one snapshot to the next, take each entrant that stands on both, and the differences of their scores.
  |median| below 3                       the same scale
  |median| at least 3, IQR at most 2     re-anchored
  |median| at least 3, IQR above 2       a change of method
  fewer than 10 entrants on both         unlinked: nothing shows that the scale is the same
  the board states another method        a change of method, whatever the scores did (an index of another version)

All but the first open a new scale, named "<board>@<first day>". A snapshot is compared with the one before it of its
own source. Where that breaks, or there is none, it may be a copy of a board another source has already shown: if it
agrees with that copy (|median| below 3, IQR at most 2) it stands on that copy's scale. Only copies newer than its own
predecessor count, or none older than 31 days where it has none: an older one says nothing about a later break.
The thresholds are meant for boards in Elo-like points.

Only what was known when the day became known decides: an earlier day or a copy that came later is not compared.
A history told afterwards (`apart`) has scales of its own, named "<board>@<day>:<source>". A board that is fitted anew for
each vintage (`refitted`) opens a scale with each.

A board that grows run by run on a fixed test (`growing`) has no snapshots to compare: its scale is its method.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

import polars as pl

SHIFT_POINTS = 3.0
UNIFORM_IQR_POINTS = 2.0
SHARED_ENTRANTS = 10
RECENT_DAYS = 31

SEGMENTS = {
    "board": pl.String, "category": pl.String, "source": pl.String, "scored_on": pl.Date, "scale_id": pl.String,
}  # fmt: skip
SHIFTS = {
    "board": pl.String, "category": pl.String, "source": pl.String, "scored_on": pl.Date, "kind": pl.String,
    "previous_source": pl.String, "previous_on": pl.Date, "median": pl.Float64, "iqr": pl.Float64, "n": pl.Int64,
    "scale_id": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One board on one day in one source: entrant -> score. `linked` has the names that copies share, in their place."""

    source: str
    scored_on: date
    scores: dict[str, float]
    linked: dict[str, float]
    method: str | None = None
    known_at: datetime | None = None

    def could_know(self, other: Snapshot) -> bool:
        """Whether `other` was known when this one became known."""
        return self.known_at is None or other.known_at is None or other.known_at <= self.known_at


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to the entrants on both of two snapshots, in points."""

    kind: str
    median: float | None
    iqr: float | None
    n: int
    previous: Snapshot | None

    @property
    def agrees(self) -> bool:
        """Whether the two are copies of one board, or near enough: nothing moved, and nothing moved apart."""
        return self.kind == "same" and self.iqr is not None and self.iqr <= UNIFORM_IQR_POINTS


FIRST = Step("first", None, None, 0, None)


@dataclass(slots=True)
class Chain:
    """The scales of one board and category, built snapshot by snapshot in order of their days."""

    board: str
    category: str
    apart: bool = False
    refitted: bool = False
    earlier: dict[str, list[tuple[Snapshot, str]]] = field(
        default_factory=dict
    )  # source -> its snapshots, their scales
    names: set[str] = field(default_factory=set)
    segments: list[tuple[Any, ...]] = field(default_factory=list)
    shifts: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, snapshot: Snapshot) -> None:
        """Put the snapshot on the scale of its predecessor or of a copy it agrees with, else on a new scale."""
        before = self._newest(snapshot.source, snapshot)
        step = measure(before[0], snapshot, refitted=self.refitted) if before else None
        if before and step and step.kind == "same":
            scale = before[1]
        else:
            copies = [
                (measure(copy, snapshot, linked=True), copy_scale)
                for copy, copy_scale in ([] if self.refitted else self._copies(snapshot, before))
            ]
            joined = next((copy_scale for copied, copy_scale in copies if copied.agrees), None)
            scale = joined or self._opened(snapshot)
            # That a source begins on a scale already open is no event.
            if step or not joined:
                self._record(snapshot, step or (copies[0][0] if copies else FIRST), scale)
        self.segments.append((self.board, self.category, snapshot.source, snapshot.scored_on, scale))
        self.earlier.setdefault(snapshot.source, []).append((snapshot, scale))

    def _newest(self, source: str, snapshot: Snapshot) -> tuple[Snapshot, str] | None:
        """The newest snapshot of a source that was known when this one became known."""
        return next((entry for entry in reversed(self.earlier.get(source, [])) if snapshot.could_know(entry[0])), None)

    def _copies(self, snapshot: Snapshot, before: tuple[Snapshot, str] | None) -> list[tuple[Snapshot, str]]:
        """The newest snapshot of each other source that is recent enough to tell, newest first."""
        since = before[0].scored_on if before else snapshot.scored_on - timedelta(days=RECENT_DAYS)
        others = [self._newest(source, snapshot) for source in self.earlier if source != snapshot.source]
        return sorted(
            (entry for entry in others if entry and entry[0].scored_on > since),
            key=lambda entry: (-entry[0].scored_on.toordinal(), entry[0].source),
        )

    def _opened(self, snapshot: Snapshot) -> str:
        name = f"{self.board}@{snapshot.scored_on}"
        name = f"{name}:{snapshot.source}" if name in self.names or self.apart else name
        self.names.add(name)
        return name

    def _record(self, snapshot: Snapshot, step: Step, scale: str) -> None:
        before = step.previous
        self.shifts.append((
            self.board, self.category, snapshot.source, snapshot.scored_on, step.kind, before and before.source,
            before and before.scored_on, step.median, step.iqr, step.n, scale,
        ))  # fmt: skip


def measure(earlier: Snapshot, later: Snapshot, *, linked: bool = False, refitted: bool = False) -> Step:
    """Median and interquartile range of the differences later - earlier, and what they mean."""
    before, now = (earlier.linked, later.linked) if linked else (earlier.scores, later.scores)
    moved = pl.Series([score - before[name] for name, score in now.items() if name in before])
    restated = refitted or later.method != earlier.method
    if len(moved) < SHARED_ENTRANTS:
        return Step("change_of_method" if restated else "unlinked", None, None, len(moved), earlier)
    low, median, high = (moved.quantile(share, "linear") or 0.0 for share in (0.25, 0.5, 0.75))
    if restated:
        kind = "change_of_method"
    elif abs(median) < SHIFT_POINTS:
        kind = "same"
    else:
        kind = "re-anchored" if high - low <= UNIFORM_IQR_POINTS else "change_of_method"
    return Step(kind, median, high - low, len(moved), earlier)


def scale_segments(scores: pl.DataFrame, growing: Collection[str] = ()) -> pl.DataFrame:
    """board, category, source, scored_on -> scale_id, from scores with those columns and entrant, score.

    They may have method, and link: a name that several copies use for an entrant (a model), where entrant is not one.
    `growing` are the sources whose boards grow run by run.
    """
    return scales(scores, growing)[0]


def scale_shifts(scores: pl.DataFrame, growing: Collection[str] = ()) -> pl.DataFrame:
    """Where a scale begins and why: kind first, re-anchored, change_of_method or unlinked, with the step in points.

    Copies of one board that meet the same event each give a row; scale_id then says that it is one event.
    """
    return scales(scores, growing)[1]


def scales(
    scores: pl.DataFrame, growing: Collection[str] = (), *, apart: Collection[str] = (), refitted: Collection[str] = ()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(segments, shifts): both answers from one pass over the boards. `apart` are sources, `refitted` boards."""
    scores = _with(scores, "method", "link", "known_at")
    grown = pl.col("source").is_in(list(growing))
    chains: dict[tuple[str, str, str], Chain] = {}
    for board, category, snapshot in _snapshots(scores.filter(~grown)):
        alone = snapshot.source if snapshot.source in apart else ""
        chain = Chain(board, category, apart=bool(alone), refitted=board in refitted)
        chains.setdefault((board, category, alone), chain).add(snapshot)
    segments = pl.DataFrame([row for chain in chains.values() for row in chain.segments], orient="row", schema=SEGMENTS)
    shifts = pl.DataFrame([row for chain in chains.values() for row in chain.shifts], orient="row", schema=SHIFTS)
    runs = _grown(scores.filter(grown & pl.col("score").is_not_null()))
    begun = runs.filter(pl.col("scored_on") == pl.col("first_on")).unique().with_columns(
        kind=pl.lit("first"), n=pl.lit(0, dtype=pl.Int64),
        **{name: pl.lit(None, dtype=SHIFTS[name]) for name in ("previous_source", "previous_on", "median", "iqr")},
    )  # fmt: skip
    order = ("board", "category", "scored_on", "source")
    return (
        pl.concat([segments, runs.select(*SEGMENTS)]).sort(order),
        pl.concat([shifts, begun.select(*SHIFTS)]).sort(order),
    )


def _grown(runs: pl.DataFrame) -> pl.DataFrame:
    """One scale for each method of a growing board: the columns of SEGMENTS and first_on."""
    test = ("board", "category", "source", "method")
    first = pl.col("scored_on").min().over(test)
    return (
        runs.with_columns(first_on=first)
        .with_columns(scale_id=pl.concat_str("board", pl.lit("@"), pl.col("first_on").cast(pl.String)))
        .select(*SEGMENTS, "first_on")
        .unique(maintain_order=True)
    )


def _with(scores: pl.DataFrame, *names: str) -> pl.DataFrame:
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in scores.columns]
    return scores.with_columns(missing)


def _snapshots(scores: pl.DataFrame) -> Iterator[tuple[str, str, Snapshot]]:
    """Every board, category and day in order, by source."""
    day = ["board", "category", "scored_on", "source"]
    # Variants of one model share its name: then none of them is linked by it.
    link = pl.when(pl.len().over([*day, "link"]) == 1).then("link")
    wanted = scores.filter(pl.col("score").is_not_null()).with_columns(link=pl.coalesce(link, "entrant"))
    for (board, category, on, source), rows in wanted.sort(day).group_by(day, maintain_order=True):
        entrants, links, numbers = (rows[name].to_list() for name in ("entrant", "link", "score"))
        scored, linked = dict(zip(entrants, numbers, strict=True)), dict(zip(links, numbers, strict=True))
        method, known_at = rows["method"][0], rows["known_at"][0]
        yield str(board), str(category), Snapshot(str(source), cast("date", on), scored, linked, method, known_at)
