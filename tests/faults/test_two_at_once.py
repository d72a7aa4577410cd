"""Two writers, and a clock that jumps."""

from __future__ import annotations

import pytest
from injection import Small
from nights import converges, night, published_digest, start

pytestmark = pytest.mark.faults


def test_two_nights_at_once_wait_for_each_other_and_agree(small: Small, undisturbed: str) -> None:
    both = [start(small), start(small)]
    ended = [process.communicate(timeout=280) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    converges(small, undisturbed)


@pytest.mark.parametrize("jump", ["2026-11-19T00:00:00", "2027-11-20T06:30:00"])
def test_a_clock_that_jumped_for_one_night_changes_no_state(jump: str, small: Small, undisturbed: str) -> None:
    assert night(small).returncode == 0
    jumped = Small(small.folder, small.server, jump)
    done = night(jumped)
    assert done.returncode == 0, done.stderr
    assert night(small).returncode == 0
    assert published_digest(small)
