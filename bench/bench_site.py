"""The site: what building every page takes, and what it takes again when nothing has changed.

    python bench/bench_site.py

On the starter data and the hand-entered files, in a home of its own, each build on the same report in one process. An analyst's
other way, a page that is drawn when it is asked for, would draw as much for each reader.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, told
from measuring import peak_mb

from config.settings import Settings
from flows.replay import replay_archive
from flows.steps import publish
from flows.steps.pipeline import Pipeline
from flows.steps.report import write_site


def main() -> int:
    took = list[float]()

    def timed(pipeline: Pipeline, report: publish.Report) -> Path:
        page = pipeline.home.report / "index.html"
        for _ in range(2):
            begun = time.process_time()
            page = write_site(pipeline, report)
            took.append(time.process_time() - begun)
        return page

    publish.write_site = timed
    with tempfile.TemporaryDirectory() as folder:
        pipeline = Pipeline.open(Settings(home=Path(folder), offline=True))
        replay_archive(pipeline, lambda _: None)
        files = [path for path in pipeline.home.report.rglob("*") if path.is_file()]
        size, pages = sum(path.stat().st_size for path in files) / 1e6, sum(path.suffix == ".html" for path in files)
    first, again = took[:2]
    return told("site", [
        Figure(f"first build of {pages} pages in {len(files)} files, processor", first, "s"),
        Figure("the same again, nothing changed, as a part of it", again / first, "times", 1),
        Figure("size of all files", size, "MB"), Figure("peak of the whole night's process", peak_mb(), "MB"),
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
