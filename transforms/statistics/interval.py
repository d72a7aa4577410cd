"""An estimate with its interval, the common answer of this package."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """A point estimate, the ends of its interval (same unit) and the confidence of the interval (0.9 = 90 %)."""

    estimate: float
    low: float
    high: float
    confidence: float

    def contains(self, value: float) -> bool:
        return self.low <= value <= self.high
