"""The fetcher against real sockets on loopback: what it sends, what it takes, and what it refuses."""

from __future__ import annotations

import gzip
import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from loopback import LOOPBACK, NOW, PROMPT, raw_server, settings, source
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from config.errors import Refused, SourceChanged, SourceUnreachable
from flows.network.exchange import AddressRefused, NetworkPolicy
from flows.network.fetch import Fetcher
from flows.network.identity import user_agent


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(settings(), policy=LOOPBACK, clock=lambda: NOW, retries=PROMPT) as opened:
        yield opened


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

    with raw_server(second_time) as url:
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
