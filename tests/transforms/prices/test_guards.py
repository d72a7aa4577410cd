"""A price list that arrives broken adds nothing, by name; one that arrives late may come in any order."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from config.contracts import Capture
from config.settings import Settings
from flows.network.exchange import NetworkPolicy
from flows.network.fetch import Fetcher
from flows.steps.fetch_source import fetch_source
from flows.steps.load import load_capture
from flows.steps.pipeline import Pipeline
from warehouse.archive.captures import sha256_of
from warehouse.store.facts import Loaded, Store

NIGHT = datetime(2026, 10, 1, 4)


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline.open(Settings(home=tmp_path))


def listed(count: int, price: float = 1e-6) -> bytes:
    entry = {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": price}
    return json.dumps({f"m{n}": entry for n in range(count)}).encode()


def load(pipeline: Pipeline, store: Store, body: bytes, at: datetime, basis: str = "fetched") -> Loaded:
    capture = Capture("litellm_prices", "", "https://example.org/p.json", sha256_of(body), len(body), at, at, basis)
    return load_capture(pipeline, store, pipeline.archive.add(capture, body, at))


def test_a_fetched_list_that_lost_most_of_its_prices_is_refused(pipeline: Pipeline) -> None:
    store = Store.open(None)
    assert load(pipeline, store, listed(100), NIGHT).outcome == "loaded"
    lost = load(pipeline, store, listed(49), NIGHT + timedelta(days=1))
    assert (lost.outcome, lost.rows_added) == ("refused", 0)
    assert "49 rows are left of 100" in lost.reason
    assert load(pipeline, store, listed(75), NIGHT + timedelta(days=2)).rows_added == 25


def test_what_a_person_ingests_or_a_backfill_brings_is_taken(pipeline: Pipeline) -> None:
    store = Store.open(None)
    load(pipeline, store, listed(100), NIGHT)
    assert load(pipeline, store, listed(30), NIGHT + timedelta(days=1), "stated at ingest").outcome == "loaded"
    assert load(pipeline, store, listed(20), NIGHT - timedelta(days=400), "commit").outcome == "loaded"


@pytest.mark.parametrize(
    "body",
    [
        b"<html>" + b"x" * 1_000,
        b"[1, 2]",
        b'{"m": {"mode": "chat", "input_cost_per_token": 1e-6}}',
        listed(30, price=1e308),
    ],
)
def test_a_broken_list_is_refused_and_the_last_prices_stay(pipeline: Pipeline, body: bytes) -> None:
    store = Store.open(None)
    load(pipeline, store, listed(100), NIGHT)
    broken = load(pipeline, store, body, NIGHT + timedelta(days=1))
    assert (broken.outcome, broken.rows_added) == ("refused", 0)
    assert store.connection.execute("SELECT count(*) FROM issue WHERE reason = 'capture refused'").fetchall() == [(1,)]
    assert store.connection.execute("SELECT count(*) FROM token_price WHERE status = 'reported'").fetchall() == [(100,)]


@pytest.mark.parametrize(
    ("source", "scope", "url"),
    [("xai_pricing", "", "docs.x.ai/docs/models"), ("mistral_pricing", "", "mistral.ai/pricing"), ("moonshot_pricing", "international/chat", "platform.moonshot.ai/docs/pricing/chat")],
)  # fmt: skip
def test_a_page_of_a_layout_nobody_has_seen_is_an_issue_and_no_rows(
    pipeline: Pipeline, source: str, scope: str, url: str
) -> None:
    """The right page by its address, its prices in cards or in a table with other labels."""
    cards = "<div><h3>the model</h3><p>$2.00 in, $6.00 out</p></div>"
    table = "<table><tr><th>Name</th><th>Prompt</th><th>Completion</th></tr><tr><td>m</td><td>$2</td><td>$6</td></tr></table>"
    store = Store.open(None)
    for number, content in enumerate((cards, table)):
        body = f"<html><head><link rel='canonical' href='https://{url}'><title>Pricing models</title></head>{content}</html>"
        at = NIGHT + timedelta(days=number)
        capture = Capture(source, scope, f"https://{url}", sha256_of(body.encode()), len(body), at, at, "fetched")
        assert load_capture(pipeline, store, pipeline.archive.add(capture, body.encode(), at)).outcome == "refused"
    told = store.connection.execute("SELECT source, severity, detail FROM issue ORDER BY captured_at").fetchall()
    assert [row[:2] for row in told] == [(source, "refused")] * 2
    assert [why in row[2] for why, row in zip(("the page has no table", "no table of the page is of a known layout"), told, strict=True)] == [True, True]  # fmt: skip
    assert store.connection.execute("SELECT count(*) FROM token_price").fetchall() == [(0,)]


def test_a_page_goes_in_where_no_markdown_twin_is_served(httpserver: HTTPServer, pipeline: Pipeline) -> None:
    """Several addresses of one scope are alternatives: the twin is gone, the page is read, and nothing is refused."""
    httpserver.expect_request("/pricing.md").respond_with_data("gone", status=404)
    httpserver.expect_request("/pricing").respond_with_data("<html>prices</html>")
    spec = pipeline.catalog.sources["zai_pricing"].model_copy(
        update={"addresses": (httpserver.url_for("/pricing.md"), httpserver.url_for("/pricing")), "hosts": ("127.0.0.1",),
                "requests_per_second": 1000.0}
    )  # fmt: skip
    with Fetcher(pipeline.settings, policy=NetworkPolicy(allow_http_loopback=True)) as fetcher:
        attempt = fetch_source(pipeline, fetcher, spec, {})
    assert (attempt.captured, attempt.refused, attempt.unreachable) == (1, "", "")
    (logged,) = pipeline.archive.captures()
    assert logged.capture.url.endswith("/pricing")


def test_a_served_twin_is_asked_alone(httpserver: HTTPServer, pipeline: Pipeline) -> None:
    """It holds the prices: a twin that does not would be refused, and the page asked."""
    page = Path("tests/fixtures/sources/zai_pricing/2026-07-17.html").read_bytes()
    httpserver.expect_request("/pricing.md").respond_with_data(page)
    spec = pipeline.catalog.sources["zai_pricing"].model_copy(
        update={"addresses": (httpserver.url_for("/pricing.md"), httpserver.url_for("/pricing")), "hosts": ("127.0.0.1",),
                "requests_per_second": 1000.0}
    )  # fmt: skip
    with Fetcher(pipeline.settings, policy=NetworkPolicy(allow_http_loopback=True)) as fetcher:
        assert fetch_source(pipeline, fetcher, spec, {}).captured == 1
    assert len(httpserver.log) == 1
