"""What could be fetched of a source for some days of the past: its own discovery, or the declared addresses once."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, cast

from config.specs import Catalog, SourceSpec
from flows.fetch import Fetcher
from flows.pipeline import requests_of


@dataclass(frozen=True, slots=True)
class Discovered:
    """One capture that could be had.

    taken_at (naive UTC) is the instant the bytes will stand for and taken_at_basis its proof; None: the instant of the
    fetch. fetch gets the bytes, raising SourceUnreachable or SourceChanged; None: the address is asked as it stands.
    """

    scope: str
    url: str
    taken_at: datetime | None = None
    taken_at_basis: str = "fetched"
    fetch: Callable[[], bytes] | None = None


class Discover(Protocol):
    """What a module of flows.discoveries offers."""

    def __call__(
        self, spec: SourceSpec, catalog: Catalog, start: date, end: date, fetcher: Fetcher
    ) -> Iterator[Discovered]: ...


def discovery_of(spec: SourceSpec) -> Discover:
    """The source's own discovery where there is one."""
    name = f"flows.discoveries.{spec.id}"
    if importlib.util.find_spec(name) is None:
        return declared_addresses
    return cast("Discover", importlib.import_module(name).discover)


def declared_addresses(
    spec: SourceSpec,
    catalog: Catalog,
    start: date,  # noqa: ARG001  what is asked is the present, whatever the days
    end: date,  # noqa: ARG001
    fetcher: Fetcher,  # noqa: ARG001
) -> Iterator[Discovered]:
    """Every declared address once, as it stands now."""
    for scope, url in requests_of(spec, catalog):
        yield Discovered(scope, url)


def what_is_had(spec: SourceSpec) -> str:
    """One sentence for the plan: what the fetched payloads will say of the past."""
    if discovery_of(spec) is not declared_addresses:
        return "each capture of those days"
    if spec.kind == "statement":
        return "one payload holds the whole history, also outside these days"
    return "the source keeps no past: its present state, known from now on"
