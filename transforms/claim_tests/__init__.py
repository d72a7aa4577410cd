"""The tests a claim can name: evidence rows and declared parameters in, an Outcome out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from config.errors import Refused
from config.load import build
from config.specs import ClaimSpec, Spec
from transforms.claim_tests.gap import GapParameters, gap_shrinks
from transforms.claim_tests.growth import LevelAndGrowthParameters, level_and_growth
from transforms.claim_tests.level import GrowthParameters, LevelParameters, grew_over, level_above
from transforms.claim_tests.outcome import Context, Outcome
from transforms.claim_tests.ratio import RatioParameters, ratio_at_date
from transforms.claim_tests.untested import Reason, not_testable, scenario


@dataclass(frozen=True, slots=True)
class ClaimTest:
    """A test and the shape of its parameters. `run` takes evidence, parameters of that shape, and the context."""

    run: Callable[[pl.DataFrame, Any, Context], Outcome]
    parameters: type[Spec]


TESTS: Mapping[str, ClaimTest] = {
    "gap_shrinks": ClaimTest(gap_shrinks, GapParameters),
    "grew_over": ClaimTest(grew_over, GrowthParameters),
    "level_above": ClaimTest(level_above, LevelParameters),
    "level_and_growth": ClaimTest(level_and_growth, LevelAndGrowthParameters),
    "not_testable": ClaimTest(not_testable, Reason),
    "ratio_at_date": ClaimTest(ratio_at_date, RatioParameters),
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
