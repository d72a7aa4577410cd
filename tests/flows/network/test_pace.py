"""When the fetcher asks again, when it waits, and how it says that a host refused, on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from loopback import LOOPBACK, NOW, PROMPT, settings, source
from pytest_httpserver import HTTPServer

from config.errors import HostRefuses, SourceChanged, SourceUnreachable
from flows.network import fetch
from flows.network.breaker import Breaker
from flows.network.fetch import Fetcher
from flows.network.responses import wait_s
from warehouse.home.layout import Home


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(settings(), policy=LOOPBACK, clock=lambda: NOW, retries=PROMPT) as opened:
        yield opened


def test_a_busy_host_is_asked_again(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_ordered_request("/data").respond_with_data(status=503)
    httpserver.expect_ordered_request("/data").respond_with_data(status=429, headers={"Retry-After": "0"})
    httpserver.expect_ordered_request("/data").respond_with_data(b"abc")
    assert fetcher.get(source(), "", httpserver.url_for("/data")).body == b"abc"


def test_retry_after_is_waited_for(httpserver: HTTPServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", waits.append)
    httpserver.expect_ordered_request("/data").respond_with_data(status=429, headers={"Retry-After": "7"})
    httpserver.expect_ordered_request("/data").respond_with_data(b"abc")
    assert fetcher.get(source(), "", httpserver.url_for("/data")).body == b"abc"
    assert 7 in waits


def test_a_host_that_asks_for_a_long_wait_is_left_alone(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/data").respond_with_data(status=429, headers={"Retry-After": "3600"})
    with pytest.raises(SourceUnreachable, match=r"answered 429 and asks to wait \(3600\)"):
        fetcher.get(source(), "", httpserver.url_for("/data"))
    assert len(httpserver.log) == 1


def test_what_no_one_can_read_as_a_wait_is_one(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/data").respond_with_data(status=503, headers={"Retry-After": "in a while"})
    with pytest.raises(SourceUnreachable, match=r"answered 503 and asks to wait \(in a while\)"):
        fetcher.get(source(), "", httpserver.url_for("/data"))
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(("stated", "seconds"), [
    ("", 0), ("7", 7), (" 3600 ", 3600), ("31536000", 86_400), ("9" * 400, 86_400), ("-5", 600), ("in a while", 600),
    ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400), ("Fri, 31 Dec 9999 23:59:59 -2359", 600), ("Mon, 01 Jan 2024 00:00:00 GMT", 0),
])  # fmt: skip
def test_how_long_a_host_is_left_alone(stated: str, seconds: float) -> None:
    assert wait_s(stated) == seconds


def test_a_long_wait_is_kept_for_the_runs_to_come(httpserver: HTTPServer, fetcher: Fetcher, tmp_path: Path) -> None:
    httpserver.expect_request("/data").respond_with_data(status=503, headers={"Retry-After": "7200"})
    url, breaker = httpserver.url_for("/data"), Breaker(Home.open(tmp_path), lambda: NOW)
    with pytest.raises(HostRefuses), breaker.guarding(source(), url):
        fetcher.get(source(), "", url)
    assert breaker.closed_at(url) == NOW + timedelta(hours=2)


def test_a_stamp_of_the_future_is_not_sent_back(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/data").respond_with_data(
        b"abc", headers={"Last-Modified": "Fri, 31 Dec 2100 23:59:59 GMT"}
    )
    url = httpserver.url_for("/data")
    asked = source().model_copy(update={"conditional": "etag"})
    first = fetcher.get(asked, "", url)
    fetcher.get(asked, "", url, first.capture)
    assert "If-Modified-Since" not in httpserver.log[-1][0].headers


def test_retries_end(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/data").respond_with_data(status=500)
    with pytest.raises(SourceUnreachable, match="answered 500"):
        fetcher.get(source(), "", httpserver.url_for("/data"))
    assert len(httpserver.log) == 4  # the first and three more


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (404, SourceChanged, "nothing at this address any more"),
        (410, SourceChanged, "nothing at this address any more"),
        (400, SourceChanged, "answered 400"),
        (204, SourceChanged, "answered 204"),
        (403, SourceUnreachable, "refused the request"),
    ],
)
def test_other_answers_name_the_address(
    httpserver: HTTPServer, fetcher: Fetcher, status: int, kind: type[Exception], sentence: str
) -> None:
    httpserver.expect_request("/data").respond_with_data("<html>no</html>", status=status)
    with pytest.raises(kind, match=sentence) as caught:
        fetcher.get(source(), "", httpserver.url_for("/data"))
    assert "/data" in str(caught.value)
    assert len(httpserver.log) == 1


def test_a_refusal_by_the_sec_names_its_ten_minutes(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, fetcher: Fetcher
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: real("127.0.0.1", *rest, **more))
    monkeypatch.setattr("flows.network.exchange.LOOPBACK_NAMES", frozenset({"www.sec.gov"}))
    httpserver.expect_request("/data").respond_with_data("<html>Undeclared tool</html>", status=403)
    with pytest.raises(SourceUnreachable, match="ten minutes"):
        fetcher.get(source(hosts=("www.sec.gov",)), "", f"http://www.sec.gov:{httpserver.port}/data")


def test_the_pace_of_a_host_is_shared_and_the_slowest_holds() -> None:
    fast = fetch.PACES.limiter("paced.example", 5)
    assert [(rate.limit, rate.interval) for rate in fast.bucket_factory.rates] == [(1, 200)]  # type: ignore[attr-defined]
    slow = fetch.PACES.limiter("paced.example", 2)
    assert [(rate.limit, rate.interval) for rate in slow.bucket_factory.rates] == [(1, 500)]  # type: ignore[attr-defined]
    assert fetch.PACES.limiter("paced.example", 5) is slow
    assert fetch.PACES.limiter("other.example", 5) is not fast


def test_requests_to_one_host_wait_for_their_turn(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    """A second request in the same interval finds the host's bucket full."""
    httpserver.expect_request("/data").respond_with_data(b"abc")
    url = httpserver.url_for("/data")
    fetcher.get(source(requests_per_second=0.01), "", url)
    limiter = fetch.PACES.limiter(f"{httpserver.host}:{httpserver.port}", 0.01)
    assert limiter.try_acquire(f"{httpserver.host}:{httpserver.port}", blocking=False) is False
    with Fetcher(settings(), policy=LOOPBACK) as second:
        session = second._session(url, 1000)
        assert {adapter.limiter for adapter in session.adapters.values()} == {limiter}  # type: ignore[attr-defined]


def test_the_clock_reads_naive_utc() -> None:
    with Fetcher(settings()) as fetcher:
        now = fetcher._clock()
    assert now.tzinfo is None
    assert abs((now - datetime.now(UTC).replace(tzinfo=None)).total_seconds()) < 60
