"""Slices of a zip that hosts read who have nothing but a lake in common, in a folder or among objects."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from filer_zips import EARLIER, LATER, answers, declared, document, scaled, zip_of
from lakes import Stores
from small_pipeline import Clock, small_pipeline

from config.errors import Refused, StoreUnreachable
from config.load import catalog
from flows.past import bulk
from flows.past.bulk import BulkLoad, begin, finish, load_under_way, load_zips
from flows.past.bulk_slice import read_slice
from flows.past.bulk_zip import take_zip
from flows.steps.pipeline import Pipeline
from warehouse.home.lake import Lake
from warehouse.home.layout import Home
from warehouse.published import slices
from warehouse.store.facts import connect
from warehouse.store.lake import reach_objects

pytestmark = pytest.mark.slow("loads archives of filers into lakes")
SOURCE = "sec_bulk"


@pytest.fixture(params=[False, True], ids=["in a folder", "among objects"])
def lake(request: pytest.FixtureRequest, stores: Stores) -> Lake:
    return stores.lake(objects=request.param)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "SLICE_FILERS", 2)


def host(root: Path, lake: Lake | None) -> Pipeline:
    """A host with a home of its own."""
    small = small_pipeline(root, "http://127.0.0.1:9")
    sources = {SOURCE: catalog().sources[SOURCE]}
    return replace(
        small, catalog=small.catalog.model_copy(update={"sources": sources}), home=Home.open(root, lake), clock=Clock()
    )


def given(pipeline: Pipeline, path: Path, taken_at: datetime) -> None:
    take_zip(pipeline, pipeline.catalog.sources[SOURCE], path, taken_at, "")


def lying(lake: Lake) -> list[str]:
    """All that lies where slices do."""
    with closing(connect(":memory:")) as connection:
        if lake.objects:
            reach_objects(connection, lake)
        return [path for (path,) in connection.execute(f"FROM glob('{lake.data}/slices/**')").fetchall()]


def prepared(load: BulkLoad) -> None:
    for number in load.left():
        load.slices.put_to_read(number, load.read_from(number))


def zips(tmp_path: Path) -> Iterator[tuple[Path, datetime]]:
    """Two, each with what is read otherwise than most: damage, no documents, a leap, who is gone, who has come."""
    first = {**declared(), **{f"CIK{cik:010d}.json": document(cik) for cik in (42, 43, 44)}, "readme.txt": b"none"}
    yield zip_of(tmp_path / "first.zip", first), EARLIER
    second = zip_of(
        tmp_path / "second.zip",
        {
            "CIK0000000041.json": document(41), "CIK0000000042.json": scaled(42, 1000), "CIK0000000043.json": document(43),
            "CIK0000000045.json": b"<html>", "CIK0000789019.json": document(789019, "META.json"), "other.txt": b"none",
        },
    )  # fmt: skip
    body = bytearray(second.read_bytes())
    with zipfile.ZipFile(second) as opened:
        body[opened.getinfo("CIK0000000043.json").header_offset + 200] ^= 0xFF
    second.write_bytes(body)
    yield second, LATER


def by_another(worker: Pipeline, seen: list[int]) -> Callable[[BulkLoad, object], None]:
    """Has every slice read by the worker, the last one first."""

    def read(load: BulkLoad, _: object) -> None:
        prepared(load)
        under_way = load_under_way(worker, SOURCE, load.logged.capture.sha256, load.slices.name)
        seen.extend(number for number in reversed(range(load.count)) if read_slice(under_way, number))

    return read


def test_a_worker_that_shares_nothing_but_the_lake_reads_what_the_zips_say(tmp_path: Path, lake: Lake) -> None:
    leader, worker, alone = (
        host(tmp_path / "leader", lake), host(tmp_path / "worker", lake), host(tmp_path / "alone", None)
    )  # fmt: skip
    read = list[int]()
    for path, taken_at in zips(tmp_path):
        for pipeline in (leader, alone):
            given(pipeline, path, taken_at)
        load_zips(leader, SOURCE, lambda _: None, by_another(worker, read))
        load_zips(alone, SOURCE, lambda _: None)
        assert answers(leader.home) == answers(alone.home)
        assert lying(lake) == []
    assert read == [3, 2, 1, 0, 2, 1, 0]
    assert [*worker.home.bulk.iterdir(), *worker.home.universe.iterdir()] == []


def test_half_a_slice_is_none_and_of_two_one_stays(tmp_path: Path, lake: Lake) -> None:
    leader, alone = host(tmp_path / "leader", lake), host(tmp_path / "alone", None)
    path, taken_at = next(zips(tmp_path))
    given(leader, path, taken_at)
    load = begin(leader, SOURCE, by_runs=True)
    assert load is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "PARTS", ("company_period", "filer", "nothing"))  # the last file does not come
        with pytest.raises(Exception, match="nothing"):
            read_slice(load, 1)
    assert load.slices.done() == set()
    assert len(lying(lake)) == (3 if lake.objects else 1)  # what says which load it is, and objects of two files
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices.Slices, "is_done", lambda *_: False)
        assert read_slice(load, 1)
        assert read_slice(load, 1)  # as one that was given up and has not died
    assert load.slices.done() == {1}
    for number in load.left():
        read_slice(load, number)
    finish(load, lambda _: None)
    given(alone, path, taken_at)
    load_zips(alone, SOURCE, lambda _: None)
    assert answers(leader.home) == answers(alone.home)


def test_a_worker_of_other_code_another_lake_or_an_ended_load_refuses(
    tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader, worker = host(tmp_path / "leader", lake), host(tmp_path / "worker", lake)
    path, taken_at = next(zips(tmp_path))
    given(leader, path, taken_at)
    load = begin(leader, SOURCE, by_runs=True)
    assert load is not None
    sha256, name = load.logged.capture.sha256, load.slices.name
    under_way = load_under_way(worker, SOURCE, sha256, name)
    with pytest.raises(Refused, match=r"what this slice is read from is not there"):
        read_slice(under_way, 0)
    for odd in ("", "..", "../main", "0" * 17):
        with pytest.raises(Refused, match="this names no load"):
            load_under_way(worker, SOURCE, sha256, odd)
    elsewhere = host(tmp_path / "elsewhere", Lake("postgres://127.0.0.1:9/other", tmp_path / "other"))
    with pytest.raises(Refused, match=r"not in the lake of this worker.*CAPEX_SIGNALS_STORE_DATA"):
        load_under_way(elsewhere, SOURCE, sha256, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "build_digest", lambda: "of other code")
        with pytest.raises(Refused, match="let every worker run the code of the run that asks"):
            load_under_way(worker, SOURCE, sha256, name)
    prepared(load)

    def ended_while_it_read(number: int) -> bool:
        given_to_read = under_way.read_from(number)
        late = replace(under_way, read_from=lambda _: given_to_read)
        for other in load.left():
            read_slice(load, other)
        finish(load, lambda _: None)
        return read_slice(late, number)

    with pytest.raises(Refused, match="the load has ended meanwhile"):
        ended_while_it_read(0)
    assert lying(lake) == []
    with pytest.raises(Refused, match="a run of a load that has ended may be left"):
        load_under_way(worker, SOURCE, sha256, name)


def test_what_was_not_dropped_because_the_storage_was_away_is_dropped_by_the_next_load(
    tmp_path: Path, stores: Stores
) -> None:
    lake = stores.lake(objects=True)
    leader = host(tmp_path / "leader", lake)
    given(leader, *next(zips(tmp_path)))
    load = begin(leader, SOURCE, by_runs=True)
    assert load is not None
    prepared(load)
    for number in load.left():
        read_slice(load, number)
    away = replace(leader, home=replace(leader.home, lake=replace(lake, endpoint="http://127.0.0.1:9")))
    with pytest.raises(StoreUnreachable, match="the lake does not answer"):
        finish(replace(load, pipeline=away), lambda _: None)
    assert len(lying(lake)) > 0
    load_zips(leader, SOURCE, lambda _: None)
    assert lying(lake) == []
