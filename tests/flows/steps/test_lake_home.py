"""A home whose facts are in a lake: the same archive says the same as from the file, and what others put there is not lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lakes import Stores
from small_pipeline import fixture, small_catalog

from config.contracts import Capture
from config.errors import Refused
from config.settings import Settings
from flows.steps import load
from flows.steps.load import Progress, load_pending, open_store, rebuild
from flows.steps.pipeline import Pipeline
from warehouse.archive.captures import Archive, sha256_of
from warehouse.home.lake import Lake
from warehouse.home.layout import Home
from warehouse.published.stage import Stage
from warehouse.store.whole import captures_held, copy_lake

AT = datetime(2026, 11, 20)
PRICES = fixture("litellm_prices", "2026-09-01.json")
PRIVATE = b"ticker,price_on,price_kind,currency,value\nMSFT,2026-11-02,close,USD,500\n"
PAYLOADS = [
    ("ecb_fx", "", fixture("ecb_fx", "eurofxref-hist.csv"), "fetched"),
    ("litellm_prices", "", PRICES, "fetched"),
    ("arena_leaderboard", "arena_text", fixture("arena_leaderboard", "text_latest.parquet"), "fetched"),
    ("sec_companyfacts", "MSFT", fixture("sec_companyfacts", "MSFT.json"), "fetched"),
    ("litellm_prices", "", PRICES.replace(b"1e-06", b"2e-06"), "backfilled"),
    ("litellm_prices", "", PRICES, "fetched"),
]


@pytest.fixture(autouse=True)
def without_starter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "read_starter", lambda: None)


def opened(root: Path, lake: Lake | None) -> Pipeline:
    home = Home.open(root, lake)
    return Pipeline(
        Settings(home=root), small_catalog("http://127.0.0.1:1"), home, Archive(home), lambda: AT + timedelta(30)
    )


def archived(pipeline: Pipeline, *payloads: tuple[str, str, bytes, str]) -> None:
    for day, (source, scope, body, origin) in enumerate(payloads):
        at = AT + timedelta(day)
        taken = Capture(source, scope, "https://example.org/", sha256_of(body), len(body), at, at, origin=origin)
        pipeline.archive.add(taken, body, at)


def loaded(pipeline: Pipeline, said: list[str]) -> list[str]:
    """Load what is archived; what became of each capture."""
    store, progress = open_store(pipeline, said.append)
    load_pending(pipeline, store, said.append, progress)
    store.close()
    return [item.outcome for item in progress.loaded]


def digest(pipeline: Pipeline) -> str:
    copy_lake(pipeline.home)
    stage = Stage.begin(pipeline.home, pipeline.catalog.sources, AT)
    stage.close()
    return stage.digest


@pytest.mark.parametrize("objects", [False, True], ids=["in a folder", "among objects"])
def test_a_home_with_a_lake_says_what_one_with_a_file_says(stores: Stores, tmp_path: Path, *, objects: bool) -> None:
    lake, said = stores.lake(objects=objects), list[str]()
    pipelines = [opened(tmp_path / "file", None), opened(tmp_path / "lake", lake)]
    for pipeline in pipelines:
        archived(pipeline, *PAYLOADS)
    assert [loaded(pipeline, said) for pipeline in pipelines] == [["loaded"] * 6] * 2
    [by_file, in_lake] = map(digest, pipelines)
    assert in_lake == by_file
    # A night on another host that has fetched something else: what the lake holds is not asked for again.
    other = opened(tmp_path / "other", lake)
    archived(other, PAYLOADS[0], ("private_prices", "market_price.csv", PRIVATE, "entered"))
    assert loaded(other, said) == []
    assert "private_prices: stays out of the lake, which others read" in said
    assert digest(other) == by_file
    # Its archive lacks five of the captures: it may not build the lake anew, and the host that has them all may.
    with pytest.raises(Refused, match="it holds 5 captures that the archive of this home has not"):
        rebuild(other, said.append, Progress())
    rebuild(pipelines[1], said.append, Progress()).close()
    assert digest(pipelines[1]) == by_file
    rebuild(other, said.append, Progress(may_be_poorer=True)).close()
    assert digest(other) != by_file


def test_a_lake_of_other_code_is_left_alone(stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is built anew at once; a lake is also that of hosts whose code has not changed yet."""
    lake = stores.lake()
    pipeline = opened(tmp_path, lake)
    archived(pipeline, PAYLOADS[0])
    assert loaded(pipeline, []) == ["loaded"]
    held = captures_held(lake)
    monkeypatch.setattr(load, "_starter_name", lambda: "newer")
    with pytest.raises(Refused, match="another layout or other starter data"):
        open_store(pipeline, print)
    assert captures_held(lake) == held
    rebuild(pipeline, lambda _: None, Progress()).close()
    assert captures_held(lake) == held
