"""What a night costs in a home that is old: python bench/bench_nights.py [NIGHTS] (default 400; needs ../shared/data)

A home is filled night after night with the news of each: a board of 200 entrants, a day's reference rates, a price list in
which five listings moved, and whatever Microsoft had filed by then. What is archived between two measured nights is loaded at
once. Hand-entered files are left out, since they tell of later years. At nights 2, 50, 100, 200 and 400 two processes each are measured: one that brings the news of a night, and one that
brings nothing. Printed: seconds of the processor, peak memory, rows in the store, megabytes on disk by kind, and the costs as
multiples of night 2's, each divided by the time of a fixed piece of work just after it (figures.py). Promised: at most 1.1 at night 400.
Beside them, without a promise: the command of a night on the starter data when nothing is new, start of Python and pages included.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from figures import Figure, slowness, told
from measuring import peak_mb

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
START = datetime(2025, 2, 25, 4)
MEASURED = (2, 50, 100, 200, 400)
ENTRANTS, MOVED = 200, 5
PROMISED = 1.1
DISK = ("archive", "store", "published", "report", "prefect")


class News:
    """What each source says on each night; the same for every process."""

    def __init__(self) -> None:
        with zipfile.ZipFile(DATA / "fx" / "eurofxref-hist.zip") as archive:
            self.rates = archive.read(archive.namelist()[0]).decode().splitlines()
        self.prices = json.loads(max((DATA / "prices" / "litellm").glob("2025-0[12]*.json")).read_bytes())
        self.filings = json.loads((DATA / "sec" / "companyfacts" / "CIK0000789019.json").read_bytes())

    def of(self, night: int) -> list[tuple[str, str, bytes]]:
        """(source, scope, bytes) of a night."""
        day = (START + timedelta(days=night)).date()
        head, *rows = self.rates
        rates = "\n".join([head, *(row for row in rows if row[:10] < day.isoformat())])
        return [
            ("ecb_fx", "", rates.encode()),
            ("litellm_prices", "", self._prices(night)),
            ("arena_leaderboard", "arena_text", self._board(night, day)),
            ("sec_companyfacts", "MSFT", self._filings(day.isoformat())),
        ]

    def _prices(self, night: int) -> bytes:
        priced = [name for name, entry in self.prices.items() if entry.get("input_cost_per_token")]
        body = {name: dict(entry) for name, entry in self.prices.items()}
        for number in range(night * MOVED):
            entry = body[priced[(number * 7919) % len(priced)]]
            entry["input_cost_per_token"] *= 0.9
        return json.dumps(body).encode()

    @staticmethod
    def _board(night: int, day: date) -> bytes:
        chance = np.random.Generator(np.random.PCG64(1))
        rating = 1000 + 400 * chance.random(ENTRANTS) + (np.arange(ENTRANTS) + night) % 3
        makers = ["OpenAI", "Google", "Anthropic", "Meta", "xAI", "Mistral", "Alibaba", "DeepSeek"]
        rows = pl.DataFrame({
            "model_name": [f"model-{number}" for number in range(ENTRANTS)],
            "organization": [makers[number % len(makers)] for number in range(ENTRANTS)],
            "rating": rating, "rating_lower": rating - 5, "rating_upper": rating + 5,
        }).with_columns(
            leaderboard_publish_date=pl.lit(day.isoformat()), category=pl.lit("overall"), license=pl.lit("Proprietary"),
            variance=4.0, vote_count=5000.0, rank=pl.col("rating").rank(descending=True),
        )  # fmt: skip
        buffer = io.BytesIO()
        rows.write_parquet(buffer)
        return buffer.getvalue()

    def _filings(self, day: str) -> bytes:
        def by_then(units: dict[str, Any]) -> dict[str, Any]:
            return {unit: [fact for fact in facts if fact["filed"] < day] for unit, facts in units.items()}

        facts = {
            taxonomy: {tag: {**about, "units": by_then(about["units"])} for tag, about in tags.items()}
            for taxonomy, tags in self.filings["facts"].items()
        }
        return json.dumps({**self.filings, "facts": facts}).encode()


def nights(home: Path, first: int, last: int, news: int) -> None:
    """Archive the news of the nights from `first` to `last`, up to night `news`; then one run, on the morning of `last`."""
    from dataclasses import replace

    from config.contracts import Capture
    from config.settings import Settings
    from flows.steps import load
    from flows.steps.pipeline import Pipeline
    from flows.steps.publish import load_and_answer
    from warehouse.archive.captures import sha256_of
    from warehouse.store.lock import store_lock

    load.read_starter = lambda: None  # type: ignore[assignment]
    now = START + timedelta(days=last)
    pipeline = replace(Pipeline.open(Settings(home=home, offline=True)), clock=lambda: now)
    news_of, held = News(), {}
    for night in range(first, min(last, news) + 1):
        taken = START + timedelta(days=night)
        for source, scope, body in news_of.of(night):
            sha = sha256_of(body)
            if held.get((source, scope)) != sha:
                capture = Capture(source, scope, "https://example.org", sha, len(body), taken, taken)
                pipeline.archive.add(capture, body, taken)
            held[source, scope] = sha
    begun = time.process_time()
    with store_lock(pipeline.home, "a bench"):
        summary, _ = load_and_answer(pipeline, [], lambda _: None)
    cost = {"cpu": time.process_time() - begun, "mb": peak_mb(), "added": summary.rows_added}
    sys.stdout.write(json.dumps({**cost, "slow": slowness(), "refused": list(summary.refused)}))


def run(home: Path, first: int, last: int, news: int) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, str(home), str(first), str(last), str(news)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    if found["refused"]:
        sys.exit(f"a capture was refused: {found['refused'][0]}")
    return found


def disk(home: Path) -> dict[str, float]:
    """Megabytes by kind."""
    sizes = {kind: sum(p.stat().st_size for p in (home / kind).rglob("*") if p.is_file()) for kind in DISK}
    journals = sum(p.stat().st_size for p in (home / "archive").glob("*.jsonl"))
    return {kind: size / 1e6 for kind, size in {**sizes, "journals": journals}.items() if size}


def unchanged() -> list[Figure]:
    """What the second night on the starter data takes, whole process."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "flows.cli", "nightly"]
        there = {**os.environ, "CAPEX_SIGNALS_HOME": home, "CAPEX_SIGNALS_OFFLINE": "1"}
        subprocess.run(command, check=True, capture_output=True, env=there)
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=there)
        clock, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    what = "an unchanged night of the starter data"
    return [Figure(f"{what}, processor", used, "s"), Figure(f"{what}, on the clock", clock, "s")]


