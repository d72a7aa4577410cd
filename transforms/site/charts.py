"""How each kind of claim is drawn: the form, its series, and the lines that decide. The page draws; nothing is drawn here.

A claim whose test is new is drawn by what its evidence is: statements as a timeline, figures as lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from config.specs import ClaimSpec
from transforms.claim_tests import parameters_of
from transforms.claim_tests.gap import GapParameters
from transforms.claim_tests.growth import LevelAndGrowthParameters
from transforms.claim_tests.level import GrowthParameters, LevelParameters
from transforms.claim_tests.market import ContestedParameters
from transforms.claim_tests.movement import MovedParameters
from transforms.claim_tests.parts import SignalParameters
from transforms.claim_tests.ratio import RatioParameters
from transforms.claim_tests.shares import TotalParameters
from transforms.claim_tests.standing import DominanceParameters, FirstPlaceParameters
from transforms.claim_tests.statements import ShareParameters

SIDES = ("for", "against", "beside")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line that decides, and what it is called (a label of config/terms.yml)."""

    value: float
    name: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A form of assets/chart.js, the series it shows (in order; none: all), the lines across it, and whether each series
    has a panel of its own."""

    form: str
    series: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    panels: bool = False
    median_days: int = 0
    window: tuple[str, ...] = field(default=())

    def told(self) -> dict[str, Any]:
        """As the page reads it."""
        return {
            "form": self.form,
            "series": list(self.series),
            "rules": [{"value": rule.value, "name": rule.name} for rule in self.rules],
            "panels": self.panels,
            "median_days": self.median_days,
            "window": list(self.window),
        }


def drawings(spec: ClaimSpec) -> tuple[Drawing, ...]:
    """The charts of a claim, the one that shows the point first."""
    make = DRAWINGS.get(spec.test)
    return make(parameters_of(spec)) if make else (Drawing("any"),)


def thresholds(spec: ClaimSpec) -> tuple[float, ...]:
    """The values of the statistic at which the verdict turns, where the declaration alone gives them."""
    make = THRESHOLDS.get(spec.test)
    return make(parameters_of(spec)) if make else ()


def _level(parameters: Any) -> tuple[Drawing, ...]:
    return (Drawing("bars", ("level",), (Rule(cast("LevelParameters", parameters).threshold, "threshold"),)),)


def _level_and_growth(parameters: Any) -> tuple[Drawing, ...]:
    stated = cast("LevelAndGrowthParameters", parameters).stated
    return (Drawing("bars", ("level",), (Rule(stated, "stated"),)),)


def _lead(boards: tuple[str, ...], median_days: int = 0, window: tuple[str, ...] = ()) -> tuple[Drawing, ...]:
    return (Drawing("lead", boards, (Rule(0, "level_pegging"),), median_days=median_days, window=window),)


def _gap(parameters: Any) -> tuple[Drawing, ...]:
    gap = cast("GapParameters", parameters)
    return _lead(gap.boards, gap.recent_days, (gap.baseline_from.isoformat(), gap.baseline_to.isoformat()))


def _first(parameters: Any) -> tuple[Drawing, ...]:
    return _lead(cast("FirstPlaceParameters | DominanceParameters", parameters).boards)


def _contested(parameters: Any) -> tuple[Drawing, ...]:
    boards = cast("ContestedParameters", parameters).boards
    return (Drawing("days", tuple(f"premium_{board}" for board in boards), (Rule(0, "no_premium"),)),)


def _ratio(parameters: Any) -> tuple[Drawing, ...]:
    ratio = cast("RatioParameters", parameters)
    return (Drawing("ratio", (), (Rule(ratio.low, "lower_bound"), Rule(ratio.high, "upper_bound"))),)


def _one(form: str, *series: str, panels: bool = False) -> Callable[[Any], tuple[Drawing, ...]]:
    return lambda _: (Drawing(form, series, panels=panels),)


DRAWINGS: Mapping[str, Callable[[Any], tuple[Drawing, ...]]] = {
    "actual_against_guide": _one("against"),
    "announced_end": lambda parameters: (
        Drawing("guides", ("announced",), (Rule(parameters.limit_months, "threshold"),)),
    ),
    "both_rise": _one("lines", "cloud_margin", "return_on_ppe", "operating_margin"),
    "contested": _contested,
    "dated_statements": _one("timeline", *SIDES),
    "dominance": _first,
    "gap_shrinks": _gap,
    "grew_over": _one("bars", "earlier", "later"),
    "largest_holder": lambda _: (Drawing("shares", ("stake",)), Drawing("timeline", ("ranked_below", "beside"))),
    "level_above": _level,
    "level_and_growth": _level_and_growth,
    "margin_above": _one("lines", "higher", "lower"),
    "moved_by": lambda parameters: (Drawing("lines", cast("MovedParameters", parameters).parts, panels=True),),
    "multiple_as_stated": _one("shares", "ntm", "next_fy", "beside"),
    "no_pickup": _one("lines", "growth", "without_ai"),
    "not_lowered": _one("guides", "guide"),
    "not_testable": _one("timeline", *SIDES),
    "number_and_statements": lambda _: (Drawing("timeline", SIDES), Drawing("bars", ("number",))),
    "outperforms": _one("any"),
    "ratio_at_date": _ratio,
    "reading_share": lambda parameters: (
        Drawing("timeline", (*cast("ShareParameters", parameters).readings, "beside")),
    ),
    "scenario": _one("timeline", *SIDES),
    "share_of_total": _one("shares", "own", "other"),
    "share_rises": lambda _: (Drawing("spans", ("before", "after")), Drawing("bars", ("long_lived",))),
    "signals_counted": lambda parameters: (Drawing("signals", cast("SignalParameters", parameters).signals),),
    "took_first": _first,
}

THRESHOLDS: Mapping[str, Callable[[Any], tuple[float, ...]]] = {
    "actual_against_guide": lambda p: (-p.within_pct, p.within_pct),
    "announced_end": lambda p: (p.limit_months,),
    "both_rise": lambda _: (0.0,),
    "contested": lambda p: (float(p.uncontested_below), float(p.contested_from)),
    "gap_shrinks": lambda _: (0.0,),
    "grew_over": lambda p: (cast("GrowthParameters", p).more_than_pct,),
    "level_above": lambda p: (p.threshold,),
    "level_and_growth": lambda _: (0.0,),
    "margin_above": lambda _: (0.0,),
    "moved_by": lambda p: (-p.points, p.points),
    "not_lowered": lambda p: (-p.tolerance_pct,),
    "ratio_at_date": lambda p: (p.low, p.high),
    "reading_share": lambda p: (100 * p.at_least,),
    "share_of_total": lambda p: (100 * cast("TotalParameters", p).refutes_from,),
    "share_rises": lambda _: (0.0,),
    "signals_counted": lambda p: (float(p.supports_to), float(p.refutes_from)),
}
