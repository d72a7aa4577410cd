"""Evidence of another shape than the test expects is refused: nothing that was meant to decide is left out in silence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from config.contracts import EVIDENCE
from config.errors import Refused
from config.load import catalog
from config.specs import ClaimSpec
from transforms.claim_tests import check_takes, claim_test, parameters_of
from transforms.claim_tests.untested import Reason
from transforms.claims.verdicts import judge_claim

CLAIMS = catalog().claims
BY_TEST = {spec.test: spec for spec in CLAIMS.values()}
AS_OF = date(2026, 11, 23)


def evidence(*rows: tuple[str, date, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (series, day, value, None, None, "USD", datetime(2026, 1, 1), f"{day}", f"made_up:{number}")
            for number, (series, day, value) in enumerate(rows)
        ],
        schema=EVIDENCE,
        orient="row",
    )


def refusal(spec: ClaimSpec, *rows: tuple[str, date, float]) -> str:
    with pytest.raises(Refused) as refused:
        judge_claim(spec, evidence(*rows), AS_OF, "code", sql="")
    return str(refused.value)


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_a_series_that_the_test_does_not_read_is_refused(claim: str) -> None:
    """`levels` for `level` was an answer of "not known yet", for ever."""
    spec = CLAIMS[claim]
    sentence = refusal(spec, ("a_series_of_another_name", date(2025, 12, 31), 1.0))
    for told in (claim, f"the test {spec.test} ", "found the series a_series_of_another_name", "Remedy: "):
        assert told in sentence
    assert judge_claim(spec, evidence(("beside", date(2025, 12, 31), 1.0)), AS_OF, "code", sql="").claim_id == claim


@pytest.mark.parametrize(
    ("test", "series"), [("level_above", "level"), ("grew_over", "later"), ("ratio_at_date", "numerator")]
)
def test_a_series_where_one_figure_is_expected_is_refused(test: str, series: str) -> None:
    sentence = refusal(BY_TEST[test], (series, date(2025, 9, 30), 1.0), (series, date(2025, 12, 31), 2.0))
    assert f"the test {test} " in sentence
    assert f"it expects one figure as '{series}', and found 2 of them, of 2025-09-30 to 2025-12-31" in sentence
    assert "config/claims/" in sentence


@pytest.mark.parametrize(
    ("test", "series"), [("no_pickup", "growth"), ("margin_above", "higher"), ("level_and_growth", "level")]
)
def test_two_figures_of_one_period_are_refused(test: str, series: str) -> None:
    """Two definitions that met in the query: one of them was taken, whichever came last in the order of evidence."""
    sentence = refusal(BY_TEST[test], (series, date(2025, 12, 31), 1.0), (series, date(2025, 12, 31), 2.0))
    assert f"it expects one figure a period as '{series}', and found 2 different ones of 2025-12-31" in sentence


def test_a_period_told_twice_alike_or_told_anew_later_is_one() -> None:
    spec = BY_TEST["no_pickup"]
    rows = evidence(
        ("growth", date(2025, 12, 31), 1.0), ("growth", date(2025, 12, 31), 2.0), ("growth", date(2025, 9, 30), 3.0)
    )
    later = rows.with_columns(known_at=pl.when(pl.col("value") == 2.0).then(datetime(2026, 2, 1)).otherwise("known_at"))
    judge_claim(spec, later, AS_OF, "code", sql="")


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_every_test_says_what_it_reads(claim: str) -> None:
    spec = CLAIMS[claim]
    found = claim_test(spec).series_of(parameters_of(spec))
    assert not any("{" in name for name in found)
    assert bool(found) != (claim_test(spec).parameters is Reason)
    check_takes(spec)


def test_what_is_taken_under_a_name_that_is_not_read_is_refused_before_anything_is_asked() -> None:
    taking: dict[str, Any] = {"takes": {"FY2024": "levels"}}
    spec = next(spec for spec in CLAIMS.values() if spec.takes).model_copy(update=taking)
    with pytest.raises(Refused, match=rf"the test {spec.test} does not read levels"):
        check_takes(spec)
