"""The tests a claim can name: evidence rows and declared parameters in, an Outcome out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from config.declared import Spec
from config.errors import Refused
from config.load import build
from config.specs import ClaimSpec
from transforms.claim_tests.gap import GapParameters, days_gap_grows_old, gap_shrinks
from transforms.claim_tests.growth import LevelAndGrowthParameters, level_and_growth
from transforms.claim_tests.guide import (
    ActualParameters,
    NotLoweredParameters,
    SlippageParameters,
    actual_against_guide,
    announced_end,
    not_lowered,
)
from transforms.claim_tests.level import GrowthParameters, LevelParameters, grew_over, level_above
from transforms.claim_tests.market import (
    ContestedParameters,
    MultipleParameters,
    OutperformParameters,
    contested,
    days_contested_moves,
    multiple_as_stated,
    outperforms,
)
from transforms.claim_tests.movement import MovedParameters, PickupParameters, moved_by, no_pickup
from transforms.claim_tests.outcome import Context, Outcome, VerdictName
from transforms.claim_tests.parts import (
    MarginParameters,
    ReturnParameters,
    SignalParameters,
    TwoAxesParameters,
    both_rise,
    margin_above,
    number_and_statements,
    signals_counted,
)
from transforms.claim_tests.ratio import RatioParameters, ratio_at_date
from transforms.claim_tests.reading import BESIDE
from transforms.claim_tests.shares import (
    HolderParameters,
    RiseParameters,
    TotalParameters,
    largest_holder,
    share_of_total,
    share_rises,
)
from transforms.claim_tests.standing import DominanceParameters, FirstPlaceParameters, dominance, took_first
from transforms.claim_tests.statements import ShareParameters, StatementParameters, dated_statements, reading_share
from transforms.claim_tests.untested import Reason, not_testable, scenario


@dataclass(frozen=True, slots=True)
class ClaimTest:
    """A test and the shape of its parameters. `run` takes evidence, parameters of that shape, and the context.

    `series`: what it reads, decisive or shown; `{boards}` stands for each item of that parameter.
    `final`: verdicts that nothing published later changes, only a restatement. `private`: only the analyst's own files decide,
    whatever else is shown. `moves`: the spans of days (first, last) in which the same evidence is told otherwise from day to day;
    None where the day of the judgement plays no part but for a deadline of the claim.
    """

    run: Callable[[pl.DataFrame, Any, Context], Outcome]
    parameters: type[Spec]
    series: tuple[str, ...] = ()
    final: tuple[VerdictName, ...] = ()
    private: bool = False
    moves: Callable[[pl.DataFrame, Any], list[tuple[date, date]]] | None = None

    def series_of(self, parameters: Spec) -> frozenset[str]:
        """The names of the series that the test reads under these parameters."""
        return frozenset(name for template in self.series for name in _expanded(template, parameters))


def _expanded(template: str, parameters: Spec) -> list[str]:
    for name, value in parameters:
        if f"{{{name}}}" in template:
            items = value if isinstance(value, tuple | list | dict) else (value,)
            return [template.replace(f"{{{name}}}", str(item)) for item in items]
    return [template]


DECIDED: tuple[VerdictName, ...] = ("supported", "refuted", "mixed")

TESTS: Mapping[str, ClaimTest] = {
    "actual_against_guide": ClaimTest(
        actual_against_guide, ActualParameters, ("guided_{years}", "actual_{years}"), DECIDED
    ),
    "announced_end": ClaimTest(announced_end, SlippageParameters, ("announced",)),
    "both_rise": ClaimTest(both_rise, ReturnParameters, ("cloud_margin", "return_on_ppe", "operating_margin"), DECIDED),
    "contested": ClaimTest(
        contested, ContestedParameters, ("{boards}", "premium_{boards}", "own_{boards}"), moves=days_contested_moves
    ),
    "dated_statements": ClaimTest(dated_statements, StatementParameters, ("for", "against", "beside", "other_reading")),
    "dominance": ClaimTest(dominance, DominanceParameters, ("{boards}",), DECIDED),
    "gap_shrinks": ClaimTest(gap_shrinks, GapParameters, ("{boards}",), moves=days_gap_grows_old),
    "grew_over": ClaimTest(grew_over, GrowthParameters, ("later", "earlier"), DECIDED),
    "level_above": ClaimTest(level_above, LevelParameters, ("level",)),
    "largest_holder": ClaimTest(largest_holder, HolderParameters, ("stake", "ranked_below")),
    "level_and_growth": ClaimTest(
        level_and_growth,
        LevelAndGrowthParameters,
        (
            "level",
            "total",
            "due_within_12m",
            "due_beyond_12m",
            "openai_share",
            "without_openai",
            "without_openai_growth",
        ),
    ),
    "margin_above": ClaimTest(margin_above, MarginParameters, ("higher", "lower")),
    "moved_by": ClaimTest(moved_by, MovedParameters, ("{parts}",), DECIDED),
    "multiple_as_stated": ClaimTest(multiple_as_stated, MultipleParameters, ("{stated}",), private=True),
    "no_pickup": ClaimTest(no_pickup, PickupParameters, ("growth", "without_ai"), ("refuted",)),
    "not_lowered": ClaimTest(not_lowered, NotLoweredParameters, ("guide",)),
    "not_testable": ClaimTest(not_testable, Reason),
    "number_and_statements": ClaimTest(number_and_statements, TwoAxesParameters, ("number", "for", "against")),
    "outperforms": ClaimTest(
        outperforms,
        OutperformParameters,
        ("share_{months}", "benchmark_{months}", "basket_{decides_at_months}"),
        DECIDED,
        private=True,
    ),
    "ratio_at_date": ClaimTest(
        ratio_at_date,
        RatioParameters,
        (
            "numerator",
            "denominator",
            "numerator_on_sale",
            "denominator_on_sale",
            "numerator_by_source",
            "denominator_by_source",
            "secondary",
            "fx_numerator",
            "fx_other",
        ),
    ),
    "reading_share": ClaimTest(reading_share, ShareParameters, ("{readings}", "abnormal_return")),
    "share_of_total": ClaimTest(share_of_total, TotalParameters, ("own", "other")),
    "share_rises": ClaimTest(share_rises, RiseParameters, ("before", "after", "long_lived"), ("supported", "refuted")),
    "signals_counted": ClaimTest(signals_counted, SignalParameters, ("{signals}",)),
    "took_first": ClaimTest(took_first, FirstPlaceParameters, ("{boards}",), DECIDED),
    "scenario": ClaimTest(scenario, Reason),
}


def place_of(spec: ClaimSpec) -> str:
    """The file that declares the claim."""
    return f"config/claims/{spec.id}_{spec.stem}.yml"


def claim_test(spec: ClaimSpec) -> ClaimTest:
    """The test the claim names. Refused, naming the claim, when there is none of that name."""
    try:
        return TESTS[spec.test]
    except KeyError:
        raise Refused(
            f"test: there is no test {spec.test!r}",
            source=spec.id,
            place=place_of(spec),
            remedy=f"choose one of {', '.join(sorted(TESTS))}",
        ) from None


def parameters_of(spec: ClaimSpec) -> Spec:
    """The claim's parameters in the shape of its test. Refused, naming claim and key, when one lacks or is too many."""
    return build(claim_test(spec).parameters, dict(spec.parameters), f"{spec.id}: {place_of(spec)}: parameters")


def check_takes(spec: ClaimSpec) -> None:
    """Refused when a claim takes a series of a shared query under a name that its test does not read."""
    unknown = sorted(set(spec.takes.values()) - claim_test(spec).series_of(parameters_of(spec)) - {BESIDE})
    if unknown:
        raise Refused(
            f"takes: the test {spec.test} does not read {', '.join(unknown)}",
            source=spec.id,
            place=place_of(spec),
            remedy="docs/claims.md lists the series of each test",
        )
