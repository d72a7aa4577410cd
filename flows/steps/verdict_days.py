"""On which days a claim is judged, and what is said on each: what it reads became known, or time alone moves what follows of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import pairwise

import polars as pl

from config.specs import ClaimSpec
from config.version import code_version
from transforms.claim_tests.outcome import Sentences
from transforms.claims.changes import cause_of
from transforms.claims.verdicts import Verdict, days_moving, is_opposed, judge_claim
from warehouse.evidence.as_of import evidence, evidence_on
from warehouse.evidence.claim_query import claim_sql, taken
from warehouse.evidence.reads import reads
from warehouse.published.stage import Stage

HISTORY_FROM = date(2023, 1, 1)
WORKERS = 2
# The prices in force on a day hold joins that DuckDB does not ask for many days in one query (warehouse/evidence/as_of.py).
DAY_BY_DAY = frozenset({"token_price_on", "model_price_on"})


@dataclass(frozen=True, slots=True)
class Answers:
    """What one query gives on each day it was asked for; `said` is what the statements in it say (warehouse.evidence.said)."""

    stage: Stage
    sql: str
    said: Sentences = field(default_factory=dict)
    known: dict[date, pl.DataFrame] = field(default_factory=dict)

    def evidence(self, days: list[date], spec: ClaimSpec) -> dict[date, pl.DataFrame]:
        """The evidence known by the end of each of `days`: what the claim takes of the query's rows."""
        self._ask(sorted({*days} - {*self.known}), spec.id)
        return {day: taken(spec, self.known[day]) for day in days}

    def _ask(self, missing: list[date], claim_id: str) -> None:
        connection = self.stage.connection
        if not any(read.macro in DAY_BY_DAY for read in reads(self.sql, claim_id)):
            self.known.update(evidence_on(connection, self.sql, missing, claim_id))
        elif len(missing) <= WORKERS:
            self.known.update({day: evidence(connection, self.sql, day, claim_id) for day in missing})
        else:
            # Half of all time goes into these: one thread alone would still be at them when the other has nothing left.
            with ThreadPoolExecutor(max_workers=WORKERS) as pool:
                for part in pool.map(
                    partial(self._day_by_day, claim_id), (missing[n::WORKERS] for n in range(WORKERS))
                ):
                    self.known.update(part)

    def _day_by_day(self, claim_id: str, days: list[date]) -> dict[date, pl.DataFrame]:
        with self.stage.beside() as own:
            return {day: evidence(own.connection, self.sql, day, claim_id) for day in days}


Said = tuple[Verdict, pl.DataFrame, str]


def verdicts(answers: Answers, spec: ClaimSpec, days: list[date], opposed: bool | None = None) -> Iterator[Said]:
    """(verdict, evidence, what changed) for the first of `days`, each day on which evidence or verdict differs, and the last.

    `days` are those on which the evidence may differ, in order. What follows of the same evidence moves between them, too, where
    a window counts back from the day: such days are judged by what was known on the last of `days` before them.
    """
    asked = answers.evidence([*days, *([spec.asserted_at] if opposed is None else [])], spec)
    if opposed is None:
        opposed = is_opposed(spec, asked[spec.asserted_at])
    return judged(spec, [(day, asked[day]) for day in days], answers, opposed=opposed)


def judged(
    spec: ClaimSpec, known: list[tuple[date, pl.DataFrame]], answers: Answers, *, opposed: bool
) -> Iterator[Said]:
    """The same of (day, evidence known by its end), in order of days."""
    before: pl.DataFrame | None = None
    figures: tuple[object, ...] = ()
    for day, found, is_last in _with_days_between(spec, known):
        same = before is not None and found.equals(before)
        verdict = judge_claim(
            spec,
            found,
            day,
            code_version(),
            sql=answers.sql,
            opposed=opposed and day >= spec.asserted_at,
            said=answers.said,
        )
        if not same or is_last or figures_of(verdict) != figures:
            yield verdict, found, cause_of(before, found)
        before, figures = found, figures_of(verdict)


def _with_days_between(
    spec: ClaimSpec, known: list[tuple[date, pl.DataFrame]]
) -> Iterator[tuple[date, pl.DataFrame, bool]]:
    """(day, evidence, whether it is the last), and between two days those on which the evidence of the first may be told otherwise."""
    for (day, found), (later, _) in pairwise(known):
        yield day, found, False
        yield from ((between, found, False) for between in days_moving(spec, found, day, later))
    yield (*known[-1], True)


def figures_of(verdict: Verdict) -> tuple[object, ...]:
    """What of a verdict is no sentence: its word, its figures and its flags."""
    return verdict.verdict, verdict.statistic, verdict.low, verdict.high, verdict.n, verdict.flags


def days_of(stage: Stage, spec: ClaimSpec, today: date, first: date) -> list[date]:
    """The days from `first` on on which anything the claim reads became known, and those on which a date of its own passes.

    An instant claim ends at its day, and a prediction starts on the day on which it was made.
    """
    first = max(first, spec.asserted_at) if spec.kind == "prediction" else first
    last = min(today, spec.asserted_at) if spec.frozen_at_assertion else today
    # From its day on a claim is flagged that was refuted then, and after its deadline time alone can decide.
    passing = [spec.asserted_at, *([spec.day_after_deadline] if spec.day_after_deadline else [])]
    known = stage.days_known(reads(claim_sql(spec), spec.id))
    between = sorted({day for day in (*known, *passing) if first < day < last})
    return [*([first] if first < last else []), *between, last]
