"""A file that begins with the boards of the one before holds of them what one that made all of them anew holds, row by row."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from board_stage import Payload, board, listed, loaded, parquet, runs, staged_from

from config.load import catalog
from flows.steps import derive_boards
from flows.steps.pipeline import Pipeline
from warehouse.home.layout import Home
from warehouse.published import kept
from warehouse.published.board_rows import TABLES
from warehouse.published.stage import Stage
from warehouse.published.swap import swap
from warehouse.store.canonical import digest
from warehouse.store.facts import connect

SEED = 21
FIRST = date(2025, 5, 13)
MADE = ("history.hindsight_side", "history.hindsight_answer", *(f"history.{table}" for table in TABLES))
NAMES = {"gpt-a": 1400.0, "claude-a": 1390.0, "gemini-a": 1395.0}
# In each of these something is another than on the day before; all but the first three end what a board can be gone on with.
KINDS = (
    "day",
    "moved",
    "restated",
    "earlier",
    "anchored",
    "newcomer",
    "torn",
    "gone",
    "copy",
    "runs",
    "late",
    "nothing",
)


class Boards:
    """What the boards say night after night: each kind of news, as the payloads of that night."""

    def __init__(self) -> None:
        self.days: list[pl.DataFrame] = []
        self.others = 0.0
        self.names = dict(NAMES)
        self.run: list[tuple[str, str, float]] = []

    def bring(self, kind: str, night: int) -> list[Payload]:
        day, at = FIRST + timedelta(days=night), datetime(2025, 5, 14, 12) + timedelta(days=night)
        if kind == "copy":
            return [Payload("arena_catalog", "arena_text", listed(self.names), at, at)]
        if kind == "runs":
            self.run.append((f"gpt-{night}", day.isoformat(), 50.0 + night))
            return [Payload("aider_leaderboard", "aider_polyglot", runs(*self.run), at, at)]
        if kind == "late":  # of a day that nobody had looked at, captured before what is held
            then = datetime(2025, 5, 11, 12) - timedelta(hours=night)
            return [self._of([board(date(2025, 3, 1) - timedelta(days=night), self.names)], then, at)]
        shown = self._shown(kind, night, day)
        return [self._of(shown, at, at)] if shown else []

    def _shown(self, kind: str, night: int, day: date) -> list[pl.DataFrame]:
        if kind in ("restated", "earlier", "gone") and self.days:
            which = -1 if kind == "restated" else 0
            raised = pl.when(pl.col("model_name") == "gpt-a").then(pl.col("rating") + night).otherwise("rating")
            self.days[which] = self.days[which].with_columns(rating=raised)
            changed = self.days[which].head(-2) if kind == "gone" else self.days[which]
            return [changed, *self.days[1:]] if which == 0 else [changed]
        if kind == "nothing":
            return []
        if kind == "anchored":
            self.others += 30
        if kind == "newcomer":
            self.names[f"grok-{night}"] = 1410.0
        moved = night % 3 if kind == "moved" else 0.0
        names = {name: score + self.others + moved for name, score in self.names.items()}
        if kind == "without":  # a developer that stood there before
            del names["gemini-a"]
        made = board(day, names, others=self.others)
        self.days.append(made)
        return [made.head(40) if kind == "torn" else made]

    @staticmethod
    def _of(days: list[pl.DataFrame], at: datetime, seen: datetime) -> Payload:
        return Payload("arena_leaderboard", "arena_text", parquet(*days), at, seen)


def publish(stage: Stage, home: Home, night: int) -> None:
    noted = replace(stage, key=f"{night}", decides="the same")
    stage.put("history.meta", pl.DataFrame({"night": [night]}))
    kept.note(noted, home, swap(stage, home, f"{night:03}", 2))


def held(home: Home) -> dict[str, Any]:
    with connect(home.latest.resolve(), read_only=True) as file:
        rows = {
            table: file.execute(f"SELECT count(*), sum(hash(r)), bit_xor(hash(r)) FROM {table} AS r").fetchall()
            for table in MADE
        }
        return {**rows, "digest": digest(file)}


@pytest.fixture
def redone(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many boards were made anew, each time a file began with some."""
    found: list[int] = []
    make_anew = derive_boards.make_anew
    monkeypatch.setattr(
        derive_boards, "make_anew", lambda stage, boards: found.append(boards.height) or make_anew(stage, boards)
    )
    return found


def night_after(pipeline: Pipeline, night: int) -> bool:
    """Stage the store's boards on from the newest file, and publish; whether it could be begun with."""
    begun = kept.begin_with_boards(pipeline.home, "the same", pipeline.catalog.sources)
    publish(staged_from(pipeline, begun), pipeline.home, night)
    return begun is not None


def anew(pipeline: Pipeline, folder: Path, night: int) -> dict[str, Any]:
    """What a file holds that is made of the same store alone."""
    home = Home.open(folder)
    home.store.write_bytes(pipeline.home.store.read_bytes())
    publish(staged_from(replace(pipeline, home=home)), home, night)
    return held(home)


