"""The fetcher against real sockets on loopback: what it sends, what it takes, and what it refuses."""

from __future__ import annotations

import gzip
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from config.errors import Refused, SourceChanged, SourceUnreachable
from config.settings import Settings
from config.specs import KnownAt, Licence, Rows, SourceSpec
from flows.exchange import AddressRefused, NetworkPolicy
from flows.fetch import PACES, RETRIES, Fetcher
from flows.identity import user_agent

LOOPBACK = NetworkPolicy(allow_http_loopback=True)
NOW = datetime(2026, 1, 2, 3, 4, 5)
PROMPT = RETRIES.new(backoff_factor=0, backoff_jitter=0)


def source(**changes: Any) -> SourceSpec:
    declared: dict[str, Any] = {
        "id": "example",
        "title": "Example",
        "publisher": "Example",
        "homepage": "https://example.org",
        "licence": Licence(name="CC0-1.0", redistribution=True),
        "dataset": "fx_rate",
        "kind": "snapshot",
        "tier": 1,
        "order": 1,
        "addresses": ("https://example.org/data",),
        "hosts": ("127.0.0.1",),
        "conditional": "etag",
        "requests_per_second": 1000,
        "max_bytes": 100_000,
        "cadence_days": 1,
        "stale_after_days": 2,
        "known_at": KnownAt(proof="capture"),
        "rows": Rows(min=1, max=10),
    }
    return SourceSpec(**declared | changes)


def settings(**changes: Any) -> Settings:
    return Settings(**{"contact": "tests@example.org", "read_timeout_s": 5, "total_timeout_s": 20} | changes)


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(settings(), policy=LOOPBACK, clock=lambda: NOW, retries=PROMPT) as opened:
        yield opened


