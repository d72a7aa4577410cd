"""An archive that has lost something says so, and a poorer file never takes the place of a good one unasked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from small_pipeline import NOW, Clock, night, plainly, served, small_pipeline

from config.errors import NotPublished
from flows.replay import replay_archive
from warehouse.archive.second_copy import second
from warehouse.published.losses import NIGHTS, losses

pytestmark = pytest.mark.slow("every test is several nights")

OBJECT_OF = "ecb_fx"


@pytest.fixture(autouse=True)
def plain_nights(monkeypatch: pytest.MonkeyPatch) -> None:
    plainly(monkeypatch)


def quiet(_: str) -> None:
    pass


def test_losses_are_told_and_a_replay_that_would_lose_figures_publishes_only_when_told_to(tmp_path: Path) -> None:
    with served() as site:
        pipeline = small_pipeline(tmp_path, site.url, Clock())
        night(pipeline)
    assert [losses(pipeline.archive, NOW.date() + timedelta(days)) for days in range(NIGHTS)] == [[]] * NIGHTS
    good = pipeline.home.latest.resolve()

    sha256 = next(one.capture.sha256 for one in pipeline.archive.captures() if one.capture.source == OBJECT_OF)
    pipeline.archive.path(sha256).write_bytes(b"damaged")
    told = [line for days in range(NIGHTS) for line in losses(pipeline.archive, NOW.date() + timedelta(days))]
    assert len(told) == 1
    assert sha256 in told[0]
    with pytest.raises(NotPublished, match=r"nothing is lost \(fx_rate has 0 statements.*replay --poorer"):
        replay_archive(pipeline, quiet)
    assert pipeline.home.latest.resolve() == good
    summary, _, _ = replay_archive(pipeline, quiet, may_be_poorer=True)
    assert summary.published != good

    pipeline.home.captures.unlink()
    [mended] = losses(pipeline.archive, NOW.date())
    assert "captures.jsonl was damaged, and has every line again from its other copy" in mended
    pipeline.home.captures.unlink()
    second(pipeline.home.captures).unlink()
    assert "captures that the published file rests on are no longer in the log" in "".join(
        losses(pipeline.archive, NOW.date())
    )
