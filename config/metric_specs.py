"""Typed, frozen shapes of the metrics of config/metrics.yml: which tags state one, and how one follows from others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from config.declared import Spec


class Term(Spec):
    """One operand of a derivation: a metric under one of its definitions, added or taken away."""

    metric: str
    definition: str
    sign: Literal[1, -1] = 1


class Share(Spec):
    """A percentage of the terms' sum: the part itself (`of`), or what is left without it (`without`)."""

    metric: str
    definition: str
    take: Literal["of", "without"]


class Derivation(Spec):
    """How a metric is computed from others, for the companies named (none: all). It yields one definition."""

    definition: str
    companies: tuple[str, ...] = ()
    terms: tuple[Term, ...] = Field(min_length=1)
    share: Share | None = None
    bridge: bool = Field(False, description="set where two definitions of one quantity are set against each other")

    @property
    def operands(self) -> tuple[Term | Share, ...]:
        return self.terms if self.share is None else (*self.terms, self.share)

    @property
    def formula(self) -> str:
        """The formula in words of the metrics: a + b - c, and the share."""
        text = "".join(f" {'+' if term.sign > 0 else '-'} {term.metric}" for term in self.terms).removeprefix(" + ")
        if self.share is None:
            return text
        return f"({text}) * {self.share.metric}{'' if self.share.take == 'of' else ' left over'}"


class Passage(Spec):
    """A declared passage of a metric from one tag to another that no equal figures show: a new standard, a redrawn line.

    `tags` names those left, `to` the one taken up, in filings of the days from `filed_from` up to `filed_before`. Both are
    read, each as a line of its own: no difference is taken across. Two tags that one filing states apart never pass.
    """

    tags: tuple[str, ...] = Field(min_length=1)
    to: str
    filed_from: date
    filed_before: date = date.max
    why: str = Field(min_length=10)

    def leads(self, tag: str, to: str, filed_on: date) -> bool:
        """Whether a filing of that day may pass from the one tag to the other."""
        return tag in self.tags and to == self.to and self.filed_from <= filed_on < self.filed_before


class PartOf(Spec):
    """Tagged figures that are a metric only with certain dimensions: a segment, a class of assets, a kind of customer.

    Either `dimensions` names all axis=member pairs of the figure ({next_day} stands for the day after its date; none:
    figures of the whole company), or `axis` names one axis, and each of its members is a definition named after it.
    """

    concepts: tuple[str, ...] = Field(min_length=1)
    company: str = Field("", description="empty: any company")
    dimensions: tuple[str, ...] = ()
    axis: str = ""
    definition: str = Field("", description="empty: the metric's own, or the member's name where `axis` is given")
    filed_from: date | None = Field(None, description="first filing day of this definition")
    filed_before: date | None = Field(None, description="first filing day of the next definition")
    ranged: bool = Field(False, description="a minimum and a maximum (srt:RangeAxis) beside it are one interval")

    @model_validator(mode="after")
    def _one_way_of_naming(self) -> PartOf:
        if self.axis and (self.dimensions or self.definition):
            raise ValueError("an axis names its definitions by its members; dimensions and definition belong elsewhere")
        return self


class Metric(Spec):
    """One metric of config/metrics.yml."""

    id: str
    title_en: str
    title_zh: str
    definition: str = Field(description="short id; arithmetic across definitions is refused")
    meaning: str
    unit: str
    period: Literal["duration", "instant"]
    additive: bool = Field(True, description="quarters may be derived by difference (not growth rates, not EPS)")
    concepts: tuple[str, ...] = Field((), description="XBRL tags that state it, best first among those filed at once")
    parts: tuple[PartOf, ...] = Field((), description="tags that state it only with dimensions; the first that fits")
    ambiguous: tuple[str, ...] = Field(
        (), description="tags kept from the metric until a part of a company declares them"
    )
    passages: tuple[Passage, ...] = Field((), description="declared passages from one of the tags to another")
    never_negative: bool = Field(
        False, description="an amount never below zero that within a year only grows: what breaks this is doubtful"
    )
    quantity: str = Field(
        "", description="what it measures, where other metrics measure the same by another definition"
    )
    derivations: tuple[Derivation, ...] = Field((), description="how it is computed from other metrics")


def check_derivation(metric: Metric, derivation: Derivation, metrics: Mapping[str, Metric]) -> None:
    """Raises ValueError where a derivation names what is not there, mixes units, or mixes definitions unsaid."""
    place = f"{metric.id} ({derivation.definition})"
    if unknown := {operand.metric for operand in derivation.operands} - metrics.keys():
        raise ValueError(f"{place}: no metric {', '.join(sorted(unknown))}")
    units = {metrics[term.metric].unit for term in derivation.terms} | {metric.unit}
    if len(units) > 1:
        raise ValueError(f"{place}: the terms have the units {', '.join(sorted(units))}")
    if derivation.share is not None and metrics[derivation.share.metric].unit != "pct":
        raise ValueError(f"{place}: {derivation.share.metric} is no percentage")
    measured: dict[str, set[str]] = {}
    for term in derivation.terms:
        quantity = metrics[term.metric].quantity or term.metric
        measured.setdefault(quantity, set()).add(term.definition)
    mixed = sorted(quantity for quantity, definitions in measured.items() if len(definitions) > 1)
    if mixed and not derivation.bridge:
        raise ValueError(
            f"{place}: two definitions of {', '.join(mixed)} are different things and are not added or subtracted; "
            "where the difference itself is wanted say bridge: true"
        )