@contextmanager
def raw_server(answer: Callable[[socket.socket], None], connections: int = 1) -> Iterator[str]:
    """A server that says exactly what `answer` says, for as many connections as a test allows."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)

    def serve() -> None:
        for _ in range(connections):
            try:
                peer, _address = listener.accept()
            except OSError:
                return
            with peer:
                peer.recv(65536)
                try:
                    answer(peer)
                except OSError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/data"
    finally:
        with socket.create_connection(listener.getsockname()):  # wakes a server that still waits
            listener.close()
        thread.join(20)


def test_a_body_becomes_a_capture_with_its_digest_and_the_headers_worth_keeping(
    httpserver: HTTPServer, fetcher: Fetcher
) -> None:
    httpserver.expect_request("/data").respond_with_data(
        b"abc", headers={"ETag": '"v1"', "Set-Cookie": "id=7", "X-Trace": "9", "Date": "Fri, 02 Jan 2026 03:04:05 GMT"}
    )
    url = httpserver.url_for("/data")
    fetched = fetcher.get(source(), "MSFT", url)
    assert fetched.body == b"abc"
    # The digest of "abc" is the first example of FIPS 180-2.
    assert fetched.capture.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (fetched.capture.source, fetched.capture.scope, fetched.capture.url) == ("example", "MSFT", url)
    assert (fetched.capture.size, fetched.capture.status) == (3, 200)
    assert fetched.capture.fetched_at == fetched.capture.taken_at == NOW
    assert fetched.capture.headers["etag"] == '"v1"'
    assert set(fetched.capture.headers) == {"etag", "content-type", "content-length", "date"}


def test_the_request_says_who_asks_and_carries_neither_cookie_nor_login(
    httpserver: HTTPServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(netrc))
    httpserver.expect_request("/data").respond_with_data(b"abc", headers={"Set-Cookie": "id=7"})
    for _ in range(2):
        fetcher.get(source(), "", httpserver.url_for("/data"))
    for request, _response in httpserver.log:
        assert request.headers["User-Agent"].startswith("capex-signals/")
        assert request.headers["User-Agent"].endswith(" (+tests@example.org)")
        assert "Cookie" not in request.headers
        assert "Authorization" not in request.headers


def test_a_contact_that_would_break_the_header_is_refused() -> None:
    with pytest.raises(Refused, match="CAPEX_SIGNALS_CONTACT"):
        user_agent("me@example.org\r\nX-Evil: 1")


def test_the_sec_is_not_asked_without_a_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a name was looked up")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    spec = source(hosts=("data.sec.gov",))
    with Fetcher(settings(contact=" ")) as anonymous, pytest.raises(SourceUnreachable, match="CAPEX_SIGNALS_CONTACT"):
        anonymous.get(spec, "", "https://data.sec.gov/api/x.json")


def test_offline_asks_nothing(httpserver: HTTPServer) -> None:
    with Fetcher(settings(offline=True), policy=LOOPBACK) as idle, pytest.raises(SourceUnreachable, match="offline"):
        idle.get(source(), "", httpserver.url_for("/data"))
    assert httpserver.log == []


def test_an_unchanged_body_is_not_sent_again(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    def answer(request: Request) -> Response:
        stamp = {"ETag": '"v1"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        if request.headers.get("If-None-Match") == '"v1"':
            assert request.headers["If-Modified-Since"] == stamp["Last-Modified"]
            return Response(status=304)
        return Response(b"abc", headers=stamp)

    httpserver.expect_request("/data").respond_with_handler(answer)
    url = httpserver.url_for("/data")
    first = fetcher.get(source(), "", url)
    again = fetcher.get(source(), "", url, first.capture)
    assert again.body is None
    assert again.capture.status == 304
    assert (again.capture.sha256, again.capture.size) == (first.capture.sha256, 3)
    assert again.capture.headers["etag"] == '"v1"'  # or the next run could not ask conditionally
    assert fetcher.get(source(conditional="hash"), "", url, first.capture).body == b"abc"
    assert fetcher.get(source(), "", url, replace(first.capture, url=url + "?other")).body == b"abc"


def test_a_304_nobody_asked_for_is_a_change(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/data").respond_with_data(status=304)
    with pytest.raises(SourceChanged, match="304"):
        fetcher.get(source(), "", httpserver.url_for("/data"))


def test_a_gzip_body_is_kept_decoded(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    packed = gzip.compress(b"first ") + gzip.compress(b"second")
    httpserver.expect_request("/data").respond_with_data(packed, headers={"Content-Encoding": "gzip"})
    fetched = fetcher.get(source(), "", httpserver.url_for("/data"))
    assert fetched.body == b"first second"
    assert fetched.capture.sha256 == hashlib.sha256(b"first second").hexdigest()
    assert fetched.capture.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(b"x" * 100_001, {}, id="announced"),
        pytest.param(gzip.compress(b"x" * 50_000_000), {"Content-Encoding": "gzip"}, id="bomb"),
    ],
)
def test_a_body_over_the_cap_is_refused_by_name(
    httpserver: HTTPServer, fetcher: Fetcher, body: bytes, headers: dict[str, str]
) -> None:
    httpserver.expect_request("/data").respond_with_data(body, headers=headers)
    with pytest.raises(SourceChanged, match=r"larger than 100,000 bytes.*config/sources/example\.yml"):
        fetcher.get(source(), "", httpserver.url_for("/data"))


def test_a_body_that_never_ends_is_cut_at_the_cap(fetcher: Fetcher) -> None:
    def endless(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(100):
            peer.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")

    with raw_server(endless) as url, pytest.raises(SourceChanged, match="larger than"):
        fetcher.get(source(), "", url)


def test_a_body_of_exactly_the_cap_is_taken(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/data").respond_with_data(b"x" * 100_000)
    assert fetcher.get(source(), "", httpserver.url_for("/data")).capture.size == 100_000


GZIPPED = gzip.compress(b"a long enough body to be cut in two" * 20)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", id="length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", id="chunked"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense", id="chunk size"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + GZIPPED[:20], id="gzip"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nplain", id="not gzip"),
    ],
)
def test_half_a_body_is_no_body(fetcher: Fetcher, answer: bytes) -> None:
    with raw_server(lambda peer: peer.sendall(answer)) as url, pytest.raises(SourceUnreachable, match="broke"):
        fetcher.get(source(), "", url)


def test_a_reset_in_mid_body_is_no_body(fetcher: Fetcher) -> None:
    def reset(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    with raw_server(reset) as url, pytest.raises(SourceUnreachable, match="broke the connection off"):
        fetcher.get(source(), "", url)


def test_a_connection_lost_before_the_answer_is_tried_once_more(fetcher: Fetcher) -> None:
    seen = []

    def second_time(peer: socket.socket) -> None:
        seen.append(1)
        if len(seen) == 2:
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with raw_server(second_time, connections=2) as url:
        assert fetcher.get(source(), "", url).body == b"ok"


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "], ids=["body", "header"])
def test_a_trickle_ends_with_the_total_time_out(head: bytes) -> None:
    """Each byte restarts the read time-out, so only the total one ends this."""
    over = threading.Event()

    def trickle(peer: socket.socket) -> None:
        peer.sendall(head)
        while not over.wait(0.05):
            peer.sendall(b"x")

    patient = settings(total_timeout_s=0.5)
    with raw_server(trickle) as url, Fetcher(patient, policy=LOOPBACK, retries=PROMPT) as fetcher:
        with pytest.raises(SourceUnreachable, match=r"took longer than 0\.5 s"):
            fetcher.get(source(), "", url)
        over.set()


def test_silence_ends_with_the_read_time_out() -> None:
    over = threading.Event()
    impatient = settings(read_timeout_s=0.2)
    with raw_server(lambda _: over.wait(20) and None) as url, Fetcher(impatient, policy=LOOPBACK) as fetcher:
        fetcher._retries = PROMPT.new(read=0)
        with pytest.raises(SourceUnreachable, match="fell silent"):
            fetcher.get(source(), "", url)
        over.set()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_a_declared_host_is_followed(httpserver: HTTPServer, fetcher: Fetcher, status: int) -> None:
    target = httpserver.url_for("/moved").replace("127.0.0.1", "localhost")
    start = httpserver.url_for("/data")
    httpserver.expect_request("/data").respond_with_data(status=status, headers={"Location": target})
    httpserver.expect_request("/moved").respond_with_data(b"abc")
    fetched = fetcher.get(source(redirect_hosts=("localhost",)), "", start)
    assert fetched.body == b"abc"
    assert fetched.capture.url == start


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (
            "https://elsewhere.example/x",
            r"^example: http://127.* 127\.0\.0\.1 redirects to 'https://elsewhere\.example.*not declared",
        ),
        ("http://example.org/x", "only https"),
        ("https://example.org:8443/x", "only https on its own port"),
        ("https://me:secret@example.org/x", "carries a login"),
        ("file:///etc/passwd", "not declared"),
        ("https://[broken", "not followed"),
    ],
)
def test_any_other_redirect_is_refused(fetcher: Fetcher, location: str, reason: str) -> None:
    # The announced body never comes: a redirect's body is nobody's business.
    answer = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 1000\r\n\r\n".encode()
    with raw_server(lambda peer: peer.sendall(answer)) as url, pytest.raises(SourceChanged, match=reason):
        fetcher.get(source(hosts=("127.0.0.1", "example.org")), "", url)


def test_redirects_in_a_circle_end(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/data").respond_with_data(status=302, headers={"Location": "/data"})
    with pytest.raises(SourceChanged, match="more than 5 redirects"):
        fetcher.get(source(), "", httpserver.url_for("/data"))
    assert len(httpserver.log) == 6


def test_a_name_that_leads_to_this_machine_is_refused_before_anything_is_sent(httpserver: HTTPServer) -> None:
    port = httpserver.port
    looked_up = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    with pytest.MonkeyPatch.context() as patch, Fetcher(settings()) as fetcher:
        patch.setattr(socket, "getaddrinfo", lambda *_, **__: looked_up)
        with pytest.raises(SourceUnreachable, match=r"leads to 127\.0\.0\.1, which is not a public address"):
            fetcher.get(source(hosts=("rebound.example",)), "", "https://rebound.example/data")
    assert httpserver.log == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "fe80::1", "::ffff:10.0.0.1", "0.0.0.0"],  # noqa: S104
)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        NetworkPolicy().admit_peer(address)
    NetworkPolicy().admit_peer("93.184.215.14")


def test_an_unknown_host_is_said_in_one_sentence_and_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def unknown(*_: object, **__: object) -> None:
        asked.append(1)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with (
        Fetcher(settings()) as fetcher,
        pytest.raises(SourceUnreachable, match="no network, or no such host") as caught,
    ):
        fetcher.get(source(hosts=("example.invalid",)), "", "https://example.invalid/data")
    assert len(asked) == 1
    assert "\n" not in str(caught.value)


def test_a_refused_connection_is_said_in_one_sentence(fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1 refused the connection"):
        fetcher.get(source(), "", f"http://127.0.0.1:{port}/data")


def test_a_plain_server_where_https_is_due_is_said_in_one_sentence(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/data").respond_with_data(b"abc")
    with pytest.raises(SourceUnreachable, match="certificate"):
        fetcher.get(source(), "", f"https://127.0.0.1:{httpserver.port}/data")


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
    monkeypatch.setattr("flows.exchange.LOOPBACK_NAMES", frozenset({"www.sec.gov"}))
    httpserver.expect_request("/data").respond_with_data("<html>Undeclared tool</html>", status=403)
    with pytest.raises(SourceUnreachable, match="ten minutes"):
        fetcher.get(source(hosts=("www.sec.gov",)), "", f"http://www.sec.gov:{httpserver.port}/data")


def test_the_pace_of_a_host_is_shared_and_the_slowest_holds() -> None:
    fast = PACES.limiter("paced.example", 5)
    assert [(rate.limit, rate.interval) for rate in fast.bucket_factory.rates] == [(1, 200)]  # type: ignore[attr-defined]
    slow = PACES.limiter("paced.example", 2)
    assert [(rate.limit, rate.interval) for rate in slow.bucket_factory.rates] == [(1, 500)]  # type: ignore[attr-defined]
    assert PACES.limiter("paced.example", 5) is slow
    assert PACES.limiter("other.example", 5) is not fast


def test_requests_to_one_host_wait_for_their_turn(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    """A second request in the same interval finds the host's bucket full."""
    httpserver.expect_request("/data").respond_with_data(b"abc")
    url = httpserver.url_for("/data")
    fetcher.get(source(requests_per_second=0.01), "", url)
    limiter = PACES.limiter(f"{httpserver.host}:{httpserver.port}", 0.01)
    try:
        assert limiter.try_acquire(f"{httpserver.host}:{httpserver.port}", blocking=False) is False
        with Fetcher(settings(), policy=LOOPBACK) as second:
            session = second._session(url, 1000)
            assert {adapter.limiter for adapter in session.adapters.values()} == {limiter}  # type: ignore[attr-defined]
    finally:
        PACES._limiters.clear()


def test_the_clock_reads_naive_utc() -> None:
    with Fetcher(settings()) as fetcher:
        now = fetcher._clock()
    assert now.tzinfo is None
    assert abs((now - datetime.now(UTC).replace(tzinfo=None)).total_seconds()) < 60
