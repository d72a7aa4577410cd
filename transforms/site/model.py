"""What a report is made of. Plain frozen shapes; flows fills them, this package only renders them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import polars as pl

from config.scenario import ScenarioSpec
from config.specs import ClaimSpec, Licence
from transforms.scenarios import Calculated
from transforms.site.words import Phrase
from transforms.verdicts import Verdict

State = Literal["fresh", "late", "unreachable", "refused", "starter", "never", "switched_off"]


@dataclass(frozen=True, slots=True)
class ClaimReport:
    """One claim, its verdict as of the report's day, and the rows it rests on.

    The rows have the columns of config.contracts.EVIDENCE; where they also have `source` (declared id), `document`
    or `source_url`, the page shows them and links the address.
    """

    spec: ClaimSpec
    verdict: Verdict
    evidence: pl.DataFrame
    variants: tuple[Mapping[str, Any], ...] = ()  # rows of verdict_variant
    awaits: tuple[Mapping[str, Any], ...] = ()  # rows of next_evidence
    flips: tuple[Mapping[str, Any], ...] = ()  # rows of verdict_flip by today's code, oldest first
    backfilled: int = 0  # rows of the evidence that this warehouse had only a week or more after they were public


@dataclass(frozen=True, slots=True)
class SourceState:
    """How fresh a source is. Instants are naive UTC; the age counts from the report's publication.

    last_known_at is the known_at of the newest figure the store holds of this source: what is shown when the
    source is late or unreachable is known from then. detail says in a sentence what went wrong, if anything did.
    """

    source: str
    title: Phrase
    homepage: str
    tier: int
    licence: Licence
    state: State
    last_capture_at: datetime | None
    age_days: float | None
    last_known_at: datetime | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class IssueCount:
    """How many rows of a source were kept out, or remarked upon, for one reason."""

    source: str
    severity: str
    reason: str
    rows: int
    example: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything on one page. `as_of` is the day judged, `published_at` a naive UTC instant."""

    as_of: date
    published_at: datetime
    code_version: str
    digest: str
    starter_only: bool
    claims: tuple[ClaimReport, ...]
    sources: tuple[SourceState, ...]
    issues: tuple[IssueCount, ...] = ()
    scenarios: tuple[tuple[ScenarioSpec, Calculated], ...] = ()
