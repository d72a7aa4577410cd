"""What is promised of a measurement is held, and the page of measurements says what the file of figures holds."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from places import REPOSITORY


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that runs every bench."""
    monkeypatch.syspath_prepend(str(REPOSITORY / "bench"))
    import run

    yield run
    for name in ("run", "figures"):
        sys.modules.pop(name, None)


def test_a_promise_is_kept_just_missed_or_missed(bench: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import figures

    monkeypatch.setattr(figures, "slowness", lambda: 2.0)
    monkeypatch.setenv(figures.ASKED, str(tmp_path / "figures.jsonl"))
    kept = [
        figures.Figure("a time, on a machine half as fast", 3.9, "s", 2.0), figures.Figure("a size", 100, "MB", 100),
        figures.Figure("a speed", 1.5, "times", 1.6, at_least=True), figures.Figure("no promise", 9.0, "s"),
        figures.Figure("errors", 0, "", 0),
    ]  # fmt: skip
    assert figures.told("one", kept) == 0
    told = [json.loads(line) for line in (tmp_path / "figures.jsonl").read_text().splitlines()]
    assert told[0].items() >= {"bench": "one", "what": kept[0].what, "value": 3.9, "slowness": 2.0}.items()
    assert len(told) == 5
    for missed in (
        figures.Figure("a time", 4.5, "s", 2.0), figures.Figure("a size", 111, "MB", 100), figures.Figure("errors", 1, "", 0),
        figures.Figure("a speed", 1.4, "times", 1.6, at_least=True),
    ):  # fmt: skip
        assert figures.told("one", [missed]) == 1
        assert "MISSED" in figures.line(missed, 2.0)


def test_the_page_says_what_the_file_of_figures_holds(bench: Any) -> None:
    rows = bench.recorded()
    assert rows
    assert bench.PAGE.read_text("utf-8") == bench.page(rows), "remedy: make bench ARGS='NAME'"
    assert {row["bench"] for row in rows} <= set(bench.BENCHES)


def test_every_bench_is_run(bench: Any) -> None:
    found = {path.stem.removeprefix("bench_") for path in (REPOSITORY / "bench").glob("bench_*.py")}
    assert found == set(bench.BENCHES)
