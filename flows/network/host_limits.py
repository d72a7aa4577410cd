"""One fetcher for each host at a time, across runs and machines: global concurrency limits of the Prefect server.

A turn is one source of a night, or a few requests of a backfill: whoever waits for the host is let in between.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prefect.client.orchestration import get_client
from prefect.concurrency.sync import concurrency

from config.specs import SourceSpec

# A killed holder's slot is free again after this many seconds; a living one renews its lease.
LEASE_S = 60.0


def limit_of(host: str) -> str:
    """The name of a host's limit on the Prefect server."""
    return f"fetch:{host}"


def create_limits(sources: Iterable[SourceSpec]) -> list[str]:
    """Make sure every host that these may ask has its limit; returns the hosts. A limit that is there stays as it is."""
    hosts = sorted({host for spec in sources for host in spec.allowed_hosts})
    with get_client(sync_client=True) as client:
        known = {limit.name for limit in client.read_global_concurrency_limits(limit=200, offset=0)}
        for host in hosts:
            if limit_of(host) not in known:
                client.upsert_global_concurrency_limit_by_name(limit_of(host), 1)
    return hosts


@contextmanager
def host_turn(spec: SourceSpec) -> Iterator[None]:
    """Hold every host of the source. Waits for its turn; raises when a limit does not exist.

    The slot is given back one pace after the last request, so that two processes together keep to the pace.
    """
    names = [limit_of(host) for host in sorted(spec.allowed_hosts)]
    with concurrency(names, lease_duration=LEASE_S, strict=True, raise_on_lease_renewal_failure=False):
        yield
        time.sleep(1 / spec.requests_per_second)
