"""What changes in a company over time: chains of definitions, share splits, the fiscal year, the registrant itself."""

from __future__ import annotations

from datetime import date

from pydantic import Field, model_validator

from config.declared import Spec

UNDECLARED = "_undeclared"
WEEKS_A_YEAR = 52


class ChainStep(Spec):
    """One definition of a chain: the periods that end from `since` to `until` are proved to have it."""

    definition: str
    since: date = date.min
    until: date = Field(description="last day of the last period whose definition is proved")
    recast: bool = Field(False, description="these periods stated anew: the definition a print had stays the first")
    filed: date | None = Field(
        None, description="day of the filing that states a recast: its tables have this definition"
    )
    evidence: str = Field(min_length=10)

    @model_validator(mode="after")
    def _a_recast_was_filed(self) -> ChainStep:
        if self.recast != (self.filed is not None):
            raise ValueError("a recast step names the day it was filed, and no other does")
        return self


class Chain(Spec):
    """What one figure of a company came to mean, by period. Beyond the last proved end it has no definition."""

    metrics: tuple[str, ...] = Field(min_length=1)
    steps: tuple[ChainStep, ...] = Field(min_length=1)

    def holds(self, definition: str, period_end: date) -> bool:
        """Whether a period is proved to be stated under the definition, as printed or recast."""
        return any(one.definition == definition and one.since <= period_end <= one.until for one in self.steps)


class Split(Spec):
    """A share split: what is filed from `since` on counts the new shares, what was filed before the old ones."""

    since: date = Field(description="first filing day on which figures per share count the new shares")
    factor: float = Field(gt=0, description="new shares for one old share")
    evidence: str = Field(min_length=10)


class FormerYear(Spec):
    """The month a fiscal year ended in before it was moved."""

    year_end_month: int = Field(ge=1, le=12)
    until: date = Field(description="last day of the transition period, which the old year's start still begins")


class Calendar(Spec):
    """A fiscal year: its last month; of 52/53 weeks also its last weekday (0 Monday) and the quarter of one week more."""

    year_end_month: int = Field(ge=1, le=12)
    week_ends_on: int | None = Field(None, ge=0, le=6)
    long_quarter: int = Field(4, ge=1, le=4)
    weeks: tuple[int, int, int, int] = (13, 13, 13, 13)  # of the quarters, where they are unequal
    former: tuple[FormerYear, ...] = ()  # years that ended otherwise, before the year end was moved

    @model_validator(mode="after")
    def _weeks_are_a_year(self) -> Calendar:
        if sum(self.weeks) != WEEKS_A_YEAR or (self.week_ends_on is None and len(set(self.weeks)) > 1):
            raise ValueError("weeks of the quarters add up to 52, and need week_ends_on")
        return self


class Predecessor(Spec):
    """A registrant whose periods up to `until` are the company's own: its facts are read as the company's earlier ones."""

    cik: int
    until: date = Field(description="last day of its last period; what it states of later ones is left out")
    evidence: str = Field(min_length=10)


class DefinitionChange(Spec):
    """From the first period that ends on `since` or later a metric's tags mean another thing for one company."""

    since: date
    definition: str
