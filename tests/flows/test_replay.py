"""The store is a cache: built anew from the archive it says the same, whatever had become of its file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from small_pipeline import (
    NOW,
    Clock,
    fixture,
    night,
    plainly,
    published_rows,
    served,
    small_pipeline,
)

from config.errors import NotPublished, Refused
from flows.commands.ingest import ingest_files
from flows.replay import replay_archive
from flows.steps.pipeline import Pipeline
from warehouse.archive.second_copy import second
from warehouse.published.losses import losses
from warehouse.store.facts import connect

pytestmark = pytest.mark.slow("every test is a whole night, or two")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """A home after a night and three ingested files: an older list, a newer board, and one that is refused."""
    with pytest.MonkeyPatch.context() as monkeypatch, served() as site:
        plainly(monkeypatch)
        pipeline = small_pipeline(tmp_path_factory.mktemp("filled") / "home", site.url)
        monkeypatch.setattr(Pipeline, "open", lambda _settings=None: pipeline)
        night(pipeline)
        folder = tmp_path_factory.mktemp("files")
        for source, name, fetched_at in (
            ("litellm_prices", "2025-02-25.json", "2025-02-25"),
            ("litellm_prices", "2023-09-01.json", "2023-09-01T12:00"),
            ("arena_published", "2025-02-22.csv", "2025-02-23"),
        ):
            assert isinstance(pipeline.clock, Clock)
            pipeline.clock.pass_time(hours=1)
            (folder / name).write_bytes(fixture(source, name))
            ingest_files(pipeline.settings, source, [folder / name], _silent, fetched_at=fetched_at)
        yield pipeline


def _silent(_: str) -> None:
    return


@pytest.fixture
def copy(filled: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """A copy of that home, a day later, with nothing answering any more."""
    shutil.copytree(filled.settings.root, tmp_path / "home", symlinks=True)
    clock = Clock()
    clock.now = NOW + timedelta(days=1)
    pipeline = small_pipeline(tmp_path / "home", "http://127.0.0.1:9", clock)
    plainly(monkeypatch)
    monkeypatch.setattr(Pipeline, "open", lambda _settings=None: pipeline)
    return pipeline


def digest(pipeline: Pipeline) -> object:
    return published_rows(pipeline.settings.root, "SELECT digest FROM meta")[0][0]


def test_replay_says_what_the_store_said(copy: Pipeline) -> None:
    before = digest(copy)
    first_seen = "SELECT source, first_seen_at, count(*) FROM history.token_price WHERE source = 'litellm_prices' GROUP BY ALL ORDER BY ALL"
    seen = published_rows(copy.settings.root, first_seen)
    summary, _, _ = replay_archive(copy, _silent)
    assert summary.report.digest == digest(copy) == before
    assert published_rows(copy.settings.root, first_seen) == seen  # when we learnt it does not move
    assert len(seen) == 3


def test_a_price_of_the_past_is_known_from_the_end_of_its_date(copy: Pipeline) -> None:
    """The older list was loaded last. It says what was so before, and nothing about what came after."""
    price = """
        SELECT usd_per_mtok FROM token_price_as_of('{}')
        WHERE listing = '{}' AND token_kind = 'input' AND tier = 'standard' AND valid_to IS NULL"""
    root = copy.settings.root
    assert published_rows(root, price.format("2025-02-25", "gpt-4o")) == [(2.5,)]
    assert published_rows(root, price.format("2025-02-24", "gpt-4o")) == []
    assert published_rows(root, price.format("2025-02-25 20:00:00", "gpt-4o")) == []  # a date proves its end
    assert published_rows(root, price.format("2026-11-23", "gpt-4o")) == []  # gone from the newest list
    assert published_rows(root, price.format("2023-09-01", "claude-2")) == [(11.02,)]


def test_a_lost_store_is_built_again(copy: Pipeline) -> None:
    before = digest(copy)
    copy.home.store.unlink()
    assert night(copy).report.digest == before


@pytest.mark.parametrize("damage", ["header", "block", "cut", "text"])
def test_a_damaged_store_is_built_again_and_the_run_says_so(copy: Pipeline, damage: str) -> None:
    before, said = digest(copy), list[str]()
    _damage(copy.home.store, damage)
    assert night(copy, said.append).report.digest == before == digest(copy)
    assert any(line.startswith("rebuilding the store: the store is damaged") for line in said)
    if damage == "block":
        said.clear()
        assert night(copy, said.append).rows_added == 0
        assert not any("rebuilding" in line for line in said)


def _damage(store: Path, how: str) -> None:
    match how:
        case "header":
            _flip(store, 4096, 64)
        case "block":
            _flip(store, _a_block_found_only_when_read(store), 64)
        case "cut":
            os.truncate(store, store.stat().st_size // 2)
        case "text":
            store.write_bytes(b"not a database " * 1000)


def _a_block_found_only_when_read(path: Path) -> int:
    """Where damage lets the file open: DuckDB checks a block when it reads it."""
    trial = path.with_name("trial.duckdb")
    for start in range(12288, path.stat().st_size, 32768):
        shutil.copy(path, trial)
        _flip(trial, start, 64)
        try:
            connection = connect(trial)
        except duckdb.Error:
            continue
        with connection:
            try:
                connection.execute("SELECT bit_xor(hash(f)) FROM company_fact AS f").fetchall()
            except duckdb.Error:
                trial.unlink()
                return start
    raise AssertionError("no block of facts found")


def _flip(path: Path, start: int, length: int) -> None:
    """Turn every byte of a stretch."""
    with path.open("r+b") as stream:
        stream.seek(start)
        body = stream.read(length)
        stream.seek(start)
        stream.write(bytes(byte ^ 0x5A for byte in body))


def test_a_store_of_another_layout_is_built_again(copy: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse.store import facts

    before, said = digest(copy), list[str]()
    monkeypatch.setattr(facts, "_layout", lambda starter: f"a later version of {starter!r}")
    assert night(copy, said.append).report.digest == before
    assert any("another layout" in line for line in said)


def test_an_archived_object_that_rotted_is_named_and_the_others_go_on(copy: Pipeline) -> None:
    before = published_rows(copy.settings.root, "SELECT count(*) FROM history.company_fact")
    [(sha,)] = published_rows(copy.settings.root, "SELECT sha256 FROM capture WHERE source = 'arena_published'")
    _flip(copy.archive.path(str(sha)), 20, 40)
    with pytest.raises(NotPublished, match="nothing is lost"):
        replay_archive(copy, _silent)
    summary, _, _ = replay_archive(copy, _silent, may_be_poorer=True)
    [line] = summary.refused
    assert line.startswith("arena_published")
    assert f"{sha}.zst: the archived object is missing or damaged" in line
    assert published_rows(copy.settings.root, "SELECT count(*) FROM history.company_fact") == before


def test_bytes_that_are_gone_are_fetched_again_and_not_asked_for_conditionally(copy: Pipeline) -> None:
    with served() as site:
        again = small_pipeline(copy.settings.root, site.url, Clock())
        night(again)
        [(sha,)] = published_rows(again.settings.root, "SELECT DISTINCT sha256 FROM capture WHERE source = 'ecb_fx'")
        again.archive.path(str(sha)).unlink()
        site.asked.clear()
        assert night(again).refused == ()
    assert ("/eurofxref-hist.csv", 200) in site.asked
    assert ("/prices.json", 304) in site.asked
    assert again.archive.read(str(sha)) == fixture("ecb_fx", "eurofxref-hist.csv")


def test_a_damaged_line_of_the_capture_log_is_mended_and_told(copy: Pipeline) -> None:
    before, log = digest(copy), copy.home.captures.read_bytes()
    lines = log.splitlines(keepends=True)
    copy.home.captures.write_bytes(b"".join([lines[0], b"{half\n", *lines[2:]]))
    summary, _, _ = replay_archive(copy, _silent)
    assert summary.report.digest == before
    assert copy.home.captures.read_bytes() == log
    [told] = losses(copy.archive, date(2026, 11, 20))
    assert told.startswith(f"{copy.home.captures} was damaged, and has every line again")


def test_a_line_that_neither_copy_of_the_capture_log_has_is_named_and_nothing_is_published(copy: Pipeline) -> None:
    lines = copy.home.captures.read_bytes().splitlines(keepends=True)
    for path in (copy.home.captures, second(copy.home.captures)):
        path.write_bytes(b"".join([lines[0], b"{half\n", *lines[2:]]))
    before = copy.home.latest.resolve()
    with pytest.raises(Refused, match=r"captures\.jsonl: line 2 is damaged"):
        replay_archive(copy, _silent)
    assert copy.home.latest.resolve() == before


def test_a_damaged_published_file_is_replaced(copy: Pipeline) -> None:
    before = digest(copy)
    latest = copy.home.latest.resolve()
    latest.chmod(0o644)
    _flip(latest, 0, 200_000)
    assert night(copy).report.digest == before == digest(copy)


def test_a_published_file_of_another_version_is_no_hindrance(copy: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says of earlier days cannot be taken over: everything is judged anew."""
    import polars as pl

    from flows.steps import judge

    old = judge.published_history(copy.home)
    assert old is not None
    shorter = replace(old, verdicts=old.verdicts.drop("minimum_n"))
    monkeypatch.setattr(judge, "published_history", lambda _: shorter)
    history = "SELECT claim_id, as_of, verdict FROM history.verdict ORDER BY ALL"
    before = published_rows(copy.settings.root, history)
    night(copy)
    after = published_rows(copy.settings.root, history)
    assert pl.DataFrame(before, orient="row").height > 1
    assert after[: len(before) - 1] == before[:-1]
