"""The plan of a backfill: what would be asked, what is held already, how long it takes at the polite pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from config.specs import SourceSpec
from flows.network.fetch import Fetcher
from flows.past.discovery import asked_as, discovery_of, what_is_had
from flows.past.payloads import Discovered
from flows.past.request import BackfillRequest, Mode
from flows.steps.pipeline import Pipeline
from warehouse.archive.backfill_cursor import Cursor, Key
from warehouse.published.holdings import Holdings


@dataclass(frozen=True, slots=True)
class Part:
    """One source of a backfill: everything that was found, and of that what is to be asked now.

    `trouble` says why its past could not be found out; the other sources of the backfill go on.
    """

    spec: SourceSpec
    cursor: Cursor
    found: tuple[Discovered, ...]
    wanted: tuple[Discovered, ...]
    held: int
    gone: int
    left: int
    trouble: str = ""

    @property
    def asked(self) -> SourceSpec:
        """The source with the hosts and the pace at which its past is asked for."""
        return asked_as(self.spec)

    @property
    def seconds(self) -> float:
        """At the polite pace, without the time the host takes to answer."""
        return len(self.wanted) / self.asked.requests_per_second


@dataclass(frozen=True, slots=True)
class Planner:
    """What a plan is made from."""

    pipeline: Pipeline
    request: BackfillRequest
    fetcher: Fetcher
    held: Holdings


def not_planned(planner: Planner, spec: SourceSpec, trouble: str) -> Part:
    """The part of a source whose past could not be found out: nothing is asked of it."""
    request = planner.request
    cursor = Cursor.of(planner.pipeline.home, spec.id, request.from_on, request.to_on, request.mode.value)
    return Part(spec, cursor, (), (), 0, 0, 0, trouble)


def plan_source(planner: Planner, spec: SourceSpec, budget: int | None) -> Part:
    """Discover one source and choose what to ask: at most `budget` captures. Raises SourceUnreachable."""
    pipeline, request, fetcher, held = planner.pipeline, planner.request, planner.fetcher, planner.held
    cursor = Cursor.of(pipeline.home, spec.id, request.from_on, request.to_on, request.mode.value)
    asked = discovery_of(spec)(pipeline, spec, request.from_on, request.to_on, fetcher)
    found = tuple(item for item in asked if _within(item, request))
    refetch = request.mode is Mode.REFETCH
    done = cursor.done(since_finished=refetch)
    gone = [item for item in found if done.get(key_of(item)) == "gone"]
    wanted = [
        item
        for item in found
        if done.get(key_of(item)) != "gone"
        and (key_of(item) not in done if refetch else not _is_held(spec, item, held, request.to_on))
    ]
    chosen = tuple(wanted if budget is None else wanted[: max(budget, 0)])
    return Part(spec, cursor, found, chosen, len(found) - len(wanted) - len(gone), len(gone), len(wanted) - len(chosen))


def key_of(item: Discovered) -> Key:
    """What a capture is noted under in the cursor."""
    return item.scope, item.url, item.taken_at


def _within(item: Discovered, request: BackfillRequest) -> bool:
    return item.taken_at is None or (
        datetime.combine(request.from_on, time.min) <= item.taken_at <= datetime.combine(request.to_on, time.max)
    )


def _is_held(spec: SourceSpec, item: Discovered, held: Holdings, last: date) -> bool:
    """A dated capture is held when it was captured; the present state, when it was fetched after
    the days asked for; what never changes, when it was ever fetched.
    """
    if item.taken_at is not None:
        return (spec.id, item.scope, item.url, item.taken_at) in held.captures
    fetched = held.fetched_on.get((spec.id, item.scope))
    return fetched is not None and (item.lasting or fetched >= last)


def plan_rows(parts: list[Part], held: Holdings) -> list[dict[str, Any]]:
    """The plan as a table: one row for each source and scope."""
    rows: list[dict[str, Any]] = []
    for part in parts:
        if part.trouble:
            rows.append({"source": part.spec.id, "scope": "whole", "what it gives": f"not planned: {part.trouble}"})
        for scope in sorted({item.scope for item in part.found}):
            wanted = [item for item in part.wanted if item.scope == scope]
            one = held.expect(part.spec.id, scope)
            rows.append(
                {
                    "source": part.spec.id,
                    "scope": scope or "whole",
                    "found": sum(item.scope == scope for item in part.found),
                    "requests": len(wanted),
                    "bytes expected": _times(one.size, len(wanted)),
                    "rows expected": _times(one.rows, len(wanted)),
                    "seconds at the polite pace": round(len(wanted) / part.asked.requests_per_second, 1),
                    "what it gives": what_is_had(part.spec),
                }
            )
    return rows


def _times(one: int | None, requests: int) -> str:
    if not requests:
        return "0"
    return "unknown: none held yet" if one is None else f"about {one * requests:,}"


def plan_sentence(part: Part) -> str:
    """What the plan says of one source."""
    if part.trouble:
        return f"{part.spec.id}: not planned: {part.trouble}"
    parts = [f"{len(part.found):,} found", f"{part.held:,} already held"]
    parts += [f"{part.gone:,} gone at their address"] if part.gone else []
    parts += [f"{len(part.wanted):,} to fetch in at least {part.seconds:,.0f} s"]
    parts += [f"{part.left:,} left for the next run by the limit"] if part.left else []
    return f"{part.spec.id}: {', '.join(parts)}"
