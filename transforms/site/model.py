"""What the site is made of. Plain frozen shapes; flows fills them, this package only renders them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import polars as pl

from config.scenario import ScenarioSpec
from config.specs import ClaimSpec, Licence
from transforms.claims.scenarios import Calculated
from transforms.claims.verdicts import Verdict
from transforms.site.words import Phrase

State = Literal["fresh", "late", "unreachable", "refused", "starter", "never", "switched_off"]


@dataclass(frozen=True, slots=True)
class ClaimReport:
    """One claim: its verdict as of the report's day, the rows it rests on, and both on every earlier day.

    `evidence` has the columns of config.contracts.EVIDENCE and source, document, source_url, tier; `history` those of
    history.verdict; `spans` those of evidence with from_on and until_on (transforms.claims.evidence_spans.SPAN).
    """

    spec: ClaimSpec
    verdict: Verdict
    evidence: pl.DataFrame
    variants: tuple[Mapping[str, Any], ...] = ()  # rows of verdict_variant
    awaits: tuple[Mapping[str, Any], ...] = ()  # rows of next_evidence
    history: pl.DataFrame = field(default_factory=pl.DataFrame)
    spans: pl.DataFrame = field(default_factory=pl.DataFrame)
    specifications: tuple[Mapping[str, Any], ...] = ()  # rows of specification, oldest first
    sql: str = ""
    why: Mapping[date, Phrase] = field(
        default_factory=dict
    )  # of verdict_flip: the document and the two values that turned it


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
class Report:
    """Everything the site shows. `as_of` is the day judged, `published_at` a naive UTC instant.

    `tables` has the rows of each page of config/pages; `named_days` day with company and fiscal_period, or model; `said` what the labels
    of statements stand for, in both languages; `unnamed` what developers began to sell of late and no model is entered for; `captures`
    the day of each capture by twelve digits of its digest.
    """

    as_of: date
    published_at: datetime
    code_version: str
    digest: str
    starter_only: bool
    claims: tuple[ClaimReport, ...]
    sources: tuple[SourceState, ...]
    scenarios: tuple[tuple[ScenarioSpec, Calculated], ...] = ()
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    named_days: pl.DataFrame = field(default_factory=pl.DataFrame)
    said: Mapping[str, Phrase] = field(default_factory=dict)
    unnamed: tuple[str, ...] = ()
    captures: Mapping[str, str] = field(default_factory=dict)
