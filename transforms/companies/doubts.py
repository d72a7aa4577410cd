"""Slips of the filer: figures that cannot be, measured against what else is known of their series.

Only metrics that are never below zero and only grow within a year (config: `never_negative`) are measured. A figure is
doubtful where it is below zero, where a longer period of a year falls short of a shorter one or is hundreds of times it, where
it is a thousand or a million times its neighbours or that part of them, and where it is thousands of times all of them. It is kept without a
metric (`meant`, `set_aside`), with status doubtful, and nothing is computed from it. A later document that repeats it
clears it: that row counts.

A figure is measured against what was known before it or with it, never against what came later. Where what came later stands
against one figure alone, that one is the slip, and from the filing on that shows it: two documents that it would make doubtful,
or the others of its own document (`turns` names the instants, transforms/companies/epochs.py).

Of any metric two figures of one filing for one fiscal period are both doubtful, unless one is the other rounded: the same
part under two sets of dimensions, or one quarter with two first days. Which is meant nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import polars as pl

from config.specs import Catalog
from transforms.companies.rounding import alike, alike_columns, contradicted

DOUBTFUL = "doubtful"
SERIES = ["company", "metric", "definition", "unit", "line"]
READ = ["known_at", "form_rank", "document_id", "period_kind", "fiscal_year", "fiscal_quarter", "value", "row"]
SHORTER = {"half": ("quarter",), "nine_months": ("half", "quarter"), "year": ("nine_months", "half", "quarter")}
QUARTER_OF = {"quarter": 1, "half": 2, "nine_months": 3}
KINDS = ("quarter", "half", "nine_months", "year", "instant")
UNSTATED = -100  # the contract's decimals where the source says nothing
ONCE = [
    "company", "metric", "definition", "unit", "dimensions", "concept", "source", "scope", "document_id", "period_kind",
    "fiscal_year", "fiscal_quarter", "instant_of", "captured_at",
]  # fmt: skip
# Between a fifth and five times a power of a thousand: growth is no slip of units.
LEAST, MOST = 0.2, 5.0
SLIPS = {1e3: "a thousand times", 1e6: "a million times", 1e-3: "a thousandth of", 1e-6: "a millionth of"}

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

    @property
    def key(self) -> Key:
        return self.kind, self.year, self.quarter


@dataclass(slots=True)
class _Known:
    """What is known of one series while its figures are read in order."""

    sound: dict[Key, _Row] = field(default_factory=dict)
    doubted: dict[tuple[Key, float], str] = field(default_factory=dict)
    against: dict[int, list[_Row]] = field(
        default_factory=dict
    )  # by the row they fall short of: what that makes doubtful

    def measure(self, one: _Row) -> str:
        """Why the figure cannot be; empty where it can."""
        said_by = self.doubted.get((one.key, one.value))
        repeated = said_by is not None and said_by != one.document
        why = "" if repeated else self._why(one)
        if why:
            self.doubted.setdefault((one.key, one.value), one.document)
        else:
            self.sound[one.key] = one
        return why

    def _why(self, one: _Row) -> str:
        if one.value < 0:
            return "an amount that is never below zero is"
        for kind in SHORTER.get(one.kind, ()):
            shorter = self.sound.get((kind, one.year, QUARTER_OF[kind]))
            if shorter is not None and one.value < shorter.value and not alike(one.value, shorter.value):
                return self._blame(
                    one, [shorter], f"{one.kind} {one.value:.0f} is below its {kind} {shorter.value:.0f}"
                )
        return self._slip(one) or self._leap(one)

    def _blame(self, one: _Row, others: list[_Row], why: str) -> str:
        for other in others:
            self.against.setdefault(other.row, []).append(one)
        return why

    def _leap(self, one: _Row) -> str:
        """Hundreds of times a shorter period: which is the slip nobody can tell, and neither measures what comes after."""
        for kind in SHORTER.get(one.kind, ()):
            key = (kind, one.year, QUARTER_OF[kind])
            if (shorter := self.sound.get(key)) and shorter.value and one.value > LEAST * 1e3 * shorter.value:
                del self.sound[key]
                times = one.value / shorter.value
                return f"{one.kind} {one.value:.0f} is {times:,.0f} times its {kind} {shorter.value:.0f}"
        return ""

    def _slip(self, one: _Row) -> str:
        before = [self.sound[key] for key in _neighbours(one) if key in self.sound and self.sound[key].value]
        if not before or not one.value:
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
        """A figure that stands alone against others, and these: two documents, or the rest of its own."""
        for row, others in self.against.items():
            held = [one for one in self.sound.values() if one.row == row]
            if held and not any(_comparable(held[0], one) for one in self.sound.values()):
                (lone,) = held
                later = [one for one in others if one.document != lone.document]
                if len({one.document for one in later}) > 1:
                    return lone, later
                within = [one for one in others if one.document == lone.document]
                if any(_comparable(one, other) for one in within for other in self.sound.values()):
                    return lone, within
        return None


def _comparable(one: _Row, other: _Row) -> bool:
    """Whether two figures of periods of one length, a year or a quarter apart, are of one size."""
    if one.row == other.row or one.kind != other.kind or not one.value or not other.value:
        return False
    near = other.key in set(_neighbours(one)) or one.key in set(_neighbours(other))
    return near and LEAST <= one.value / other.value <= MOST


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
        (known_at, _Row(document, kind, year, quarter or 4, value, row))
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
    if one.kind in {"quarter", "instant"}:
        yield (one.kind, one.year, one.quarter - 1) if one.quarter > 1 else (one.kind, one.year - 1, 4)
