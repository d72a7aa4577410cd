"""What sources, disks and mistakes of our own can do to a night: named, kept out, and never in the way of the rest."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from filing_lists import LISTS
from small_pipeline import (
    Clock,
    Site,
    bodies,
    facts,
    fixture,
    night,
    plainly,
    published_rows,
    served,
    served_at,
    small_pipeline,
)
from werkzeug import Response

from config.contracts import DATASETS, Capture
from config.errors import NotPublished, NotWritten
from config.specs import Rows
from flows.steps import publish
from flows.steps.discovery import asked_for
from flows.steps.pipeline import Pipeline
from flows.steps.report import Summary, write_site
from warehouse.archive import journal
from warehouse.archive.captures import sha256_of
from warehouse.home import layout
from warehouse.published import swap
from warehouse.store.facts import connect

pytestmark = pytest.mark.slow("every test is a whole night")

MSFT, PRICES = "/CIK0000789019.json", "/prices.json"
PRICE = json.loads(fixture("litellm_prices", "2026-09-01.json"))
OUTCOMES = "SELECT source, scope, outcome FROM capture WHERE outcome = 'refused'"


@pytest.fixture(scope="module")
def first() -> Iterator[tuple[Site, Summary, Path]]:
    """One night in order; its home is copied for each test that begins after it."""
    with served() as opened, pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        plainly(patch)
        summary = night(small_pipeline(Path(folder) / "home", opened.url))
        assert (summary.refused, summary.unreachable) == ((), {})
        yield opened, summary, Path(folder) / "home"


@pytest.fixture
def site(first: tuple[Site, Summary, Path]) -> Site:
    """The server of that night, serving what is in order until a test says otherwise."""
    first[0].bodies = dict(bodies())
    first[0].asked.clear()
    return first[0]


@pytest.fixture
def bare(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    plainly(monkeypatch)
    return small_pipeline(tmp_path / "home", site.url)


@pytest.fixture
def pipeline(
    first: tuple[Site, Summary, Path], site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Pipeline:
    """The day after the night in order."""
    shutil.copytree(first[2], tmp_path / "home", symlinks=True)
    plainly(monkeypatch)
    (clock := Clock()).pass_time(days=1)
    return small_pipeline(tmp_path / "home", site.url, clock)


def digest(pipeline: Pipeline) -> object:
    return published_rows(pipeline.settings.root, "SELECT digest FROM meta")[0][0]


def told(pipeline: Pipeline) -> dict[str, list[str]]:
    """Every row of every dataset of the published file: what was kept out is an issue, and so another digest, but no row."""
    rows = "SELECT CAST(t AS VARCHAR) AS line FROM history.{} t ORDER BY line"
    found = {name: published_rows(pipeline.settings.root, rows.format(name)) for name in DATASETS}
    return {name: [str(line) for (line,) in lines] for name, lines in found.items()}


def night_with(pipeline: Pipeline, site: Site, path: str, body: bytes | Response) -> Summary:
    site.bodies[path] = body
    return night(pipeline)


def board_without(change: Callable[[pl.DataFrame], pl.DataFrame]) -> bytes:
    """The board of that night, changed."""
    buffer = io.BytesIO()
    change(pl.read_parquet(io.BytesIO(fixture("arena_leaderboard", "text_latest.parquet")))).write_parquet(buffer)
    return buffer.getvalue()


HTML = b"<!DOCTYPE html><html><head><title>Request Rate Threshold Exceeded</title></head></html>"


# What each night brings: path -> (body, source, why it is refused). One source is of no matter to another.
SOMETHING_ELSE = {
    "of every source": {
        MSFT: (fixture("sec_companyfacts", "AMZN.json"), "sec_companyfacts MSFT", "CIK 1018724"),
        PRICES: (HTML, "litellm_prices", "JSON"),
        "/text.parquet": (
            board_without(lambda board: board.rename({"rating": "elo"})),
            "arena_leaderboard arena_text",
            "rating is None",
        ),
        "/eurofxref-hist.csv": (b"Date,USD\n2026-10-30,1.1\n", "ecb_fx", "no column CNY"),
    },
    "cut prices, empty board": {
        PRICES: (b'{"gpt-5.6": {"input_cost_per_token": 5e-06', "litellm_prices", "JSON"),
        "/text.parquet": (board_without(lambda board: board.clear()), "arena_leaderboard arena_text", "no rows"),
    },
    "no price, empty body": {
        PRICES: (b"{}", "litellm_prices", "no entry states a token price"),
        "/text.parquet": (b"", "arena_leaderboard arena_text", "empty"),
    },
}


@pytest.mark.parametrize("brought", SOMETHING_ELSE)
def test_a_payload_that_is_something_else_adds_nothing_and_is_named(
    pipeline: Pipeline, site: Site, brought: str
) -> None:
    before, rows, bad = digest(pipeline), told(pipeline), SOMETHING_ELSE[brought]
    site.bodies.update({path: body for path, (body, _, _) in bad.items()})
    second = night(pipeline)
    assert len(second.refused) == len(bad)
    for _, source, why in bad.values():
        [line] = [line for line in second.refused if line.startswith(f"{source}: ")]
        assert why in line
    assert (second.rows_added, told(pipeline)) == (0, rows)
    assert second.report.digest != before
    root, names = pipeline.settings.root, {path: source.partition(" ")[::2] for path, (_, source, _) in bad.items()}
    assert sorted(published_rows(root, OUTCOMES)) == sorted((*name, "refused") for name in names.values())
    issue = "SELECT source, scope, locator, detail <> '' FROM issue WHERE severity = 'refused'"
    assert sorted(published_rows(root, issue)) == sorted(
        (*name, served_at(name[0], site.url) + path, True) for path, name in names.items()
    )


NOTICES = {
    MSFT: HTML,
    "/CIK0001018724.json": fixture("sec_companyfacts", "AMZN.json")[:5000],
    "/CIK0001652044.json": b"{}",
}


def test_notices_in_place_of_company_facts_are_refused_at_the_fetch_named_and_nothing_is_lost(
    pipeline: Pipeline, site: Site
) -> None:
    """A page of HTML with 200, a document that is cut off, and one with nothing in it."""
    before, held = digest(pipeline), pipeline.archive.newest()
    site.bodies.update(NOTICES)
    second = night(pipeline)
    [line] = second.refused
    assert re.fullmatch("sec_companyfacts: MSFT: .*; AMZN: .*; GOOGL: .*", line)
    assert line.count("Remedy: fetch it again") == len(NOTICES)
    assert (second.rows_added, second.report.digest) == (0, before)
    for ticker in ("MSFT", "AMZN", "GOOGL"):
        assert pipeline.archive.newest()["sec_companyfacts", ticker] == held["sec_companyfacts", ticker]
    assert not any(pipeline.archive.path(sha256_of(body)).exists() for body in NOTICES.values())
    state = "SELECT state FROM freshness WHERE source = 'sec_companyfacts'"
    assert published_rows(pipeline.settings.root, state) == [("unreachable",)]


def test_facts_that_were_refused_at_their_load_are_not_had(pipeline: Pipeline, site: Site) -> None:
    """Another company's document is archived and refused: asked for again the next night, not only after a week."""
    night_with(pipeline, site, MSFT, fixture("sec_companyfacts", "AMZN.json"))
    for ticker, body in LISTS.items():
        taken = pipeline.clock()
        capture = Capture("sec_submissions", ticker, "", sha256_of(body), len(body), taken, taken)
        pipeline.archive.add(capture, body, taken)
    spec = pipeline.catalog.sources["sec_companyfacts"]
    asked = asked_for(pipeline, spec, pipeline.archive.newest())
    assert [scope for scope, _ in asked if scope in LISTS] == ["MSFT"]


