"""A declared source on loopback, and a server that says exactly what a test wants, for tests of the fetcher."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from config.settings import Settings
from config.specs import KnownAt, Licence, Rows, SourceSpec
from flows.network.exchange import NetworkPolicy
from flows.network.fetch import RETRIES

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


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that says exactly what `answer` says, to everybody who asks while the context lasts."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                peer, _address = listener.accept()
            except OSError:
                return  # closed while the last answer still went on
            with peer, suppress(OSError):
                if not over.is_set():
                    peer.recv(65536)
                    answer(peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/data"
    finally:
        over.set()
        with socket.create_connection(listener.getsockname()):  # wakes a server that waits for the next one
            thread.join(5)
        listener.close()
