"""Headers that no honest host sends, over real HTTP: each answer is a body or a short sentence with a remedy, and none is kept."""

from __future__ import annotations

import gzip
import socket
from datetime import datetime

import pytest
from loopback import LOOPBACK, PROMPT, raw_server, settings, source

from config.contracts import Capture
from config.errors import HostRefuses, Problem, SourceChanged, SourceUnsteady
from flows.network.fetch import Fetched, Fetcher

NOW = datetime(2026, 11, 29, 11)
BODY = b'{"a":1}'


def sent(head: bytes, body: bytes = BODY) -> Fetched:
    """What is made of an answer with that status line and those headers."""

    def answer(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 " + head + b"\r\nConnection: close\r\n\r\n" + body)

    with raw_server(answer) as url, Fetcher(settings(), policy=LOOPBACK, clock=lambda: NOW, retries=PROMPT) as fetcher:
        return fetcher.get(source(), "", url)


@pytest.mark.parametrize(
    "size", [b"\xb2", b"\xb9\xb2", b"\xd9\xa3", b"-7", b"+7", b"7.0", b"", b"seven", b"0" * 5000 + b"7"]
)
def test_a_size_that_is_none_is_no_size(size: bytes) -> None:
    assert sent(b"200 OK\r\nContent-Length: " + size).body == BODY


@pytest.mark.parametrize("size", [b"9" * 19, b"9" * 5000, b"100001"])
def test_a_size_beyond_all_is_refused_before_a_byte_of_it_is_taken(size: bytes) -> None:
    with pytest.raises(SourceChanged, match="larger than 100,000 bytes"):
        sent(b"200 OK\r\nContent-Length: " + size)


TAGS = [b'"' + b"e" * 60_000 + b'"', b'"a\x00b"', b'"\x1b[31m"', b'"a\x0bb"']


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_that_is_none_is_not_kept_and_never_sent_back(tag: bytes) -> None:
    fetched = sent(b"200 OK\r\nLast-Modified: Fri, 20 Nov 2026 06:30:00 GMT\r\nETag: " + tag)
    assert fetched.body == BODY
    assert dict(fetched.capture.headers) == {"last-modified": "Fri, 20 Nov 2026 06:30:00 GMT"}


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"429 x\r\nRetry-After: " + b"9" * 5000, HostRefuses),
        (b"429 x\r\nRetry-After: " + b"soon " * 10_000, HostRefuses),
        (b"503 x\r\nRetry-After: \xb2", SourceUnsteady),
        (b"503 x\r\nRetry-After: Fri, 20 Nov 2026 06:30:00 +" + b"9" * 50, SourceUnsteady),
        (b"200 OK\r\nContent-Encoding: " + b"x" * 50_000, SourceChanged),
        (b"200 OK\r\nContent-Encoding: \xff\x1b[2J", SourceChanged),
        (b"301 x\r\nLocation: http://" + b"a" * 60_000 + b".example/", SourceChanged),
        (b"301 x\r\nLocation: http://[::1/", SourceChanged),
        (b"301 x\r\nLocation: http://u:p@127.0.0.1/", SourceChanged),
        (b"301 x\r\nLocation: javascript:alert(1)", SourceChanged),
        (b"301 x", SourceChanged),
        (b"200 OK\r\nX: " + b"y" * 70_000, SourceUnsteady),
        (b"".join([b"200 OK", *(b"\r\nX-%d: a" % number for number in range(150))]), SourceUnsteady),
        (b"1000 x", SourceUnsteady), (b"-1 x", SourceUnsteady), (b"099 x", SourceUnsteady), (b"205 x", SourceChanged),
        (b"206 x\r\nContent-Range: bytes 0-6/100", SourceChanged),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_a_short_sentence_with_a_remedy(head: bytes, kind: type[Problem]) -> None:
    with pytest.raises(kind) as refused:
        sent(head)
    assert refused.value.remedy
    assert len(str(refused.value)) < 1_500


@pytest.mark.parametrize("ending", [b"garbage", b"\0" * 100, gzip.compress(BODY)[:-1]])
def test_what_follows_a_compressed_body_and_is_none_is_not_taken(ending: bytes) -> None:
    with pytest.raises(SourceUnsteady):
        sent(b"200 OK\r\nContent-Encoding: gzip", gzip.compress(BODY) + ending)


def test_what_a_log_of_before_holds_of_such_a_tag_is_not_sent_back() -> None:
    """Captures that were logged before are read as they stand."""
    asked: list[bytes] = []

    def answer(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + BODY)

    with raw_server(answer) as url, Fetcher(settings(), policy=LOOPBACK, clock=lambda: NOW, retries=PROMPT) as fetcher:
        headers = {"etag": '"' + "e" * 60_000 + '"', "last-modified": "Fri, 20 Nov 2026 06:30:00 GMT"}
        previous = Capture("example", "", url, "0" * 64, 7, NOW, NOW, headers=headers)
        session = fetcher._session(url, 1000)
        session.hooks["response"].append(lambda answer, **_: asked.append(str(answer.request.headers).encode()))
        assert fetcher.get(source(), "", url, previous).body == BODY
    assert b"If-Modified-Since" in asked[0]
    assert b"If-None-Match" not in asked[0]
