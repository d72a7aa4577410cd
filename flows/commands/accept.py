"""Accept a capture that was refused because too much of it had changed, and publish what it says."""

from __future__ import annotations

from dataclasses import replace

from config.contracts import Capture
from config.errors import Refused
from config.settings import Settings
from flows.past.bulk import load_again
from flows.steps.pipeline import Pipeline, Say
from flows.steps.publish import load_and_answer
from flows.steps.report import Summary
from warehouse.archive import acceptances
from warehouse.archive.bulk import BulkArchive
from warehouse.archive.captures import Logged
from warehouse.published.swap import open_published
from warehouse.store.lock import store_lock

SHORTEST_NAME = 8


def accept_capture(settings: Settings, name: str, who: str, why: str, say: Say) -> Summary:
    """Note who accepts the refused capture of that sha256 (or its first digits) and why, then load and publish it.

    A zip of every filer is taken by its sha256, too: the documents of it that were refused are loaded.
    Raises Refused where no refused capture has that name, or several have.
    """
    if not why.strip():
        raise Refused("it is not said why the capture is true", place="--why", remedy='say it: --why "..."')
    pipeline = Pipeline.open(settings)
    if zipped := _zip(pipeline, name):
        acceptances.note(pipeline.home, zipped.capture, who, why.strip(), pipeline.clock())
        load_again(pipeline, zipped, say)
        with store_lock(pipeline.home, "capex-signals accept"):
            return load_and_answer(pipeline, [], say)[0]
    capture = _refused(pipeline, name)
    with store_lock(pipeline.home, "capex-signals accept"):
        now = pipeline.clock()
        acceptances.note(pipeline.home, capture, who, why.strip(), now)
        pipeline.archive.add(replace(capture, fetched_at=now), None, now)
        return load_and_answer(pipeline, [], say)[0]


def _zip(pipeline: Pipeline, name: str) -> Logged | None:
    """The archived zip of every filer that the name begins, if there is one."""
    zips = [
        logged
        for source in pipeline.catalog.sources.values()
        if source.bulk
        for logged in BulkArchive(pipeline.home).held(source.id)
        if len(name) >= SHORTEST_NAME and logged.capture.sha256.startswith(name)
    ]
    return zips[-1] if zips else None


def _refused(pipeline: Pipeline, name: str) -> Capture:
    """The newest log line of the refused capture of that name."""
    with open_published(pipeline.home) as published:
        refused = set(
            published.execute(
                "SELECT source, scope, sha256 FROM history.capture WHERE outcome = 'refused' AND starts_with(sha256, ?)",
                [name],
            ).fetchall()
        )
    if len(name) < SHORTEST_NAME or len(refused) != 1:
        found = f"{len(refused)} refused captures have" if refused else "no refused capture has"
        raise Refused(
            f"{found} a sha256 that begins with {name!r}",
            remedy="`capex-signals sql \"SELECT sha256, source, scope, reason FROM capture WHERE outcome = 'refused'\"` lists them; "
            f"give at least {SHORTEST_NAME} digits",
        )
    wanted = refused.pop()
    logged = [
        item.capture for item in pipeline.archive.captures()
        if (item.capture.source, item.capture.scope, item.capture.sha256) == wanted
    ]  # fmt: skip
    return logged[-1]
