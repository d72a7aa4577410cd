"""Two writers, and a clock that jumps."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from injection import PAYLOADS, Small
from nights import converges, night, published_digest, start

from warehouse.home.layout import Home
from warehouse.published.swap import open_published

pytestmark = pytest.mark.faults


def test_two_nights_at_once_wait_for_each_other_and_agree(small: Small, undisturbed: str) -> None:
    both = [start(small), start(small)]
    ended = [process.communicate(timeout=280) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    converges(small, undisturbed)


# With a clock behind nothing is captured: the hosts' own clocks tell (tests/flows/steps/test_clock.py), as if they did not answer.
@pytest.mark.parametrize(
    ("jump", "settings"), [("2026-11-19T00:00:00", {"CAPEX_SIGNALS_OFFLINE": "1"}), ("2027-11-20T06:30:00", {})]
)
def test_a_clock_that_jumped_for_one_night_changes_no_state(
    jump: str, settings: dict[str, str], small: Small, undisturbed: str
) -> None:
    assert night(small).returncode == 0
    jumped = Small(small.folder, small.server, jump, settings=settings)
    done = night(jumped)
    assert done.returncode == 0, done.stderr
    assert night(small).returncode == 0
    assert published_digest(small) == undisturbed


def test_a_list_that_changed_while_the_clock_was_a_year_ahead_is_known_from_when_it_is_right(small: Small) -> None:
    """The night after is neither refused for figures of the future nor does it carry one of them."""
    assert night(small).returncode == 0
    before = published_digest(small)
    small.server.clear()
    small.server.expect_request("/ecb_fx").respond_with_data(PAYLOADS["ecb_fx"])
    changed = json.loads(PAYLOADS["litellm_prices"])
    changed["gpt-5.6"]["input_cost_per_token"] = 4e-06
    small.server.expect_request("/litellm_prices").respond_with_json(changed)
    assert night(Small(small.folder, small.server, "2027-11-20T06:30:00")).returncode == 0
    done = night(Small(small.folder, small.server, "2026-11-21T06:30:00"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rebuilding the store: the store holds captures of 2027-11-20 06:30 UTC" in done.stdout
    assert published_digest(small) != before
    with open_published(Home(small.home)) as published:
        query = "SELECT DISTINCT known_at FROM history.token_price ORDER BY known_at"
        known = [known_at for (known_at,) in published.execute(query).fetchall()]
    assert known == [datetime(2026, 11, 20, 6, 30), datetime(2026, 11, 21, 6, 30)]