def test_what_was_refused_is_not_held_against_a_source_that_mends(pipeline: Pipeline, site: Site) -> None:
    assert night_with(pipeline, site, PRICES, HTML).refused != ()
    assert isinstance(pipeline.clock, Clock)
    pipeline.clock.pass_time(days=1)
    third = night_with(pipeline, site, PRICES, bodies()[PRICES])
    assert (third.refused, third.rows_added) == ((), 0)
    state = "SELECT state FROM freshness WHERE source = 'litellm_prices'"
    assert published_rows(pipeline.settings.root, state) == [("fresh",)]


@pytest.mark.parametrize(
    ("status", "refused"), [(403, False), (429, False), (503, False), (404, True)], ids=["403", "429", "503", "404"]
)
def test_a_refusal_of_the_host_leaves_everything_as_it_was(
    pipeline: Pipeline, site: Site, status: int, refused: bool
) -> None:
    before = digest(pipeline)
    second = night_with(pipeline, site, PRICES, Response(HTML, status=status))
    told = second.refused[0] if refused else second.unreachable["litellm_prices"]
    assert str(status) in told
    assert second.report.digest == before
    assert (MSFT, 200) in site.asked
    state = "SELECT state FROM freshness WHERE source = 'litellm_prices'"
    assert published_rows(pipeline.settings.root, state) == [("unreachable",)]


