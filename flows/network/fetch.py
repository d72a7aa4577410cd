"""Fetch one address politely: declared hosts only, one pace for each host, one honest identity, bounded in size and time."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import requests
from pyrate_limiter import Limiter, Rate
from requests_ratelimiter.buckets import HostBucketFactory
from urllib3 import BaseHTTPResponse
from urllib3 import exceptions as transport
from urllib3.util import Retry

from config.contracts import Capture
from config.errors import SourceChanged, SourceUnreachable, told
from config.settings import Settings
from config.specs import SourceSpec
from flows.network.clock import utc_now
from flows.network.exchange import AddressRefused, Exchange, NetworkPolicy, WatchedAdapter
from flows.network.identity import require_contact, user_agent
from flows.network.payload import ACCEPTED_ENCODING, CHUNK, BrokenOff, TooLarge, decoded, read_payload
from flows.network.responses import admit_clock, admit_status, changed, explained, wait_s

KEPT_HEADERS = (
    "etag",
    "last-modified",
    "content-type",
    "content-length",
    "content-encoding",
    "date",
    "memento-datetime",
)
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 5
LONGEST_HEADER, LONGEST_SIZE = 500, 18  # characters; digits of a Content-Length
MAX_RETRY_AFTER_S = 60.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer: the capture, and its decoded body, or None where the host says it is unchanged (304)."""

    capture: Capture
    body: bytes | None


class _PoliteRetry(Retry):
    """Gives up where waiting does not help: an unknown host, or a host that asks for a longer wait than a run has."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> Self:
        if isinstance(error, transport.NameResolutionError):
            raise transport.MaxRetryError(_pool, url or "", error)
        if response is not None and wait_s(response.headers.get("retry-after", "")) > MAX_RETRY_AFTER_S:
            raise transport.MaxRetryError(_pool, url or "", transport.ResponseError("asked to wait"))
        return super().increment(method, url, response, error, _pool, _stacktrace)


RETRIES = _PoliteRetry(
    total=4,
    connect=1,
    read=1,
    status=3,
    other=0,
    redirect=0,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=("GET",),
    backoff_factor=0.5,
    backoff_jitter=0.5,
    raise_on_status=False,
)


class _Paces:
    """One limiter for each host in this process; of several declared paces the slowest holds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limiters: dict[str, tuple[float, Limiter]] = {}

    def limiter(self, netloc: str, per_second: float) -> Limiter:
        with self._lock:
            known = self._limiters.get(netloc)
            if known is not None and known[0] <= per_second:
                return known[1]
            if known is not None:
                known[1].bucket_factory.close()
            # One request in each interval, rather than N in a second: no bursts at the start of a run.
            factory = HostBucketFactory(rates=[Rate(1, max(1, round(1000 / per_second)))])
            self._limiters[netloc] = (per_second, Limiter(factory, buffer_ms=1))
            return self._limiters[netloc][1]


PACES = _Paces()


