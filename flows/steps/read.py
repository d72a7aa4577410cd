"""From archived bytes to checked rows: the next capture is read while the one before is appended."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import zip_longest

from config.contracts import Capture
from flows.steps.pipeline import Pipeline, parse, parse_in_parts
from warehouse.archive.captures import Logged
from warehouse.store.checks import Checked, check, check_parts
from warehouse.store.facts import Store

# Two captures are in memory at a time only where neither is large.
LARGEST_READ_AHEAD = 16_000_000

Reading = Callable[[], Iterable[Checked]]


def read_and_check(pipeline: Pipeline, capture: Capture) -> Iterator[Checked]:
    """The rows of an archived capture that may be appended, in parts where its reader reads it in parts. Raises what its
    reader and the checks raise.
    """
    spec, payload = pipeline.catalog.sources[capture.source], pipeline.archive.read(capture.sha256)
    if parts := parse_in_parts(payload, capture, pipeline.catalog):
        yield from check_parts(spec, parts, capture.taken_at)
        return
    with _uncollected():
        checked = check(spec, parse(payload, capture, pipeline.catalog), capture.taken_at)
    yield checked


def one_ahead(
    pipeline: Pipeline, store: Store, waiting: Sequence[Logged]
) -> Generator[tuple[Logged, Reading], None, None]:
    """Each capture, in order, with the way to its rows; small ones are read beside what is done with the one before."""
    with ThreadPoolExecutor(1, thread_name_prefix="reading") as thread:
        started: Reading | None = None
        for logged, following in zip_longest(waiting, waiting[1:]):
            reading = started or partial(read_and_check, pipeline, logged.capture)
            started = None
            # What repeats the bytes before it is not read at all; whether it does is asked again when its turn comes.
            if following and _both_small(logged, following) and not store.repeats(following.capture):
                started = thread.submit(_all, pipeline, following.capture).result
            yield logged, reading


def _all(pipeline: Pipeline, capture: Capture) -> list[Checked]:
    return list(read_and_check(pipeline, capture))


def _both_small(one: Logged, other: Logged) -> bool:
    return max(one.capture.size, other.capture.size) <= LARGEST_READ_AHEAD


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: a document has none, and it looks through each of a hundred thousand objects."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
