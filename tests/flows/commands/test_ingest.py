"""Files a person already holds go the same way as fetched ones, or are refused by name."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from small_pipeline import FIXTURES, NOW, Clock, facts, fixture, plainly, published_rows, small_pipeline

from config.chains import Predecessor
from config.errors import Refused
from config.load import catalog
from config.settings import Settings
from flows.commands.ingest import _day_in_name, _page, _scope, ingest_files, instant
from flows.steps import load, publish
from flows.steps.pipeline import Pipeline
from flows.steps.publish import load_and_answer
from flows.steps.report import Summary
from transforms.sources import moonshot_pricing
from transforms.sources.sec_companyfacts import scope_of
from warehouse.store.facts import Store
from warehouse.store.starter import export_starter, read_starter

pytestmark = pytest.mark.slow("every test publishes")


LITELLM = FIXTURES / "litellm_prices"
FILINGS = FIXTURES / "sec_companyfacts"
KIMI = catalog().sources["moonshot_pricing"]


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    opened = small_pipeline(tmp_path / "home", "http://127.0.0.1:9")
    plainly(monkeypatch)
    monkeypatch.setattr(Pipeline, "open", lambda _settings=None: opened)
    return opened


def ingest(pipeline: Pipeline, source: str, *files: Path, **options: str) -> Summary:
    assert isinstance(pipeline.clock, Clock)
    pipeline.clock.pass_time(minutes=1)
    return ingest_files(pipeline.settings, source, list(files), lambda _: None, **options)


def captures(pipeline: Pipeline, columns: str) -> list[tuple[object, ...]]:
    query = f"SELECT {columns} FROM capture WHERE origin = 'ingested' ORDER BY logged_at, scope"
    return published_rows(pipeline.settings.root, query)


def test_a_company_file_says_itself_whose_it_is(pipeline: Pipeline) -> None:
    files = [FILINGS / "MSFT.json", FILINGS / "AMZN.json"]
    summary = ingest(pipeline, "sec_companyfacts", *files)
    assert summary.refused == ()
    assert captures(pipeline, "scope, outcome, url, headers") == [
        ("AMZN", "loaded", "http://127.0.0.1:9/CIK0001018724.json", '{"file-name":"AMZN.json"}'),
        ("MSFT", "loaded", "http://127.0.0.1:9/CIK0000789019.json", '{"file-name":"MSFT.json"}'),
    ]
    # Filed on 2025-07-30: known that day from 17:30 New York, whenever the file came to us.
    flow = """
        SELECT DISTINCT value, known_at FROM company_fact_as_of('2025-07-30') WHERE company = 'MSFT'
        AND metric = 'operating_cash_flow' AND period_start = DATE '2024-07-01' AND period_end = DATE '2025-06-30'"""
    assert published_rows(pipeline.settings.root, flow) == [(136_162_000_000.0, datetime(2025, 7, 30, 21, 30))]


def test_a_list_that_an_older_one_speaks_against_when_it_comes_late_is_refused_and_the_rest_published(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """Every name of the first is another's: alone it is believed, beside the list of the day before it is not. That half of what was
    published is gone then is no loss that would keep the new file back.
    """
    good, later = LITELLM / "2025-02-25.json", tmp_path / "renamed.json"
    listed = json.loads(good.read_bytes()).items()
    later.write_text(json.dumps({f"{prefix}/{name}": entry for prefix in "xy" for name, entry in listed}))
    first = ingest(pipeline, "litellm_prices", later, fetched_at="2025-02-26T06:00")
    assert first.refused == ()
    second = ingest(pipeline, "litellm_prices", good, fetched_at="2025-02-25T06:00")
    [refused] = second.refused
    assert "30 of the 30 figures of the capture before are gone, and others came" in refused
    assert captures(pipeline, "taken_at, outcome") == [
        (datetime(2025, 2, 26, 6), "refused"),
        (datetime(2025, 2, 25, 6), "loaded"),
    ]
    names = "SELECT bool_or(starts_with(listing, 'x/')), count(*) > 20 FROM token_price_on('2025-02-27')"
    assert published_rows(pipeline.settings.root, names) == [(False, True)]


def test_a_run_that_is_killed_after_it_has_refused_a_list_beside_a_late_one_leaves_the_next_free_to_publish(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    good, later = LITELLM / "2025-02-25.json", tmp_path / "renamed.json"
    listed = json.loads(good.read_bytes()).items()
    later.write_text(json.dumps({f"{prefix}/{name}": entry for prefix in "xy" for name, entry in listed}))
    ingest(pipeline, "litellm_prices", later, fetched_at="2025-02-26T06:00")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "answer", killed)
        with pytest.raises(KeyboardInterrupt):
            ingest(pipeline, "litellm_prices", good, fetched_at="2025-02-25T06:00")
    load_and_answer(pipeline, [], lambda _: None)
    names = "SELECT bool_or(starts_with(listing, 'x/')), count(*) > 20 FROM token_price_on('2025-02-27')"
    assert published_rows(pipeline.settings.root, names) == [(False, True)]


def killed(*_: object) -> None:
    raise KeyboardInterrupt


CATALOG = FIXTURES / "arena_catalog" / "2025-05-20_text.json"


@pytest.mark.parametrize(
    ("name", "scope", "day"),
    [
        ("leaderboard-text_20250520-000011_a310074a.json", "arena_text", "2025-05-20"),
        ("leaderboard-text-style-control_20251211-173256_ea8297b5.json", "arena_text_style_control", "2025-12-11"),
    ],
)
def test_a_board_whose_name_says_its_day_is_of_that_day(tmp_path: Path, name: str, scope: str, day: str) -> None:
    told = Pipeline.open(Settings(home=tmp_path))
    spec, path = told.source("arena_catalog"), tmp_path / name
    assert _day_in_name(spec, path) == day
    assert _scope(told, spec, path, CATALOG.read_bytes(), "")[0] == scope
    assert instant(_day_in_name(spec, path), NOW) == datetime.fromisoformat(f"{day}T23:59:59.999999")
    for other in ("leaderboard-text.json", "leaderboard-text_20251399-1.json"):
        with pytest.raises(Refused, match="which day of arena_catalog"):
            _day_in_name(spec, tmp_path / other)
    with pytest.raises(Refused, match="no part 'arena_vision'"):
        _scope(told, spec, path, b"", "arena_vision")


@pytest.mark.parametrize(
    ("body", "ticker"),
    [
        (b'{"cik": 789019}', "MSFT"), (b'{"cik": "0000789019"}', "MSFT"), (b'{"cik": 1}', ""), (b"[789019]", ""),
        (b"<html>", ""), (b'{"cik": 789019', ""), (b"", ""), (b"\xff\xfe", ""), (b"[" * 100_000, ""),
    ],
)  # fmt: skip
def test_the_company_of_a_document(body: bytes, ticker: str) -> None:
    assert scope_of(body, catalog()) == ticker


def test_the_same_file_twice_adds_nothing(pipeline: Pipeline) -> None:
    first = ingest(pipeline, "litellm_prices", LITELLM / "2025-02-25.json")
    again = ingest(pipeline, "litellm_prices", LITELLM / "2025-02-25.json")
    assert first.rows_added > 0
    assert (again.rows_added, again.report.digest) == (0, first.report.digest)
    assert captures(pipeline, "outcome") == [("loaded",), ("unchanged",)]


def test_an_instant_and_an_address_may_be_stated(pipeline: Pipeline) -> None:
    file, url = LITELLM / "2025-02-25.json", "https://example.org/list.json"
    ingest(pipeline, "litellm_prices", file, fetched_at="2025-02-25T06:30+02:00", url=url)
    instant = datetime(2025, 2, 25, 4, 30)
    assert captures(pipeline, "taken_at, taken_at_basis, url") == [(instant, "stated at ingest", url)]
    known = "SELECT DISTINCT known_at, known_at_basis, source_url FROM token_price WHERE source = 'litellm_prices'"
    assert published_rows(pipeline.settings.root, known) == [(instant, "stated at ingest", url)]


def test_without_an_instant_a_list_is_known_from_now_on(pipeline: Pipeline) -> None:
    ingest(pipeline, "litellm_prices", LITELLM / "2025-02-25.json")
    [(known,)] = published_rows(
        pipeline.settings.root, "SELECT DISTINCT known_at FROM token_price WHERE source = 'litellm_prices'"
    )
    assert known == pipeline.clock() > NOW


@pytest.mark.parametrize(
    ("stated", "complaint"),
    [("2031-01-01", "lies in the future"), ("yesterday", "is not an instant"), ("2025-02-30", "is not an instant")],
)
def test_an_instant_that_cannot_be_is_refused(pipeline: Pipeline, stated: str, complaint: str) -> None:
    with pytest.raises(Refused, match=f"--fetched-at: .*{complaint}"):
        ingest(pipeline, "litellm_prices", LITELLM / "2025-02-25.json", fetched_at=stated)
    assert not pipeline.home.captures.exists()


def test_today_ends_now(pipeline: Pipeline) -> None:
    ingest(pipeline, "litellm_prices", LITELLM / "2025-02-25.json", fetched_at=f"{NOW:%Y-%m-%d}")
    assert captures(pipeline, "taken_at") == [(pipeline.clock(),)]


def test_a_part_may_be_stated_where_the_file_does_not_tell(pipeline: Pipeline) -> None:
    board = FIXTURES / "arena_leaderboard" / "text_latest.parquet"
    with pytest.raises(Refused, match=r"text_latest\.parquet: the file does not tell which part .* arena_text, arena_"):
        ingest(pipeline, "arena_leaderboard", board)
    ingest(pipeline, "arena_leaderboard", board, scope="arena_text")
    assert published_rows(pipeline.settings.root, "SELECT DISTINCT board FROM leaderboard_score") == [("arena_text",)]


@pytest.mark.parametrize("page", ["chat-k25", "chat-k26", "chat-k27", "chat-k3"])
def test_each_page_of_a_seller_is_read_under_its_own_address(page: str) -> None:
    own = f"https://platform.kimi.com/docs/pricing/{page}"
    # Not the address declared for the source, and not another host of the seller's; that of its other platform is another page.
    abroad = own.replace("kimi.com", "moonshot.ai")
    for address, scope in (
        (own, page),
        (own.replace("kimi.com", "moonshot.cn"), page),
        (abroad, f"international/{page}"),
    ):
        assert _page(moonshot_pricing, KIMI, Path("page.html"), address, url="", told="") == (scope, address)
    assert _page(
        moonshot_pricing, KIMI, Path("page.html"), own, url=f"https://web.archive.org/web/2026/{own}", told=page
    ) == (page, own)
    for other in ({"url": "", "told": "chat"}, {"url": own.replace(page, "chat"), "told": ""}):
        with pytest.raises(
            Refused, match=f"the page is '{page}' by its own address, not 'chat'.* leave --scope and --url"
        ):
            _page(moonshot_pricing, KIMI, Path("page.html"), own, **other)


def test_a_page_that_names_no_address_is_read_under_the_one_it_came_from() -> None:
    """Its Markdown twin names none: no remedy says that it is the page of another model."""
    twin = "https://platform.kimi.com/docs/pricing/chat-k3.md"
    assert _page(moonshot_pricing, KIMI, Path("k3.md"), "", url=twin, told="") == ("chat-k3", twin)
    for url, told in (("", ""), ("", "chat-k26"), ("https://example.org/k3", "")):
        with pytest.raises(Refused, match="say --url with the address that it came from") as refused:
            _page(moonshot_pricing, KIMI, Path("k3.md"), "", url=url, told=told)
        assert "kimi.com" not in str(refused.value)


@pytest.mark.parametrize(("source", "scope"), [("arena_leaderboard", "arena_vision"), ("ecb_fx", "USD")])
def test_a_part_that_is_not_declared_is_refused(pipeline: Pipeline, source: str, scope: str, tmp_path: Path) -> None:
    (tmp_path / "a file").write_bytes(b"x")
    with pytest.raises(Refused, match=f"a file: {source} has no part '{scope}'"):
        ingest(pipeline, source, tmp_path / "a file", scope=scope)


def test_a_file_of_another_company_is_refused_by_name(pipeline: Pipeline) -> None:
    summary = ingest(pipeline, "sec_companyfacts", FILINGS / "AMZN.json", scope="MSFT")
    [line] = summary.refused
    assert line.startswith("sec_companyfacts MSFT AMZN.json: MSFT/cik: CIK 1018724, MSFT is 789019")
    assert "sec_companyfacts" not in facts(pipeline.settings.root)


def test_a_file_of_the_wrong_shape_is_refused_by_name_and_the_others_go_in(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").write_bytes(fixture("ecb_fx", "eurofxref-hist.csv"))
    files = tmp_path / "wrong.csv", FIXTURES / "arena_published" / "2025-02-22.csv"
    summary = ingest(pipeline, "arena_published", *files, fetched_at="2025-02-22")
    [line] = summary.refused
    assert line.startswith("arena_published wrong.csv: ")
    issues = "SELECT source, severity, reason, detail <> '' FROM issue WHERE severity = 'refused'"
    assert published_rows(pipeline.settings.root, issues) == [("arena_published", "refused", "capture refused", True)]
    assert facts(pipeline.settings.root)["arena_published"] > 0


def test_two_states_of_one_list_cannot_stand_for_oneinstant(pipeline: Pipeline, tmp_path: Path) -> None:
    older, newer = LITELLM / "2025-02-25.json", LITELLM / "2026-09-01.json"
    with pytest.raises(Refused, match="litellm_prices: 2 files of one list cannot all stand for 2026-11-22T04:01"):
        ingest(pipeline, "litellm_prices", older, newer)
    (tmp_path / "copy.json").write_bytes(older.read_bytes())
    assert ingest(pipeline, "litellm_prices", older, tmp_path / "copy.json").refused == ()


def test_a_source_or_a_file_that_does_not_exist_is_named(pipeline: Pipeline, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"there is no source 'litelm'.*litellm_prices"):
        ingest(pipeline, "litelm", LITELLM / "2025-02-25.json")
    with pytest.raises(Refused, match="nowhere: the file cannot be read: No such file"):
        ingest(pipeline, "litellm_prices", tmp_path / "nowhere")
    assert not pipeline.home.captures.exists()


def test_bytes_of_which_the_starter_holds_a_part_are_read_whole_and_then_held(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A metric that was declared after the starter data were made would otherwise never be read from the very same bytes."""
    ingest(pipeline, "sec_companyfacts", FILINGS / "MSFT.json")
    everything = facts(pipeline.settings.root)["sec_companyfacts"]
    store = Store.open(pipeline.home.store)
    capex = {"company_fact": "concept = 'us-gaap:PaymentsToAcquirePropertyPlantAndEquipment'"}
    written = export_starter(store.connection, pipeline.catalog.sources, capex, tmp_path)
    store.close()
    assert 0 < written["company_fact"] < everything
    clock = Clock()
    clock.pass_time(days=1)
    later = small_pipeline(tmp_path / "home of another", "http://127.0.0.1:9", clock)
    monkeypatch.setattr(load, "read_starter", lambda: read_starter(tmp_path))
    monkeypatch.setattr(Pipeline, "open", lambda _settings=None: later)
    ingest(later, "sec_companyfacts", FILINGS / "MSFT.json")
    assert facts(later.settings.root)["sec_companyfacts"] == everything
    assert ingest(later, "sec_companyfacts", FILINGS / "MSFT.json").rows_added == 0
    # Known since its filing, not since the file was read a second time.
    basis = "SELECT DISTINCT known_at_basis FROM company_fact WHERE metric = 'revenue' AND source = 'sec_companyfacts'"
    assert published_rows(later.settings.root, basis) == [("filing_date_1730_new_york",)]