def main() -> None:
    if len(sys.argv) == 5:
        nights(Path(sys.argv[1]), *map(int, sys.argv[2:]))
        return
    last = int(sys.argv[1]) if len(sys.argv) == 2 else MEASURED[-1]
    if not DATA.is_dir():
        sys.exit(f"no payloads at {DATA}: this bench reads real lists and filings")
    base: dict[str, float] = {}
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        for night in sorted({n for n in MEASURED if n < last} | {last}):
            run(home, done + 1, night - 1, night - 1)
            # A second morning later nothing is new; the night after next brings its news beside an unchanged one before it.
            new = run(home, night, night, night)
            idle = run(home, night + 1, night + 1, night)
            done = night
            # Minutes lie between two measured nights, in which a machine that others use, too, changes its pace.
            work = {name: one["cpu"] / one["slow"] for name, one in (("new", new), ("idle", idle))}
            base = base or work
            ratio = {name: work[name] / base[name] for name in work}
            sizes = disk(home)
            kinds = ", ".join(f"{kind} {size:,.1f}" for kind, size in sizes.items())
            held = sizes["archive"]
            sys.stdout.write(
                f"night {night:4}: {new['cpu']:6.2f} s with news ({ratio['new']:.2f}), {idle['cpu']:6.2f} s with none "
                f"({ratio['idle']:.2f}), machine {new['slow']:.2f} and {idle['slow']:.2f}, {new['mb']:5.0f} and {idle['mb']:5.0f} MB; on disk, MB: {kinds}\n"
            )
            sys.stdout.flush()
    told_of = [
        Figure(f"night {last} with news, processor, as a multiple of night 2's", ratio["new"], "times", PROMISED),
        Figure(f"night {last} without news, as a multiple of night 2's", ratio["idle"], "times", PROMISED),
        Figure(f"night {last} with news, peak", new["mb"], "MB"), Figure("a night's archive", held / last, "MB"),
        *unchanged(),
    ]  # fmt: skip
    sys.exit(told("nights", told_of))


if __name__ == "__main__":
    main()
