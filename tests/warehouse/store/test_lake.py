"""A store in a lake, of which several hosts are writing: nothing twice, nothing lost, and what is wrong is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from lakes import LIST, START, Stores, beside, capture, rows

from config.contracts import TOKEN_PRICE
from config.errors import Refused, StoreBusy, StoreUnreachable
from warehouse.archive.captures import Logged
from warehouse.home.lake import Lake, lake_of
from warehouse.store import lake as lakes
from warehouse.store.checks import Checked
from warehouse.store.facts import Store
from warehouse.store.late import withdraw
from warehouse.store.whole import maintain_lake


def test_two_hosts_that_load_one_capture_at_once_have_it_once(stores: Stores) -> None:
    here, (logged, checked) = stores.empty("ducklake"), capture(1)
    assert here.lake is not None

    def meanwhile(there: Store) -> Iterator[Checked]:
        there.load(LIST, logged, checked)
        yield checked

    with closing(beside(here)) as there:
        with pytest.raises(lakes.Overtaken):
            here.load_parts(LIST, logged, meanwhile(there))
        assert here.load(LIST, logged, checked).rows_added == 0
    alone = Store.open(None)
    alone.load(LIST, logged, checked)
    assert rows(here) == rows(alone)


def test_what_another_host_has_written_since_a_capture_was_compared_counts(stores: Stores) -> None:
    """A price that changed yesterday and is back today: compared with the day before, nothing had changed."""
    here, (logged, checked) = stores.empty("ducklake"), capture(3, price=1.0)
    here.load(LIST, *capture(1))
    alone = Store.open(None)
    for other in (capture(1), capture(2, price=3.0), (logged, checked)):
        alone.load(LIST, *other)
    assert here.states.before(TOKEN_PRICE, logged.capture).height == 40
    with closing(beside(here)) as there:
        there.load(LIST, *capture(2, price=3.0))
    here.load(LIST, logged, checked)
    assert rows(here) == rows(alone)


def test_a_sight_that_others_have_overtaken_begins_anew(stores: Stores) -> None:
    """Asked whether it repeats the capture before, the store said yes; by now another one lies between."""
    here = stores.empty("ducklake")
    here.load(LIST, *capture(1))
    (first, _), between = capture(1), capture(2, price=3.0)
    later = Logged(replace(first.capture, taken_at=START + timedelta(3), fetched_at=START + timedelta(3)), START)
    assert here.repeats(later.capture)
    here.load(LIST, *between)
    with pytest.raises(lakes.Overtaken):
        here.sight(later, "unchanged")


def test_hosts_that_write_all_the_time_lose_nothing_and_repeat_nothing(stores: Stores) -> None:
    here, alone = stores.empty("ducklake"), Store.open(None)
    assert here.lake is not None
    told = {host: [capture(day, scope) for day in range(1, 5) for scope in (host, "")] for host in ("a", "b")}

    def load_all(host: str) -> None:
        assert here.lake is not None
        with closing(beside(here)) as store:
            for logged, checked in told[host]:
                lakes.again(here.lake, partial(store.load, LIST, logged, checked))

    with ThreadPoolExecutor(2) as hosts:
        list(hosts.map(load_all, told))
    for logged, checked in {item[0].capture.sha256: item for host in told.values() for item in host}.values():
        alone.load(LIST, logged, checked)
    assert rows(here) == rows(alone)
    assert len({scope for scope, *_ in rows(here)}) == 3


def test_a_lake_that_is_tended_says_the_same_in_fewer_files(stores: Stores) -> None:
    here = Store.open(stores.lake())
    assert here.lake is not None
    for day in range(1, 4):
        here.load(LIST, *capture(day))
    before, folder = rows(here), Path(here.lake.data) / "main"

    def files() -> list[int]:
        return [len(list((folder / table).glob("*.parquet"))) for table in ("token_price", "capture")]

    assert files() == [3, 3]
    assert maintain_lake(here.lake, keep_days=30).expired == 0
    assert rows(here) == before
    done = maintain_lake(here.lake, keep_days=0)
    assert files() == [1, 1]
    assert done.expired > 3
    assert done.files_before - done.files_after >= 4
    assert rows(here) == before
    here.load(LIST, *capture(4))
    here.close()
    with closing(beside(here)) as there:
        assert len(rows(there)) == len(before) + 2  # a price, a capture


def test_what_a_lake_said_on_a_past_night_stays_through_its_upkeep(stores: Stores) -> None:
    """DuckLake answers for the past by the least and greatest values of today: no upkeep may narrow them."""
    here = Store.open(stores.lake())
    assert here.lake is not None
    for day in (1, 2):
        here.load(LIST, *capture(day))
    maintain_lake(here.lake, keep_days=30)
    [(night,)] = here.connection.execute("SELECT max(snapshot_id) FROM lake.snapshots()").fetchall()
    withdraw(here, LIST, capture(1)[0].capture)
    maintain_lake(here.lake, keep_days=30)
    then = f"SELECT count(*) FROM token_price AT (VERSION => {night}) WHERE captured_at = TIMESTAMP '{START + timedelta(1)}'"
    assert here.connection.execute(then).fetchall() == [(40,)]


def test_others_who_are_always_first_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lakes, "LONGEST_WAIT_S", 0)

    def overtaken() -> None:
        raise lakes.Overtaken

    with pytest.raises(StoreBusy, match="others wrote to the lake at each of 12 tries"):
        lakes.again(Lake("dbname=lake", Path("/data")), overtaken)


def test_a_lake_that_was_built_otherwise_is_not_written(stores: Stores) -> None:
    here = stores.empty("ducklake")
    assert here.lake is not None
    beside(here).close()
    with pytest.raises(Refused, match=r"another layout or other starter data.*`capex-signals replay`"):
        Store.open(here.lake, "other starter data")


def test_a_database_that_goes_away_is_named_and_nothing_is_half_written(stores: Stores) -> None:
    here, (logged, checked) = stores.empty("ducklake"), capture(1)
    assert here.lake is not None

    def gone() -> Iterator[Checked]:
        stores.sever(here.lake)
        yield checked

    with closing(beside(here)) as there, pytest.raises(StoreUnreachable, match="the lake does not answer"):
        there.load_parts(LIST, logged, gone())
    assert rows(beside(here)) == []


def test_what_cannot_be_reached_is_said_without_the_password(stores: Stores, tmp_path: Path) -> None:
    lake = stores.empty("ducklake").lake
    assert lake is not None
    wrong = replace(lake, catalog=lake.catalog.replace("only-for-tests", "another-secret"))
    elsewhere = replace(lake, data=tmp_path / "none")
    other = f"the rows of this lake lie in {lake.data}, and CAPEX_SIGNALS_STORE_DATA names {tmp_path / 'none'}"
    for unreachable, why in ((wrong, "password authentication failed"), (elsewhere, re.escape(other))):
        with pytest.raises(StoreUnreachable, match=why) as told:
            Store.open(unreachable)
        assert re.search("another-secret|only-for-tests", str(told.value)) is None
        assert "another-secret" not in repr(unreachable)
    assert list(tmp_path.iterdir()) == []
    assert (
        told.value.remedy
        == f"set CAPEX_SIGNALS_STORE_DATA to {lake.data}, or CAPEX_SIGNALS_STORE to another lake; nothing is written"
    )


@pytest.mark.parametrize(("store", "data", "endpoint", "why"), [
    ("sqlite", "", "", "CAPEX_SIGNALS_STORE: this names no store"),
    ("ducklake:sqlite:lake.db", "", "", "CAPEX_SIGNALS_STORE: this names no store"),
    ("ducklake:postgres:", "", "", "CAPEX_SIGNALS_STORE: this names no store"),
    ("ducklake:postgres:dbname=lake", "lake", "", "CAPEX_SIGNALS_STORE_DATA: every host must see one folder"),
    ("duckdb", "/lake", "", "CAPEX_SIGNALS_STORE_DATA: a place is named for the rows of a lake, and the store is none"),
    ("ducklake:postgres:dbname=lake", "gs://bucket/rows", "", "CAPEX_SIGNALS_STORE_DATA: gs://bucket/rows names no bucket"),
    ("ducklake:postgres:dbname=lake", "s3://", "", "CAPEX_SIGNALS_STORE_DATA: s3:// names no bucket"),
    ("ducklake:postgres:dbname=lake", "s3://bucket/a'b", "", "CAPEX_SIGNALS_STORE_DATA: s3://bucket/a'b names no bucket"),
    ("ducklake:postgres:dbname=lake", "s3://bucket/rows", "host:9000", "AWS_ENDPOINT_URL: host:9000 is no address"),
])  # fmt: skip
def test_a_setting_that_names_no_store_is_refused(store: str, data: str, endpoint: str, why: str) -> None:
    with pytest.raises(
        Refused, match=rf"{why}.*Remedy: (set CAPEX_SIGNALS_STORE to duckdb, ducklake:postgres:|write it as http)"
    ):
        lake_of(store, data, Path("/data"), endpoint)


@pytest.mark.parametrize(("store", "catalog"), [
    ("ducklake:postgres://user:secret@host/name", "postgres://user:secret@host/name"),
    ("ducklake:postgres:dbname=name host=host password=secret", "dbname=name host=host password=secret"),
])  # fmt: skip
def test_both_ways_of_naming_a_database_are_taken(store: str, catalog: str) -> None:
    lake = lake_of(store, "", Path("/data"))
    assert lake is not None
    assert (lake.catalog, lake.data) == (catalog, Path("/data/lake"))
    assert "secret" not in f"{lake} {lake!r}"


def test_the_default_is_the_file_at_home() -> None:
    assert lake_of("duckdb", "", Path("/data")) is None
