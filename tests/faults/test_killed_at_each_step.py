"""SIGKILL between any two steps: the next night converges, and nothing published was ever wrong."""

from __future__ import annotations

import signal

import pytest
from injection import Small
from nights import converges, night

# tests/flows/steps/test_killed.py kills at nine steps in every run of the suite.
pytestmark = pytest.mark.faults

BETWEEN = {
    "the first payload is archived and not logged": ("warehouse.archive.captures", "Archive._keep", "after", 1),
    "the first capture is logged, the second not asked": ("warehouse.archive.captures", "Archive.add", "after", 1),
    "all is archived and nothing appended": ("warehouse.archive.captures", "Archive.add", "after", 2),
    "the first capture is appended": ("warehouse.store.facts", "Store.load_parts", "after", 1),
    "all is appended and nothing staged": ("warehouse.store.facts", "Store.close", "after", 1),
    "the facts are staged and not judged": ("flows.steps.derive", "staged_facts", "after", 1),
    "all is judged and not checked": ("warehouse.published.swap", "check_invariants", "before", 1),
    "the file has its name and nobody points at it": ("warehouse.published.swap", "sync_folder", "before", 1),
    "the pointer moved and there is no page": ("flows.steps.report", "write_changed", "before", 1),
    "half of the pages are written": ("warehouse.home.built_folder", "write_atomically", "before", 20),
    "there is a page and the ledger does not know": ("warehouse.archive.verdict_ledger", "publish", "before", 1),
}


@pytest.mark.parametrize("moment", BETWEEN)
def test_killed_when(moment: str, small: Small, undisturbed: str) -> None:
    module, function, when, nth = BETWEEN[moment]
    done = night(small.striking(module, function, when, nth=nth))
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    converges(small, undisturbed)


def test_killed_in_the_second_night_the_first_stays_published(small: Small, undisturbed: str) -> None:
    assert night(small).returncode == 0
    done = night(small.striking("warehouse.published.swap", "check_invariants", "before"))
    assert done.returncode == -signal.SIGKILL
    converges(small, undisturbed)
