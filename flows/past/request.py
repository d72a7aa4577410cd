"""What a backfill was asked to do: the parameters of the form, checked in one place, with messages that name the field."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from config.errors import Refused
from config.load import catalog
from config.specs import Catalog, SourceSpec

FIRST_DAY = date(1994, 1, 1)  # EDGAR's first year; nothing declared is older


class Mode(StrEnum):
    """How a backfill treats what is already held."""

    PLAN = "plan"
    FILL = "fill"
    REFETCH = "refetch"
    REPLAY = "replay"


# The names appear in the form as a list to choose from.
SourceName = Annotated[
    str,
    Field(json_schema_extra={"enum": [name for name, spec in catalog().sources.items() if spec.fetched or spec.bulk]}),
]


class BackfillRequest(BaseModel):
    """A backfill that can be carried out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[str, ...]
    from_on: date
    to_on: date
    mode: Mode = Mode.PLAN
    dry_run: bool = False
    limit: int | None = Field(default=None, ge=1)
    runs: int = Field(default=1, ge=1, le=64)

    @classmethod
    def checked(cls, parameters: dict[str, Any], declared: Catalog, today: date) -> BackfillRequest:
        """From the form's values. Raises Refused naming every field that is wrong."""
        try:
            return cls.model_validate(parameters, context={"sources": declared.sources, "today": today})
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(str(part) for part in item['loc'])}: {item['msg'].removeprefix('Value error, ')}"
                for item in error.errors()
            )
            raise Refused(
                wrong, place="the parameters of this backfill", remedy="correct the fields named here and run again"
            ) from error

    @field_validator("sources")
    @classmethod
    def _known(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        declared: dict[str, SourceSpec] = (info.context or {})["sources"]
        fetched = [name for name, spec in declared.items() if spec.fetched or spec.bulk]
        if not names:
            raise ValueError(f"choose at least one of: {', '.join(fetched)}")
        for name in names:
            if name not in fetched:
                raise ValueError(f"{name!r} cannot be fetched; choose from: {', '.join(fetched)}")
        if len(set(names)) > 1 and (bulk := [name for name in names if declared[name].bulk]):
            raise ValueError(f"{bulk[0]} is loaded into the universe, by a run of its own: ask for it alone")
        return tuple(dict.fromkeys(names))

    @field_validator("from_on", "to_on")
    @classmethod
    def _past(cls, day: date, info: ValidationInfo) -> date:
        today: date = (info.context or {})["today"]
        if day > today:
            raise ValueError(f"{day} lies in the future; today is {today} (UTC)")
        if day < FIRST_DAY:
            raise ValueError(f"{day} lies before {FIRST_DAY}, when nothing here existed")
        return day

    @field_validator("to_on")
    @classmethod
    def _ordered(cls, day: date, info: ValidationInfo) -> date:
        first = info.data.get("from_on")
        if first is not None and day < first:
            raise ValueError(f"{day} lies before from_on ({first}); the last day must not be earlier than the first")
        return day

    @model_validator(mode="after")
    def _replay_is_whole(self) -> Self:
        if self.mode is Mode.REPLAY and self.limit is not None:
            raise ValueError("limit: replay reads the whole archive; leave limit empty")
        return self

    @model_validator(mode="after")
    def _runs_are_of_a_zip(self) -> Self:
        if self.runs > 1 and not self.is_bulk:
            raise ValueError("runs: only a zip of every filer is read by several runs; leave it at 1")
        return self

    @property
    def is_bulk(self) -> bool:
        """Whether what is asked for is a zip of every filer."""
        return any(catalog().sources[name].bulk for name in self.sources)

    @property
    def changes_nothing(self) -> bool:
        """Whether only a plan is wanted."""
        return self.dry_run or self.mode is Mode.PLAN

    def named(self) -> str:
        """What a run is called: sources, days and mode."""
        kind = "plan" if self.changes_nothing else self.mode.value
        return f"backfill {kind} {'+'.join(self.sources)} {self.from_on} to {self.to_on}"
