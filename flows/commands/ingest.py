"""Payload files that a person already holds go the same way as fetched ones."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import ModuleType

from config.contracts import Capture
from config.errors import Refused
from config.settings import Settings
from config.specs import Catalog, SourceSpec
from flows.steps.enter import enter_analyst_files
from flows.steps.load import FILE_NAME
from flows.steps.pipeline import Pipeline, Say, reader, requests_of
from flows.steps.publish import load_and_answer
from flows.steps.report import Summary
from warehouse.archive.captures import read_payload, sha256_of
from warehouse.store.lock import store_lock


def ingest_files(
    settings: Settings,
    source: str,
    files: list[Path],
    say: Say,
    *,
    fetched_at: str = "",
    url: str = "",
    scope: str = "",
) -> Summary:
    """Archive the files as captures of `source`, load, judge and publish.

    `fetched_at` (UTC) is the instant the files stand for, a mere date its end; without it they are of the day in their
    names, where the source writes it there, else known from now on. Raises Refused for an unknown source, scope or day
    or an unreadable file, before anything is archived.
    """
    pipeline = Pipeline.open(settings)
    spec = pipeline.source(source)
    bodies = [(path, read_payload(path)) for path in files]
    captures = [
        (
            _capture(
                pipeline,
                spec,
                path,
                body,
                taken_at=instant(fetched_at or _day_in_name(spec, path), pipeline.clock()),
                url=url,
                scope=scope,
            ),
            body,
        )
        for path, body in bodies
    ]
    _refuse_rivals(spec, [capture for capture, _ in captures])
    with store_lock(pipeline.home, "capex-signals ingest"):
        for capture, body in captures:
            pipeline.archive.add(capture, body, pipeline.clock())
        summary, _ = load_and_answer(pipeline, enter_analyst_files(pipeline), say)
        return summary


def instant(fetched_at: str, now: datetime) -> datetime:
    """The naive UTC instant that --fetched-at says, a mere date its end; `now` where it says nothing. Raises Refused."""
    if not fetched_at:
        return now
    try:
        stated = datetime.fromisoformat(fetched_at)
    except ValueError as error:
        raise Refused(
            f"{fetched_at!r} is not an instant", place="--fetched-at", remedy="write it as 2025-02-25T06:30 (UTC)"
        ) from error
    stated = stated.astimezone(UTC).replace(tzinfo=None) if stated.tzinfo else stated
    if stated > now:
        raise Refused(f"{stated} lies in the future", place="--fetched-at", remedy="give the UTC instant of the fetch")
    return min(datetime.combine(stated, time.max), now) if _is_date(fetched_at) else stated


def _day_in_name(spec: SourceSpec, path: Path) -> str:
    """The day the file is of, where its source writes it in the name of the file; empty where it does not."""
    if not spec.day_in_name:
        return ""
    found = re.search(spec.day_in_name, path.name)
    try:
        return date.fromisoformat(found[1] if found else "").isoformat()
    except ValueError as error:
        raise Refused(
            f"the name does not say which day of {spec.id} this file is of",
            place=path.name,
            remedy="keep the name it was published under, or say --fetched-at with its day",
        ) from error


def _is_date(text: str) -> bool:
    """A date proves no more than that the file existed at its end."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _refuse_rivals(spec: SourceSpec, captures: list[Capture]) -> None:
    """A list has one state at one instant: two different files of it cannot both stand for it."""
    states = Counter(scope for scope, _ in {(capture.scope, capture.sha256) for capture in captures})
    if spec.kind == "snapshot" and any(count > 1 for count in states.values()):
        raise Refused(
            f"{len(captures)} files of one list cannot all stand for {captures[0].taken_at:%Y-%m-%dT%H:%M}",
            source=spec.id,
            remedy="ingest them one at a time, each with the --fetched-at it was fetched at",
        )


def _capture(
    pipeline: Pipeline, spec: SourceSpec, path: Path, body: bytes, *, taken_at: datetime, url: str, scope: str
) -> Capture:
    pages = reader(spec)
    if hasattr(pages, "page_at"):
        scope, address = _page(pages, spec, path, pages.own_address(body), url=url, told=scope)
    else:
        scope, address = _scope(pipeline, spec, path, body, scope)
    return Capture(
        spec.id, scope, url or address, sha256_of(body), len(body), pipeline.clock(), taken_at, "stated at ingest",
        "ingested", headers={FILE_NAME: path.name},
    )  # fmt: skip


def _board_in_name(spec: SourceSpec, path: Path) -> str:
    """The board whose part the name of the file begins with, the longest of them; empty where boards are not files."""
    named = [table for table in spec.boards if not spec.fetched and path.name.startswith(f"{table.part}_")]
    return max(named, key=lambda table: len(table.part)).board if named else ""


def _page(pages: ModuleType, spec: SourceSpec, path: Path, own: str, *, url: str, told: str) -> tuple[str, str]:
    """(scope, address) of one of a seller's pages, as it says itself or else as --url says; never another one's."""
    scope = pages.page_at(own or url)
    if not scope:
        said = f"{url} is no address of a page of {spec.id}" if url else "the page does not say where it stood"
        raise Refused(said, source=spec.id, place=path.name, remedy="say --url with the address that it came from")
    if other := next((one for one in (told, pages.page_at(url)) if one not in {"", scope}), ""):
        raise Refused(
            f"the page is {scope!r} by its own address, not {other!r}",
            source=spec.id,
            place=path.name,
            remedy="leave --scope and --url out where the page names its address: it is read under that",
        )
    return scope, own or url


def _every_company(catalog: Catalog) -> Catalog:
    """The catalog with every declared company as a followed one."""
    companies = {ticker: one.model_copy(update={"followed": True}) for ticker, one in catalog.companies.items()}
    return catalog.model_copy(update={"companies": companies})


def _scope(pipeline: Pipeline, spec: SourceSpec, path: Path, body: bytes, scope: str) -> tuple[str, str]:
    """(scope, declared address): the scope given, the only one there is, or the one the payload itself tells."""
    # A company that is not followed is asked for by no run; a person may hand in what it filed.
    declared = (
        dict(requests_of(spec, _every_company(pipeline.catalog)))
        if spec.fetched
        else {table.board: "" for table in spec.boards}
    )
    module, told = reader(spec), scope or _board_in_name(spec, path)
    discovered = hasattr(module, "discover")
    if not told and (discovered or set(declared) - {""}) and hasattr(module, "scope_of"):
        told = module.scope_of(body, pipeline.catalog)
    if discovered and not told:
        raise Refused(
            f"it is not clear which filing of {spec.id} this file is",
            place=path.name,
            remedy="say --scope 'TICKER ACCESSION FILED FORM', as in 'MSFT 0000950170-24-087843 2024-07-30 10-K'",
        )
    # "MSFT/CIK0000789019-submissions-001.json" is a part of what MSFT's address names.
    if not discovered and told.partition("/")[0] not in (declared or {""}):
        parts = ", ".join(sorted(declared))
        raise Refused(
            f"{spec.id} has no part {told!r}" if told else f"the file does not tell which part of {spec.id} it is",
            place=path.name,
            remedy=f"check the file, and say --scope with one of: {parts}" if parts else "leave --scope out",
        )
    return told, declared.get(told, spec.addresses[0] if spec.addresses else "")
