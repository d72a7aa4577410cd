"""What could be fetched of a source for some days of the past, found where its declaration says that a past is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from config.specs import SourceSpec
from flows.network.fetch import Fetcher
from flows.past import git_history, wayback
from flows.past.payloads import Discovered
from flows.steps.discovery import filing_lists
from flows.steps.pipeline import Pipeline, reader, requests_of

Discover = Callable[[Pipeline, SourceSpec, date, date, Fetcher], Iterator[Discovered]]
FILED_ON = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")  # not the middle of an accession number


def discovery_of(spec: SourceSpec) -> Discover:
    """How the source's past is found: its git history, dated copies, the lists of filings, or not at all."""
    if spec.history:
        return versions
    if spec.archived:
        return copies
    if spec.discovered_from and hasattr(reader(spec), "discover"):
        return filings
    return declared_addresses


def asked_as(spec: SourceSpec) -> SourceSpec:
    """The source with the hosts and the pace of where its past is kept: whoever asks there holds those hosts."""
    if spec.history:
        return git_history.asked_as(spec, spec.history)
    return wayback.asked_as(spec) if spec.archived else spec


def every_way_asked(sources: Iterable[SourceSpec]) -> Iterator[SourceSpec]:
    """Each source that is fetched at all as a night asks it, and as its past is asked for."""
    for spec in sources:
        if spec.fetched:
            yield from (spec, asked_as(spec))


def versions(pipeline: Pipeline, spec: SourceSpec, start: date, end: date, fetcher: Fetcher) -> Iterator[Discovered]:
    """Every version of the file in its git history."""
    return git_history.discover(spec, start, end, clone=pipeline.home.clone(spec.id), fetcher=fetcher)


def copies(
    pipeline: Pipeline,  # noqa: ARG001  one shape for every way
    spec: SourceSpec,
    start: date,
    end: date,
    fetcher: Fetcher,
) -> Iterator[Discovered]:
    """Every dated copy in the Wayback Machine."""
    return wayback.discover(spec, start, end, fetcher=fetcher)


def filings(
    pipeline: Pipeline,
    spec: SourceSpec,
    start: date,
    end: date,
    fetcher: Fetcher,  # noqa: ARG001
) -> Iterator[Discovered]:
    """Every filing of those days that the captured lists of filings name; its scope says the day it was filed."""
    for ticker, listed in filing_lists(pipeline, spec.discovered_from).items():
        for scope, url in reader(spec).discover(spec, ticker, listed):
            filed = FILED_ON.search(scope)
            if filed and start <= date.fromisoformat(filed.group()) <= end:
                yield Discovered(scope, url, lasting=True)


def declared_addresses(
    pipeline: Pipeline,
    spec: SourceSpec,
    start: date,  # noqa: ARG001  what is asked is the present, whatever the days
    end: date,  # noqa: ARG001
    fetcher: Fetcher,  # noqa: ARG001
) -> Iterator[Discovered]:
    """Every declared address once, as it stands now."""
    for scope, url in requests_of(spec, pipeline.catalog):
        yield Discovered(scope, url)


def what_is_had(spec: SourceSpec) -> str:
    """One sentence for the plan: what the fetched payloads will say of the past."""
    if discovery_of(spec) is not declared_addresses:
        return "each capture of those days"
    if spec.kind == "statement":
        return "one payload holds the whole history, also outside these days"
    return "the source keeps no past: its present state, known from now on"