def test_a_price_of_71000_dollars_a_million_is_quarantined_with_its_place(pipeline: Pipeline, site: Site) -> None:
    """The price before it is not carried on: the list said something else, and we do not know what it meant."""
    wrong = {**PRICE, "gpt-5.6": {**PRICE["gpt-5.6"], "input_cost_per_token": 0.071}}
    second = night_with(pipeline, site, PRICES, json.dumps(wrong).encode())
    root = pipeline.settings.root
    assert second.refused == ()
    # And the two prices of wandb's entry, which were wrong the night before. What stands beside the slip is what it was.
    assert second.rows_quarantined == 1 + 2
    issue = """
        SELECT source, severity, locator, reason LIKE 'above 1,000 USD per million tokens%', detail LIKE '%value=71000.0%'
        FROM issue WHERE source = 'litellm_prices' AND detail LIKE '%gpt-5.6%' ORDER BY locator"""
    assert published_rows(root, issue) == [
        ("litellm_prices", "quarantined", "/gpt-5.6/input_cost_per_token", True, True),
    ]
    # OpenAI itself said 4 on 2026-08-21. The list's 5 of the day before ends with the day on which it said what cannot be.
    price = "SELECT usd_per_mtok, source FROM token_price_on('{}') WHERE listing = 'gpt-5.6' AND token_kind = 'input' AND tier = 'standard'"
    for day in ("2026-11-22", "2026-11-23"):
        assert published_rows(root, price.format(day)) == [(4.0, "price_announcements")]
    said = """
        SELECT price_per_mtok, CAST(valid_to AS VARCHAR) FROM token_price
        WHERE source = 'litellm_prices' AND listing = 'gpt-5.6' AND token_kind = 'input' AND tier = 'standard' AND status = 'reported'"""
    assert published_rows(root, said) == [(5.0, "2026-11-23")]
    assert published_rows(root, "SELECT count(*) FROM token_price WHERE usd_per_mtok > 1000") == [(0,)]


def test_a_figure_dated_after_its_capture_is_quarantined_and_does_not_stop_publishing(
    pipeline: Pipeline, site: Site
) -> None:
    """Without this one slip in a year would break the invariant of the whole store, night after night."""
    slip = fixture("sec_companyfacts", "MSFT.json").replace(b'"filed": "2023-10-24"', b'"filed": "2032-10-24"')
    before = told(pipeline)
    second = night_with(pipeline, site, MSFT, slip)
    assert (second.refused, told(pipeline)) == ((), before)
    reasons = "SELECT DISTINCT source, scope, severity, reason FROM issue WHERE source = 'sec_companyfacts'"
    assert published_rows(pipeline.settings.root, reasons) == [
        ("sec_companyfacts", "MSFT", "quarantined", "dated after the instant of its capture")
    ]


def test_a_duplicate_snapshot_is_a_sighting(pipeline: Pipeline, site: Site) -> None:
    before = digest(pipeline)
    second = night_with(pipeline, site, PRICES, fixture("litellm_prices", "2026-09-01.json"))
    assert (second.rows_added, second.report.digest) == (0, before)
    outcomes = "SELECT outcome FROM capture WHERE source = 'litellm_prices' ORDER BY taken_at"
    assert published_rows(pipeline.settings.root, outcomes) == [("loaded",), ("unchanged",)]


def test_a_source_whose_gate_fails_does_not_stop_the_others(bare: Pipeline, site: Site) -> None:
    gated = bare.catalog.sources["litellm_prices"].model_copy(update={"rows": Rows(min=5000, max=60000)})
    object.__setattr__(
        bare, "catalog", bare.catalog.model_copy(update={"sources": {**bare.catalog.sources, gated.id: gated}})
    )  # fmt: skip
    summary = night(bare)
    [line] = summary.refused
    assert "rows where 5,000 to 60,000 are expected" in line
    assert set(facts(bare.settings.root)) == {
        "analyst_events", "analyst_facts", "analyst_guidance", "arena_leaderboard", "ecb_fx", "price_announcements",
        "sec_companyfacts",
    }  # fmt: skip


