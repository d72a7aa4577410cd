"""A pipeline small enough to run whole in a few seconds: no starter data, one claim, every source on a loopback server.

Archive, store, staged file, lock and sockets are the real ones.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from places import FIXTURES_FOLDER
from pytest_httpserver import HTTPServer
from subset import with_sources
from werkzeug import Request, Response

from config.contracts import DATASETS
from config.load import analyst_files, catalog
from config.settings import Settings
from config.specs import Catalog, Rows, SourceSpec
from flows.network.exchange import NetworkPolicy
from flows.network.fetch import RETRIES, Fetcher
from flows.steps import enter, load, publish, report
from flows.steps.attempt import Attempt
from flows.steps.enter import enter_analyst_files
from flows.steps.fetch_source import fetch_source
from flows.steps.pipeline import Pipeline
from flows.steps.publish import load_and_answer
from flows.steps.report import Summary
from warehouse.archive.captures import Archive
from warehouse.home.layout import Home
from warehouse.published import dictionary
from warehouse.published.swap import open_published
from warehouse.store.lock import store_lock

if TYPE_CHECKING:
    import pytest

FIXTURES = FIXTURES_FOLDER / "sources"
NOW = datetime(2026, 11, 22, 4)
LOOPBACK = NetworkPolicy(allow_http_loopback=True)
PROMPT = RETRIES.new(backoff_factor=0, backoff_jitter=0)
PATHS = {
    "ecb_fx": "/eurofxref-hist.csv",
    "litellm_prices": "/prices.json",
    "arena_leaderboard": "/{subset}.parquet",
    "sec_companyfacts": "/CIK{cik}.json",
}
CLAIM = "C07"
ENTERED = {"msft_commercial_rpo.yml", "events_market.yml", "guidance_msft.yml"}  # the figures of the claim among them
FOLLOWED = ("MSFT", "AMZN", "GOOGL", "META")


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **by: int) -> None:
        self.now += timedelta(**by)


def fixture(source: str, name: str) -> bytes:
    return (FIXTURES / source / name).read_bytes()


def bodies() -> dict[str, bytes]:
    """What each address serves, as long as nothing is amiss."""
    board = fixture("arena_leaderboard", "text_latest.parquet")
    filings = {
        f"/CIK{company.cik:010d}.json": fixture("sec_companyfacts", f"{company.ticker}.json")
        for company in catalog().companies.values()
        if company.ticker in FOLLOWED
    }
    return {
        "/eurofxref-hist.csv": fixture("ecb_fx", "eurofxref-hist.csv"),
        "/prices.json": fixture("litellm_prices", "2026-09-01.json"),
        "/text.parquet": board,
        "/text_style_control.parquet": board,
        **filings,
    }


@dataclass
class Site:
    """A server that honours ETags. `bodies` may be changed at any time; what is no body is an answer of its own."""

    url: str = ""
    bodies: dict[str, bytes | Response] = field(default_factory=lambda: dict(bodies()))
    asked: list[tuple[str, int]] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        body = self.bodies.get(request.path, Response(status=404))
        if isinstance(body, bytes):
            tag = f'"{hashlib.sha256(body).hexdigest()}"'
            known = request.headers.get("If-None-Match") == tag
            body = Response(b"" if known else body, status=304 if known else 200, headers={"ETag": tag})
        self.asked.append((request.path, body.status_code))
        return body


def plainly(patch: pytest.MonkeyPatch, *, pages: bool = False) -> None:
    """No starter data, one hand-entered file of each kind, and of what is published the file's rows, views and macros alone; with
    `pages` the site too.

    The other files, the comments in the file, the answers kept in it and the pages are half a small night, and other tests' matter.
    """
    patch.setattr(load, "read_starter", lambda: None)
    patch.setattr(
        enter, "analyst_files", lambda: {name: body for name, body in analyst_files().items() if name in ENTERED}
    )
    patch.setattr(dictionary, "_comments", lambda *_: iter(()))
    patch.setattr(publish, "keep_newest", lambda _: None)
    if not pages:
        without_pages(patch)


def without_pages(patch: pytest.MonkeyPatch) -> None:
    """What is published is the file alone."""
    patch.setattr(report, "pages", dict)
    patch.setattr(publish, "write_site", lambda pipeline, _: pipeline.home.report / "index.html")


@contextmanager
def served() -> Iterator[Site]:
    site = Site()
    with HTTPServer(host="127.0.0.1", port=0) as server:
        server.expect_request(re.compile(".*")).respond_with_handler(site.answer)
        site.url = server.url_for("").rstrip("/")
        yield site


@cache
def small_catalog(url: str) -> Catalog:
    """The declared sources with their addresses on `url` and gates for a handful of rows, and one claim."""
    whole = catalog()
    sources = {name: _moved(spec, url) for name, spec in whole.sources.items() if name in PATHS or not spec.fetched}
    companies = {
        ticker: company.model_copy(update={"followed": company.followed and ticker in FOLLOWED})
        for ticker, company in whole.companies.items()
    }
    return with_sources(whole, sources).model_copy(
        update={"companies": companies, "claims": {CLAIM: whole.claims[CLAIM]}}
    )


def served_at(source: str, url: str) -> str:
    """The price list has a host name of its own: what it refuses must not keep the others from being asked."""
    return url.replace("127.0.0.1", "localhost") if source == "litellm_prices" else url


def _moved(spec: SourceSpec, url: str) -> SourceSpec:
    rows = {"rows": Rows(min=1, max=spec.rows.max)}
    if not spec.fetched:
        return spec.model_copy(update=rows)
    address = {
        "addresses": (served_at(spec.id, url) + PATHS[spec.id],), "hosts": ("127.0.0.1", "localhost"), "redirect_hosts": ()
    }  # fmt: skip
    return spec.model_copy(update=rows | address | {"requests_per_second": 1000.0, "boards": spec.boards[:2]})


def small_pipeline(home: Path, url: str, clock: Clock | None = None) -> Pipeline:
    settings = Settings(home=home, contact="tests@example.org", read_timeout_s=5, total_timeout_s=20)
    opened = Home.open(settings.root)
    return Pipeline(settings, small_catalog(url), opened, Archive(opened), clock or Clock())


def loopback_fetcher(pipeline: Pipeline) -> Fetcher:
    return Fetcher(pipeline.settings, policy=LOOPBACK, clock=pipeline.clock, retries=PROMPT)


def fetched(pipeline: Pipeline) -> list[Attempt]:
    """What a night asks the site for, archived."""
    newest = pipeline.archive.newest()
    with loopback_fetcher(pipeline) as fetcher:
        specs = [spec for spec in pipeline.catalog.sources.values() if spec.fetched]
        return [fetch_source(pipeline, fetcher, spec, newest) for spec in specs]


def night(pipeline: Pipeline, say: Callable[[str], None] = lambda _: None) -> Summary:
    """What the nightly flow does, without Prefect around it."""
    attempts = fetched(pipeline)
    attempts += enter_analyst_files(pipeline)
    with store_lock(pipeline.home, "a test"):
        return load_and_answer(pipeline, attempts, say)[0]


def published_rows(home: Path, query: str) -> list[tuple[object, ...]]:
    """Rows of a query on the published file."""
    with open_published(Home(home)) as connection:
        return [tuple(row) for row in connection.execute(query).fetchall()]


def facts(home: Path) -> dict[str, int]:
    """How many rows of each dataset each source has in the published file."""
    union = " UNION ALL BY NAME ".join(f"SELECT source FROM history.{name}" for name in DATASETS)
    return dict(published_rows(home, f"SELECT source, count(*) FROM ({union}) GROUP BY source"))  # type: ignore[arg-type]