@pytest.mark.slow("stages two files for each of some nights")
@pytest.mark.parametrize("seed", [SEED, pytest.param(SEED + 1, marks=pytest.mark.faults)])
def test_boards_that_are_gone_on_with_are_those_that_are_made_anew(
    tmp_path: Path, redone: list[int], seed: int
) -> None:
    chance, boards = random.Random(seed), Boards()  # noqa: S311  a sequence that can be had again
    order = ["day", "moved", "without", "day", "torn", *chance.sample(KINDS, len(KINDS)), "day"]
    went_on = []
    for night, kind in enumerate(order):
        pipeline = loaded(tmp_path / "kept", boards.bring(kind, night))
        went_on.append(night_after(pipeline, night))
        assert held(pipeline.home) == anew(pipeline, tmp_path / f"anew{night}", night), (night, kind)
    ended = [kind for kind, begun in zip(order, went_on, strict=True) if not begun]
    assert ended == [order[0], "late"]
    assert 0 in redone
    assert 1 in redone


def test_a_new_day_makes_nothing_anew_and_a_newcomer_its_board(tmp_path: Path, redone: list[int]) -> None:
    boards = Boards()
    for night, kind in enumerate(["day", "day", "moved", "newcomer", "restated", "day", "nothing"]):
        night_after(loaded(tmp_path, boards.bring(kind, night)), night)
    # After a day was told twice the next one is not compared with it as it was told once.
    assert redone == [0, 0, 1, 1, 1, 0]


def test_a_lead_of_a_new_day_reaches_back_to_days_of_before(tmp_path: Path) -> None:
    boards = Boards()
    for night in range(3):
        pipeline = loaded(tmp_path, boards.bring("day", night))
        night_after(pipeline, night)
    # gpt-a has stood at 1400 against 1395 since 13 May: two days before the 15th.
    with connect(pipeline.home.latest.resolve(), read_only=True) as file:
        found = file.execute(
            "SELECT scored_on, gap, round(lead_months * 30.4375), scale_id FROM history.board_lead WHERE developer = 'openai' ORDER BY ALL"
        ).fetchall()
    scale = "arena_text@2025-05-13"
    assert found == [(FIRST + timedelta(days=days), 5.0, days, scale) for days in range(3)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE leaderboard_score SET value = value + 1 WHERE rowid = 0",
        "DELETE FROM leaderboard_score WHERE rowid = 0",
        "INSERT INTO capture SELECT * REPLACE (taken_at - INTERVAL 1 HOUR AS taken_at) FROM capture LIMIT 1",
        "another build",
        "another file",
    ],
)
def test_boards_are_not_gone_on_with_where_anything_they_rest_on_is_another(tmp_path: Path, change: str) -> None:
    boards = Boards()
    pipeline = loaded(tmp_path, boards.bring("day", 0))
    assert not night_after(pipeline, 0)
    loaded(tmp_path, boards.bring("day", 1))
    decides = "the same"
    if change == "another build":
        decides = "another"
    elif change == "another file":
        path = pipeline.home.latest.resolve()
        path.chmod(0o600)
        path.write_bytes(path.read_bytes() + b" ")
    else:
        with connect(pipeline.home.store) as store:
            store.execute(change)
    assert kept.begin_with_boards(pipeline.home, decides, catalog().sources) is None
    assert list(pipeline.home.scratch.iterdir()) == []


@pytest.mark.parametrize(("said_on", "goes_on"), [(date(2025, 5, 12), False), (date(2025, 5, 15), True)])
def test_a_price_list_that_came_late_and_says_what_an_entrant_is_makes_its_boards_anew(
    tmp_path: Path, said_on: date, goes_on: bool
) -> None:
    """The name means what the list says from its day on, in the boards of these days, too; of earlier boards it says nothing."""
    pipeline = loaded(
        tmp_path, [Boards._of([board(FIRST, {"chatgpt-4o-latest": 1400.0})], *[datetime(2025, 5, 14, 12)] * 2)]
    )
    night_after(pipeline, 0)
    listings = {f"gpt-{number}": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6} for number in range(60)}  # fmt: skip
    body = json.dumps({**listings, "chatgpt-4o-latest": {"alias_of": "gpt-1"}}).encode()
    at = datetime.combine(said_on, datetime.min.time())
    loaded(tmp_path, [Payload("litellm_prices", "", body, at, datetime(2025, 5, 15, 12))])
    assert (kept.begin_with_boards(pipeline.home, "the same", pipeline.catalog.sources) is not None) == goes_on


def test_what_was_private_and_is_taken_back_stays_in_no_file_that_others_read(tmp_path: Path) -> None:
    boards = Boards()
    pipeline = loaded(tmp_path, boards.bring("day", 0))
    stage = staged_from(pipeline)
    stage.connection.execute(
        "INSERT INTO history.capture SELECT * REPLACE ('private_estimates' AS source) FROM history.capture"
    )
    publish(stage, pipeline.home, 0)
    assert kept.begin_with_boards(pipeline.home, "the same", pipeline.catalog.sources) is None
    [note] = pipeline.home.store.parent.glob("staged-*.json")
    assert json.loads(note.read_text("utf-8"))["boards"]["rows"] == 103
