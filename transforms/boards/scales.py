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
A day that is restated is judged again as it then stands: against what it was before, so that a correction keeps the scale,
and, where every entrant has moved, against the day before it, which may have been restated too.
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

DAY = ("source", "board", "category", "scored_on")
SEGMENTS: dict[str, pl.DataType] = {
    "board": pl.String(), "category": pl.String(), "source": pl.String(), "scored_on": pl.Date(),
    "known_at": pl.Datetime("us"), "scale_id": pl.String(),
}  # fmt: skip
SHIFTS: dict[str, pl.DataType] = {
    "board": pl.String(), "category": pl.String(), "source": pl.String(), "scored_on": pl.Date(),
    "known_at": pl.Datetime("us"), "kind": pl.String(), "previous_source": pl.String(), "previous_on": pl.Date(),
    "median": pl.Float64(), "iqr": pl.Float64(), "n": pl.Int64(), "scale_id": pl.String(),
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
        before = list(self._before(snapshot))
        steps = [
            measure(entry, snapshot, refitted=self.refitted and entry.scored_on < snapshot.scored_on)
            for entry, _ in before
        ]
        scale = next((kept for step, (_, kept) in zip(steps, before, strict=True) if step.kind == "same"), None)
        if scale is None:
            copies = [
                (measure(copy, snapshot, linked=True), copy_scale)
                for copy, copy_scale in ([] if self.refitted else self._copies(snapshot, before))
            ]
            joined = next((copy_scale for copied, copy_scale in copies if copied.agrees), None)
            scale = joined or self._opened(snapshot)
            # That a source begins on a scale already open is no event.
            if steps or not joined:
                self._record(snapshot, steps[0] if steps else (copies[0][0] if copies else FIRST), scale)
        self.segments.append((self.board, self.category, snapshot.source, snapshot.scored_on, snapshot.known_at, scale))
        self.earlier.setdefault(snapshot.source, []).append((snapshot, scale))

    def _before(self, snapshot: Snapshot) -> Iterator[tuple[Snapshot, str]]:
        """What its day was before, newest first, and last the newest day before it, as known when it became known."""
        for entry in reversed(self.earlier.get(snapshot.source, [])):
            if snapshot.could_know(entry[0]):
                yield entry
                if entry[0].scored_on < snapshot.scored_on:
                    return

    def _newest(self, source: str, snapshot: Snapshot) -> tuple[Snapshot, str] | None:
        """The newest snapshot of a source that was known when this one became known."""
        return next((entry for entry in reversed(self.earlier.get(source, [])) if snapshot.could_know(entry[0])), None)

    def _copies(self, snapshot: Snapshot, before: list[tuple[Snapshot, str]]) -> list[tuple[Snapshot, str]]:
        """The newest snapshot of each other source that is recent enough to tell, newest first."""
        since = before[-1][0].scored_on if before else snapshot.scored_on - timedelta(days=RECENT_DAYS)
        others = [self._newest(source, snapshot) for source in self.earlier if source != snapshot.source]
        return sorted(
            (entry for entry in others if entry and entry[0].scored_on > since),
            key=lambda entry: (-entry[0].scored_on.toordinal(), entry[0].source),
        )

    def _opened(self, snapshot: Snapshot) -> str:
        name = f"{self.board}@{snapshot.scored_on}"
        name = f"{name}:{snapshot.source}" if name in self.names or self.apart else name
        name = f"{name}, as of {snapshot.known_at}" if name in self.names else name
        self.names.add(name)
        return name

    def _record(self, snapshot: Snapshot, step: Step, scale: str) -> None:
        before = step.previous
        self.shifts.append((
            self.board, self.category, snapshot.source, snapshot.scored_on, snapshot.known_at, step.kind,
            before and before.source, before and before.scored_on, step.median, step.iqr, step.n, scale,
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


def scales(
    scores: pl.DataFrame,
    growing: Collection[str] = (),
    *,
    apart: Collection[str] = (),
    refitted: Collection[str] = (),
    before: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(segments, shifts) of scores with board, category, source, scored_on, known_at, entrant and score.

    segments: scale_id of each board, category, source, day and state of the day (known_at tells the states apart, see
    `states`). shifts: where a scale begins and why (first, re-anchored, change_of_method, unlinked), with the step in
    points; copies of one board that meet the same event each give a row, and scale_id then says that it is one event.
    Scores may have method, and link: a name that several copies use for an entrant (a model), where entrant is not one.
    `growing` and `apart` are sources whose boards grow run by run, or stand alone; `refitted` boards.
    `before`: of boards that are gone on with the rows of each source's newest day, with its scale_id; every day of `scores` is
    later, and was known later. It is compared with, and in no answer.
    """
    scores = _with(scores, "method", "link", "known_at")
    grown = pl.col("source").is_in(list(growing))
    chains: dict[tuple[str, str, str], Chain] = {}

    def chain_of(board: str, category: str, source: str) -> Chain:
        alone = source if source in apart else ""
        chain = Chain(board, category, apart=bool(alone), refitted=board in refitted)
        return chains.setdefault((board, category, alone), chain)

    if before is not None:
        scale_of = {
            (source, board, category): scale
            for source, board, category, scale in before.select("source", "board", "category", "scale_id").iter_rows()
        }
        for board, category, snapshot in _snapshots(before.filter(~grown)):
            scale = scale_of[snapshot.source, board, category]
            chain_of(board, category, snapshot.source).earlier[snapshot.source] = [(snapshot, scale)]
    for board, category, snapshot in _snapshots(scores.filter(~grown)):
        chain_of(board, category, snapshot.source).add(snapshot)
    segments = pl.DataFrame([row for chain in chains.values() for row in chain.segments], orient="row", schema=SEGMENTS)
    shifts = pl.DataFrame([row for chain in chains.values() for row in chain.shifts], orient="row", schema=SHIFTS)
    runs = _grown(scores.filter(grown & pl.col("score").is_not_null()))
    begun = runs.filter(pl.col("scored_on") == pl.col("first_on")).unique().with_columns(
        kind=pl.lit("first"), n=pl.lit(0, dtype=pl.Int64),
        **{name: pl.lit(None, dtype=SHIFTS[name]) for name in ("previous_source", "previous_on", "median", "iqr")},
    )  # fmt: skip
    order = ("board", "category", "scored_on", "source", "known_at")
    return (
        pl.concat([segments, runs.select(*SEGMENTS)]).sort(order),
        pl.concat([shifts, begun.select(*SHIFTS)]).sort(order),
    )


def states(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of every state a day (DAY) has been in, with known_at for the instant from which it stood so.

    Takes entrant, status, known_at, captured_at and capture_sha256 too. A day that was never restated has one state.
    """
    restated = rows.filter(pl.col("known_at").n_unique().over(DAY) > 1)
    if restated.is_empty():
        return rows
    vintages = restated.select(*DAY, vintage_at="known_at").unique()
    known = restated.join(vintages, on=DAY).filter(pl.col("known_at") <= pl.col("vintage_at"))
    newest = known.sort("known_at", "captured_at", "capture_sha256").unique(
        [*DAY, "vintage_at", "entrant"], keep="last"
    )
    standing = newest.filter(~pl.col("status").is_in(["absent", "withdrawn"])).with_columns(known_at="vintage_at")
    return pl.concat([rows.join(vintages, on=DAY, how="anti"), standing.select(rows.columns)])


def _grown(runs: pl.DataFrame) -> pl.DataFrame:
    """One scale for each method of a growing board: the columns of SEGMENTS and first_on."""
    test = ("board", "category", "source", "method")
    first = pl.col("scored_on").min().over(test)
    return (
        runs.with_columns(first_on=first)
        .with_columns(scale_id=pl.concat_str("board", pl.lit("@"), pl.col("first_on").cast(pl.String)))
        .with_columns(known_at=pl.lit(None, dtype=SEGMENTS["known_at"]))
        .select(*SEGMENTS, "first_on")
        .unique(maintain_order=True)
    )


def _with(scores: pl.DataFrame, *names: str) -> pl.DataFrame:
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in scores.columns]
    return scores.with_columns(missing)


def _snapshots(scores: pl.DataFrame) -> Iterator[tuple[str, str, Snapshot]]:
    """Every board, category and day in order, by source."""
    day = ["board", "category", "scored_on", "source", "known_at"]
    # Variants of one model share its name: then none of them is linked by it.
    link = pl.when(pl.len().over([*day, "link"]) == 1).then("link")
    wanted = scores.filter(pl.col("score").is_not_null()).with_columns(link=pl.coalesce(link, "entrant"))
    for (board, category, on, source, known_at), rows in wanted.sort(day).group_by(day, maintain_order=True):
        entrants, links, numbers = (rows[name].to_list() for name in ("entrant", "link", "score"))
        scored, linked = dict(zip(entrants, numbers, strict=True)), dict(zip(links, numbers, strict=True))
        at = cast("datetime | None", known_at)
        yield str(board), str(category), Snapshot(str(source), cast("date", on), scored, linked, rows["method"][0], at)
