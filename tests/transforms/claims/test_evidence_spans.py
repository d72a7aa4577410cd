"""Evidence by spans: each row once, with the days on which it was the answer, also over nights."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from config.contracts import EVIDENCE
from transforms.claims.evidence_spans import SPAN, spans

NONE = pl.DataFrame(schema=SPAN)
FIRST = date(2025, 1, 1)


def rows(values: list[float]) -> pl.DataFrame:
    blank = dict.fromkeys(EVIDENCE)
    found = [{**blank, "series": "level", "observed_on": FIRST, "value": value, "known_at": datetime(2025, 1, 1)} for value in values]  # fmt: skip
    return pl.DataFrame(found, schema=EVIDENCE)


def told(*values: list[float], first: int = 0) -> list[tuple[date, pl.DataFrame]]:
    return [(FIRST + timedelta(days=first + number), rows(of)) for number, of in enumerate(values)]


def on(found: pl.DataFrame, day: date) -> list[float]:
    until = pl.col("until_on")
    return sorted(found.filter(pl.col("from_on") <= day, until.is_null() | (until > day))["value"].to_list())


def test_a_row_that_goes_and_returns_has_two_spans() -> None:
    found = spans(told([1.0], [2.0], [1.0]), NONE).sort("value", "from_on")
    assert found.select("value", "from_on", "until_on").rows() == [
        (1.0, FIRST, FIRST + timedelta(days=1)), (1.0, FIRST + timedelta(days=2), None),
        (2.0, FIRST + timedelta(days=1), FIRST + timedelta(days=2)),
    ]  # fmt: skip


def test_a_row_that_stays_over_a_night_stays_one_span() -> None:
    before = spans(told([1.0, 2.0]), NONE)
    found = spans(told([1.0], first=1), before)
    assert found.select("value", "from_on", "until_on").rows() == [
        (1.0, FIRST, None), (2.0, FIRST, FIRST + timedelta(days=1)),
    ]  # fmt: skip


DAYS = st.lists(st.lists(st.sampled_from([1.0, 2.0, 3.0]), unique=True), min_size=1, max_size=8)


@given(DAYS, st.integers(0, 7))
def test_the_spans_of_a_day_are_the_evidence_of_that_day_however_the_nights_fell(
    days: list[list[float]], cut: int
) -> None:
    """Judged at once, or up to some day in an earlier night and from there on in a later one."""
    whole = spans(told(*days), NONE)
    cut = min(cut, len(days) - 1)
    early = spans(told(*days[: cut + 1]), NONE)
    resumed = spans(told(*days[cut:], first=cut), early)
    assert resumed.equals(whole)
    for number, values in enumerate(days):
        assert on(whole, FIRST + timedelta(days=number)) == sorted(values)
