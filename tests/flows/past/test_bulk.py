"""A zip of every filer's document: all of it is read, killed anywhere it goes on, and it answers as the followed do."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from filer_zips import EARLIER, LATER, declared, document, scaled, zip_of
from small_pipeline import LOOPBACK, PROMPT, Clock, small_pipeline

from config.errors import Refused, SourceUnreachable
from config.load import catalog
from flows.commands.accept import _zip
from flows.commands.ingest_bulk import ingest_zip
from flows.network.fetch import Fetcher
from flows.past import bulk
from flows.past.bulk import Loaded, begin, finish, load_again, load_zips
from flows.past.bulk_slice import read_slice
from flows.past.bulk_zip import fetch_zip, take_zip
from flows.past.request import BackfillRequest
from flows.steps.pipeline import Pipeline
from warehouse.archive import acceptances
from warehouse.archive.bulk import BulkArchive
from warehouse.published.universe import open_universe

pytestmark = pytest.mark.slow("loads archives of filers over and over")


def ask(pipeline: Pipeline, query: str) -> list[tuple[Any, ...]]:
    with open_universe(pipeline.home) as universe:
        return universe.execute(query).fetchall()


def test_every_filer_answers_by_its_number(pipeline: Pipeline, load: Callable[..., Loaded]) -> None:
    done = load({**declared(), "CIK0000000042.json": document(42)})
    assert (done.filers, done.refused) == (5, ())
    # MSFT's operating cash flow of FY2025, filed on 2025-07-30; filer 42 states the same and is declared nowhere.
    found = ask(
        pipeline,
        """SELECT cik, company, value, fiscal_year, known_at FROM company_fact_as_of('2025-07-30') WHERE cik IN (42, 789019)
        AND metric = 'operating_cash_flow' AND period_start = DATE '2024-07-01' AND period_end = DATE '2025-06-30'
        ORDER BY cik""",
    )
    known = datetime(2025, 7, 30, 21, 30)
    assert found == [
        (42, "CIK0000000042", 136_162_000_000.0, 2025, known),
        (789019, "MSFT", 136_162_000_000.0, 2025, known),
    ]
    assert ask(
        pipeline, "SELECT count(*) FROM company_fact_as_of('2025-07-29') WHERE known_at > '2025-07-29 23:59'"
    ) == [(0,)]


def test_a_filer_nobody_declared_has_the_quarters_of_the_one_that_is(
    pipeline: Pipeline, load: Callable[..., Loaded]
) -> None:
    """The calendar is found in the annual reports; derived fourth quarters and all."""
    load({**declared(), "CIK0000000042.json": document(42)})
    quarters = """SELECT metric, fiscal_year, fiscal_quarter, value, status, known_at, formula
        FROM company_quarter_as_of('2025-12-31') WHERE cik = {} ORDER BY ALL"""
    mine, declared_ones = ask(pipeline, quarters.format(42)), ask(pipeline, quarters.format(789019))
    assert {row[4] for row in mine} == {"reported", "derived"}
    named = {row[0] for row in mine}
    own_tags = set(pipeline.catalog.companies["MSFT"].concepts)  # MSFT's own order of tags is MSFT's alone
    assert [row for row in mine if row[0] not in own_tags] == [
        row for row in declared_ones if row[0] in named and row[0] not in own_tags
    ]


def test_what_cannot_be_read_is_named_and_stops_nobody(pipeline: Pipeline, load: Callable[..., Loaded]) -> None:
    done = load(
        {
            **declared(),
            "CIK0000000007.json": b"<html>Your request rate has exceeded</html>",
            "CIK0000000008.json": document(9),
            "CIK0000000010.json": b'{"cik": 10, "entityName": "Shell", "facts": {}}',
            "readme.txt": b"no document",
        }
    )
    assert done.filers == 4
    assert [line.split(":")[0] for line in done.refused] == ["CIK0000000007.json", "CIK0000000008.json"]
    told = ask(pipeline, "SELECT locator, reason, severity FROM issue WHERE locator NOT LIKE '%#%' ORDER BY locator")
    assert ("CIK0000000010.json", "no facts", "notice") in told
    assert ("readme.txt", "no document of a filer", "notice") in told
    assert ("CIK0000000007.json", "document refused", "refused") in told


def test_a_damaged_member_is_refused_and_the_others_stand(pipeline: Pipeline, tmp_path: Path) -> None:
    path = zip_of(tmp_path / "damaged.zip", declared())
    body = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as opened:
        entry = opened.getinfo("CIK0001018724.json")
    body[entry.header_offset + 200] ^= 0xFF
    path.write_bytes(body)
    take_zip(pipeline, pipeline.catalog.sources["sec_bulk"], path, LATER, "")
    done = load_zips(pipeline, "sec_bulk", lambda _: None)
    assert done.filers == 3
    assert [line.split(":")[0] for line in done.refused] == ["CIK0001018724.json"]


@pytest.mark.parametrize("documents", [{}, {"companyfacts/CIK0000000042.json": document(42)}])
def test_a_zip_without_a_document_is_refused(pipeline: Pipeline, tmp_path: Path, documents: dict[str, bytes]) -> None:
    path = zip_of(tmp_path / "other.zip", documents)
    with pytest.raises(Refused, match=r"other\.zip: no document of a filer is in it"):
        take_zip(pipeline, pipeline.catalog.sources["sec_bulk"], path, LATER, "")
    assert [*pipeline.home.bulk.iterdir(), *pipeline.home.scratch.iterdir()] == []


@pytest.mark.parametrize("other", [True, False])
def test_a_zip_that_is_not_the_archived_one_is_not_read(pipeline: Pipeline, tmp_path: Path, *, other: bool) -> None:
    """A whole zip of another filer under its name, or the own one cut: the load begins with neither, and names the file."""
    path = zip_of(tmp_path / "zip.zip", {"CIK0000000042.json": document(42)})
    logged = take_zip(pipeline, pipeline.catalog.sources["sec_bulk"], path, LATER, "")
    kept = BulkArchive(pipeline.home).path(logged.capture.sha256)
    body = zip_of(tmp_path / "another.zip", {"CIK0000000043.json": document(43)}).read_bytes()
    kept.unlink()
    kept.write_bytes(body if other else path.read_bytes()[:-1])
    said = rf"{kept}: not the zip that was archived: its sha256 is .*Remedy: restore it from a backup"
    with pytest.raises(Refused, match=said):
        load_zips(pipeline, "sec_bulk", lambda _: None)
    assert not pipeline.home.newest_universe.exists()


@pytest.mark.parametrize("cut", [0, 1000, -1])
def test_half_a_zip_is_refused_and_nothing_of_it_stays(pipeline: Pipeline, tmp_path: Path, cut: int) -> None:
    path = zip_of(tmp_path / "cut.zip", declared())
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(Refused, match=r"cut\.zip: not a whole zip"):
        take_zip(pipeline, pipeline.catalog.sources["sec_bulk"], path, LATER, "")
    assert [*pipeline.home.bulk.iterdir(), *pipeline.home.scratch.iterdir()] == []


def test_a_killed_load_goes_on_where_it_was(
    pipeline: Pipeline, load: Callable[..., Loaded], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every filer a slice of its own; killed in the third. What was read is not read again, and the result is the same."""
    monkeypatch.setattr(bulk, "SLICE_FILERS", 1)
    documents = {**declared(), **{f"CIK{cik:010d}.json": document(cik) for cik in (42, 43)}}
    read: list[int] = []
    original = bulk.read_members

    def counted(path: Path, wanted: list[Any]) -> Any:
        read.extend(member.cik for member in wanted)
        if len(read) == 3:
            raise KeyboardInterrupt
        return original(path, wanted)

    monkeypatch.setattr(bulk, "read_members", counted)
    with pytest.raises(KeyboardInterrupt):
        load(documents)
    assert not pipeline.home.newest_universe.exists()
    load_zips(pipeline, "sec_bulk", lambda _: None)
    assert read == [42, 43, 789019, 789019, 1018724, 1326801, 1652044]
    assert rows(pipeline) == rows(whole(tmp_path, documents))


