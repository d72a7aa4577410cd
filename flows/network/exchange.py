"""What a request may reach and how long it may last, enforced at the socket.

Checked after the connection is made and before anything is sent, so that no second name lookup can lead elsewhere.
Behind a proxy the proxy does the lookup, and only names are checked.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from contextvars import ContextVar, Token
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from pyrate_limiter import Limiter
from requests_ratelimiter import LimiterAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Retry

LOOPBACK_NAMES = frozenset({"127.0.0.1", "::1", "localhost"})


class AddressRefused(Exception):
    """An address outside what the policy permits; str() is the reason."""


class Overdue(Exception):
    """The exchange lasted longer than it may."""


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """Which addresses may be asked: https on port 443 at the declared hosts, at public addresses.

    allow_http_loopback is for tests: http on any port of this machine as well.
    """

    allow_http_loopback: bool = False

    def admit_url(self, url: str, hosts: frozenset[str]) -> str:
        """The host of an address that may be asked. Raises AddressRefused with the reason."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host not in hosts:
            raise AddressRefused(f"the host {host or '(none)'} is not declared")
        if parts.username or parts.password:
            raise AddressRefused("the address carries a login")
        if self.allow_http_loopback and host in LOOPBACK_NAMES:
            return host
        if parts.scheme != "https" or parts.port not in (None, 443):
            raise AddressRefused(f"only https on its own port is asked, not {parts.scheme}://{parts.netloc}")
        return host

    def admit_peer(self, address: str) -> None:
        """Raise AddressRefused when a name led to an address that is not public."""
        peer = ip_address(address)
        if isinstance(peer, IPv6Address) and peer.ipv4_mapped:
            peer = peer.ipv4_mapped
        if not (peer.is_global or (self.allow_http_loopback and peer.is_loopback)):
            raise AddressRefused(f"the name leads to {address}, which is not a public address")


class Exchange:
    """One request with its retries and redirects. A watchdog cuts the connection when `seconds` have passed.

    A read time-out alone does not do: it starts anew with every byte.
    """

    def __init__(self, policy: NetworkPolicy, seconds: float) -> None:
        self.policy, self.seconds = policy, seconds
        self.overdue = False
        self._socket: socket.socket | None = None
        self._watchdog = threading.Timer(seconds, self._cut)
        self._watchdog.daemon = True
        self._token: Token[Exchange | None] | None = None

    def __enter__(self) -> Exchange:
        self._token = _CURRENT.set(self)
        self._watchdog.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._watchdog.cancel()
        if self._token is not None:
            _CURRENT.reset(self._token)

    def check(self) -> None:
        """Raise Overdue when the time is up."""
        if self.overdue:
            raise Overdue

    def watch(self, connected: socket.socket | None) -> None:
        """The socket to cut when the time is up."""
        self._socket = connected
        self.check()

    def _cut(self) -> None:
        self.overdue = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


_CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


def _admitted(connected: socket.socket) -> socket.socket:
    if (exchange := _CURRENT.get()) is not None:
        try:
            exchange.policy.admit_peer(connected.getpeername()[0])
            exchange.watch(connected)
        except BaseException:
            connected.close()
            raise
    return connected


class _Watched(HTTPConnection):
    """Checks the peer when the connection is made, and hands its socket to the watchdog at each request."""

    def _new_conn(self) -> socket.socket:
        return _admitted(super()._new_conn())

    def request(self, *args: Any, **kwargs: Any) -> None:
        if (exchange := _CURRENT.get()) is not None:
            exchange.check()
        super().request(*args, **kwargs)
        if exchange is not None:
            exchange.watch(self.sock)  # for https this is the encrypted socket, which replaced the first one


class _WatchedTLS(_Watched, HTTPSConnection):
    pass


class _WatchedPool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _WatchedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


class WatchedAdapter(LimiterAdapter):
    """The limiter outside, urllib3's retries inside it, watched connections at the bottom."""

    def __init__(self, limiter: Limiter, retries: Retry) -> None:
        super().__init__(limiter=limiter, max_retries=retries)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _WatchedPool, "https": _WatchedTLSPool}
