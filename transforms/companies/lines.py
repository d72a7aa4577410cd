"""Which tags are one line of a company's statements, by the evidence of its own filings.

Two tags are one line where a filing states both for a period and they agree, or where a newer filing states under one
tag what an older one stated under the other (equal comparatives), and then from the first, whenever the proof came. They are two lines from then on where one filing states
both for one period and they differ: a total and a part of it are no series, whatever they have in common elsewhere.

A metric follows one line. Of two lines it takes the tag declared first, also where that came later: what the other one
stated before is then known to be none of the metric's. It passes to another tag from the filing on that shows both to be
one, or that a declared passage names (config: `passages`). What a tag of the metric states beside that line has no metric:
`meant` says which it would have been, `set_aside` why it is not.

Both count from the filing that shows it, that two tags are one line and that they are two: `turns` names the instants at
which a line comes apart, and an answer for a day before knows nothing of it (transforms/companies/epochs.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

import polars as pl

from config.metric_specs import Passage
from config.specs import Catalog
from transforms.companies.rounding import alike

GROUP = ["company", "metric", "definition", "unit"]
LINED = pl.Schema({"line": pl.String, "meant": pl.String, "set_aside": pl.String})
STATEMENT = ["known_at", "form_rank", "document_id", "concept", "period_start", "period_end", "value"]

Span = tuple[date | None, date]


class _Filed(NamedTuple):
    """What one document says under the tags of a metric."""

    known_at: datetime
    document: str
    figures: Mapping[str, Mapping[Span, list[float]]]


@dataclass(slots=True)
class _Lines:
    """The tags of one metric of one company while its filings are read in order."""

    order: list[str]
    passages: tuple[Passage, ...]
    apart: set[frozenset[str]]
    proven: set[frozenset[str]]  # to be one line, by what is known in the end
    beaten: dict[str, str]  # by a tag declared before it, which no filing shows to be its line
    taken: dict[str, str] = field(default_factory=dict)
    line: dict[str, str] = field(default_factory=dict)
    last: dict[str, dict[Span, float]] = field(default_factory=dict)

    def read(self, filed: _Filed) -> Iterator[tuple[str, str, str]]:
        """(tag, line, why it is set aside) for each tag of a document; the reason is empty where it is followed."""
        for tag in sorted(filed.figures, key=self.order.index):
            why = self._follow(tag, filed)
            yield tag, self.line.get(tag, tag), why
        for tag, figures in filed.figures.items():
            self.last.setdefault(tag, {}).update({span: values[-1] for span, values in figures.items()})

    def _follow(self, tag: str, filed: _Filed) -> str:
        """Takes the tag among those followed where it may be; else says why not."""
        if tag in self.line:
            return ""
        meant = self.order[: self.order.index(tag)]  # of two lines the one declared first, whenever it came
        rivals = [other for other in (*meant, *self.line) if frozenset({tag, other}) in self.apart]
        if rivals:
            return f"another line than {rivals[0]}: one filing states both and they differ"
        if not self.line and tag not in self.beaten:
            self.line[tag] = tag
            return ""
        for other, line in self.line.items():
            if frozenset({tag, other}) in self.proven or self._agree(tag, other, filed):
                self.line[tag] = line
                return ""
        on = filed.known_at.date()
        if any(one.leads(other, tag, on) for one in self.passages for other in self.line):
            self.line[tag] = tag
            return ""
        if all(self.order.index(tag) < self.order.index(other) for other in self.line) and tag not in self.beaten:
            self.taken = dict.fromkeys(self.line, tag) | self.taken  # the first that shows it is named
        followed = self.beaten.get(tag) or next(iter(self.line))
        while followed in self.beaten:  # by one that another was declared before
            followed = self.beaten[followed]
        return f"not shown to be one line with {followed}: no filing states an equal figure under both"

    def _agree(self, tag: str, other: str, filed: _Filed) -> bool:
        """Whether this filing shows both to be one: more figures agree than differ, zeros aside."""
        before = {**self.last.get(other, {}), **{span: v[-1] for span, v in filed.figures.get(other, {}).items()}}
        known = {**self.last.get(tag, {}), **{span: v[-1] for span, v in filed.figures[tag].items()}}
        told = [alike(value, before[span]) for span, value in known.items() if before.get(span)]
        return sum(told) * 2 > len(told)


@dataclass(slots=True)
class _Evidence:
    """Which figures two tags of a metric state alike while its filings are read in order."""

    last: dict[str, dict[Span, float]] = field(default_factory=dict)
    told: dict[frozenset[str], dict[Span, bool]] = field(default_factory=dict)

    def read(self, filed: _Filed) -> None:
        """Compares what a document states under a tag with what was stated last under each other one, zeros aside."""
        for tag, figures in filed.figures.items():
            self.last.setdefault(tag, {}).update({span: values[-1] for span, values in figures.items()})
        for tag, figures in filed.figures.items():
            for other in self.last.keys() - {tag}:
                said = self.last[other]
                compared = {span: alike(values[-1], said[span]) for span, values in figures.items() if said.get(span)}
                self.told.setdefault(frozenset({tag, other}), {}).update(compared)

    def proven(self) -> set[frozenset[str]]:
        """The pairs of which more figures agree than differ."""
        return {pair for pair, told in self.told.items() if sum(told.values()) * 2 > len(told)}


@dataclass(frozen=True, slots=True)
class History:
    """What the filings of one company say under the tags of one metric, in the order in which they became known."""

    group: Mapping[str, str]
    order: list[str]
    passages: tuple[Passage, ...]
    filings: list[_Filed]

    def told(self, filings: Iterable[_Filed], apart: set[frozenset[str]]) -> list[tuple[str, str, str, str]]:
        """(document, tag, line, why it is set aside), where those pairs of tags are known to be two lines.

        Where a tag that is declared before those followed comes up and nothing shows them to be one, it is the one meant,
        and what the others stated until then is none of the metric's.
        """
        known, beaten = list(filings), dict[str, str]()
        evidence = _Evidence()
        for filed in known:
            evidence.read(filed)
        proven = evidence.proven() - apart
        while True:
            following = _Lines(self.order, self.passages, apart, proven, beaten)
            said = [(filed.document, *told) for filed in known for told in following.read(filed)]
            if not following.taken:
                return said
            beaten = beaten | following.taken


def histories(named: pl.DataFrame, catalog: Catalog) -> list[History]:
    """One for each metric (GROUP) that several tags of a company state."""
    several = (
        named.filter(pl.col("metric").is_not_null() & (pl.col("concept") != pl.col("metric")))
        .group_by(GROUP)
        .agg(pl.col("concept").unique())
        .filter(pl.col("concept").list.len() > 1)
    )
    return [_history(named, group, catalog) for group in several.sort(GROUP).iter_rows(named=True)]


def turns(found: Iterable[History]) -> Iterator[tuple[str, datetime]]:
    """(company, instant) at which filings show that a tag followed as the metric's line until then is none, or another, or that it
    is none for another reason."""
    for one in found:
        apart, met, evidence = set[frozenset[str]](), set[str](), _Evidence()
        for instant in sorted({filed.known_at for filed in one.filings}):
            now = [filed for filed in one.filings if filed.known_at == instant]
            shown = set(_apart(now)) - apart
            first_met = {tag for filed in now for tag in filed.figures} - met
            before, proven = [filed for filed in one.filings if filed.known_at < instant], evidence.proven()
            for filed in now:
                evidence.read(filed)
            if before and (shown or first_met or proven != evidence.proven()):
                was, becomes = one.told(before, apart), one.told([*before, *now], apart | shown)
                if was != becomes[: len(was)]:
                    yield one.group["company"], instant
            apart, met = apart | shown, met | first_met


def with_lines(named: pl.DataFrame, found: Iterable[History], until: datetime | None = None) -> pl.DataFrame:
    """The rows with LINED: `line` names the tag whose line the row is; a row set aside loses its metric.

    Filings from `until` on say nothing yet.
    """
    told: list[tuple[str, ...]] = []
    for one in found:
        filings = [filed for filed in one.filings if until is None or filed.known_at < until]
        group = [one.group[name] for name in GROUP]
        told += [
            (*group, tag, document, line, why) for document, tag, line, why in one.told(filings, set(_apart(filings)))
        ]
    on = [*GROUP, "concept", "document_id"]
    schema = pl.Schema({**{name: named.schema[name] for name in on}, "told_line": pl.String(), "told_why": pl.String()})
    table = pl.DataFrame(told, schema=schema, orient="row").unique(on, keep="first", maintain_order=True)
    joined = named.join(table, on=on, how="left", nulls_equal=True, maintain_order="left")
    aside = pl.col("told_why").fill_null("") != ""
    return joined.with_columns(
        line=pl.when(pl.col("metric").is_not_null()).then(pl.coalesce("told_line", "concept")),
        meant=pl.when(aside).then("metric").otherwise("meant"),
        set_aside=pl.when(aside).then("told_why").otherwise("set_aside"),
        metric=pl.when(~aside).then("metric"),
    ).drop("told_line", "told_why")


def _history(named: pl.DataFrame, group: Mapping[str, str], catalog: Catalog) -> History:
    rows = named.filter(pl.all_horizontal(pl.col(name) == group[name] for name in GROUP)).filter(
        pl.col("concept").is_in(group["concept"]) & pl.col("value").is_not_null()
    )
    ranks = dict(rows.select("concept", "concept_rank").unique("concept").iter_rows())
    company = catalog.companies.get(group["company"])
    passages = (
        *(company.passages.get(group["metric"], ()) if company else ()),
        *catalog.metrics[group["metric"]].passages,
    )
    order = sorted(ranks, key=lambda tag: (ranks[tag], tag))
    return History(group, order, passages, list(_filings(rows.select(STATEMENT).sort(STATEMENT))))


def _filings(rows: pl.DataFrame) -> Iterator[_Filed]:
    for (known_at, document), stated in rows.group_by("known_at", "document_id", maintain_order=True):
        figures: dict[str, dict[Span, list[float]]] = {}
        for concept, start, end, value in stated.select("concept", "period_start", "period_end", "value").iter_rows():
            figures.setdefault(concept, {}).setdefault((start, end), []).append(value)
        yield _Filed(known_at, str(document), figures)


def _apart(filings: Iterable[_Filed]) -> Iterator[frozenset[str]]:
    """The pairs of tags that differ for one period in one filing."""
    for filed in filings:
        tags = sorted(filed.figures)
        for index, tag in enumerate(tags):
            for other in tags[index + 1 :]:
                shared = filed.figures[tag].keys() & filed.figures[other].keys()
                if any(_differ(filed.figures[tag][span], filed.figures[other][span]) for span in shared):
                    yield frozenset({tag, other})


def _differ(some: list[float], others: list[float]) -> bool:
    return not any(alike(one, other) for one in some for other in others)