def rows(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    return ask(
        pipeline,
        "SELECT * EXCLUDE (subject_id, series_id, seq, first_seen_at, seen_from, seen_until) FROM history.company_period ORDER BY ALL",
    )


def whole(tmp_path: Path, documents: dict[str, bytes]) -> Pipeline:
    """The same zip in a home of its own, in one go."""
    opened = small_pipeline(tmp_path / "other", "http://127.0.0.1:9")
    sources = {"sec_bulk": catalog().sources["sec_bulk"]}
    other = Pipeline(
        opened.settings, opened.catalog.model_copy(update={"sources": sources}), opened.home, opened.archive, Clock()
    )
    take_zip(other, sources["sec_bulk"], zip_of(tmp_path / "whole.zip", documents), LATER, "")
    load_zips(other, "sec_bulk", lambda _: None)
    return other


def test_slices_may_be_read_in_any_order(pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "SLICE_FILERS", 1)
    path = zip_of(tmp_path / "zip.zip", declared())
    take_zip(pipeline, pipeline.catalog.sources["sec_bulk"], path, LATER, "")
    started = begin(pipeline, "sec_bulk")
    assert started is not None
    for number in (3, 0, 2, 1, 2):
        read_slice(started, number)
    finish(started, lambda _: None)
    assert rows(pipeline) == rows(whole(tmp_path, declared()))


def test_a_later_zip_adds_and_takes_nothing_away(pipeline: Pipeline, load: Callable[..., Loaded]) -> None:
    """A figure in place of another in the same document was known only from the zip that has it; who is gone stays."""
    load({"CIK0000000042.json": document(42), "CIK0000000043.json": document(43)}, EARLIER)
    before = ask(pipeline, "SELECT value, known_at FROM company_fact_as_of('2025-07-30') WHERE cik = 42 ORDER BY ALL")
    body = orjson.loads(document(42))
    facts = body["facts"]["us-gaap"]["NetCashProvidedByUsedInOperatingActivities"]["units"]["USD"]
    for wrong in [f for f in facts if f["val"] == 136_162_000_000 and f["form"] == "10-K"]:
        wrong["val"] = 136_000_000_000
    done = load({"CIK0000000042.json": orjson.dumps(body)}, LATER)
    assert done.filers == 2
    year = """SELECT value FROM company_fact_as_of('{}') WHERE cik = 42 AND metric = 'operating_cash_flow'
        AND period_start = DATE '2024-07-01' AND period_end = DATE '2025-06-30'"""
    assert ask(pipeline, year.format("2026-11-19")) == [(136_162_000_000.0,)]
    assert ask(pipeline, year.format("2026-11-20")) == [(136_000_000_000.0,)]
    assert (
        ask(pipeline, "SELECT value, known_at FROM company_fact_as_of('2025-07-30') WHERE cik = 42 ORDER BY ALL")
        == before
    )
    assert ask(pipeline, "SELECT count(*) > 0 FROM company_fact WHERE cik = 43") == [(True,)]
    # Loaded by the first zip, as far as it had the figure; what the second one repeats is not loaded again.
    assert ask(pipeline, "SELECT count(DISTINCT first_seen_at) FROM company_fact WHERE cik = 43") == [(1,)]


def test_a_lost_universe_comes_back_from_the_archived_zips(pipeline: Pipeline, load: Callable[..., Loaded]) -> None:
    """In the order of the instants they stand for: who is only in the first is there again."""
    load({"CIK0000000042.json": document(42), "CIK0000000043.json": document(43)}, EARLIER)
    load({"CIK0000000042.json": document(42, "META.json")}, LATER)
    before = rows(pipeline)
    for path in pipeline.home.universe.glob("*.duckdb"):
        path.unlink()
    load_zips(pipeline, "sec_bulk", lambda _: None)
    assert rows(pipeline) == before
    assert {cik for (cik,) in ask(pipeline, "SELECT cik FROM filer")} == {42, 43}


def test_the_same_zip_again_is_nothing_to_do(pipeline: Pipeline, load: Callable[..., Loaded]) -> None:
    first = load(declared())
    again = load(declared())
    assert again == first


def test_strict_answers_by_what_was_loaded(pipeline: Pipeline, load: Callable[..., Loaded]) -> None:
    load(declared())
    asked = "SELECT count(*) > 0 FROM company_quarter_as_of('{}', strict := true)"
    assert ask(pipeline, asked.format("2026-11-21")) == [(False,)]
    assert ask(pipeline, asked.format("2026-11-22")) == [(True,)]


def test_a_zip_is_fetched_piece_by_piece_and_a_cut_one_leaves_nothing(
    pipeline: Pipeline, httpserver: Any, tmp_path: Path
) -> None:
    body = zip_of(tmp_path / "served.zip", declared()).read_bytes()
    address = httpserver.url_for("/companyfacts.zip")
    spec = pipeline.catalog.sources["sec_bulk"].model_copy(
        update={"addresses": (address,), "hosts": ("localhost", "127.0.0.1")}
    )
    httpserver.expect_ordered_request("/companyfacts.zip").respond_with_data(body[:-30])
    httpserver.expect_ordered_request("/companyfacts.zip").respond_with_data(body)
    httpserver.expect_ordered_request("/companyfacts.zip").respond_with_data("not found", status=404)
    with Fetcher(pipeline.settings, policy=LOOPBACK, retries=PROMPT) as fetcher:
        with pytest.raises(Refused, match="not a whole zip"):
            fetch_zip(pipeline, spec, fetcher, lambda _: None)
        assert [*pipeline.home.bulk.iterdir()] == []
        logged = fetch_zip(pipeline, spec, fetcher, lambda _: None)
        assert logged.capture.size == len(body)
        with pytest.raises(Exception, match="404"):
            fetch_zip(pipeline, spec, fetcher, lambda _: None)
    assert load_zips(pipeline, "sec_bulk", lambda _: None).filers == 4


def test_a_backfill_of_every_filer_is_a_run_of_its_own() -> None:
    given = {"from_on": date(2026, 1, 1), "to_on": date(2026, 11, 1)}
    assert BackfillRequest.checked({**given, "sources": ["sec_bulk"]}, catalog(), date(2026, 11, 29)).is_bulk
    with pytest.raises(Refused, match="ask for it alone"):
        BackfillRequest.checked({**given, "sources": ["sec_bulk", "ecb_fx"]}, catalog(), date(2026, 11, 29))


def test_an_older_zip_or_two_at_once_are_refused(
    pipeline: Pipeline, load: Callable[..., Loaded], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(declared())
    monkeypatch.setattr(Pipeline, "open", lambda _settings=None: pipeline)
    path = zip_of(tmp_path / "old.zip", declared())
    with pytest.raises(Refused, match="this one is older"):
        ingest_zip(pipeline.settings, "sec_bulk", [path], lambda _: None, fetched_at="2026-10-01")
    with pytest.raises(Refused, match="takes one zip"):
        ingest_zip(pipeline.settings, "sec_bulk", [path, path], lambda _: None)


def test_offline_nothing_is_asked(pipeline: Pipeline) -> None:
    offline = pipeline.settings.model_copy(update={"offline": True})
    with Fetcher(offline) as fetcher, pytest.raises(SourceUnreachable, match="offline"):
        fetch_zip(pipeline, pipeline.catalog.sources["sec_bulk"], fetcher, lambda _: None)


def test_a_filer_whose_figures_have_all_leapt_stays_as_it_was_until_a_person_accepts_it(
    pipeline: Pipeline, load: Callable[..., Loaded]
) -> None:
    cash = "SELECT cik, max(value) FROM company_fact WHERE metric = 'operating_cash_flow' GROUP BY cik ORDER BY cik"
    load({"CIK0000000042.json": document(42), "CIK0000000043.json": document(43)}, EARLIER)
    before = ask(pipeline, cash)
    done = load({"CIK0000000042.json": scaled(42, 1000), "CIK0000000043.json": document(43)})
    assert ask(pipeline, cash) == before
    [told] = done.refused
    assert told.startswith("CIK0000000042.json: ")
    assert "figures are not what the universe holds: more than a filer restates" in told
    [sha] = {logged.capture.sha256 for logged in BulkArchive(pipeline.home).held("sec_bulk")} - {
        sha for (sha,) in ask(pipeline, "SELECT sha256 FROM capture WHERE taken_at < '2026-11-10'")
    }
    assert f"`capex-signals accept {sha[:12]}" in told
    logged = _zip(pipeline, sha[:12])
    assert logged
    acceptances.note(pipeline.home, logged.capture, "an analyst", "it counts in thousands now", LATER)
    load_again(pipeline, logged, lambda _: None)
    assert ask(pipeline, cash) == [(42, before[0][1] * 1000), before[1]]


def test_every_source_that_is_fetched_says_what_may_change() -> None:
    assert [spec.id for spec in catalog().sources.values() if (spec.fetched or spec.bulk) and not spec.changes] == []