class _Session(requests.Session):
    """Follows nothing by itself: to prepare a redirect nobody asked it to follow, requests reads its whole body."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002  the name is requests' own
        return None


class Fetcher:
    """Holds one session for each host. Use as a context manager; `get` may be called from several threads."""

    def __init__(
        self,
        settings: Settings,
        *,
        policy: NetworkPolicy | None = None,
        clock: Callable[[], datetime] = utc_now,
        retries: Retry = RETRIES,
    ) -> None:
        self._settings = settings
        self._policy = policy or NetworkPolicy()
        self._clock = clock
        self._retries = retries
        self._user_agent = user_agent(settings.contact)
        self._sessions: dict[str, requests.Session] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for session in self._sessions.values():
                session.close()
            self._sessions.clear()

    def get(self, spec: SourceSpec, scope: str, url: str, previous: Capture | None = None, *, key: str = "") -> Fetched:
        """Ask once. `previous` is the last capture of this source and scope; it makes the request conditional.

        `key` goes into the header the source declares, to its own hosts only: never along a redirect elsewhere.

        Raises SourceUnreachable (no answer, a refusal, a body that broke off: the next run may succeed) or
        SourceChanged (gone, moved to an undeclared host, too large: a person must look).
        """
        if self._settings.offline:
            raise SourceUnreachable(
                "offline is set, so nothing was asked.", source=spec.id, remedy="unset CAPEX_SIGNALS_OFFLINE"
            )
        condition = _condition(spec, url, previous)
        with Exchange(self._policy, self._settings.total_timeout_s) as exchange, explained(spec, url, exchange):
            with closing(self._answer(spec, url, condition, key)) as response:
                admit_status(spec, url, response, asked_conditionally=bool(condition))
                admit_clock(spec, url, response.headers.get("date", ""), self._clock())
                if response.status_code == 304 and previous is not None:
                    return Fetched(self._capture(spec, scope, url, response, previous), None)
                body = read_payload(
                    _pieces(response),
                    response.headers.get("content-encoding", ""),
                    _cap(spec, response),
                )
                exchange.check()  # a body that ends with its connection cannot tell a cut from its end
            return Fetched(self._capture(spec, scope, url, response, body), body)

    def download(self, spec: SourceSpec, url: str, write: Callable[[bytes], object]) -> dict[str, str]:
        """Ask once for a body too large to be held and hand over its pieces; gives the headers that are kept.

        It may take as long as its largest size takes at a megabyte a second. Raises what `get` does; a cut transfer is
        not taken up again.
        """
        if self._settings.offline:
            raise SourceUnreachable(
                "offline is set, so nothing was asked.", source=spec.id, remedy="unset CAPEX_SIGNALS_OFFLINE"
            )
        seconds = max(self._settings.total_timeout_s, spec.max_bytes / 1e6)
        with Exchange(self._policy, seconds) as exchange, explained(spec, url, exchange):
            with closing(self._answer(spec, url, {}, "")) as response:
                admit_status(spec, url, response, asked_conditionally=False)
                admit_clock(spec, url, response.headers.get("date", ""), self._clock())
                pieces = _pieces(response)
                for piece in decoded(pieces, response.headers.get("content-encoding", ""), _cap(spec, response)):
                    write(piece)
                exchange.check()
            return _kept(response.headers)

    def _answer(self, spec: SourceSpec, url: str, condition: Mapping[str, str], key: str) -> requests.Response:
        """The first answer that is not a redirect."""
        here = url
        for _ in range(MAX_REDIRECTS + 1):
            host = self._policy.admit_url(here, spec.allowed_hosts)
            require_contact(host, self._settings.contact, spec.id)
            response = self._session(here, spec.requests_per_second).get(
                here,
                headers={**condition, **_key_header(spec, host, key)},
                stream=True,
                allow_redirects=False,
                timeout=(self._settings.connect_timeout_s, self._settings.read_timeout_s),
            )
            if response.status_code not in REDIRECTS:
                return response
            response.close()
            here = self._target(spec, here, response.headers.get("location", ""))
        raise changed(spec, url, f"more than {MAX_REDIRECTS} redirects")

    def _target(self, spec: SourceSpec, here: str, location: str) -> str:
        try:
            target = urljoin(here, location)
            self._policy.admit_url(target, spec.allowed_hosts)
        except (AddressRefused, ValueError) as error:
            raise SourceChanged(
                f"{urlsplit(here).hostname} redirects to {told(repr(location), LONGEST_HEADER)}: not followed, since {told(str(error), LONGEST_HEADER)}.",
                source=spec.id,
                place=here,
                remedy=f"if the move is genuine, add the host to redirect_hosts in config/sources/{spec.id}.yml",
            ) from error
        return target

    def _session(self, url: str, per_second: float) -> requests.Session:
        netloc = urlsplit(url).netloc
        limiter = PACES.limiter(netloc, per_second)
        with self._lock:
            session = self._sessions.get(netloc)
            if session is None:
                session = self._sessions[netloc] = self._new_session(limiter)
            for adapter in session.adapters.values():
                adapter.limiter = limiter  # type: ignore[attr-defined]  # a slower source may have come since
            return session

    def _new_session(self, limiter: Limiter) -> requests.Session:
        session = _Session()
        session.headers.update({"User-Agent": self._user_agent, "Accept": "*/*", "Accept-Encoding": ACCEPTED_ENCODING})
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # A login in ~/.netrc would be sent along otherwise; proxies and certificates from the environment stay.
        session.auth = _no_login
        adapter = WatchedAdapter(limiter, self._retries)
        session.adapters.clear()
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    def _capture(
        self, spec: SourceSpec, scope: str, url: str, response: requests.Response, content: bytes | Capture
    ) -> Capture:
        """The record of this answer; a 304 stands for the bytes of the capture before it."""
        now = self._clock()
        headers = _kept(response.headers)
        if isinstance(content, Capture):
            sha256, size, headers = content.sha256, content.size, {**content.headers, **headers}
        else:
            sha256, size = hashlib.sha256(content).hexdigest(), len(content)
        return Capture(
            source=spec.id,
            scope=scope,
            url=url,
            sha256=sha256,
            size=size,
            fetched_at=now,
            taken_at=now,
            status=response.status_code,
            headers=headers,
        )


def _no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _condition(spec: SourceSpec, url: str, previous: Capture | None) -> dict[str, str]:
    """Headers that let the host answer 304, where it honours them and the last capture is of this very address."""
    if spec.conditional != "etag" or previous is None or previous.url != url:
        return {}
    kept = _kept(previous.headers)
    modified = kept.get("last-modified", "")
    wanted = {
        "If-None-Match": kept.get("etag"),
        # A stamp of the future would be answered 304 until then, whatever the file says.
        "If-Modified-Since": modified if _not_after(modified, previous.fetched_at) else "",
    }
    return {name: value for name, value in wanted.items() if value}


def _not_after(stamp: str, fetched_at: datetime) -> bool:
    """Whether a header's date is one, and not later than the capture that bore it."""
    try:
        return parsedate_to_datetime(stamp).astimezone(UTC).replace(tzinfo=None) <= fetched_at
    except (ValueError, TypeError, OverflowError):
        return False


def _key_header(spec: SourceSpec, host: str, key: str) -> dict[str, str]:
    return {spec.key.header: key} if spec.key and key and host in spec.hosts else {}


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """The body as it comes. A chunk of a negative size is an error of urllib3's that is none of its own kinds."""
    try:
        yield from response.raw.stream(CHUNK, decode_content=False)
    except ValueError as error:
        raise BrokenOff(str(error)) from error


def _cap(spec: SourceSpec, response: requests.Response) -> int:
    """The largest body to take; raises TooLarge at once where the host announces a larger one."""
    announced = response.headers.get("content-length", "").lstrip("0")
    if (
        announced.isascii()
        and announced.isdecimal()
        and (len(announced) > LONGEST_SIZE or int(announced) > spec.max_bytes)
    ):
        raise TooLarge
    return spec.max_bytes


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that are kept with a capture and sent back: none that no such header can be, for it would be sent for ever."""
    found = {name: headers[name] for name in KEPT_HEADERS if name in headers}
    return {name: value for name, value in found.items() if value.isprintable() and len(value) <= LONGEST_HEADER}
