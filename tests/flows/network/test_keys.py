"""Sources that need a key: off without one, the key to the declared host alone, no part asked for too often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from arena_captures import fixture
from prefect import flow
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from config.load import catalog
from config.settings import Settings
from config.specs import AccessKey, Catalog, SourceSpec
from flows.network.exchange import NetworkPolicy
from flows.network.fetch import RETRIES, Fetcher
from flows.network.keys import block_name, key_of
from flows.steps.attempt import Attempt, states
from flows.steps.fetch_source import fetch_source
from flows.steps.pipeline import Pipeline
from warehouse.archive.captures import Archive
from warehouse.home.layout import Home

pytestmark = pytest.mark.slow("publishes")


NOW = datetime(2026, 9, 1, 6)
KEY = "of-nobody"
PAGE = "/api/v2/language/models/free"


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


def source(server: HTTPServer, **changes: Any) -> SourceSpec:
    """Artificial Analysis as declared, at the server of this test."""
    declared = catalog().sources["artificial_analysis"]
    local = {
        "addresses": (server.url_for(PAGE) + "?page={page}",),
        "hosts": ("127.0.0.1",),
        "requests_per_second": 1000,
    }
    return declared.model_copy(update=local | changes)


def pipeline(home: Path, spec: SourceSpec, key: str = "", now: datetime = NOW) -> Pipeline:
    opened = Home.open(home)
    known = Catalog(**{**dict(catalog()), "sources": {spec.id: spec}})
    settings = Settings(home=home, artificial_analysis_key=SecretStr(key))
    return Pipeline(settings, known, opened, Archive(opened), lambda: now)


def ask(asked: Pipeline, spec: SourceSpec) -> Attempt:
    policy = NetworkPolicy(allow_http_loopback=True)
    retries = RETRIES.new(backoff_factor=0, backoff_jitter=0)
    with Fetcher(asked.settings, policy=policy, clock=asked.clock, retries=retries) as fetcher:
        return fetch_source(asked, fetcher, spec, asked.archive.newest())


@pytest.fixture
def pages(httpserver: HTTPServer) -> Iterator[HTTPServer]:
    for number in (1, 2):
        answered = httpserver.expect_request(PAGE, query_string=f"page={number}", headers={"x-api-key": KEY})
        answered.respond_with_data(fixture("artificial_analysis", f"page_{number}.json"))
    yield httpserver
    httpserver.check_assertions()


def test_without_a_key_the_source_says_that_it_is_off_and_how_to_switch_it_on(httpserver: HTTPServer, tmp_path: Path):
    spec = source(httpserver)
    attempt = ask(pipeline(tmp_path, spec), spec)
    assert (attempt.captured, attempt.unreachable, attempt.refused) == (0, "", "")
    assert httpserver.log == []
    for said in ("switched off", "CAPEX_SIGNALS_ARTIFICIAL_ANALYSIS_KEY", "artificial-analysis-key", "https://"):
        assert said in attempt.switched_off
    assert states([attempt]).row(0) == (spec.id, attempt.switched_off, True)


def test_with_a_key_every_page_is_fetched_and_kept(pages: HTTPServer, tmp_path: Path):
    spec = source(pages)
    asked = pipeline(tmp_path, spec, KEY)
    assert ask(asked, spec).captured == 2
    assert sorted(asked.archive.newest()) == [(spec.id, "page 1"), (spec.id, "page 2")]


def test_the_key_is_nowhere_in_what_is_kept(pages: HTTPServer, tmp_path: Path):
    spec = source(pages)
    asked = pipeline(tmp_path, spec, KEY)
    ask(asked, spec)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert KEY.encode() not in kept
    assert KEY not in repr(asked.settings)


def test_a_second_run_of_the_day_asks_for_nothing_and_the_next_day_does(pages: HTTPServer, tmp_path: Path):
    spec = source(pages)
    ask(pipeline(tmp_path, spec, KEY), spec)
    before = len(pages.log)
    assert ask(pipeline(tmp_path, spec, KEY, NOW + timedelta(hours=12)), spec).captured == 0
    assert len(pages.log) == before
    assert ask(pipeline(tmp_path, spec, KEY, NOW + timedelta(days=1)), spec).captured == 2


def test_a_page_that_failed_is_asked_for_again_by_the_next_run(httpserver: HTTPServer, tmp_path: Path):
    first, second = ({"query_string": f"page={number}"} for number in (1, 2))
    httpserver.expect_request(PAGE, **first).respond_with_data(fixture("artificial_analysis", "page_1.json"))
    httpserver.expect_oneshot_request(PAGE, **second).respond_with_data("", status=404)
    httpserver.expect_request(PAGE, **second).respond_with_data(fixture("artificial_analysis", "page_2.json"))
    spec = source(httpserver)
    assert ask(pipeline(tmp_path, spec, KEY), spec).captured == 1
    later = pipeline(tmp_path, spec, KEY, NOW + timedelta(hours=1))
    assert [capture.scope for capture in ask(later, spec).captures] == ["page 2"]
    # And then nothing is left to ask for.
    assert ask(pipeline(tmp_path, spec, KEY, NOW + timedelta(hours=2)), spec).captured == 0
    assert len(httpserver.log) == 3


def test_the_key_never_follows_a_redirect_to_another_host(httpserver: HTTPServer, tmp_path: Path):
    elsewhere = httpserver.url_for("/elsewhere").replace("127.0.0.1", "localhost")
    httpserver.expect_request(PAGE).respond_with_data("", status=302, headers={"Location": elsewhere})
    httpserver.expect_request("/elsewhere").respond_with_data(fixture("artificial_analysis", "page_2.json"))
    spec = source(httpserver, redirect_hosts=("localhost",))
    assert ask(pipeline(tmp_path, spec, KEY), spec).captured == 1
    sent = [request.headers.get("x-api-key") for request, _ in httpserver.log]
    assert sent == [KEY, None]


def test_a_key_that_is_not_accepted_is_named(httpserver: HTTPServer, tmp_path: Path):
    httpserver.expect_request(PAGE).respond_with_data("", status=401)
    spec = source(httpserver)
    assert "does not accept the key" in ask(pipeline(tmp_path, spec, KEY), spec).unreachable


def test_a_source_without_a_key_needs_none():
    assert key_of(catalog().sources["arena_leaderboard"], Settings(artificial_analysis_key=SecretStr(KEY))) == ""


def test_every_declared_key_has_its_setting():
    keys = [spec.key for spec in catalog().sources.values() if spec.key]
    assert [key.setting for key in keys] == ["artificial_analysis_key"]
    assert all(isinstance(getattr(Settings(), key.setting), SecretStr) for key in keys)
    assert block_name(AccessKey(header="x", setting="a_key", get_one="https://example.org")) == "a-key"


def test_the_history_of_a_board_is_asked_for_once_a_month(httpserver: HTTPServer, tmp_path: Path):
    path = "/text/full-00000-of-00001.parquet"
    httpserver.expect_request(path).respond_with_data(fixture("arena_full", "text_full.parquet"))
    full = catalog().sources["arena_full"]
    spec = full.model_copy(
        update={
            "addresses": (httpserver.url_for("/{subset}/full-00000-of-00001.parquet").replace("%7B", "{").replace("%7D", "}"),),
            "hosts": ("127.0.0.1",), "boards": full.boards[:1], "requests_per_second": 1000,
        }
    )  # fmt: skip
    assert [ask(pipeline(tmp_path, spec, now=NOW + timedelta(days=days)), spec).captured for days in (0, 1, 26, 28)] == [1, 0, 0, 1]  # fmt: skip


@pytest.mark.server
def test_a_prefect_secret_block_holds_the_key_as_well(prefect_api: str):
    from prefect.blocks.system import Secret

    spec = catalog().sources["artificial_analysis"]

    @flow
    def reading() -> str:
        return key_of(spec, Settings())

    assert reading() == ""
    Secret(value="kept-in-a-block").save("artificial-analysis-key")
    assert reading() == "kept-in-a-block"
    assert json.dumps(key_of(spec, replace_key(Settings()))) == '"from-the-environment"'


def replace_key(settings: Settings) -> Settings:
    return settings.model_copy(update={"artificial_analysis_key": SecretStr("from-the-environment")})
