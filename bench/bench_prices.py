"""Loading every dated file of the litellm schema into a new store, beside a plain script that reads only the newest one.

    python bench/bench_prices.py [FOLDER]      default: ../shared/data/prices beside the checkout

Each side runs in a process of its own, three times in turn, so that their ratio is of one machine in one mood. Printed:
seconds (the best of three), those of them spent computing, and the peak memory of the process. Promised: at most 250 MB, and 15 s on two idle cores.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from figures import Figure, told

ROUNDS = 3
FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "prices"


def load_all(folder: Path) -> str:
    """Ours, as a run does it: into the archive, then parsed, checked and appended, to a closed store file."""
    import tempfile

    from config.contracts import Capture
    from flows.commands.starter import price_lists
    from flows.steps.load import Progress, load_pending
    from flows.steps.pipeline import Pipeline, Settings
    from warehouse.archive.captures import sha256_of
    from warehouse.store.facts import Store

    with tempfile.TemporaryDirectory() as home:
        pipeline = Pipeline.open(Settings(home=Path(home)))
        for item in price_lists(folder):
            sha = sha256_of(item.body)
            capture = Capture(item.source, "", item.url, sha, len(item.body), item.taken_at, item.taken_at, item.basis)
            pipeline.archive.add(capture, item.body, item.taken_at)
        store = Store.open(pipeline.home.store)
        loaded = load_pending(pipeline, store, lambda _: None, Progress()).loaded
        store.close()
    stated, added = sum(one.rows_stated for one in loaded), sum(one.rows_added for one in loaded)
    return f"{len(loaded)} files, {stated:,} prices stated, {added:,} rows kept"


def read_newest(folder: Path) -> str:
    """Plain: the newest file into a frame of two prices a model, and nothing else."""
    import polars as pl

    newest = max((folder / "litellm").glob("*.json"))
    body = json.loads(newest.read_bytes())
    frame = pl.DataFrame(
        [
            {"model": name, "input": entry.get("input_cost_per_token"), "output": entry.get("output_cost_per_token")}
            for name, entry in body.items()
        ],
        schema={"model": pl.String, "input": pl.Float64, "output": pl.Float64},
        strict=False,
    ).with_columns(pl.col("input", "output") * 1e6)
    return f"1 file, {frame.height:,} models"


SIDES = {"all into the store": load_all, "newest into a frame": read_newest}


def main() -> None:
    if len(sys.argv) == 3:  # one side, in its own process
        begun = time.perf_counter()
        words = SIDES[sys.argv[1]](Path(sys.argv[2]))
        taken = time.perf_counter() - begun
        used = resource.getrusage(resource.RUSAGE_SELF)
        figures = {"seconds": taken, "cpu": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}
        sys.stdout.write(json.dumps({**figures, "words": words}))
        return
    folder = Path(sys.argv[1]) if len(sys.argv) == 2 else FOLDER
    if not folder.is_dir():
        sys.exit(f"no price files at {folder}: name the folder that holds litellm/ and tokencost/")
    best: dict[str, dict[str, float | str]] = {}
    for _ in range(ROUNDS):
        for side in SIDES:
            command = [sys.executable, __file__, side, str(folder)]
            run = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            if side not in best or run["seconds"] < best[side]["seconds"]:
                best[side] = run
    for side, run in best.items():
        sys.stdout.write(
            f"{side:22} {run['seconds']:7.2f} s {run['cpu']:7.2f} s of CPU {run['megabytes']:6.0f} MB   {run['words']}\n"
        )
    ours, plain = (best[side] for side in SIDES)
    sys.exit(told("prices", [
        Figure(f"load of {ours['words']}", float(ours["seconds"]), "s", 15), Figure("of it processor", float(ours["cpu"]), "s"),
        Figure("peak of its process", float(ours["megabytes"]), "MB", 250),
        Figure("the newest file alone into a frame, by a plain script", float(plain["seconds"]), "s"),
    ]))  # fmt: skip


if __name__ == "__main__":
    main()
