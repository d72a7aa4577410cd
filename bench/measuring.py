"""Each way of doing a thing in a process of its own: seconds of the work alone, on the clock and of the processor, and
the process's peak memory. What else a machine does moves the clock far more than the processor's seconds.

A child imports its libraries before the clock starts. Peak memory is the kernel's high-water mark of that process
(VmHWM), libraries included, because that is what a machine must have. Ways that lack a library are named and skipped.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """The best of several rounds of one way; `answer` is what it found, for checking before anything is compared."""

    way: str
    seconds: float
    cpu_seconds: float
    peak_mb: float
    idle_mb: float
    answer: Any


def missing(modules: Sequence[str]) -> str:
    """The first of the modules that is not installed; empty when all are."""
    return next((name for name in modules if importlib.util.find_spec(name) is None), "")


def measure(way: Callable[..., Callable[[], Any]], *arguments: Any, rounds: int = ROUNDS) -> Measured:
    """Run `way(*arguments)`, which prepares and returns the work, in fresh processes; the fastest round counts."""
    spawn = multiprocessing.get_context("spawn")
    found = []
    for _ in range(rounds):
        with spawn.Pool(1) as pool:
            found.append(pool.apply(_once, (way, arguments)))
    seconds, _, _, idle, answer = min(found, key=lambda one: one[0])
    cpu, peak = min(one[1] for one in found), max(one[2] for one in found)
    return Measured(way.__name__, seconds, cpu, peak, idle, answer)


def _once(way: Callable[..., Callable[[], Any]], arguments: tuple[Any, ...]) -> tuple[float, float, float, float, Any]:
    work = way(*arguments)
    idle = peak_mb()
    begun, used = time.perf_counter(), time.process_time()
    answer = work()
    return time.perf_counter() - begun, time.process_time() - used, peak_mb(), idle, answer


def peak_mb() -> float:
    """Peak resident memory of this process in megabytes. getrusage also counts the parent's before the exec."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    scale = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def table(measured: Sequence[Measured], yardstick: str, facts: int) -> str:
    """One line for each way: seconds, facts a second, time as a multiple of the yardstick's, peak memory."""
    base = next((one.seconds for one in measured if one.way == yardstick), None)
    lines = [f"{'way':<24}{'seconds':>9}{'cpu':>8}{'facts/s':>12}{'x ' + yardstick:>18}{'peak MB':>10}{'idle MB':>10}"]
    for one in measured:
        ratio = f"{one.seconds / base:.2f}" if base else "-"
        speed = f"{facts / one.seconds:,.0f}"
        lines.append(
            f"{one.way:<24}{one.seconds:>9.3f}{one.cpu_seconds:>8.3f}{speed:>12}{ratio:>18}{one.peak_mb:>10.0f}{one.idle_mb:>10.0f}"
        )
    return "\n".join(lines)
