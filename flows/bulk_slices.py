"""A share of a bulk load, as a run of the work pool. A door of its own: each run is a new process, which loads nothing else."""

from __future__ import annotations

from prefect import flow

from flows.past.bulk import load_under_way
from flows.past.bulk_slice import read_slice
from flows.steps.pipeline import Pipeline
from flows.steps.progress import tell

TIMEOUT_S = 6 * 3600


@flow(name="bulk_slices", flow_run_name="slices {first} to {last} of {source}", timeout_seconds=TIMEOUT_S, retries=0)
def bulk_slices(source: str, sha256: str, slices: str, first: int, last: int) -> int:
    """Read some slices of a zip that a backfill with several runs is loading; that backfill starts it, nobody else.

    Args:
        source: the source that the zip is of
        sha256: which zip
        slices: the name of the load
        first: the first slice to read
        last: the last one; from the first one downwards where it is the lower one
    """
    load = load_under_way(Pipeline.open(), source, sha256, slices)
    step = 1 if first <= last else -1
    read = sum(read_slice(load, number) for number in range(first, last + step, step))
    tell(f"{source}: slices {first:,} to {last:,} are read, {read:,} of them by this run")
    return read
