"""Slips of the filer: figures that cannot be, measured against what else is known of their series.

Only metrics that are never below zero and only grow within a year (config: `never_negative`) are measured. A figure is
doubtful where it is below zero, where a longer period of a year falls short of a shorter one within it or is hundreds of times
one, where it is a thousand or a million times its neighbours or that part of them, and where it is thousands of times all of them.
A figure ten times too large is found where a tenth of it fits both the shorter period and the year before, and, where the figure
after it is back at the level before, as is one ten times too small. It is kept without a
metric (`meant`, `set_aside`), with status doubtful, and nothing is computed from it. A later document that repeats it
clears it: that row counts.

A figure is measured against what was known before it or with it, never against what came later. Where what came later stands
against one figure alone, that one is the slip, and from the filing on that shows it: two documents that it would make doubtful,
one whose figure is of the size of what was known besides, or the others of its own document (`turns` names the instants,
transforms/companies/epochs.py).

Of any metric two figures of one filing for one fiscal period are both doubtful, unless one is the other rounded: the same
part under two sets of dimensions, or one quarter with two first days. Which is meant nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

import polars as pl

from config.specs import Catalog
from transforms.companies.rounding import alike, alike_columns, contradicted

DOUBTFUL = "doubtful"
SERIES = ["company", "metric", "definition", "unit", "line"]
READ = ["known_at", "form_rank", "document_id", "period_kind", "fiscal_year", "fiscal_quarter", "value", "row"]
# The periods of a year that lie within a longer one, as (kind, quarter it ends with), the longest first.
WITHIN = {
    "half": (("quarter", 1), ("quarter", 2)),
    "nine_months": (("half", 2), ("quarter", 1), ("quarter", 2), ("quarter", 3)),
    "year": (("nine_months", 3), ("half", 2), ("quarter", 1), ("quarter", 2), ("quarter", 3), ("quarter", 4)),
}  # fmt: skip
QUARTERS = {"quarter": 1, "half": 2, "nine_months": 3, "year": 4}
AROUND = {
    part: [(kind, QUARTERS[kind]) for kind, others in WITHIN.items() if part in others]
    for parts in WITHIN.values()
    for part in parts
}
KINDS = ("quarter", "half", "nine_months", "year", "instant")
SINGLE = ("quarter", "instant")
UNSTATED = -100  # the contract's decimals where the source says nothing
ONCE = [
    "company", "metric", "definition", "unit", "dimensions", "concept", "source", "scope", "document_id", "period_kind",
    "fiscal_year", "fiscal_quarter", "instant_of", "captured_at",
]  # fmt: skip
# Between a fifth and five times a power of a thousand: growth is no slip of units.
LEAST, MOST = 0.2, 5.0
SLIPS = {1e3: "a thousand times", 1e6: "a million times", 1e-3: "a thousandth of", 1e-6: "a millionth of"}
# A tenth of a figure fits another where it is between these times it. Of every amount that is never below zero in the facts of real
# filers at hand it doubts seven figures, of small and uneven notes; none of a metric.
FITS_LEAST, FITS_MOST = 0.7, 1.5

SHOWN = ", as shown on "

Key = tuple[str, int, int]


class _Row(NamedTuple):
    """One figure of a series."""

    document: str
    kind: str
    year: int
    quarter: int
    value: float
    row: int
    key: Key


@dataclass(slots=True)
class _Known:
    """What is known of one series while its figures are read in order."""

    sound: dict[Key, _Row] = field(default_factory=dict)
    doubted: dict[tuple[Key, float], str] = field(default_factory=dict)
    repeated: set[tuple[Key, float]] = field(default_factory=set)  # by a second document
    against: dict[int, list[_Row]] = field(
        default_factory=dict
    )  # by the row they fall short of: what that makes doubtful
    spikes: dict[int, list[_Row]] = field(
        default_factory=dict
    )  # by the row that is ten times those on both its sides, or a tenth

    def measure(self, one: _Row) -> str:
        """Why the figure cannot be; empty where it can."""
        said_by = self.doubted.get((one.key, one.value))
        repeated = said_by is not None and said_by != one.document
        why = "" if repeated else self._why(one)
        if why:
            self.doubted.setdefault((one.key, one.value), one.document)
            return why
        before = self.sound.get(one.key)
        if repeated or (before is not None and before.value == one.value and before.document != one.document):
            self.repeated.add((one.key, one.value))
        self.sound[one.key] = one
        self._find_spikes(one)
        return ""

    def _why(self, one: _Row) -> str:
        if one.value < 0:
            return "an amount that is never below zero is"
        for shorter in self._within(one):
            if one.value < shorter.value and not alike(one.value, shorter.value):
                return self._blame(
                    one, [shorter], f"{one.kind} {one.value:.0f} is below its {shorter.kind} {shorter.value:.0f}"
                )
        for longer in self._around(one):
            if one.value > 2 * longer.value:
                return self._blame(
                    one, [longer], f"{one.kind} {one.value:.0f} is above its {longer.kind} {longer.value:.0f}"
                )
        return self._slip(one) or self._leap(one) or self._tenfold(one)

    def _within(self, one: _Row) -> list[_Row]:
        """The known periods of the year that lie within this one."""
        return self._known_of(one.year, WITHIN.get(one.kind, ()))

    def _around(self, one: _Row) -> list[_Row]:
        """The known periods of the year that this one lies within."""
        return self._known_of(one.year, AROUND.get((one.kind, one.quarter), ()))

    def _known_of(self, year: int, periods: Iterable[tuple[str, int]]) -> list[_Row]:
        found = (self.sound.get((kind, year, quarter)) for kind, quarter in periods)
        return [row for row in found if row is not None]

    def _blame(self, one: _Row, others: list[_Row], why: str) -> str:
        for other in others:
            self.against.setdefault(other.row, []).append(one)
        return why

    def _leap(self, one: _Row) -> str:
        """Hundreds of times a shorter period: which is the slip nobody can tell, and neither measures what comes after."""
        for shorter in self._since_its_start(one):
            if one.value > LEAST * 1e3 * shorter.value:
                del self.sound[shorter.key]
                times = one.value / shorter.value
                return f"{one.kind} {one.value:.0f} is {times:,.0f} times its {shorter.kind} {shorter.value:.0f}"
        return ""

    def _since_its_start(self, one: _Row) -> list[_Row]:
        """The shorter periods that begin with the year, the longest first; noughts measure nothing."""
        return [row for row in self._within(one) if row.quarter == QUARTERS[row.kind] and row.value]

    def _tenfold(self, one: _Row) -> str:
        """A tenth of it would follow from the shorter periods, and fit the year before where that is known."""
        shorter = self._since_its_start(one) if one.kind in WITHIN else []
        ago = self.sound.get((one.kind, one.year - 1, one.quarter))
        if not shorter or (ago is None and len(shorter) == 1):
            return ""
        tenth, share = one.value / 10, QUARTERS[one.kind] / QUARTERS[shorter[0].kind]
        if not _fits(tenth, share * shorter[0].value) or (ago is not None and not _of_one_size(tenth, ago.value)):
            return ""
        return f"{one.kind} {one.value:.0f} is ten times what its {shorter[0].kind} {shorter[0].value:.0f} leads to"

    def _find_spikes(self, one: _Row) -> None:
        """Figures before this one that are ten times those on both sides, or a tenth, and these are of one size."""
        for key, before in _pairs_before(one):
            lone = self.sound.get(key)
            if lone is None or not _tenfold_apart(lone.value, one.value) or (lone.key, lone.value) in self.repeated:
                continue
            base = self.sound.get(before)
            borne_out = any(longer.value >= lone.value for longer in self._around(lone))
            if base is not None and _tenfold_apart(lone.value, base.value) and not borne_out:
                self.spikes.setdefault(lone.row, []).append(one)
        if one.kind in WITHIN:
            self._find_short_start(one)

    def _find_short_start(self, one: _Row) -> None:
        """A first quarter that is a tenth of what this longer period leads to, where both had their true size the year before."""
        first = self.sound.get(("quarter", one.year, 1))
        ago, whole_ago = (
            self.sound.get(("quarter", one.year - 1, 1)),
            self.sound.get((one.kind, one.year - 1, one.quarter)),
        )
        if first is None or ago is None or whole_ago is None or (first.key, first.value) in self.repeated:
            return
        share, times = QUARTERS[one.kind], 10 * first.value
        if (
            _fits(one.value, share * times)
            and _of_one_size(one.value, whole_ago.value)
            and _of_one_size(times, ago.value)
        ):
            self.spikes.setdefault(first.row, []).append(one)

    def _slip(self, one: _Row) -> str:
        before = [row for key in _neighbours(one) if (row := self.sound.get(key)) is not None and row.value]
        # Beside one of its own size it is no slip of units: nearly all end here.
        if not before or not one.value or any(MOST / 1e3 < one.value / row.value < LEAST * 1e3 for row in before):
            return ""
        nearest = f"neighbour {before[0].value:.0f}"
        for factor, words in SLIPS.items():
            if all(LEAST <= one.value / (factor * other.value) <= MOST for other in before):
                return self._blame(one, before, f"{one.value:.0f} is {words} its {nearest}")
        if all(one.value > MOST * 1e3 * other.value for other in before):
            return self._blame(
                one, before, f"{one.value:.0f} is {one.value / before[0].value:,.0f} times its {nearest}"
            )
        if all(MOST * 1e3 * one.value < other.value for other in before):
            return self._blame(one, before, f"{one.value:.0f} is below a five-thousandth of its {nearest}")
        return ""

    def alone(self) -> tuple[_Row, list[_Row]] | None:
        """A figure that stands alone against others, and these: two documents, or one figure that others bear out."""
        if not self.against and not self.spikes:
            return None
        held = {one.row: one for one in self.sound.values()}
        for row, others in (*self.against.items(), *self.spikes.items()):
            if row not in held or any(_comparable(held[row], one) for one in self.sound.values()):
                continue
            lone = held[row]
            if row in self.spikes:
                return lone, others
            later = [one for one in others if one.document != lone.document]
            within = [one for one in others if one.document == lone.document]
            if len({one.document for one in later}) > 1:
                return lone, later
            # Of one later document, only where neighbours of the figure itself are known, and none is of its size.
            told = others if any(key in self.sound for key in _neighbours(lone) if key != lone.key) else within
            if any(_comparable(one, other) for one in told for other in self.sound.values()):
                return lone, told
        return None


def _fits(one: float, other: float) -> bool:
    return bool(other) and FITS_LEAST <= one / other <= FITS_MOST


def _tenfold_apart(one: float, other: float) -> bool:
    return _fits(one / 10, other) or _fits(one * 10, other)


def _of_one_size(one: float, other: float) -> bool:
    return bool(one and other) and LEAST <= one / other <= MOST


def _pairs_before(one: _Row) -> Iterator[tuple[Key, Key]]:
    """(key, the one before it) of the figures of the year before, and of one and two quarters ago."""
    kind, year, quarter = one.key
    yield (kind, year - 1, quarter), (kind, year - 2, quarter)
    if kind in SINGLE:
        places = [4 * year + quarter - 1 - count for count in (1, 2, 3)]
        yield from pairwise((kind, place // 4, place % 4 + 1) for place in places)


def _comparable(one: _Row, other: _Row) -> bool:
    """Whether two figures of periods of one length, a year or a quarter apart, are of one size."""
    if one.row == other.row or one.kind != other.kind or not _of_one_size(one.value, other.value):
        return False
    return other.key in set(_neighbours(one)) or one.key in set(_neighbours(other))


def with_doubts(labelled: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """The rows, those that cannot be with status doubtful and no metric. Needs LINED and period labels."""
    measured = [metric.id for metric in catalog.metrics.values() if metric.never_negative]
    numbered = labelled.with_row_index("row")
    rows = numbered.filter(
        pl.col("metric").is_not_null()
        & pl.col("fiscal_year").is_not_null()
        & pl.col("value").is_not_null()
        & pl.col("period_kind").is_in(KINDS)
    )
    found = _told_twice(rows)
    sound = rows.filter(pl.col("metric").is_in(measured) & ~pl.col("row").is_in(list(found)))
    found |= {row: why for _, series in sound.group_by(SERIES, maintain_order=True) for row, why in _doubts(series)}
    if not found:
        return labelled
    table = pl.DataFrame(
        {"row": list(found), "why": list(found.values())}, schema={"row": pl.get_index_type(), "why": pl.String}
    )
    joined = numbered.join(table, on="row", how="left", maintain_order="left")
    doubted = pl.col("why").is_not_null()
    return joined.with_columns(
        status=pl.when(doubted).then(pl.lit(DOUBTFUL)).otherwise("status"),
        meant=pl.when(doubted).then("metric").otherwise("meant"),
        set_aside=pl.when(doubted).then(pl.lit("doubtful: ") + pl.col("why")).otherwise("set_aside"),
        note=pl.when(doubted).then(pl.lit("doubtful: ") + pl.col("why")).otherwise("note"),
        metric=pl.when(~doubted).then("metric"),
    ).drop("row", "why")


def _told_twice(rows: pl.DataFrame) -> dict[int, str]:
    """Rows of one filing that state one fiscal period differently, and what else it states."""
    placed = rows.with_columns(instant_of=pl.when(pl.col("period_kind") == "instant").then("period_end"))
    again = placed.filter(pl.len().over(ONCE) > 1).with_columns(
        least=pl.col("value").min().over(ONCE), most=pl.col("value").max().over(ONCE)
    )
    apart = again.filter(contradicted(ONCE, unstated=UNSTATED) & ~alike_columns("least", "most"))
    return {
        row: f"the filing states {least:.15g} and {most:.15g} for this period"
        for row, least, most in apart.select("row", "least", "most").iter_rows()
    }


def _doubts(series: pl.DataFrame) -> Iterator[tuple[int, str]]:
    kinds = pl.col("period_kind").replace_strict({kind: place for place, kind in enumerate(KINDS)}, default=len(KINDS))
    ordered = series.sort("known_at", "form_rank", "document_id", "fiscal_year", kinds, "fiscal_quarter", "value")
    rows = [
        (known_at, _Row(document, kind, year, quarter or 4, value, row, (kind, year, quarter or 4)))
        for known_at, _, document, kind, year, quarter, value, row in ordered.select(READ).iter_rows()
    ]
    slips: dict[int, str] = {}
    shown = None
    while True:
        told, found = _measured(rows, slips)
        if found is None:
            yield from (told | slips).items()
            return
        lone, others, instant = found
        # What only another slip brings to light is known with it, not before.
        shown = instant if shown is None else max(shown, instant)
        values = " and ".join(f"{one.value:.0f}" for one in others[:2])
        slips[lone.row] = f"{lone.kind} {lone.value:.0f} stands against {values}{SHOWN}{shown.isoformat()}"


def _measured(
    rows: list[tuple[datetime, _Row]], slips: dict[int, str]
) -> tuple[dict[int, str], tuple[_Row, list[_Row], datetime] | None]:
    """Which rows are doubtful, and the first figure that what was known by an instant shows to stand alone: later rows would
    hide it from that day."""
    known, told = _Known(), dict[int, str]()
    for instant, at_once in groupby(rows, key=itemgetter(0)):
        for _, one in at_once:
            if one.row not in slips and (why := known.measure(one)):
                told[one.row] = why
        if found := known.alone():
            return told, (*found, instant)
    return told, None


def turns(labelled: pl.DataFrame) -> Iterator[tuple[str, datetime]]:
    """(company, instant) at which filings show that a figure known before is the slip."""
    shown = pl.col("set_aside").str.extract(f"{SHOWN}(.*)$").str.to_datetime()
    found = (
        labelled.filter(pl.col("status") == DOUBTFUL).select("company", "known_at", shown.alias("shown")).drop_nulls()
    )
    yield from (
        found.filter(pl.col("shown") > pl.col("known_at"))
        .select("company", "shown")
        .unique()
        .sort("company", "shown")
        .iter_rows()
    )


def _neighbours(one: _Row) -> Iterator[Key]:
    """The same period as known before, the one before it, and the one of the year before."""
    yield one.key
    yield one.kind, one.year - 1, one.quarter
    if one.kind in SINGLE:
        yield (one.kind, one.year, one.quarter - 1) if one.quarter > 1 else (one.kind, one.year - 1, 4)