def test_a_bug_of_ours_in_one_reader_is_named_as_ours(bare: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    from transforms.sources import ecb_fx

    monkeypatch.setattr(ecb_fx, "parse", lambda *_: {}["nothing"])
    summary = night(bare)
    assert summary.refused == ("ecb_fx: our error, please report it: KeyError: 'nothing'",)
    assert "sec_companyfacts" in facts(bare.settings.root)


def test_a_bug_of_ours_while_asking_one_source_is_named_as_ours(
    bare: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.network.fetch import Fetcher

    get = Fetcher.get

    def stumbling(self: Fetcher, spec: object, *rest: object, **options: object) -> object:
        if getattr(spec, "id", "") == "ecb_fx":
            raise ZeroDivisionError("by zero")
        return get(self, spec, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Fetcher, "get", stumbling)
    assert night(bare).refused == ("ecb_fx: our error, please report it: ZeroDivisionError: by zero",)
    assert set(facts(bare.settings.root)) >= {"sec_companyfacts", "litellm_prices"}


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_payload_that_finds_no_room_is_named_and_the_others_go_on(
    bare: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    from warehouse.archive import captures

    write = layout.write_atomically

    def some_room(path: Path, *rest: Any) -> None:
        full() if path.stem == sha256_of(bodies()[PRICES]) else write(path, *rest)

    monkeypatch.setattr(captures, "write_atomically", some_room)
    summary = night(bare)
    assert any(line.startswith("litellm_prices: ") and "No space left" in line for line in summary.refused)
    assert "ecb_fx" in facts(bare.settings.root)
    assert "litellm_prices" not in facts(bare.settings.root)
    monkeypatch.undo()
    plainly(monkeypatch)
    assert night(bare).refused == ()
    assert "litellm_prices" in facts(bare.settings.root)


PLACES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "ledger": lambda patch: patch.setattr(journal, "append", full),
    "page": lambda patch: patch.setattr("warehouse.home.built_folder.write_atomically", full),
    "link": lambda patch: patch.setattr(swap, "sync_folder", full),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_full_disk_is_one_sentence_and_what_is_published_stays(
    pipeline: Pipeline, site: Site, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest(pipeline)
    monkeypatch.setattr(publish, "write_site", write_site)
    offline = small_pipeline(pipeline.settings.root, "http://127.0.0.1:9")
    with monkeypatch.context() as patch:
        PLACES[place](patch)
        if place == "ledger":
            patch.setattr("warehouse.archive.verdict_ledger.said", lambda _: [])  # or nothing would be new to say
        with pytest.raises(NotWritten, match=r"home: the disk did not take what was to be written: .*No space left"):
            night(offline)
    assert published_rows(pipeline.settings.root, "SELECT digest FROM meta") == [(before,)]
    assert night(offline).report.digest == before


@pytest.mark.parametrize("room_kb", [200, 900, 1700])
def test_a_disk_that_is_really_full_is_one_sentence(site: Site, tmp_path: Path, room_kb: int, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """A file system of so many kilobytes: full while archiving, while loading, while staging."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={room_kb}k", "tmpfs", str(folder)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode != 0:  # noqa: S603  fixed words
        pytest.skip("mounting a small file system takes root")
    plainly(monkeypatch)
    try:
        tiny = small_pipeline(folder / "home", site.url)
        with pytest.raises(NotWritten, match="No space left"):
            night(tiny)
        assert not tiny.home.latest.exists()
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S603, S607  fixed words


def test_a_failed_invariant_publishes_nothing_and_the_old_file_stays(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, page = pipeline.home.latest.resolve(), pipeline.home.report / "index.html"
    page.write_text("of the night before")
    monkeypatch.setattr(publish, "write_site", write_site)
    with monkeypatch.context() as patch:
        patch.setitem(swap.INVARIANTS, "no fact is a fact", "SELECT count(*) FROM ({facts})")
        with pytest.raises(NotPublished, match="an invariant of the store: no fact is a fact"):
            night(pipeline)
    assert (pipeline.home.latest.resolve(), page.read_text()) == (before, "of the night before")
    assert len(list(pipeline.home.published.glob("*.duckdb"))) == 2  # the file and its link
    night(pipeline)
    assert list(pipeline.home.scratch.iterdir()) == []  # the staged file of the night that failed is gone


def test_a_store_that_lost_rows_publishes_nothing(pipeline: Pipeline) -> None:
    before = pipeline.home.latest.resolve()
    with connect(pipeline.home.store) as store:
        store.execute("DELETE FROM token_price WHERE listing = 'gpt-5.6'")
    with pytest.raises(NotPublished, match=r"nothing is lost.*token_price has"):
        night(pipeline)
    assert pipeline.home.latest.resolve() == before
