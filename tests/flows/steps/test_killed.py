"""Killed at any step, the next run converges on what an undisturbed one says, and readers never saw half of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from places import REPOSITORY, TESTS
from small_pipeline import NOW, Clock, Site, fixture, night, plainly, published_rows, served, small_pipeline

from flows.steps.pipeline import Pipeline
from warehouse.store.lock import store_lock

pytestmark = pytest.mark.slow("every test is two nights, one of them killed")


# Each step, by the function at whose n-th call the process is killed: before it does anything.
STEPS = {
    "fetch, some sources archived": ("flows.network.fetch", "Fetcher._capture", 3),
    "archive, before the bytes are renamed": ("pathlib", "Path.replace", 1),
    "archive, bytes without their line": ("warehouse.archive.journal", "append", 2),
    "append, before the commit": ("warehouse.store.facts", "Store._record", 3),
    "append, before the checkpoint": ("warehouse.store.facts", "Store.close", 1),
    "stage": ("warehouse.published.stage", "Stage.take_fingerprints", 1),
    "swap, before the file has its name": ("warehouse.published.swap", "swap", 1),
    "swap, between the name and the link": ("warehouse.published.swap", "sync_folder", 1),
    "swapped, before the ledger": ("flows.steps.publish", "publish_verdicts", 1),
}

DRIVER = """
import importlib, os, signal, sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from small_pipeline import Clock, night, plainly, small_pipeline
home, url, now, module, path, left = sys.argv[1:]
plainly(SimpleNamespace(setattr=setattr))
left = int(left)
owner, _, name = path.rpartition(".")
target = importlib.import_module(module)
target = getattr(target, owner) if owner else target
whole = getattr(target, name)
def deadly(*arguments, **named):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(*arguments, **named)
clock = Clock()
clock.now = datetime.fromisoformat(now)
pipeline = small_pipeline(Path(home), url, clock)
setattr(target, name, deadly)
if module == "warehouse.published.swap" and name == "swap":
    import flows.steps.publish
    flows.steps.publish.swap = deadly
night(pipeline)
"""


@dataclass(frozen=True)
class Nights:
    """A first night, whose home every test copies, and what a second one says that nothing disturbs."""

    site: Site
    home: Path
    before: object
    after: object


def second_night(home: Path, site: Site) -> Pipeline:
    clock = Clock()
    clock.now = NOW + timedelta(days=1)
    return small_pipeline(home, site.url, clock)


def digest(home: Path) -> object:
    return published_rows(home, "SELECT digest FROM meta")[0][0]


def killed(home: Path, site: Site, module: str, path: str, call: int) -> int:
    command = [
        sys.executable,
        "-c",
        DRIVER,
        home,
        site.url,
        (NOW + timedelta(days=1)).isoformat(),
        module,
        path,
        str(call),
    ]
    paths = os.pathsep.join((str(TESTS / "support"), str(REPOSITORY)))
    done = subprocess.run(  # noqa: S603  our own interpreter and text
        command, env={**os.environ, "PYTHONPATH": paths}, stderr=subprocess.PIPE, timeout=120
    , check=False)  # fmt: skip
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode


@pytest.fixture(scope="module")
def nights() -> Iterator[Nights]:
    with pytest.MonkeyPatch.context() as patch, served() as site, tempfile.TemporaryDirectory() as folder:
        plainly(patch)
        home, undisturbed = Path(folder) / "home", Path(folder) / "undisturbed"
        night(small_pipeline(home, site.url))
        shutil.copytree(home, undisturbed, symlinks=True)
        site.bodies["/prices.json"] = fixture("litellm_prices", "2025-02-25.json")
        site.bodies["/CIK0000789019.json"] = site.bodies["/CIK0000789019.json"].replace(
            b"115948000000", b"115949000000"
        )  # type: ignore[union-attr]
        site.bodies["/eurofxref-hist.csv"] = fixture("ecb_fx", "eurofxref-hist.csv").replace(
            b"2026-10-30,", b"2026-11-02,1.1234,175,N/A,0.83,0.91,7.4,\n2026-10-30,"
        )
        second = night(second_night(undisturbed, site))
        assert second.rows_added > 0
        assert second.refused == ()
        yield Nights(site, home, digest(home), second.report.digest)


@pytest.mark.parametrize("step", STEPS)
def test_the_run_after_a_killed_one_says_what_an_undisturbed_one_says(
    nights: Nights, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plainly(monkeypatch)
    assert nights.before != nights.after
    home = tmp_path / "home"
    shutil.copytree(nights.home, home, symlinks=True)
    assert killed(home, nights.site, *STEPS[step]) == -signal.SIGKILL
    swapped = step.startswith("swapped")
    assert digest(home) == (nights.after if swapped else nights.before)  # whole, the old or the new
    pipeline = second_night(home, nights.site)
    with store_lock(pipeline.home, "the next run"):
        pass  # a killed holder's lock is gone with it
    assert night(pipeline).report.digest == digest(home) == nights.after
    assert list(pipeline.home.scratch.iterdir()) == []
    assert not list(pipeline.home.published.glob(".latest*"))
    claims = pipeline.home.verdicts.read_text().count('"claim_id":"C07"')
    assert claims == 1  # said once, since it did not change


def test_half_a_line_in_the_capture_log_was_never_written(
    nights: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plainly(monkeypatch)
    home = tmp_path / "home"
    shutil.copytree(nights.home, home, symlinks=True)
    with (home / "archive" / "captures.jsonl").open("ab") as log:
        log.write(b'{"source":"ecb_fx","scope":"","sha')
    assert night(second_night(home, nights.site)).report.digest == nights.after
    assert b'"sha{' not in (home / "archive" / "captures.jsonl").read_bytes()
