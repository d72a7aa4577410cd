"""A clock that is ahead or behind: nothing counts as known before it was, and nothing is stuck until a day that is far off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from small_pipeline import NOW, Clock, fixture, small_pipeline

from config.contracts import Capture
from config.errors import Refused
from config.load import catalog
from flows.network.responses import admit_clock
from flows.steps import load
from flows.steps.load import load_pending, open_store
from flows.steps.pipeline import Pipeline
from transforms.filings.refetch import is_due
from warehouse.archive import refusals
from warehouse.archive.captures import sha256_of

YEAR = timedelta(days=365)
URL = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
STAMP = "Fri, 20 Nov 2026 06:30:00 GMT"


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    monkeypatch.setattr(load, "read_starter", lambda: None)
    return small_pipeline(tmp_path / "home", "http://127.0.0.1:9")


def clock_of(pipeline: Pipeline) -> Clock:
    assert isinstance(pipeline.clock, Clock)
    return pipeline.clock


def capture(pipeline: Pipeline, name: str) -> None:
    """A list of prices, captured now by the pipeline's clock."""
    body, now = fixture("litellm_prices", name), pipeline.clock()
    pipeline.archive.add(Capture("litellm_prices", "", "u", sha256_of(body), len(body), now, now), body, now)


def loaded(pipeline: Pipeline) -> tuple[list[tuple[datetime, int]], list[str]]:
    """(when prices became known, how many) of the store after all that waits is loaded, and what was said."""
    said: list[str] = []
    store, progress = open_store(pipeline, said.append)
    load_pending(pipeline, store, said.append, progress)
    query = "SELECT known_at, count(*) FROM token_price GROUP BY known_at ORDER BY known_at"
    rows = store.connection.execute(query).fetchall()
    store.close()
    return [(known_at, int(count)) for known_at, count in rows], said


def test_what_a_clock_that_was_ahead_has_captured_is_left_out_and_had_anew(pipeline: Pipeline) -> None:
    clock = clock_of(pipeline)
    capture(pipeline, "2026-09-01.json")
    first, _ = loaded(pipeline)
    assert [known_at for known_at, _ in first] == [NOW]
    clock.now = NOW + YEAR
    capture(pipeline, "2025-02-25.json")
    assert [known_at for known_at, _ in loaded(pipeline)[0]] == [NOW, NOW + YEAR]
    clock.now = NOW + timedelta(days=1)
    rows, said = loaded(pipeline)
    assert rows == first
    assert any(
        line.startswith("rebuilding the store: the store holds captures of 2027-11-22 04:00 UTC") for line in said
    )
    assert any(line.startswith("1 captures are logged later than now (2026-11-23 04:00 UTC)") for line in said)
    capture(pipeline, "2025-02-25.json")
    rows, said = loaded(pipeline)
    assert [known_at for known_at, _ in rows] == [NOW, NOW + timedelta(days=1)]
    assert not any("rebuilding" in line for line in said)


def test_a_first_night_with_a_clock_ahead_does_not_rebuild_for_ever(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # with the starter data: their note in the log is of that night
    clock = clock_of(pipeline)
    clock.now = NOW + YEAR
    loaded(pipeline)
    clock.now = NOW
    assert any("rebuilding" in line for line in loaded(pipeline)[1])
    assert not any("rebuilding" in line for line in loaded(pipeline)[1])


@pytest.mark.parametrize(
    ("now", "refused"),
    [
        (datetime(2026, 11, 20, 6, 29), False),
        (datetime(2026, 11, 20, 5, 29), True),  # an hour behind the host
        (datetime(1970, 1, 1), True),
        (datetime(2026, 11, 25), False),  # a cache may hold an answer of days ago
    ],
)
def test_a_clock_behind_that_of_the_host_captures_nothing(now: datetime, refused: bool) -> None:
    spec = catalog().sources["ecb_fx"]
    if refused:
        with pytest.raises(
            Refused, match=r"host's clock says 2026-11-20 06:30 UTC.*known too early.*set this machine's clock"
        ):
            admit_clock(spec, URL, STAMP, now)
    else:
        admit_clock(spec, URL, STAMP, now)


@pytest.mark.parametrize(("url", "stamp"), [(URL, ""), (URL, "soon"), (URL.replace("https", "http"), STAMP)])
def test_a_date_that_is_none_or_that_nobody_vouches_for_proves_nothing(url: str, stamp: str) -> None:
    admit_clock(catalog().sources["ecb_fx"], url, stamp, datetime(1970, 1, 1))


def test_what_was_noted_by_a_clock_ahead_keeps_no_host_alone_and_no_document_unasked(pipeline: Pipeline) -> None:
    ten_minutes = timedelta(minutes=10)
    refusals.note(pipeline.home, "data.sec.gov", NOW + YEAR, "403")
    assert refusals.refused_until(pipeline.home, NOW, ten_minutes) == {}
    refusals.note(pipeline.home, "data.sec.gov", NOW + ten_minutes, "403")
    assert refusals.refused_until(pipeline.home, NOW, ten_minutes) == {"data.sec.gov": NOW + ten_minutes}
    ahead = Capture("sec_companyfacts", "MSFT", "u", "s", 1, NOW + YEAR, NOW + YEAR)
    assert is_due(ahead, (), NOW)
