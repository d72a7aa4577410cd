"""Dated copies of a seller's page in the Wayback Machine, for a backfill: one for each change of its bytes.

The index (CDX) lists the copies, without runs of one digest. A copy is asked for as it was captured (`id_`). The archive
answers some requests with the nearest copy instead; a copy that does not name the asked instant is refused, since its time
would not be proven. It allows few requests: one in two and a half seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import quote, urlsplit

import orjson

from config.errors import Refused, SourceChanged
from config.specs import SourceSpec
from flows.network.fetch import Fetcher
from flows.past.payloads import Discovered

BASIS = "wayback"
ARCHIVE = "https://web.archive.org"
REQUESTS_PER_SECOND = 0.4
MAX_COPIES = 10_000
FIELDS = ["timestamp", "original", "digest"]
_STAMP = re.compile(r"\d{14}")


def discover(
    spec: SourceSpec, start: date, end: date, *, fetcher: Fetcher, archive: str = ARCHIVE
) -> Iterator[Discovered]:
    """Copies of every declared past address of a source from `start` to `end` (UTC days, inclusive), oldest first.

    Raises Refused where the source declares none, SourceUnreachable or SourceChanged where the index does not answer as
    it should.
    """
    if not spec.archived:
        raise Refused("no archived address is declared", source=spec.id, remedy="backfill a source with `archived`")
    asked = asked_as(spec, archive)
    found: list[tuple[datetime, str, str]] = []
    for scope, addresses in spec.archived.items():
        for address in addresses:
            copies = _copies(fetcher, asked, archive, address, (start, end))
            found += [(taken_at, scope, url) for taken_at, url in copies]
    for taken_at, scope, url in sorted(found):
        yield Discovered(scope, url, taken_at, BASIS, partial(_copy, fetcher, asked, scope, url, taken_at))


def asked_as(spec: SourceSpec, archive: str = ARCHIVE) -> SourceSpec:
    """The source as the archive is asked for it: at the archive's host and pace, not the seller's."""
    return spec.model_copy(
        update={
            "hosts": (urlsplit(archive).hostname,),
            "redirect_hosts": (),
            "conditional": "hash",
            "requests_per_second": REQUESTS_PER_SECOND,
        }
    )


def _copies(
    fetcher: Fetcher, spec: SourceSpec, archive: str, address: str, span: tuple[date, date]
) -> list[tuple[datetime, str]]:
    query = (
        f"{archive}/cdx/search/cdx?url={quote(address, safe='')}&from={span[0]:%Y%m%d}&to={span[1]:%Y%m%d}&output=json"
        f"&fl={','.join(FIELDS)}&filter=statuscode:200&collapse=digest&limit={MAX_COPIES}"
    )
    body = fetcher.get(spec, "", query).body or b""
    try:
        rows = orjson.loads(body) if body.strip() else []
        if rows and rows[0] != FIELDS:
            raise ValueError(f"the columns are {rows[0]}")
        listed = [(str(stamp), str(original)) for stamp, original, _ in rows[1:]]
    except (ValueError, TypeError, KeyError) as error:
        raise SourceChanged(f"the index has another shape: {error}", source=spec.id, place=query) from error
    if len(listed) >= MAX_COPIES:
        told = f"the index names {MAX_COPIES:,} copies and perhaps more"
        raise SourceChanged(told, source=spec.id, place=query, remedy="ask for fewer days at a time")
    return [
        (datetime.strptime(stamp, "%Y%m%d%H%M%S"), f"{archive}/web/{stamp}id_/{original}")  # noqa: DTZ007  stamps are UTC
        for stamp, original in listed
        if _STAMP.fullmatch(stamp)
    ]


def _copy(fetcher: Fetcher, spec: SourceSpec, scope: str, url: str, taken_at: datetime) -> bytes:
    """The bytes of one copy. Raises SourceChanged when the archive sends another one."""
    fetched = fetcher.get(spec, scope, url)
    stated = fetched.capture.headers.get("memento-datetime", "")
    try:
        held = parsedate_to_datetime(stated).astimezone(UTC).replace(tzinfo=None)
    except ValueError:
        held = None
    if held != taken_at or fetched.body is None:
        raise SourceChanged(f"the archive sent another copy ({stated or 'undated'})", source=spec.id, place=url)
    return fetched.body
