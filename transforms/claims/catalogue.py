"""The tests a claim can name, as a frame: what each asks, what it is told by the claim, and what it needs of the evidence."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from config.specs import ClaimSpec
from transforms.claim_tests import TESTS, ClaimTest

CLAIM_TEST: pl.Schema = pl.Schema(
    {
        "test": pl.String(), "meaning": pl.String(), "parameters": pl.List(pl.String()), "final_verdicts": pl.List(pl.String()),
        "private": pl.Boolean(), "claims": pl.List(pl.String()),
    }
)  # fmt: skip


def claim_test_frame(claims: Mapping[str, ClaimSpec]) -> pl.DataFrame:
    """One row a test (CLAIM_TEST), in order of its name."""
    rows = [
        (name, _meaning(test), _parameters(test), list(test.final), test.private,
         sorted(spec.id for spec in claims.values() if spec.test == name))
        for name, test in sorted(TESTS.items())
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=CLAIM_TEST, orient="row")


def _meaning(test: ClaimTest) -> str:
    """The test's own docstring on one line: it is the one place that says what is asked."""
    return " ".join((test.run.__doc__ or "").split())


def _parameters(test: ClaimTest) -> list[str]:
    """The names a claim gives under `parameters`; those it may leave out stand in brackets."""
    fields = test.parameters.model_fields.items()
    return [name if field.is_required() else f"[{name}]" for name, field in fields]
