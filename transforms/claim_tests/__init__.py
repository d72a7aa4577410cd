"""The tests a claim can name: evidence rows and declared parameters in, an Outcome out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from config.declared import Spec
from config.errors import Refused
from config.load import build
from config.specs import ClaimSpec
from transforms.claim_tests.gap import GapParameters, gap_shrinks
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

    `final`: verdicts that nothing published later changes, only a restatement. `private`: only the analyst's own files decide,
    whatever else is shown.
    """

    run: Callable[[pl.DataFrame, Any, Context], Outcome]
    parameters: type[Spec]
    final: tuple[VerdictName, ...] = ()
    private: bool = False


DECIDED: tuple[VerdictName, ...] = ("supported", "refuted", "mixed")

TESTS: Mapping[str, ClaimTest] = {
    "actual_against_guide": ClaimTest(actual_against_guide, ActualParameters, DECIDED),
    "announced_end": ClaimTest(announced_end, SlippageParameters),
    "both_rise": ClaimTest(both_rise, ReturnParameters, DECIDED),
    "contested": ClaimTest(contested, ContestedParameters),
    "dated_statements": ClaimTest(dated_statements, StatementParameters),
    "dominance": ClaimTest(dominance, DominanceParameters, DECIDED),
    "gap_shrinks": ClaimTest(gap_shrinks, GapParameters),
    "grew_over": ClaimTest(grew_over, GrowthParameters, DECIDED),
    "level_above": ClaimTest(level_above, LevelParameters),
    "largest_holder": ClaimTest(largest_holder, HolderParameters),
    "level_and_growth": ClaimTest(level_and_growth, LevelAndGrowthParameters),
    "margin_above": ClaimTest(margin_above, MarginParameters),
    "moved_by": ClaimTest(moved_by, MovedParameters, DECIDED),
    "multiple_as_stated": ClaimTest(multiple_as_stated, MultipleParameters, private=True),
    "no_pickup": ClaimTest(no_pickup, PickupParameters, ("refuted",)),
    "not_lowered": ClaimTest(not_lowered, NotLoweredParameters),
    "not_testable": ClaimTest(not_testable, Reason),
    "number_and_statements": ClaimTest(number_and_statements, TwoAxesParameters),
    "outperforms": ClaimTest(outperforms, OutperformParameters, DECIDED, private=True),
    "ratio_at_date": ClaimTest(ratio_at_date, RatioParameters),
    "reading_share": ClaimTest(reading_share, ShareParameters),
    "share_of_total": ClaimTest(share_of_total, TotalParameters),
    "share_rises": ClaimTest(share_rises, RiseParameters, ("supported", "refuted")),
    "signals_counted": ClaimTest(signals_counted, SignalParameters),
    "took_first": ClaimTest(took_first, FirstPlaceParameters, DECIDED),
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
