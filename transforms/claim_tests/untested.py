"""Claims without a test: those nothing public can decide, and scenario numbers, which get a calculator."""

from __future__ import annotations

import polars as pl

from config.declared import Spec
from transforms.claim_tests.outcome import Context, Outcome


class Reason(Spec):
    """Why there is no verdict, for the reader."""

    reason_en: str
    reason_zh: str


def not_testable(evidence: pl.DataFrame, parameters: Reason, context: Context) -> Outcome:  # noqa: ARG001  one signature for all tests
    """Nothing public decides the claim; the reason is the answer."""
    return Outcome("not_testable", 0, parameters.reason_en, parameters.reason_zh)


def scenario(evidence: pl.DataFrame, parameters: Reason, context: Context) -> Outcome:  # noqa: ARG001  one signature for all tests
    """An assumption of the author's, not a fact; the reason names the calculator."""
    return Outcome("scenario", 0, parameters.reason_en, parameters.reason_zh)
