"""A day of a board that is captured again: what was known when, in whichever order the captures are loaded."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import permutations
from pathlib import Path

import polars as pl
import pytest
from board_stage import Payload, board, listed, nightly, parquet, rows, runs, staged
from lakes import Stores

from config.contracts import LEADERBOARD_SCORE, Capture
from config.load import catalog
from warehouse.archive.captures import Logged
from warehouse.store.canonical import Kinds, canonical_query
from warehouse.store.checks import Checked
from warehouse.store.facts import Store

pytestmark = pytest.mark.slow("generated histories")


MAY_13 = date(2025, 5, 13)
JUNE, JULY = datetime(2025, 6, 1, 12), datetime(2025, 7, 1, 12)
GAP = "SELECT gap, best_other, leader FROM openai_lead_as_of(DATE '{}') WHERE board = 'arena_text'"


def again(at: datetime, scores: dict[str, float]) -> Payload:
    return Payload("arena_leaderboard", "arena_text", parquet(board(MAY_13, scores)), at, at)


def test_an_entrant_that_a_later_capture_adds_is_known_from_that_capture(tmp_path: Path) -> None:
    first = board(MAY_13, {"gpt-a": 1400, "claude-a": 1390})
    stage = staged(
        tmp_path, [*nightly(first), again(JUNE, {"gpt-a": 1400, "claude-a": 1390, "grok-a": 1450})]
    )  # fmt: skip
    assert rows(stage, GAP.format("2025-05-31")) == [(10, "claude-a", "openai")]
    assert rows(stage, GAP.format("2025-06-01")) == [(-50, "grok-a", "xai")]
    known = "SELECT known_at FROM leaderboard_score WHERE entrant = 'grok-a'"
    assert rows(stage, known) == [(JUNE,)]
    stage.close()


def test_a_board_put_back_after_a_revision_says_again_what_it_said_first(tmp_path: Path) -> None:
    first = board(MAY_13, {"gpt-a": 1400, "claude-a": 1390})
    revised, back = {"gpt-a": 1400, "claude-a": 1402}, {"gpt-a": 1400, "claude-a": 1390}
    stage = staged(tmp_path, [*nightly(first), again(JUNE, revised), again(JULY, back)])
    told = [rows(stage, GAP.format(day))[0][0] for day in ("2025-05-31", "2025-06-30", "2025-07-01")]
    assert told == [10, -2, 10]
    stated = "SELECT value FROM history.leaderboard_score WHERE entrant = 'claude-a' ORDER BY known_at"
    assert rows(stage, stated) == [(1390,), (1402,), (1390,)]
    stage.close()


def test_an_entrant_that_a_later_capture_leaves_out_no_longer_leads(tmp_path: Path) -> None:
    first = board(MAY_13, {"gpt-a": 1400, "claude-a": 1390, "grok-a": 1500})
    stage = staged(tmp_path, [*nightly(first), again(JUNE, {"gpt-a": 1400, "claude-a": 1390})])
    assert rows(stage, GAP.format("2025-05-31")) == [(-100, "grok-a", "xai")]
    assert rows(stage, GAP.format("2025-06-01")) == [(10, "claude-a", "openai")]
    stage.close()


def test_of_two_captures_before_the_day_is_over_the_later_one_counts(tmp_path: Path) -> None:
    # The day ends at 07:00 UTC on the 14th: both are known from then.
    at = [datetime(2025, 5, 14, hour) for hour in (1, 2, 3)]
    scores = [1390.0, 1402.0, 1395.0]
    told = [again(when, {"gpt-a": 1400, "claude-a": score}) for when, score in zip(at, scores, strict=True)]
    stage = staged(tmp_path, told)
    assert rows(stage, GAP.format("2025-05-14")) == [(5, "claude-a", "openai")]
    stage.close()


def test_a_run_that_an_earlier_capture_did_not_show_is_known_from_the_one_that_does(tmp_path: Path) -> None:
    old = ("2025-01-02", "gpt-4o-2024-08-06", 60.0)
    late = ("2025-02-01", "claude-3-5-sonnet-20241022", 64.0)
    captures = [
        Payload("aider_leaderboard", "aider_polyglot", runs(*told), at, at)
        for told, at in (((old,), JUNE), ((old, late), JULY), ((old,), JULY + timedelta(days=9)))
    ]
    stage = staged(tmp_path, captures)
    query = "SELECT max(best_other) FROM openai_lead_as_of(DATE '{}')"
    answers = [rows(stage, query.format(day))[0][0] for day in ("2025-06-30", "2025-07-01", "2025-07-10")]
    # A run that is taken off the page again does not stand any more.
    assert answers == [None, "claude-3-5-sonnet-20241022", None]
    stage.close()


WEEKS = [MAY_13 + timedelta(days=7 * number) for number in range(3)]
LAST = f"SELECT lead_months, lead_months_open FROM openai_lead WHERE board = 'arena_text' AND scored_on = DATE '{WEEKS[2]}'"


def test_the_lead_in_months_counts_nothing_that_had_been_taken_back(tmp_path: Path) -> None:
    scores = [{"gpt-a": 1400.0, "claude-a": claude} for claude in (1410.0, 1390.0, 1405.0)]
    days = nightly(*(board(day, said) for day, said in zip(WEEKS, scores, strict=True)))
    at = datetime(2025, 5, 15, 12)
    stage = staged(tmp_path, [*days, again(at, {"gpt-a": 1400, "claude-a": 1305})])
    # Anthropic first had 1400 on the 27th: the 1410 of the 13th was known to be wrong by then.
    assert rows(stage, LAST) == [(0, False)]
    stage.close()


def test_the_lead_in_months_counts_one_source_a_day(tmp_path: Path) -> None:
    names = ("gpt-4o-2024-08-06", "claude-3-5-sonnet-20241022")
    days = [board(day, dict(zip(names, (1400.0, claude), strict=True))) for day, claude in zip(WEEKS, (1390.0, 1390.0, 1405.0), strict=True)]  # fmt: skip
    copy = Payload("arena_catalog", "arena_text", listed(dict(zip(names, (1400.0, 1410.0), strict=True))), datetime(2025, 5, 13, 23))  # fmt: skip
    stage = staged(tmp_path, [*nightly(*days), copy])
    told = "SELECT source, gap FROM openai_lead WHERE scored_on = DATE '2025-05-13'"
    assert rows(stage, told) == [("arena_leaderboard", 10)]
    assert rows(stage, LAST) == [(0, False)]
    stage.close()


def test_a_day_restated_on_another_anchor_is_on_another_scale_from_then_on(tmp_path: Path) -> None:
    said = {"gpt-a": 1400.0, "claude-a": 1390.0}
    days = nightly(*(board(day, said) for day in (*WEEKS, date(2025, 6, 3))))
    moved = board(MAY_13, {name: score + 30 for name, score in said.items()}, others=30)
    stage = staged(tmp_path, [*days, Payload("arena_leaderboard", "arena_text", parquet(moved), JUNE, JUNE)])
    shift = "SELECT scored_on, kind, shift, known_at FROM scale_shift{} ORDER BY known_at"
    first = (MAY_13, "first", None, datetime(2025, 5, 14, 7))
    assert rows(stage, shift.format("_as_of('2025-05-31')")) == [first]
    assert rows(stage, shift.format("")) == [first, (MAY_13, "re-anchored", 30, JUNE)]
    strict = "SELECT count(*) FROM scale_shift_as_of(TIMESTAMP '2025-05-14 08:00', strict := {})"
    assert [rows(stage, strict.format(flag))[0][0] for flag in ("false", "true")] == [1, 0]
    one, other = "arena_text@2025-05-13", "arena_text@2025-05-13:arena_leaderboard"
    for view in ("leaderboard_score", "openai_lead", "frontier"):
        scale = f"SELECT DISTINCT scored_on, scale_id FROM {view}{{}} ORDER BY 1"
        assert rows(stage, scale.format("_as_of('2025-05-31')")) == [(day, one) for day in WEEKS]
        assert [told[1] for told in rows(stage, scale.format(""))] == [other, one, one, one]
    # What the 27th was ahead by was told before that; on 3 June the day of the other anchor counts no more.
    months = "SELECT gap, round(lead_months * 30.4375), lead_months_open FROM openai_lead WHERE scored_on > DATE '2025-05-20' ORDER BY scored_on"
    assert rows(stage, months) == [(10, 14, True), (10, 14, True)]
    stage.close()


def test_a_torn_board_is_told_by_what_was_known_when_it_came(tmp_path: Path) -> None:
    said = {"gpt-a": 1400.0, "claude-a": 1390.0}
    days = [board(WEEKS[0], said)[:60], board(WEEKS[1], said)[:60], board(WEEKS[2], said)[:20]]
    grown = pl.concat([board(MAY_13, said), board(MAY_13, {f"x-{number}": 900.0 for number in range(50)})[:50]])
    stage = staged(tmp_path, [*nightly(*days), Payload("arena_leaderboard", "arena_text", parquet(grown), JUNE, JUNE)])
    # The 152 entrants that the 13th was later given say nothing about the 20th; the 20 of the 27th are a torn board.
    doubts = "SELECT DISTINCT scored_on, doubt FROM leaderboard_score ORDER BY 1"
    torn = "the board has shrunk from 60 to 20 entrants"
    assert rows(stage, doubts) == [(WEEKS[0], None), (WEEKS[1], None), (WEEKS[2], torn)]
    assert rows(stage, "SELECT gap, note FROM openai_lead ORDER BY scored_on") == [(10, None), (10, None), (None, torn)]
    stage.close()


def test_a_torn_board_stands_back_for_a_whole_copy_in_scores_and_lead_alike(tmp_path: Path) -> None:
    names = {"gpt-4o-2024-08-06": 1400.0, "claude-3-5-sonnet-20241022": 1390.0}
    days = nightly(board(WEEKS[0], names), board(WEEKS[1], names)[:40])
    copy = Payload("arena_catalog", "arena_text", listed(names), datetime(2025, 5, 20, 23))
    stage = staged(tmp_path, [*days, copy])
    for view in ("leaderboard_score", "openai_lead"):
        assert rows(stage, f"SELECT DISTINCT scored_on, source FROM {view} ORDER BY 1") == [
            (WEEKS[0], "arena_leaderboard"), (WEEKS[1], "arena_catalog"),
        ]  # fmt: skip
    stage.close()


def test_a_best_entrant_stated_twice_makes_nobody_else_the_leader(tmp_path: Path) -> None:
    once = board(MAY_13, {"gpt-a": 1400, "claude-a": 1390})
    again_otherwise = once.filter(pl.col("model_name") == "gpt-a").with_columns(rating=pl.lit(1401.0))
    same = once.filter(pl.col("model_name") == "claude-a")
    query = "SELECT gap, leader, rank_1, best_other FROM openai_lead"
    for number, (day, told) in enumerate((
        (pl.concat([once, again_otherwise]), (None, None, ["anthropic", "unknown"], None)),
        (pl.concat([once, same]), (10, "openai", ["anthropic", "openai"], "claude-a")),
    )):  # fmt: skip
        stage = staged(tmp_path / str(number), nightly(day))
        assert rows(stage, query) == [told]
        stage.close()


@pytest.mark.parametrize("retold", [False, True])
def test_a_day_of_which_nothing_is_left_has_no_lead_any_more(tmp_path: Path, retold: bool) -> None:
    days = [board(day, {"gpt-a": 1400.0 + 10 * number, "claude-a": 1390.0}) for number, day in enumerate(WEEKS)]
    coding = days[1].with_columns(category=pl.lit("coding"))
    if retold:  # the history leaves out the day
        told = [(parquet(*days), JUNE), (parquet(days[0], days[2]), JULY)]
    else:  # the board leaves out the category
        told = [(parquet(coding, days[1]), JUNE), (parquet(days[1]), JULY)]
    source = "arena_full" if retold else "arena_leaderboard"
    stage = staged(tmp_path, [Payload(source, "arena_text", body, at, at) for body, at in told])
    lead = f"SELECT gap FROM lead_as_of('openai', 'arena_text', DATE '{{}}', strict := {{}}, retold := {retold}) WHERE scored_on = DATE '{WEEKS[1]}' AND category = '{'overall' if retold else 'coding'}'"
    for strict in (False, True):
        assert rows(stage, lead.format("2025-06-30", strict)) == [(20,)]
        assert rows(stage, lead.format("2025-07-01", strict)) == []
    assert rows(stage, "SELECT count(*) FROM openai_lead WHERE category = 'overall'") == [(0 if retold else 1,)]
    stage.close()


DAYS = {1: {"a": 1.0, "b": 2.0}, 2: {"a": 2.0}, 3: {"a": 1.0, "b": 2.0}, 4: {"b": 2.0, "c": 3.0}, 5: {"c": 3.0}}


def said(store: Store, source: str, order: tuple[int, ...]) -> list[tuple[object, ...]]:
    """The canonical rows of one board's day as seen on five days, loaded in this order."""
    spec = catalog().sources[source]
    store.connection.execute("SET threads = 1")
    for number in order:
        at = datetime(2025, 6, number)
        capture = Capture(source, "arena_text", "u", f"{sorted(DAYS[number])}{DAYS[number]}", 1, at, at)
        table = LEADERBOARD_SCORE.frame([
            {"board": "arena_text", "scored_on": MAY_13, "entrant": entrant, "value": value, "document_id": "d",
             "known_at": datetime(2025, 5, 14, 7), "known_at_basis": "day"}
            for entrant, value in DAYS[number].items()
        ])  # fmt: skip
        logged = Logged(capture, at)
        if store.repeats(capture):
            store.sight(logged, "unchanged")
        else:
            store.load(spec, logged, Checked(table, (), table.height, 0))
    query = canonical_query(LEADERBOARD_SCORE, Kinds(), "main.leaderboard_score")
    return store.connection.sql(f"SELECT entrant, known_at, value, status FROM ({query}) ORDER BY ALL").fetchall()


@pytest.mark.parametrize(
    ("kind", "source"), [("duckdb", "arena_leaderboard"), ("duckdb", "arena_full"), ("ducklake", "arena_full")]
)
def test_the_order_of_loading_does_not_matter(stores: Stores, kind: str, source: str) -> None:
    day = [datetime(2025, 5, 14, 7), *(datetime(2025, 6, number) for number in range(2, 6))]
    expected = [
        ("a", day[0], 1, "reported"), ("a", day[1], 2, "reported"), ("a", day[2], 1, "reported"), ("a", day[3], None, "absent"),
        ("b", day[0], 2, "reported"), ("b", day[1], None, "absent"), ("b", day[2], 2, "reported"), ("b", day[4], None, "absent"),
        ("c", day[3], 3, "reported"),
    ]  # fmt: skip
    every = 23 if kind == "duckdb" else 101
    orders = [order for number, order in enumerate(permutations(DAYS)) if number % every == 0]
    assert [said(stores.empty(kind), source, order) for order in orders] == [expected] * len(orders)
