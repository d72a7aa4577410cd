"""A lake whose PostgreSQL is stopped and started again in the middle of a write, and whose folder is full: nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from lakes import LIST, Stores, capture, rows

from config.errors import NotWritten, StoreUnreachable
from warehouse.home.disk import faults_named
from warehouse.home.lake import Lake
from warehouse.store import lake as lakes
from warehouse.store.checks import Checked
from warehouse.store.facts import Store

pytestmark = pytest.mark.faults
TOLD = [capture(day, price=float(day)) for day in range(1, 5)]


def load(lake: Lake, count: int) -> None:
    """What a night does: those of the first captures that the lake has not."""
    with closing(Store.open(lake)) as store:
        for logged, checked in TOLD[:count]:
            lakes.again(lake, partial(store.load, LIST, logged, checked))


def said(lake: Lake | None, count: int) -> list[tuple[object, ...]]:
    with closing(Store.open(lake)) as store:
        if lake is None:
            for logged, checked in TOLD[:count]:
                store.load(LIST, logged, checked)
        return rows(store)


@pytest.mark.parametrize("stays_away", [False, True], ids=["comes back at once", "stays away"])
def test_postgresql_started_again_in_the_middle_of_a_write(stores: Stores, *, stays_away: bool) -> None:
    lake = stores.lake()
    assert stores.cluster is not None
    load(lake, 2)
    cluster, (logged, checked) = stores.cluster, TOLD[2]

    def stopped() -> Iterator[Checked]:
        cluster.stop()
        if not stays_away:
            cluster.start()
        yield checked

    store = Store.open(lake)
    with pytest.raises(StoreUnreachable, match="the lake does not answer"), closing(store):
        store.load_parts(LIST, logged, stopped())
    if stays_away:
        with pytest.raises(StoreUnreachable, match="start its PostgreSQL"):
            load(lake, 4)
        cluster.start()
    assert said(lake, 2) == said(None, 2)
    load(lake, 4)
    assert said(lake, 4) == said(None, 4)


def test_a_lake_whose_folder_is_full(stores: Stores, tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    mount.mkdir()
    made = subprocess.run(  # noqa: S603
        ["/bin/mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(mount)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("this user may not mount a small file system")
    lake = replace(stores.lake(), data=mount)
    try:
        load(lake, 2)
        filler = mount / "filler"
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(mount).free)
        with (
            pytest.raises(NotWritten, match=r"No space left on device.*nothing is half-written"),
            faults_named(tmp_path),
        ):
            load(lake, 4)  # inside the lock of a home, as each run is
        assert said(lake, 2) == said(None, 2)
        filler.unlink()
        load(lake, 4)
        assert said(lake, 4) == said(None, 4)
    finally:
        subprocess.run(["/bin/umount", "-l", str(mount)], check=False)  # noqa: S603
