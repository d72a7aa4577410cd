"""A home for zips of filers, and what loads one into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from filer_zips import LATER, zip_of
from small_pipeline import Clock, small_pipeline

from config.load import catalog
from flows.past.bulk import Loaded, load_zips
from flows.past.bulk_zip import take_zip
from flows.steps.pipeline import Pipeline


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    opened = small_pipeline(tmp_path / "home", "http://127.0.0.1:9")
    sources = {**opened.catalog.sources, "sec_bulk": catalog().sources["sec_bulk"]}
    return Pipeline(
        opened.settings, opened.catalog.model_copy(update={"sources": sources}), opened.home, opened.archive, Clock()
    )


@pytest.fixture
def load(pipeline: Pipeline, tmp_path: Path) -> Callable[..., Loaded]:
    def loaded(documents: dict[str, bytes], taken_at: datetime = LATER, into: Pipeline = pipeline) -> Loaded:
        assert isinstance(pipeline.clock, Clock)
        pipeline.clock.pass_time(minutes=1)
        path = zip_of(tmp_path / f"{taken_at:%Y%m%d}.zip", documents)
        take_zip(into, into.catalog.sources["sec_bulk"], path, taken_at, "")
        return load_zips(into, "sec_bulk", lambda _: None)

    return loaded
