"""What to ask a source for: its declared addresses, or what the lists of filings say there is."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from config.contracts import Capture
from config.errors import SourceChanged
from config.specs import SourceSpec
from flows.pipeline import Pipeline, reader, requests_of
from transforms.asking_again import is_due
from transforms.filing_list import FilingList, parse_filing_list

Newest = Mapping[tuple[str, str], Capture]


def asked_for(pipeline: Pipeline, spec: SourceSpec, newest: Newest) -> list[tuple[str, str]]:
    """(scope, address) of everything worth asking for now; `newest` holds the last capture of each source and scope.

    A module with discover(spec, ticker, listed) names one scope for each filing: a filing does not change, so each is
    asked for once. One with requests() only names documents that grow: they are asked for when there is a new filing.
    """
    if not spec.discovered_from:
        return requests_of(spec, pipeline.catalog)
    lists = filing_lists(pipeline, spec.discovered_from)
    module = reader(spec.id)
    if hasattr(module, "discover"):
        by_company = [
            [pair for pair in module.discover(spec, ticker, listed) if (spec.id, pair[0]) not in newest]
            for ticker, listed in lists.items()
        ]
        # The newest of every company before the older ones of any; the rest waits for the next run.
        in_turn = [pair for several in zip_longest(*by_company) for pair in several if pair is not None]
        return in_turn[: spec.documents_a_run or None]
    now = pipeline.clock()
    return [
        (scope, url)
        for scope, url in requests_of(spec, pipeline.catalog)
        if is_due(newest.get((spec.id, scope)), lists[scope].filings if scope in lists else None, now)
    ]


def filing_lists(pipeline: Pipeline, source: str) -> dict[str, FilingList]:
    """Ticker -> everything it has filed, from the last captures of its lists, newest filings first."""
    lists: dict[str, FilingList] = {}
    scopes = {scope: capture for (name, scope), capture in pipeline.archive.newest().items() if name == source}
    for scope in sorted(scopes):  # "MSFT" comes before "MSFT/CIK...-001.json", the filings before the newest thousand
        ticker = scope.partition("/")[0]
        if ticker not in pipeline.catalog.companies or (scope != ticker and ticker not in lists):
            continue
        cik = pipeline.catalog.companies[ticker].cik
        try:
            found = parse_filing_list(pipeline.archive.read(scopes[scope].sha256), cik, scopes[scope])
        except SourceChanged:
            continue  # a notice in place of a list: the load names it as refused, and the other companies go on
        before = lists[ticker].filings if ticker in lists else ()
        lists[ticker] = found._replace(filings=before + found.filings)
    return lists


def admit(capture: Capture, body: bytes | None) -> None:
    """Raises SourceChanged for an answer that asking again may mend, where the module can tell: it is not archived.

    What is asked for once must not be taken for had when the host sent a notice or half a document.
    """
    module = reader(capture.source)
    if body is not None and hasattr(module, "admit"):
        module.admit(body, capture)


def followups_of(pipeline: Pipeline, capture: Capture, body: bytes | None) -> list[tuple[str, str]]:
    """Further addresses an answer names, as (scope, address); none where the module knows of none."""
    module = reader(capture.source)
    if body is None or not hasattr(module, "followups"):
        return []
    return list(module.followups(body, capture, pipeline.catalog))
