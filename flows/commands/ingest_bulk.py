"""A zip of every filer that a person already holds goes the same way as a fetched one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from config.errors import Refused
from config.settings import Settings
from flows.commands.ingest import instant
from flows.past.bulk import Loaded, load_zips
from flows.past.bulk_zip import take_zip
from flows.steps.pipeline import Pipeline, Say
from warehouse.published.universe import held


def is_bulk(settings: Settings, source: str) -> bool:
    """Whether the source is a zip of many filers. Raises Refused for one that is not declared."""
    return Pipeline.open(settings).source(source).bulk


def ingest_zip(
    settings: Settings,
    source: str,
    files: list[Path],
    say: Say,
    *,
    fetched_at: str = "",
    url: str = "",
    scope: str = "",
) -> Loaded:
    """Archive the zip and load it into the universe. Raises Refused before anything is archived for more than one file, a
    scope, a day that is none, or a zip older than the one the universe is of.
    """
    pipeline = Pipeline.open(settings)
    spec = pipeline.source(source)
    if len(files) != 1 or scope:
        raise Refused(
            "a bulk load takes one zip, of all filers", source=source, remedy="name one file, without --scope"
        )
    taken_at = instant(fetched_at, pipeline.clock())
    _refuse_older(pipeline, source, taken_at)
    take_zip(pipeline, spec, files[0], taken_at, url)
    return load_zips(pipeline, source, say)


def print_loaded(done: Loaded, console: Console, errors: Console) -> bool:
    """Say what the universe holds now; whether a document was refused."""
    for line in done.refused:
        errors.print(Text(f"refused: {line}", style="bold"))
    console.print(Text(f"universe: {done.universe} with {done.filers:,} filers, {done.facts:,} facts"))
    return bool(done.refused)


def _refuse_older(pipeline: Pipeline, source: str, taken_at: datetime) -> None:
    """A zip holds the whole history of every filer: an older one has nothing that the newer one lacks."""
    _, newest, _ = held(pipeline.home)
    if newest is not None and taken_at < newest:
        raise Refused(
            f"the universe is of a zip of {newest:%Y-%m-%d %H:%M} UTC, and this one is older",
            source=source,
            place="--fetched-at",
            remedy="ingest a newer zip, or say when this one was fetched",
        )
