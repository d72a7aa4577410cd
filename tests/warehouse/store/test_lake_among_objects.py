"""A lake whose rows lie in an object storage: a real one on loopback, with PostgreSQL as the catalog."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import requests
from lakes import LIST, Stores, beside, capture, rows
from objects import KEYS

from config.errors import StoreUnreachable
from warehouse.home.lake import Lake
from warehouse.published.lake_views import views_sql
from warehouse.store import lake as lakes
from warehouse.store.facts import Store
from warehouse.store.whole import maintain_lake


def objects_of(lake: Lake) -> list[str]:
    """The keys of what lies in its bucket."""
    bucket = lake.objects.removeprefix("s3://").split("/")[0]
    listed = requests.get(f"{lake.endpoint}/{bucket}?list-type=2", timeout=10).text
    return [part.split("</Key>")[0] for part in listed.split("<Key>")[1:]]


def test_two_hosts_write_rows_to_objects_and_have_what_a_file_has(stores: Stores) -> None:
    lake = stores.lake(objects=True)
    told = {host: [capture(day, scope) for day in range(1, 4) for scope in (host, "")] for host in ("a", "b")}
    Store.open(lake).close()

    def load_all(host: str) -> None:
        with closing(Store.open(lake)) as store:
            for logged, checked in told[host]:
                lakes.again(lake, partial(store.load, LIST, logged, checked))

    with ThreadPoolExecutor(2) as hosts:
        list(hosts.map(load_all, told))
    alone = Store.open(None)
    for logged, checked in {item[0].capture.sha256: item for host in told.values() for item in host}.values():
        alone.load(LIST, logged, checked)
    with closing(Store.open(lake)) as here:
        said = rows(here)
        assert said == rows(alone)
        assert all(key.startswith("rows/main/") for key in objects_of(lake))
        written = len(objects_of(lake))
        done = maintain_lake(lake, keep_days=0)
        assert (done.files_before, done.files_after) == (written, len(objects_of(lake)))
        assert done.files_after < done.files_before / 2
    with closing(beside(here)) as there:
        assert rows(there) == said


def test_a_storage_that_does_not_answer_or_keys_that_are_not_there_are_named(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = stores.lake(objects=True)
    with closing(Store.open(lake)) as here:
        here.load(LIST, *capture(1))
        said = rows(here)
    with pytest.raises(StoreUnreachable, match=r"Could not connect to server.*AWS_ENDPOINT_URL"):
        rows_written(replace(lake, endpoint="http://127.0.0.1:9"))
    with closing(Store.open(lake)) as here:
        assert rows(here) == said
    for name in KEYS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/absent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/absent")
    with pytest.raises(StoreUnreachable, match=r"(?s)Secret Validation Failure.*its objects need AWS_ACCESS_KEY_ID"):
        Store.open(lake)


def rows_written(lake: Lake) -> None:
    with closing(Store.open(lake)) as store:
        lakes.again(lake, partial(store.load, LIST, *capture(2)))


def test_who_reads_it_is_told_how_without_a_key() -> None:
    lake = Lake("postgres://u:secret@host/name", "s3://bucket/rows", "http://host:9000")
    told = views_sql(lake, "20261130", [])
    assert "INSTALL httpfs; INSTALL aws;" in told
    assert "SCOPE 's3://bucket/rows', ENDPOINT 'host:9000', URL_STYLE 'path', USE_SSL false);" in told
    assert "u:secret" not in told
    assert "only-for-tests" not in told
    folder = views_sql(replace(lake, data=Path("/lake"), endpoint=""), "20261130", [])
    assert "httpfs" not in folder
