"""Capture what a person keeps: analyst files, announcements and private tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.contracts import Capture
from config.errors import Problem
from config.load import analyst_files, announcement_files
from flows.steps.attempt import Attempt, reason
from flows.steps.pipeline import Pipeline
from warehouse.archive.captures import sha256_of

# Hand-entered files, by the first word of their name; the rest are figures of companies.
ENTERED = {"events": "analyst_events", "guidance": "analyst_guidance"}


PRIVATE = {"market_price.csv": "private_prices", "estimate.csv": "private_estimates"}


def enter_analyst_files(pipeline: Pipeline) -> list[Attempt]:
    """Capture the hand-entered statements and the analyst's private files that changed since they were last captured."""
    newest = pipeline.archive.newest()
    private, unread = pipeline.home.private_files(PRIVATE)
    sources = ("analyst_facts", *ENTERED.values(), "price_announcements", *PRIVATE.values())
    entered, refused = dict.fromkeys(sources, 0), dict.fromkeys(sources, "")
    for source, name, url, body in _entered_files(private):
        sha = sha256_of(body)
        previous = newest.get((source, name))
        if previous is not None and previous.sha256 == sha:
            continue
        now = pipeline.clock()
        try:
            pipeline.archive.add(Capture(source, name, url, sha, len(body), now, now, "entered", "entered"), body, now)
        except Problem as problem:
            refused[source] = refused[source] or reason(problem)
        else:
            entered[source] += 1
    refused |= {
        PRIVATE[name]: f"private/{name} {why}. Remedy: put the file there, or take it away"
        for name, why in unread.items()
        if name in PRIVATE
    }
    if strange := sorted(filter(_is_meant_for_us, pipeline.home.private_names() - {*PRIVATE})):
        refused["private_prices"] = refused["private_prices"] or (
            f"private/{strange[0]} is not read: only {' and '.join(PRIVATE)} are. Remedy: name it so, or take it away"
        )
    return [Attempt(source, captured, refused=refused[source]) for source, captured in entered.items()]


def _is_meant_for_us(name: str) -> bool:
    """Whether a file that is not read looks like one that should be; notes and what an editor leaves are none of ours."""
    return not name.startswith(".") and (
        name.lower().endswith(".csv") or name.lower().startswith(tuple(known.partition(".")[0] for known in PRIVATE))
    )


def _entered_files(private: Mapping[str, bytes]) -> Iterator[tuple[str, str, str, bytes]]:
    """(source, name, where it lies, bytes) of every file that a person keeps."""
    for name, body in analyst_files().items():
        yield ENTERED.get(name.partition("_")[0], "analyst_facts"), name, f"config/analyst/{name}", body
    for name, body in announcement_files().items():
        yield "price_announcements", name, f"config/announcements/{name}", body
    for name, body in private.items():
        yield PRIVATE[name], name, f"private/{name}", body
