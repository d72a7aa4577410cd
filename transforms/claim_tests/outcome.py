"""What every test of a claim is given, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

# What the short names of statements stand for: (English, Chinese), a sentence each.
Sentences = Mapping[str, tuple[str, str]]

VerdictName = Literal["supported", "refuted", "mixed", "undetermined", "not_testable", "scenario"]

# Flags that a test may set; contradicted_at_assertion is set by transforms.verdicts.
STALE_AT_ASSERTION = "stale_at_assertion"  # true once, not on the day it was said
DEFINITION_DEPENDENT = "definition_dependent"  # another definition or source decides otherwise
VINTAGE_DEPENDENT = "vintage_dependent"  # what was known at first decides otherwise
MISREAD = "misread"  # the source says something else
SECONDARY = "secondary_source"  # a figure that decides is told by no issuer, regulator or wire
FRAGILE = "fragile"  # the interval reaches the other side, or the newest data are old


@dataclass(frozen=True, slots=True)
class Context:
    """The day of the judgement, where to point when the declaration is wrong, and what the statements say."""

    claim_id: str
    place: str
    as_of: date
    asserted_at: date
    test: str
    said: Sentences = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test's answer: statistic, low and high in `statistic_unit`; n counts what decides; details name the numbers."""

    verdict: VerdictName
    n: int
    detail_en: str
    detail_zh: str
    statistic: float | None = None
    statistic_unit: str = ""
    low: float | None = None
    high: float | None = None
    flags: tuple[str, ...] = ()
    flips_en: str = ""  # at which values the verdict would change
    flips_zh: str = ""
