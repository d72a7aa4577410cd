"""Slices handed out to runs of the work pool: read by whoever takes them, handed out again where a run dies."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from pathlib import Path

import pytest
from filer_zips import LATER, declared, document, periods, zip_of
from injection import Served
from small_pipeline import Clock, small_pipeline

from config.errors import Refused
from config.load import catalog
from flows import bulk_slices
from flows.past import bulk
from flows.past.bulk import BulkLoad, begin, finish, load_under_way, load_zips
from flows.past.bulk_slice import read_slice
from flows.past.bulk_zip import take_zip
from flows.past.fan_out import _FanOut, _Share, shares
from flows.steps.pipeline import Pipeline
from warehouse.home.layout import Home


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BulkLoad:
    """A load of the declared filers, each a slice of its own, of which nothing is read."""
    monkeypatch.setattr(bulk, "SLICE_FILERS", 1)
    opened = small_pipeline(tmp_path / "home", "http://127.0.0.1:9")
    sources = {"sec_bulk": catalog().sources["sec_bulk"]}
    pipeline = Pipeline(
        opened.settings, opened.catalog.model_copy(update={"sources": sources}), opened.home, opened.archive, Clock()
    )
    take_zip(pipeline, sources["sec_bulk"], zip_of(tmp_path / "zip.zip", declared()), LATER, "")
    load = begin(pipeline, "sec_bulk")
    assert load is not None
    return load


def test_every_slice_is_in_one_share_and_a_share_that_is_read_is_none(started: BulkLoad) -> None:
    assert [list(share.numbers) for share in shares(started, 2)] == [[0, 1], [2, 3]]
    read_slice(started, 1)
    assert [list(share.numbers) for share in shares(started, 2)] == [[0, 1], [2, 3]]
    read_slice(started, 0)
    assert [list(share.numbers) for share in shares(started, 2)] == [[2, 3]]


@pytest.mark.parametrize(("count", "runs", "sizes"), [(7, 2, [4, 3]), (100, 3, [34, 34, 32]), (150, 2, [64, 64, 22])])
def test_each_run_has_a_share_that_is_not_too_large_to_be_put_before_it_begins(
    started: BulkLoad, count: int, runs: int, sizes: list[int]
) -> None:
    cut = [share.numbers for share in shares(replace(started, count=count), runs)]
    assert [len(numbers) for numbers in cut] == sizes
    assert [number for numbers in cut for number in numbers] == list(range(count))


def test_who_has_nothing_to_read_begins_at_the_end_of_the_longest_share(started: BulkLoad) -> None:
    handed = [_Share(range(10)), _Share(range(10, 30))]
    fan_out = _FanOut(started, None, "", print, deque(), {0, 1, 2, 10, 29}, set(), handed)  # type: ignore[arg-type]
    fan_out.halve_longest()
    assert [share.numbers for share in fan_out.waiting] == [range(28, 19, -1)]
    fan_out.halve_longest()
    assert [share.numbers for share in fan_out.waiting][1:] == [range(9, 5, -1)]
    fan_out.halve_longest()  # once each
    assert len(fan_out.waiting) == 2
    fan_out.handed = [_Share(range(5))]  # another run would take longer to start than these to be read
    fan_out.halve_longest()
    assert len(fan_out.waiting) == 2


def test_a_run_reads_its_share_in_either_direction(started: BulkLoad, monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[int]()
    monkeypatch.setattr(Pipeline, "open", lambda: started.pipeline)
    monkeypatch.setattr(bulk_slices, "read_slice", lambda _, number: read.append(number) or True)
    monkeypatch.setattr(bulk_slices, "tell", print)
    given = ("sec_bulk", started.logged.capture.sha256, started.slices.name)
    assert bulk_slices.bulk_slices.fn(*given, 1, 3) == 3
    assert bulk_slices.bulk_slices.fn(*given, 3, 2) == 2
    assert bulk_slices.bulk_slices.fn(*given, 0, 0) == 1
    assert read == [1, 2, 3, 3, 2, 0]


def test_a_worker_reads_the_slices_that_are_asked_for_or_none(started: BulkLoad) -> None:
    """One that runs other code, or sees another home, would read into a folder that nobody looks at."""
    sha256, folder = started.logged.capture.sha256, started.slices.name
    again = load_under_way(started.pipeline, "sec_bulk", sha256, folder)
    assert again.slices == replace(started.slices, threads=1)
    with pytest.raises(Refused, match=r"the zip is not in this home.*one CAPEX_SIGNALS_HOME"):
        load_under_way(started.pipeline, "sec_bulk", "0" * 64, folder)
    with pytest.raises(Refused, match="let every worker run the code of the run that asks"):
        load_under_way(started.pipeline, "sec_bulk", sha256, "another")
    for number in range(4):
        read_slice(started, number)
    finish(started, lambda _: None)
    with pytest.raises(Refused, match="a universe that has been replaced"):
        load_under_way(started.pipeline, "sec_bulk", sha256, folder)


@pytest.mark.server
def test_a_backfill_with_two_runs_has_the_slices_read_by_runs_of_the_work_pool(served: Served, tmp_path: Path) -> None:
    """As one process reads them, row by row."""
    documents = {**declared(), "CIK0000000042.json": document(42)}
    whole = zip_of(tmp_path / "zip.zip", {name: documents[name] for name in sorted(documents)[:2]})
    served.small.server.expect_request("/sec_bulk").respond_with_data(whole.read_bytes())
    run = served.run(
        "backfill", sources=["sec_bulk"], from_on="2026-11-01", to_on="2026-11-20", mode="fill", runs=2
    )  # fmt: skip
    assert served.ended(run)["state_name"] == "Completed", served.logs()
    of_slices = {"deployment_id": {"any_": [served.deployment("bulk_slices")]}}
    found = served.api("POST", "/flow_runs/filter", flow_runs=of_slices)
    assert {(one["name"], one["state_name"]) for one in found} == {
        ("slices 0 to 0 of sec_bulk", "Completed"), ("slices 1 to 1 of sec_bulk", "Completed"),
    }  # fmt: skip
    alone = small_pipeline(tmp_path / "alone", "http://127.0.0.1:9")
    sources = {"sec_bulk": catalog().sources["sec_bulk"]}
    alone = Pipeline(
        alone.settings, alone.catalog.model_copy(update={"sources": sources}), alone.home, alone.archive, Clock()
    )
    take_zip(alone, sources["sec_bulk"], whole, LATER, "")
    load_zips(alone, "sec_bulk", lambda _: None)
    assert len(periods(alone.home)) > 100
    assert periods(Home(served.small.home)) == periods(alone.home)
