"""The analyst's own files, and what is made of them, are nobody else's to read."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from small_pipeline import Clock, night, plainly, published_rows, served, small_pipeline

from warehouse.home.layout import Home

PRICES = "ticker,price_on,price_kind,currency,value,read_at\nMSFT,2026-11-20,close,USD,512.5,2026-11-21T08:00:00\n"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.slow("a whole night")
def test_with_private_files_nothing_made_of_them_can_be_read_by_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plainly(monkeypatch, pages=True)
    home = Home.open(tmp_path / "home")
    with served() as site:
        clock = Clock()
        assert not night(small_pipeline(home.root, site.url, clock)).refused
        assert (mode(home.latest.resolve()), mode(home.report)) == (0o444, 0o755)
        (home.private / "market_price.csv").write_text(PRICES)
        (home.private / "market_price.csv").chmod(0o644)
        clock.pass_time(days=1)
        assert not night(small_pipeline(home.root, site.url, clock)).refused
    assert published_rows(home.root, "SELECT count(*) FROM market_price") == [(1,)]
    assert (mode(home.latest.resolve()), mode(home.report)) == (0o400, 0o700)
    assert mode(home.private / "market_price.csv") == 0o600
    closed = [home.private, home.archive, home.store.parent, home.scratch, home.report]
    assert {path: mode(path) & 0o077 for path in closed} == dict.fromkeys(closed, 0)
    [(sha,)] = published_rows(home.root, "SELECT DISTINCT sha256 FROM capture WHERE source = 'private_prices'")
    assert mode(home.objects / str(sha)[:2] / f"{sha}.zst") == 0o600


def test_store_and_scratch_are_always_closed(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    home.store.parent.chmod(0o755)
    Home.open(tmp_path)
    assert (mode(home.store.parent), mode(home.scratch), mode(home.private)) == (0o700, 0o700, 0o700)
