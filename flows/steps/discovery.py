"""What to ask a source for: its declared addresses, or what the lists of filings say there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import zip_longest

from config.contracts import Capture
from config.errors import Problem
from config.specs import SourceSpec
from flows.steps.pipeline import Pipeline, reader, requests_of
from transforms.filings.listing import FilingList, parse_filing_list
from transforms.filings.refetch import is_due
from warehouse.published.holdings import refused_captures

Newest = Mapping[tuple[str, str], Capture]
Tell = Callable[[str], None]


def _nobody(_: str) -> None:
    """For those who do not ask what could not be read."""


def asked_for(pipeline: Pipeline, spec: SourceSpec, newest: Newest, tell: Tell = _nobody) -> list[tuple[str, str]]:
    """(scope, address) of everything worth asking for now; `newest` holds the last capture of each source and scope.

    A module with discover(spec, ticker, listed) names one scope for each filing: a filing does not change, so each is
    asked for once. One with requests() only names documents that grow: they are asked for when there is a new filing,
    and when the last answer was refused at its load. `tell` hears of each list that cannot be read.
    """
    if not spec.discovered_from:
        return requests_of(spec, pipeline.catalog)
    lists = filing_lists(pipeline, spec.discovered_from, tell)
    module = reader(spec)
    if hasattr(module, "discover"):
        by_company = [
            [pair for pair in module.discover(spec, ticker, listed) if (spec.id, pair[0]) not in newest]
            for ticker, listed in lists.items()
        ]
        # The newest of every company before the older ones of any; the rest waits for the next run.
        in_turn = [pair for several in zip_longest(*by_company) for pair in several if pair is not None]
        return in_turn[: spec.documents_a_run or None]
    now, refused = pipeline.clock(), refused_captures(pipeline.home, spec.id)
    had = {scope: capture for (source, scope), capture in newest.items() if source == spec.id}
    good = {
        scope: capture for scope, capture in had.items() if (scope, capture.sha256, capture.taken_at) not in refused
    }
    return [
        (scope, url)
        for scope, url in requests_of(spec, pipeline.catalog)
        if is_due(good.get(scope), lists[scope].filings if scope in lists else None, now)
    ]


def filing_lists(pipeline: Pipeline, source: str, tell: Tell = _nobody) -> dict[str, FilingList]:
    """Ticker -> everything it has filed, from the last captures of its lists that can be read, newest filings first."""
    lists: dict[str, FilingList] = {}
    scopes: dict[str, list[Capture]] = {}
    for logged in pipeline.archive.captures():
        if logged.capture.source == source and logged.capture.origin == "fetched":
            scopes.setdefault(logged.capture.scope, []).insert(0, logged.capture)
    for scope in sorted(scopes):  # "MSFT" comes before "MSFT/CIK...-001.json", the filings before the newest thousand
        ticker = scope.partition("/")[0]
        if ticker not in pipeline.catalog.companies or (scope != ticker and ticker not in lists):
            continue
        found = _last_readable(pipeline, scopes[scope], pipeline.catalog.companies[ticker].registrant(scope), tell)
        if found is not None:
            before = lists[ticker].filings if ticker in lists else ()
            lists[ticker] = found._replace(filings=before + found.filings)
    return lists


def _last_readable(pipeline: Pipeline, captures: list[Capture], cik: int, tell: Tell) -> FilingList | None:
    """The newest of a scope's captures, newest first, that is a list; says why where it is not the very newest."""
    why = ""
    for capture in captures:
        try:
            found = parse_filing_list(pipeline.archive.read(capture.sha256), cik, capture)
        except Problem as problem:  # a notice in place of a list, or an object that is gone
            why = why or f"{capture.source} {capture.scope}: the last list cannot be read: {problem.message}"
            continue
        if why:
            tell(f"{why} The one of {capture.fetched_at:%Y-%m-%d %H:%M} is used.")
        return found
    tell(f"{why} There is none before it: nothing is asked for by it.")
    return None


def admit(spec: SourceSpec, capture: Capture, body: bytes | None) -> None:
    """Raises SourceChanged for an answer that asking again may mend, where the module can tell: it is not archived.

    What is asked for once must not be taken for had when the host sent a notice or half a document.
    """
    module = reader(spec)
    if body is not None and hasattr(module, "admit"):
        module.admit(body, capture)


def followups_of(pipeline: Pipeline, capture: Capture, body: bytes | None) -> list[tuple[str, str]]:
    """Further addresses an answer names, as (scope, address); none where the module knows of none."""
    module = reader(pipeline.source(capture.source))
    if body is None or not hasattr(module, "followups"):
        return []
    return list(module.followups(body, capture, pipeline.catalog))
