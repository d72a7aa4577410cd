"""What an answer means, or the lack of one: a body, an unchanged body, or one plain sentence and its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
from urllib3 import exceptions as transport

from config.errors import HostRefuses, Refused, SourceChanged, SourceGone, SourceUnreachable, SourceUnsteady, told
from config.specs import SourceSpec
from flows.network.clock import CLOCK_TOLERANCE
from flows.network.exchange import AddressRefused, Exchange, Overdue
from flows.network.payload import BrokenOff, TooLarge, UnknownEncoding

# How long a host that refuses is left alone: as long as it says, up to a day, or the SEC's ten minutes.
STAY_AWAY_S, LONGEST_WAIT_S = 600.0, 86_400.0
LONGEST_SHOWN = 100  # characters of a header
LATER = "nothing to do: the last good series stays in place and the next run asks again"

# The first kind that fits speaks. Certificates and proxies first: requests files them under connection errors.
SENTENCES: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((requests.exceptions.SSLError, transport.SSLError), "showed a certificate that was not accepted"),
    ((requests.exceptions.ProxyError, transport.ProxyError), "was not reached through the proxy"),
    ((transport.NameResolutionError,), "was not found: no network, or no such host"),
    ((transport.NewConnectionError,), "refused the connection, or no network leads there"),
    ((transport.ConnectTimeoutError,), "did not accept a connection in time"),
    ((transport.ReadTimeoutError, requests.exceptions.ReadTimeout), "fell silent"),
)

HOPELESS = tuple(kinds for kinds, _ in SENTENCES[:4])


def admit_status(spec: SourceSpec, url: str, response: requests.Response, asked_conditionally: bool) -> None:
    """Return for a body, or for an unchanged one that was asked for; raise for every other answer."""
    status = response.status_code
    if status == 200 or (status == 304 and asked_conditionally):
        return
    if status in (404, 410):
        raise changed(spec, url, f"there is nothing at this address any more ({status}).", SourceGone)
    if status in (401, 403):
        raise _forbidden(spec, url, status)
    if status == 429 or status >= 500:
        wait = response.headers.get("retry-after")
        asks = f" and asks to wait ({told(wait, LONGEST_SHOWN)})" if wait else ""
        wait_for = wait_s(wait or "")
        kind = HostRefuses if status == 429 or wait_for > STAY_AWAY_S else SourceUnsteady
        problem = kind(f"the host answered {status}{asks}.", source=spec.id, place=url, remedy=LATER)
        if isinstance(problem, HostRefuses):
            problem.wait_s = max(STAY_AWAY_S, wait_for)
        raise problem
    raise changed(spec, url, f"the host answered {status}, where a body was due.")


def wait_s(retry_after: str) -> float:
    """The seconds a Retry-After asks for: at most a day, 0 without one; what is neither number nor date asks for STAY_AWAY_S."""
    stated = retry_after.strip()
    if not stated:
        return 0.0
    if stated.isdecimal() and stated.isascii():
        return float(min(int(stated[:9]), LONGEST_WAIT_S))
    try:
        until = parsedate_to_datetime(stated).astimezone(UTC)
        return min(max((until - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_WAIT_S)
    except (ValueError, TypeError, OverflowError):
        return STAY_AWAY_S


def admit_clock(spec: SourceSpec, url: str, date: str, now: datetime) -> None:
    """Raise Refused when the host's clock (its Date header) is well ahead of ours: what we captured now would count as known
    before it was. A header that is behind may come from a cache, and one that nobody vouches for proves nothing.
    """
    try:
        theirs = parsedate_to_datetime(date).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, TypeError, OverflowError):  # no date, or one beyond all calendars
        return
    if urlsplit(url).scheme == "https" and theirs - now > CLOCK_TOLERANCE:
        raise Refused(
            f"the host's clock says {theirs:%Y-%m-%d %H:%M} UTC and ours {now:%Y-%m-%d %H:%M}: what is captured now would "
            "count as known too early.",
            source=spec.id,
            place=url,
            remedy="set this machine's clock; `capex-signals doctor` compares it",
        )


def _forbidden(spec: SourceSpec, url: str, status: int) -> HostRefuses:
    host = urlsplit(url).hostname or ""
    if host == "sec.gov" or host.endswith(".sec.gov"):
        return HostRefuses(
            f"the SEC refused the request ({status}): it blocks a client for about ten minutes after too many requests.",
            source=spec.id,
            place=url,
            remedy="wait ten minutes, and check that CAPEX_SIGNALS_CONTACT names you",
        )
    if spec.key:
        return HostRefuses(
            f"the host refused the request ({status}): it does not accept the key.",
            source=spec.id,
            place=url,
            remedy=f"check the key against the one at {spec.key.get_one}",
        )
    return HostRefuses(f"the host refused the request ({status}).", source=spec.id, place=url, remedy=LATER)


@contextmanager
def explained(spec: SourceSpec, url: str, exchange: Exchange) -> Iterator[None]:
    """Turn what the network can do to a request into one plain sentence."""
    try:
        yield
    except TooLarge as error:
        raise SourceChanged(
            f"the body is larger than {spec.max_bytes:,} bytes.",
            source=spec.id,
            place=url,
            remedy=f"look at the address; if it is right, raise max_bytes in config/sources/{spec.id}.yml",
        ) from error
    except UnknownEncoding as error:
        raise changed(
            spec, url, f"the body is encoded as {told(str(error), LONGEST_SHOWN)}, which was not offered."
        ) from error
    except AddressRefused as error:
        raise _unreachable(spec, url, f"not asked: {error}.") from error
    except (Overdue, BrokenOff, OSError, transport.HTTPError) as error:  # requests' own errors are OSErrors
        late = exchange.overdue or isinstance(error, Overdue)
        sentence = f"the answer took longer than {exchange.seconds:g} s." if late else _sentence(url, error)
        kind = SourceUnreachable if _is_hopeless(error) else SourceUnsteady
        raise kind(sentence, source=spec.id, place=url, remedy=LATER) from error


def _is_hopeless(error: BaseException) -> bool:
    """No network, no such host, a certificate: what a minute does not change."""
    return any(isinstance(error, kinds) or isinstance(_root(error), kinds) for kinds in HOPELESS)


def _sentence(url: str, error: BaseException) -> str:
    host = urlsplit(url).hostname
    if "not yet valid" in str(error):
        return f"{host} showed a certificate that is not valid yet: this machine's clock is behind (`capex-signals doctor` compares it)."
    for kinds, sentence in SENTENCES:
        if isinstance(error, kinds) or isinstance(_root(error), kinds):
            return f"{host} {sentence}."
    return f"{host} broke the connection off before the whole body had come."


def _root(error: BaseException) -> BaseException:
    """urllib3's own error inside the wrappings of requests and of exhausted retries."""
    if isinstance(error, requests.RequestException) and error.args and isinstance(error.args[0], Exception):
        return _root(error.args[0])
    if isinstance(error, transport.MaxRetryError) and error.reason is not None:
        return error.reason
    return error


def _unreachable(spec: SourceSpec, url: str, message: str) -> SourceUnreachable:
    return SourceUnreachable(message, source=spec.id, place=url, remedy=LATER)


def changed(spec: SourceSpec, url: str, message: str, kind: type[SourceChanged] = SourceChanged) -> SourceChanged:
    """The error for an answer that a person must look into."""
    return kind(message, source=spec.id, place=url, remedy=f"find where it went and mend config/sources/{spec.id}.yml")
