"""What the network can do to a night: no name, silence, a torn body, a storm of refusals. The last good series stays."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest
from injection import PAYLOADS, Small
from loopback import raw_server
from nights import night, published_digest
from werkzeug import Response

pytestmark = pytest.mark.faults


def reset(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nhalf a body")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def drip(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(600):
        peer.sendall(b"x")
        time.sleep(0.1)


def silent(peer: socket.socket) -> None:
    time.sleep(30)


@pytest.mark.parametrize("answer", [reset, drip, silent])
def test_an_origin_that_misbehaves_keeps_nobody_else_from_being_read(
    answer: Callable[[socket.socket], None], small: Small, undisturbed: str
) -> None:
    with raw_server(answer) as url:
        ill = Small(small.folder, small.server, small.now, settings={"CAPEX_SIGNALS_TOTAL_TIMEOUT_S": "4"})
        ill.settings["CAPEX_SIGNALS_READ_TIMEOUT_S"] = "2"
        ill.addresses = {"ecb_fx": url}
        done = night(ill)
    assert done.returncode == 0, done.stderr
    assert "litellm_prices: 1 " in done.stdout
    assert "ecb_fx: 0 " in done.stdout
    converges_later(small, undisturbed)


def test_a_name_that_does_not_exist_is_said_and_stops_nobody(small: Small, undisturbed: str) -> None:
    ill = Small(small.folder, small.server, small.now)
    ill.addresses = {"ecb_fx": "https://no-such-host.invalid/rates"}
    ill.hosts = ["no-such-host.invalid"]
    done = night(ill)
    assert done.returncode == 0, done.stderr
    assert "litellm_prices: 1 " in done.stdout
    converges_later(small, undisturbed)


def test_a_storm_of_429_opens_the_circuit_breaker(small: Small) -> None:
    small.server.clear()
    small.server.expect_request("/litellm_prices").respond_with_data(PAYLOADS["litellm_prices"])
    asked = []

    def refuse(request: object) -> Response:
        asked.append(request)
        return Response("slow down", 429)

    small.server.expect_request("/ecb_fx").respond_with_handler(refuse)
    first = night(small)
    assert "answered 429" in first.stdout
    after = len(asked)
    assert after <= 4
    second = night(small)
    assert "left alone until 2026-11-20 06:40 UTC" in second.stdout
    assert len(asked) == after
    assert second.returncode == 0


def converges_later(small: Small, undisturbed: str) -> None:
    """Half of the sources was published; the whole of it is after the next night."""
    assert published_digest(small) not in {"", undisturbed}
    calm = Small(small.folder, small.server, small.now)
    done = night(calm)
    assert done.returncode == 0, done.stdout + done.stderr
    assert published_digest(calm) == undisturbed