def test_a_company_that_is_not_followed_can_be_handed_in(pipeline: Pipeline) -> None:
    """No run asks for it, and what a person holds of it is published as any other's."""
    assert not pipeline.catalog.companies["AAPL"].followed
    body = json.loads((FILINGS / "MSFT.json").read_bytes())
    path = pipeline.settings.root / "apple.json"
    path.write_text(json.dumps(body | {"cik": 320193}))
    assert ingest(pipeline, "sec_companyfacts", path).refused == ()
    assert captures(pipeline, "scope, outcome, url") == [("AAPL", "loaded", "http://127.0.0.1:9/CIK0000320193.json")]
    found = published_rows(pipeline.settings.root, "SELECT count(*) > 0 FROM company_quarter WHERE company = 'AAPL'")
    assert found == [(True,)]


def test_a_predecessors_document_says_itself_whose_earlier_periods_it_states(pipeline: Pipeline) -> None:
    before = Predecessor(cik=77, until=date(2026, 12, 31), evidence="8-K12B of a successor issuer")
    amazon = pipeline.catalog.companies["AMZN"].model_copy(update={"predecessors": (before,)})
    companies = {**pipeline.catalog.companies, "AMZN": amazon}
    object.__setattr__(pipeline, "catalog", pipeline.catalog.model_copy(update={"companies": companies}))
    path = pipeline.settings.root / "old.json"
    path.write_text(json.dumps(json.loads((FILINGS / "MSFT.json").read_bytes()) | {"cik": 77}))
    assert ingest(pipeline, "sec_companyfacts", path).refused == ()
    assert captures(pipeline, "scope, outcome, url") == [
        ("AMZN/CIK0000000077", "loaded", "http://127.0.0.1:9/CIK0000000077.json")
    ]
