"""A home of many nights, killed at moments chosen by a seed: the next night says what an undisturbed one says."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from places import REPOSITORY, TESTS
from small_pipeline import (
    NOW,
    Clock,
    Site,
    facts,
    fetched,
    fixture,
    night,
    plainly,
    published_rows,
    served,
    small_pipeline,
)

from flows.steps.pipeline import Pipeline

SEED = 21
KILLS = int(os.environ.get("KILLS", "200"))  # in make faults: fewer where there is no hour for them
# A night as a process, which says when it begins: what is imported before is no night's work.
DRIVER = """
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from small_pipeline import Clock, night, plainly, small_pipeline
home, url, now = sys.argv[1:]
plainly(SimpleNamespace(setattr=setattr))
clock = Clock()
clock.now = datetime.fromisoformat(now)
pipeline = small_pipeline(Path(home), url, clock)
print("begun", flush=True)
night(pipeline)
"""


def news(site: Site, number: int) -> None:
    """What the sources say on a night: a day's rates more, a price that moved, every fifth night a figure restated."""
    first, *rest = fixture("ecb_fx", "eurofxref-hist.csv").decode().splitlines()
    days = [(NOW + timedelta(days=day - 20)).date() for day in range(number, -1, -1)]
    rates = [f"{day},{1.1 + day.day / 1000:.4f},175,N/A,0.83,0.91,7.4," for day in days]
    site.bodies["/eurofxref-hist.csv"] = "\n".join([first, *rates, *rest]).encode()
    prices = json.loads(fixture("litellm_prices", "2026-09-01.json"))
    priced = [entry for entry in prices.values() if entry.get("input_cost_per_token")]
    for step in range(number):
        priced[step % len(priced)]["input_cost_per_token"] *= 0.95
    site.bodies["/prices.json"] = json.dumps(prices).encode()
    site.bodies["/CIK0000789019.json"] = fixture("sec_companyfacts", "MSFT.json").replace(
        b"115948000000", str(115_948_000_000 + number // 5 * 1_000_000).encode()
    )


def on_night(home: Path, site: Site, number: int) -> Pipeline:
    clock = Clock()
    clock.now = NOW + timedelta(days=number)
    return small_pipeline(home, site.url, clock)


def copied(old: Path, home: Path, site: Site, number: int) -> Pipeline:
    shutil.copytree(old, home, symlinks=True)
    return on_night(home, site, number)


@dataclass(frozen=True)
class Said:
    """What a reader of the home's published file finds."""

    digest: object
    rows: dict[str, int]
    verdicts: int

    @classmethod
    def by(cls, pipeline: Pipeline) -> Said:
        home = pipeline.settings.root
        [(digest,)] = published_rows(home, "SELECT digest FROM meta")
        return cls(digest, facts(home), pipeline.home.verdicts.read_text().count("\n"))


def killed(home: Path, site: Site, number: int, after: float) -> bool:
    """Whether a night was killed so many seconds after it began, or had ended by then."""
    paths = os.pathsep.join((str(TESTS / "support"), str(REPOSITORY)))
    process = subprocess.Popen(  # noqa: S603  our own interpreter and text
        [sys.executable, "-c", DRIVER, str(home), site.url, (NOW + timedelta(days=number)).isoformat()],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    time.sleep(after)
    process.kill()
    process.communicate(timeout=120)
    assert process.returncode in {0, -signal.SIGKILL}
    return process.returncode != 0


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    plainly(monkeypatch)
    with served() as opened:
        yield opened


@pytest.mark.parametrize(
    ("nights", "kills"),
    [
        pytest.param(10, 5, marks=pytest.mark.slow("ten nights, and five that are killed")),
        pytest.param(400, KILLS, marks=[pytest.mark.faults, pytest.mark.timeout(7_200)]),
    ],
)
def test_after_a_kill_at_any_moment_the_next_night_says_what_an_undisturbed_one_says(
    nights: int, kills: int, site: Site, tmp_path: Path
) -> None:
    chance = random.Random(SEED)  # noqa: S311  moments, not secrets
    old = tmp_path / "old"
    for number in range(nights - 1):
        news(site, number)
        fetched(on_night(old, site, number))
    news(site, nights - 1)
    assert night(on_night(old, site, nights - 1)).refused == ()
    before = Said.by(on_night(old, site, nights - 1))
    news(site, nights)
    undisturbed = copied(old, tmp_path / "undisturbed", site, nights)
    begun = time.monotonic()
    assert night(undisturbed).rows_added > 0
    took = time.monotonic() - begun
    after = Said.by(undisturbed)
    assert before.digest != after.digest
    hit = 0
    for kill in range(kills):
        pipeline = copied(old, tmp_path / f"killed-{kill}", site, nights)
        hit += killed(pipeline.settings.root, site, nights, took * chance.random())
        assert Said.by(pipeline).digest in {before.digest, after.digest}
        night(pipeline)
        assert Said.by(pipeline) == after, f"kill {kill}"
        assert list(pipeline.home.scratch.iterdir()) == []
        shutil.rmtree(pipeline.settings.root)
    assert hit > kills // 2
