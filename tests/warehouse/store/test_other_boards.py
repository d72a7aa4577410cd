"""Files of one layout under each other's address: which board a file is of is told by what is known of the boards."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from lakes import Stores
from places import SHARED_DATA

from config.contracts import LEADERBOARD_SCORE, Capture, Parsed
from config.errors import SourceChanged
from config.load import catalog
from flows.steps.pipeline import parse
from warehouse.archive.captures import Logged, sha256_of
from warehouse.store.against_before import refuse_a_leap
from warehouse.store.checks import check
from warehouse.store.facts import Store

pytestmark = pytest.mark.slow("captures boards night after night")

CATALOG = SHARED_DATA / "leaderboards" / "arena" / "arena-catalog"
RAW, STYLED, VISION, IMAGE = "arena_text", "arena_text_style_control", "arena_vision", "arena_text_to_image"
# Sixty models of a text board; style control moves each by up to fifty points, vision has a third of them.
RNG = random.Random(15)  # noqa: S311
SCORES = {RAW: {f"Model-{number}": 1500.0 - 5 * number for number in range(60)}}
SCORES[STYLED] = {name: score + RNG.uniform(-50, 50) for name, score in SCORES[RAW].items()}
SCORES[VISION] = {name: score - RNG.uniform(60, 120) for name, score in list(SCORES[RAW].items())[::3]}
SCORES[IMAGE] = {f"painter-{number}": 1100.0 - 3 * number for number in range(30)}


def board(of: str, came_as: str, on: date, move: float = 0.0, source: str = "arena_leaderboard") -> Parsed:
    """What the board `of` says on a day, sent as `came_as`; every score has moved by up to that since."""
    rng = random.Random(on.toordinal())  # noqa: S311
    rows = [
        {"board": came_as, "category": "overall", "scored_on": on, "entrant": name, "value": score + rng.uniform(-move, move),
         "document_id": f"{source}/{came_as}@{on}", "locator": f"row {row}"}
        for row, (name, score) in enumerate(SCORES[of].items())
    ]  # fmt: skip
    return Parsed(LEADERBOARD_SCORE.frame(rows))


@pytest.fixture
def store(stores: Stores) -> Store:
    return stores.empty("duckdb")


def load(store: Store, parsed: Parsed, scope: str, at: datetime, source: str = "arena_leaderboard") -> str:
    """Why it is refused; empty where it is loaded."""
    spec = catalog().sources[source]
    capture = Capture(source, scope, "u", sha256_of(f"{source} {scope} {at}".encode()), 1, at, at)
    checked = check(spec, parsed, at)
    try:
        refuse_a_leap(store, spec, capture, checked.rows)
    except SourceChanged as error:
        return error.message
    store.load(spec, Logged(capture, at), checked)
    return ""


def night(store: Store, day: date, sent: dict[str, str], move: float = 3.0) -> dict[str, str]:
    """What is refused of a night on which each board (key) is sent the file of another (value)."""
    at = datetime(day.year, day.month, day.day, 20)
    told = {
        to: load(store, board(of, to, day, move), to, at + timedelta(seconds=number))
        for number, (to, of) in enumerate(sent.items())
    }
    return {to: why for to, why in told.items() if why}


FIRST, LATER = date(2026, 11, 1), date(2026, 11, 22)
RIGHT = {RAW: RAW, STYLED: STYLED, VISION: VISION, IMAGE: IMAGE}


def test_boards_under_their_own_address_are_taken_night_after_night(store: Store) -> None:
    assert [night(store, FIRST + timedelta(days), RIGHT) for days in (0, 1, 5, 21)] == [{}] * 4


def test_in_a_lake_boards_that_are_exchanged_are_refused_too(stores: Stores) -> None:
    lake = stores.empty("ducklake")
    assert night(lake, FIRST, RIGHT) == {}
    assert {*night(lake, LATER, RIGHT | {RAW: STYLED, STYLED: RAW})} == {RAW, STYLED}


@pytest.mark.parametrize(
    "sent",
    [{RAW: STYLED, STYLED: RAW}, {RAW: STYLED}, {STYLED: RAW}, {VISION: RAW}, {RAW: VISION}, {IMAGE: RAW}, {STYLED: VISION, VISION: STYLED}],
)  # fmt: skip
def test_a_board_under_anothers_address_is_refused(store: Store, sent: dict[str, str]) -> None:
    assert night(store, FIRST, RIGHT) == {}
    refused = night(store, LATER, RIGHT | sent)
    assert {*refused} == {*sent}
    assert all("board" in why for why in refused.values())
    assert night(store, LATER + timedelta(1), RIGHT) == {}


def test_at_a_first_capture_the_very_scores_of_another_board_are_refused(store: Store) -> None:
    refused = night(store, FIRST, {RAW: RAW, STYLED: RAW, VISION: RAW}, move=0.0)
    assert refused == {
        STYLED: "60 of 60 scores are those that arena_text has on the same day: that board's: more than this source changes in a day",
        VISION: "60 of 60 scores are those that arena_text has on the same day: that board's: more than this source changes in a day",
    }


def test_at_a_first_capture_entrants_that_no_other_source_has_on_the_board_are_refused(store: Store) -> None:
    copied = board(RAW, RAW, date(2026, 4, 1), source="arena_site")
    assert load(store, copied, "", datetime(2026, 4, 2, 20), "arena_site") == ""
    refused = night(store, FIRST, {RAW: IMAGE, IMAGE: IMAGE})
    assert {*refused} == {RAW}
    assert "30 of 30 entrants are not on this board as other sources have it" in refused[RAW]
    assert night(store, LATER, RIGHT) == {}


@pytest.mark.shared
@pytest.mark.skipif(not CATALOG.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_the_real_text_board_and_its_style_controlled_twin_are_told_apart_after_seven_months(store: Store) -> None:
    """Arena's own files of 2025-05-20 and 2025-12-11: 196 entrants are on both."""

    def sent(to: str, of: str, day: str) -> str:
        [path] = CATALOG.glob(f"leaderboard-{'text-style-control' if of == STYLED else 'text'}_{day}*.json")
        at, body = datetime.fromisoformat(f"{day}T{20 + (to == STYLED)}"), path.read_bytes()
        parsed = parse(body, Capture("arena_catalog", to, "u", "0" * 64, len(body), at, at), catalog())
        return load(store, parsed, to, at, "arena_catalog")

    assert (sent(RAW, RAW, "20250520"), sent(STYLED, STYLED, "20250520")) == ("", "")
    assert "nearer to those of arena_text_style_control" in sent(RAW, STYLED, "20251211")
    assert "nearer to those of arena_text " in sent(STYLED, RAW, "20251211")
    assert (sent(RAW, RAW, "20251211"), sent(STYLED, STYLED, "20251211")) == ("", "")
