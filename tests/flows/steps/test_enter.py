"""What lies under private/: read, or named with a remedy. Nothing that a person put there is passed over."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from config.settings import Settings
from flows.steps import enter
from flows.steps.derive import stage_facts
from flows.steps.enter import PRIVATE, enter_analyst_files
from flows.steps.load import Progress, load_pending
from flows.steps.pipeline import Pipeline
from warehouse.home import layout
from warehouse.store.facts import Store

PRICES = "ticker,price_on,price_kind,currency,value,read_at\nMSFT,2026-11-20,close,USD,512.5,2026-11-21T08:00:00\n"


def refused(home: Path, put: Callable[[Path], object]) -> dict[str, str]:
    """Source -> what was said, of a home in which that was put under private/."""
    pipeline = Pipeline.open(Settings(home=home, offline=True))
    put(pipeline.home.private)
    return {attempt.source: attempt.refused for attempt in enter_analyst_files(pipeline) if attempt.refused}


@pytest.mark.parametrize(
    ("put", "why"),
    [
        (lambda at: at.symlink_to("nowhere/at/all"), "is a link to nowhere/at/all, which is not there"),
        (lambda at: at.symlink_to(at.name), "is a link to "),  # to itself
        (lambda at: at.mkdir(), "is no file"),
        (os.mkfifo, "is no file"),
        (lambda at: at.write_text(PRICES), "has 102 bytes, more than 100"),
    ],
)
@pytest.mark.parametrize("name", PRIVATE)
def test_what_lies_in_the_place_of_a_private_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, put: Callable[[Path], object], why: str
) -> None:
    monkeypatch.setattr(layout, "MAX_PRIVATE_BYTES", 100)
    told = refused(tmp_path, lambda folder: put(folder / name))
    [(source, said)] = told.items()
    assert source == PRIVATE[name]
    assert said.startswith(f"private/{name} {why}")
    assert "Remedy: " in said


@pytest.mark.parametrize(
    "name", ["market_prices.csv", "market_price.xlsx", "Market_Price.CSV", "prices.csv", "estimate"]
)
def test_a_private_file_of_another_name_is_told(tmp_path: Path, name: str) -> None:
    told = refused(tmp_path, lambda folder: (folder / name).write_text(PRICES))
    assert [*told] == ["private_prices"]
    assert told["private_prices"].startswith(f"private/{name} is not read: only market_price.csv and estimate.csv are")


@pytest.mark.parametrize("name", ["notes.txt", ".market_price.csv.swp"])
def test_what_is_none_of_ours_is_left_alone(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path, lambda folder: (folder / name).write_text("x")) == {}


def test_a_file_in_its_place_is_read(tmp_path: Path) -> None:
    assert refused(tmp_path, lambda folder: (folder / "market_price.csv").write_text(PRICES)) == {}


LIVES = """
company: MSFT
topic: useful lives
entered_by: founders
entered_on: 2026-11-28
zone: America/New_York
measures:
  useful_life_years: {{unit: years}}
documents:
  {document}: {{medium: article, published_on: 2025-07-30, tier: 3, url: "https://example.org/lives"}}
statements:
  - {{period: FY2025Q4, period_end: 2025-06-30, document: {document}, definition: short_lived, statement: Servers are written off over six years., figures: {{useful_life_years: 6}}}}
{more}"""
MORE = "  - {period: FY2025Q4, period_end: 2025-06-30, document: first, definition: long_lived, statement: Data centres are written off over fifteen years., figures: {useful_life_years: 15}}\n"


def test_what_an_analysts_file_no_longer_states_is_withdrawn_from_the_day_it_was_read_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A figure moved to another document and one struck out: two of three rows, and yet the file is whole."""
    said = [LIVES.format(document="first", more=MORE), LIVES.format(document="second", more="")]
    pipeline = Pipeline.open(Settings(home=tmp_path, offline=True))
    for day, text in zip((28, 29), said, strict=True):
        monkeypatch.setattr(enter, "analyst_files", lambda text=text: {"msft_lives.yml": text.encode()})
        pipeline = replace(pipeline, clock=lambda day=day: datetime(2026, 11, day, 6))
        assert not [attempt.refused for attempt in enter_analyst_files(pipeline) if attempt.refused]
    store = Store.open(pipeline.home.store)
    load_pending(pipeline, store, lambda _: None, Progress())
    store.close()
    stage = stage_facts(pipeline, datetime(2026, 11, 29, 6))
    asked = "SELECT definition, value, document_id FROM company_fact_as_of($t) WHERE company = 'MSFT' ORDER BY ALL"
    before, after = (stage.frame(asked, {"t": t}).rows() for t in ("2026-11-28", "2026-11-29"))
    stage.connection.close()
    assert [(definition, value) for definition, value, _ in before] == [("long_lived", 15.0), ("short_lived", 6.0)]
    assert after == [("short_lived", 6.0, "second")]
