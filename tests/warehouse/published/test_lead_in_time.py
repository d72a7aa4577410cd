"""The lead in time by hand: what the mart's SQL is held against."""

from __future__ import annotations

from datetime import date

import pytest
from horizon import horizontal_lead

from transforms.statistics.interval import Interval


def scores(*numbers: float, width: float = 0.0) -> list[Interval]:
    return [Interval(number, number - width, number + width, 0.95) for number in numbers]


def test_the_lead_in_time_by_hand() -> None:
    days = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1), date(2025, 4, 1)]
    # Own has 1300 now; the others have had it since 1 February: 59 days behind.
    behind = horizontal_lead(days, scores(1250, 1260, 1270, 1300), scores(1290, 1310, 1320, 1330))
    assert behind.months.estimate == pytest.approx(-59 / 30.4375)
    assert behind.open is False
    # The same from the other side: the others are 59 days ahead of 1300 and own reached nothing of it.
    ahead = horizontal_lead(days, scores(1290, 1310, 1320, 1330), scores(1250, 1260, 1270, 1300))
    assert ahead.months.estimate == pytest.approx(59 / 30.4375)
    # What the first day already had may have been there for longer.
    assert horizontal_lead(days, scores(1250, 1250, 1250, 1250), scores(1290, 1290, 1290, 1290)).open is True
    level = horizontal_lead(days[:1], scores(1300), scores(1300))
    assert (level.months.estimate, level.open) == (0, False)


def test_the_interval_of_the_lead_in_time_by_hand() -> None:
    days = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1), date(2025, 4, 1)]
    own, other = scores(1250, 1260, 1270, 1300, width=10), scores(1290, 1310, 1320, 1330, width=10)
    found = horizontal_lead(days, own, other)
    # Low: own at 1290 against the others at 1300, 1320, ...: since 1 January. High: 1310 against 1280, 1300, 1310: March.
    assert found.months.low == pytest.approx(-90 / 30.4375)
    assert found.months.high == pytest.approx(-31 / 30.4375)
    with pytest.raises(ValueError, match="do not make a series"):
        horizontal_lead(days, own, other[:2])
