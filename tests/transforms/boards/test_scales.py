"""Scales: uniform shifts re-anchor, uneven ones change the method, copies of one board share one scale."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from arena_captures import real_rows

from transforms.boards.scales import scales, states

NAMES = [f"m{number}" for number in range(12)]


def day(on: date, shifts: list[float] | float, source: str = "a", names: list[str] = NAMES) -> pl.DataFrame:
    moved = shifts if isinstance(shifts, list) else [shifts] * len(names)
    return pl.DataFrame({
        "board": "arena_text", "category": "overall", "source": source, "scored_on": on, "entrant": names,
        "score": [1000.0 + 10 * place + shift for place, shift in enumerate(moved)],
    })  # fmt: skip


def scale_ids(*days: pl.DataFrame) -> list[str]:
    return scales(pl.concat(days))[0]["scale_id"].to_list()


def kinds(*days: pl.DataFrame) -> list[str]:
    return scales(pl.concat(days))[1]["kind"].to_list()


FIRST, SECOND, THIRD = date(2025, 5, 13), date(2025, 5, 20), date(2025, 5, 27)


@pytest.mark.parametrize("shift", [3.0, -3.0, 59.9])
def test_a_uniform_shift_of_three_points_is_a_new_scale(shift: float):
    days = day(FIRST, 0), day(SECOND, shift), day(THIRD, shift)
    assert scale_ids(*days) == ["arena_text@2025-05-13", "arena_text@2025-05-20", "arena_text@2025-05-20"]
    assert kinds(*days) == ["first", "re-anchored"]
    event = scales(pl.concat(days))[1].row(1, named=True)
    assert (event["scored_on"], event["previous_on"], event["n"]) == (SECOND, FIRST, 12)
    assert event["median"] == pytest.approx(shift)
    assert event["iqr"] == pytest.approx(0)


def test_less_than_three_points_is_the_same_scale():
    assert set(scale_ids(day(FIRST, 0), day(SECOND, 2.9))) == {"arena_text@2025-05-13"}


def test_one_entrant_that_moves_far_is_no_shift():
    assert kinds(day(FIRST, 0), day(SECOND, [80.0] + [0.0] * 11)) == ["first"]


def test_an_uneven_shift_is_a_change_of_method():
    days = day(FIRST, 0), day(SECOND, [float(points) for points in range(12)])
    assert kinds(*days) == ["first", "change_of_method"]
    assert len(set(scale_ids(*days))) == 2


def test_too_few_entrants_in_common_prove_nothing():
    assert kinds(day(FIRST, 0), day(SECOND, 0, names=[*NAMES[:9], "x", "y", "z"])) == ["first", "unlinked"]


def test_two_copies_of_one_board_share_their_scales():
    one = [day(FIRST, 0, "a"), day(SECOND, 10, "a")]
    other = [day(date(2025, 5, 14), 0.4, "b"), day(date(2025, 5, 21), 10.4, "b")]
    table = scales(pl.concat(one + other))[0]
    assert table.select("source", "scale_id").rows() == [
        ("a", "arena_text@2025-05-13"), ("b", "arena_text@2025-05-13"),
        ("a", "arena_text@2025-05-20"), ("b", "arena_text@2025-05-20"),
    ]  # fmt: skip
    assert kinds(*one, *other) == ["first", "re-anchored", "re-anchored"]


def test_a_stale_copy_does_not_bridge_a_break():
    days = day(date(2025, 1, 1), 10, "old"), day(FIRST, 0, "a"), day(SECOND, 10, "a")
    assert scale_ids(*days) == ["arena_text@2025-01-01", "arena_text@2025-05-13", "arena_text@2025-05-20"]


def test_what_came_to_be_known_later_does_not_decide():
    known = [datetime(2025, 5, number) for number in (14, 21, 28)]
    days = [day(on, shift).with_columns(known_at=pl.lit(at)) for on, shift, at in zip((FIRST, SECOND, THIRD), (0, 10, 10), known, strict=True)]  # fmt: skip
    assert scale_ids(*days)[1:] == ["arena_text@2025-05-20", "arena_text@2025-05-20"]
    # As it was, but the 20th was told in June: the 27th was compared with the 13th then.
    late = days[1].with_columns(known_at=pl.lit(datetime(2025, 6, 30)))
    assert scale_ids(days[0], late, days[2])[2] == "arena_text@2025-05-27"
    copy = day(FIRST, 0, "b").with_columns(known_at=pl.lit(datetime(2025, 6, 30)))
    assert scale_ids(copy, days[1].with_columns(score=pl.col("score") - 10)) == ["arena_text@2025-05-13", "arena_text@2025-05-20"]  # fmt: skip


def restated(*told: tuple[date, float, int]) -> list[str]:
    """The scales of the states of days, each with its shift and the day of June on which it stood so."""
    frames = [day(on, shift).with_columns(known_at=pl.lit(datetime(2025, 6, at))) for on, shift, at in told]
    table = scales(pl.concat(frames))[0]
    assert table.select("scored_on", "known_at").rows() == [(on, datetime(2025, 6, at)) for on, _, at in told]
    return table["scale_id"].to_list()


def test_a_restated_day_is_judged_again_as_it_then_stands():
    one, two, three = "arena_text@2025-05-13", "arena_text@2025-05-20", "arena_text@2025-05-13:a"
    # A correction keeps the scale, and so does one of a day that opened its own.
    assert restated((FIRST, 0, 1), (SECOND, 0, 2), (SECOND, 1, 3)) == [one] * 3
    assert restated((FIRST, 0, 1), (SECOND, 10, 2), (SECOND, 11, 3)) == [one, two, two]
    # Put on the anchor of the day before, moved off it, moved off it and back.
    assert restated((FIRST, 0, 1), (SECOND, 10, 2), (SECOND, 0, 3), (THIRD, 0, 4)) == [one, two, one, one]
    assert restated((FIRST, 0, 1), (SECOND, 0, 2), (SECOND, 10, 3), (THIRD, 0, 4)) == [
        one,
        one,
        two,
        "arena_text@2025-05-27",
    ]
    assert restated((FIRST, 0, 1), (FIRST, 10, 3), (FIRST, 0, 4), (SECOND, 0, 5)) == [one, three, one, one]
    # All of it put on another anchor at once: what is told before that is on the old one, what is told after on the new.
    assert restated((FIRST, 0, 1), (FIRST, 10, 4), (SECOND, 0, 2), (SECOND, 10, 4), (THIRD, 10, 5)) == [
        one,
        three,
        one,
        three,
        three,
    ]
    # Twice another anchor on the day on which the scale began.
    assert len(set(restated((FIRST, 0, 1), (FIRST, 10, 2), (FIRST, 20, 3)))) == 3


def test_the_states_of_a_day_are_its_rows_as_they_stood():
    told = [
        ("m0", 1.0, 1, "reported"),
        ("m1", 2.0, 1, "reported"),
        ("m0", 3.0, 2, "reported"),
        ("m1", None, 3, "absent"),
    ]
    rows = pl.DataFrame([
        {"source": "a", "board": "b", "category": "c", "scored_on": FIRST, "entrant": entrant, "score": score, "status": status,
         "known_at": datetime(2025, 6, at), "captured_at": datetime(2025, 6, at), "capture_sha256": "x"}
        for entrant, score, at, status in told
    ])  # fmt: skip
    found = states(rows).sort("known_at", "entrant").select(pl.col("known_at").dt.day(), "entrant", "score").rows()
    assert found == [(1, "m0", 1), (1, "m1", 2), (2, "m0", 3), (2, "m1", 2), (3, "m0", 3)]


def test_a_board_fitted_anew_has_a_scale_for_each_vintage():
    days = pl.concat([day(FIRST, 0), day(SECOND, 0)])
    segments, shifts = scales(days, refitted=["arena_text"])
    assert segments["scale_id"].to_list() == ["arena_text@2025-05-13", "arena_text@2025-05-20"]
    assert shifts["kind"].to_list() == ["first", "change_of_method"]


def test_boards_and_categories_are_judged_apart():
    days = [day(FIRST, 0), day(SECOND, 5).with_columns(board=pl.lit("arena_text_style_control"))]
    assert scale_ids(*days) == ["arena_text@2025-05-13", "arena_text_style_control@2025-05-20"]


def test_another_stated_method_is_another_scale_whatever_the_scores_did():
    days = [day(FIRST, 0).with_columns(method=pl.lit("4.0")), day(SECOND, 0).with_columns(method=pl.lit("4.1"))]
    assert kinds(*days) == ["first", "change_of_method"]
    assert len(set(scale_ids(*days))) == 2
    assert kinds(days[0], day(SECOND, 0).with_columns(method=pl.lit("4.0"))) == ["first"]


def test_copies_that_call_entrants_differently_are_linked_by_model():
    other = [f"Display {name}" for name in NAMES]
    copies = [
        day(FIRST, 0, "a").with_columns(link=pl.col("entrant")),
        day(FIRST, 0.4, "b", other).with_columns(link=pl.col("entrant").str.strip_prefix("Display ")),
    ]
    assert set(scale_ids(*copies)) == {"arena_text@2025-05-13"}
    # Variants of one model cannot be told apart by it: they link nothing.
    variants = copies[1].with_columns(link=pl.lit("m0"))
    assert len(set(scale_ids(copies[0], variants))) == 2


def test_no_rows_no_scales():
    assert all(table.is_empty() for table in scales(day(FIRST, 0).clear()))


@pytest.mark.shared
def test_the_real_board_without_style_control_was_re_anchored_twice_in_spring_2025():
    """The published copies stay without style control: -3 on 20 May and +10 on 3 June, not the other board's +59.9."""
    names = {"value": "score"}
    table = pl.concat([real_rows("arena_history"), real_rows("arena_published")]).rename(names)
    events = scales(table)[1].filter(pl.col("kind") != "first")
    assert events.select("source", "scored_on", "kind", pl.col("median").round(1), pl.col("iqr").round(1)).rows() == [
        ("arena_history", date(2024, 5, 27), "change_of_method", -4.5, 6.2),
        ("arena_published", date(2025, 5, 20), "re-anchored", -3.0, 0.0),
        ("arena_published", date(2025, 6, 3), "re-anchored", 10.0, 0.0),
        ("arena_published", date(2025, 7, 27), "change_of_method", 10.0, 7.0),
    ]
    # The published copy begins 2024-06-19 on the scale the history has had since 2024-05-27.
    assert scales(table)[0].filter(scored_on=date(2024, 6, 19))["scale_id"].to_list() == ["arena_text@2024-05-27"]
