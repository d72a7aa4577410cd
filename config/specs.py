"""Typed, frozen shapes of everything declared in YAML. Unknown keys are refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal

from pydantic import Field, model_validator

from config.declared import Spec
from config.metric_specs import Derivation, Metric


class Licence(Spec):
    """What may be done with a source's content."""

    name: str = Field(description="SPDX id, or the terms' short name")
    url: str = ""
    attribution: str = ""
    redistribution: bool = Field(description="whether its figures may enter starter data and exports")


class KnownAt(Spec):
    """How the source proves when the public could know a row."""

    proof: Literal["capture", "filing_date", "document_date", "statement"]
    zone: str = Field("UTC", description="publisher's time zone, for proofs that are dates")
    note: str = ""


class Rows(Spec):
    """Expected rows of one capture: fewer than min or more than max refuses the whole capture.

    A fetched snapshot that has lost more than max_drop_share of what the list held before is refused, too: half a list is
    rather a broken file than so many ended prices. It may be ingested by hand where it is genuine.
    """

    min: int = Field(ge=0)
    max: int = Field(gt=0)
    max_drop_share: float = Field(0.5, gt=0, le=1)


class Bound(Spec):
    """A row whose column lies outside is quarantined. `where` limits it to rows of these column values, `matching` to rows
    whose columns fit these patterns as a whole, and `unless` spares rows of which a column fits."""

    column: str
    low: float | None = None
    high: float | None = None
    where: Mapping[str, str] = Field(default_factory=dict)
    matching: Mapping[str, str] = Field(default_factory=dict)
    unless: Mapping[str, str] = Field(default_factory=dict)
    reason: str


class GitHistory(Spec):
    """The file a source publishes, in the repository that keeps its past. Earlier names of the file come last."""

    repository: str = Field(description="address to clone from")
    branch: str
    paths: tuple[str, ...] = Field(min_length=1)
    commits_api: str = Field(
        "", description="REST address that lists commits, where there is no git; {path} is filled in"
    )
    pulls_api: str = Field(
        "", description="REST address of the pull requests of a {commit}: when it came to the branch"
    )
    raw: str = Field("", description="address of the file at a commit, with {commit} and {path}")
    hosts: tuple[str, ...] = ()


class BoardTable(Spec):
    """One board of a source that has several: in which part of it the board is, and what its numbers are."""

    board: str = Field(description="id of the board, part of every key")
    part: str = Field(description="what the source calls it: a subset, or a file of a zip")
    score: str = Field("", description="column or key of the score, where parts differ in it")
    stderr: str = Field("", description="column of the standard error")
    unit: Literal["points", "share", "percent"] = Field(
        "points", description="share: 0 to 1, kept as percent; percent: 0 to 100"
    )
    refitted: bool = Field(
        False, description="every vintage is fitted anew: each is a scale of its own, whatever its scores did"
    )


class AccessKey(Spec):
    """A key without which the source is switched off. It is sent in `header`, to the declared hosts only."""

    header: str
    setting: str = Field(description="field of config.settings.Settings that holds it")
    get_one: str = Field(description="where a person gets a key")


class SourceSpec(Spec):
    """One declared source: config/sources/<id>.yml."""

    id: str
    title: str
    title_zh: str = ""  # the page shows `title` alone where it is not given
    publisher: str
    homepage: str
    licence: Licence
    dataset: str
    kind: Literal["statement", "snapshot"]
    tier: int = Field(ge=1, le=3)
    order: int = Field(description="among sources of one tier the lowest order wins")
    addresses: tuple[str, ...] = Field(description="addresses to fetch; {placeholders} are filled by requests()")
    hosts: tuple[str, ...] = Field((), description="hosts it may be fetched from")
    redirect_hosts: tuple[str, ...] = ()
    conditional: Literal["etag", "hash"] = Field("hash", description="whether the host honours If-None-Match")
    requests_per_second: float = Field(1.0, gt=0)
    max_bytes: int = Field(gt=0, description="a larger body is refused")
    cadence_days: float = Field(gt=0, description="how often something new is expected")
    stale_after_days: float = Field(gt=0, description="when the last capture is older, other sources go first")
    known_at: KnownAt
    rows: Rows
    bounds: tuple[Bound, ...] = ()
    discovered_from: str = Field(
        "", description="source whose lists of filings tell what there is to ask for; it is asked first"
    )
    documents_a_run: int = Field(0, ge=0, description="at most so many discovered documents in one run; 0: all")
    history: GitHistory | None = Field(None, description="where its past is kept in git, for a backfill")
    archived: Mapping[str, tuple[str, ...]] | None = Field(
        None, description="scope -> addresses whose copies in the Wayback Machine may be backfilled"
    )
    fetched: bool = Field(True, description="false: read from config or from starter data, never over the network")
    fetch_every_days: float = Field(0, ge=0, description="a part asked for more recently is not asked for again")
    key: AccessKey | None = None
    boards: tuple[BoardTable, ...] = ()
    categories: Mapping[str, str] = Field(
        default_factory=dict, description="part of a board as the source names it -> as we do; others are not read"
    )
    day_in_name: str = Field(
        "", description="pattern with one group, YYYYMMDD: the day a file is of, where only its name says it"
    )
    grows: bool = Field(False, description="its boards grow run by run: a day's board is every run up to that day")
    whole: bool = Field(True, description="a capture holds the whole board; false: only its top, as long as it may be")

    told_afterwards: bool = Field(
        False, description="it tells past days from today: shown apart, never with the boards as they were copied then"
    )

    @property
    def paged(self) -> bool:
        """Whether one board comes in several parts: what one of them lacks another may have."""
        return any("{page}" in address for address in self.addresses)

    @property
    def retells(self) -> bool:
        """Whether every capture tells the whole past of its board."""
        return self.grows or self.told_afterwards

    @property
    def allowed_hosts(self) -> frozenset[str]:
        return frozenset(self.hosts) | frozenset(self.redirect_hosts)

    @model_validator(mode="after")
    def _fetched_sources_have_hosts(self) -> SourceSpec:
        if self.fetched and not (self.hosts and self.addresses):
            raise ValueError("a fetched source needs addresses and hosts")
        return self


class Calendar(Spec):
    """A fiscal year: its last month; of 52/53 weeks also its last weekday (0 Monday) and the quarter of fourteen weeks."""

    year_end_month: int = Field(ge=1, le=12)
    week_ends_on: int | None = Field(None, ge=0, le=6)
    long_quarter: int = Field(4, ge=1, le=4)


class DefinitionChange(Spec):
    """From the first period that ends on `since` or later a metric's tags mean another thing for one company."""

    since: date
    definition: str


class Asked(Spec):
    """A number that only the call or the release says, asked for on print day (`capex-signals new fact`)."""

    metric: str
    definition: str = Field("", description="empty: the metric's own")


class Company(Spec):
    """One company of config/companies.yml."""

    ticker: str
    name: str
    cik: int
    other_tickers: tuple[str, ...] = ()
    calendar: Calendar
    followed: bool = Field(description="whether its filings are fetched; the others are known by name and calendar")
    concepts: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict, description="metric -> tags for this company, best first, where not those of metrics.yml"
    )
    definitions: Mapping[str, tuple[DefinitionChange, ...]] = Field(
        default_factory=dict, description="metric -> changes of what its tags mean, oldest first"
    )
    asks: tuple[Asked, ...] = ()


class Alias(Spec):
    """One name of a model in one list, with the days on which the name meant this model."""

    name: str
    sources: tuple[str, ...] = Field((), description="sources the name is used in; empty: any")
    provider: str = ""
    valid_from: date | None = None
    valid_to: date | None = Field(None, description="first day on which it no longer meant this model")


class Model(Spec):
    """One model of config/models.yml: identity, not evidence."""

    id: str
    developer: str
    released_on: date | None = None
    aliases: tuple[Alias, ...] = ()


class Title(Spec):
    """What an organisation called itself for some time."""

    name: str
    valid_from: date | None = None
    valid_to: date | None = Field(None, description="first day on which it no longer did")


class Organization(Spec):
    """A developer's canonical id and the spellings boards use for it (matched trimmed, without regard to case)."""

    id: str
    names: tuple[str, ...]
    titles: tuple[Title, ...] = Field(
        (), description="its own name over time; the first of `names` where there is none"
    )
    entrants: tuple[str, ...] = Field(
        (), description="its entrants by their exact names, for boards that state no organisation"
    )


Question = Literal["rpo_and_azure", "openai_premium", "redirected_capacity", "returns", "price"]


class ClaimSpec(Spec):
    """One claim: config/claims/<id>_<stem>.yml. Its hash stands in every verdict."""

    id: str = Field(pattern=r"^C\d\d$")
    stem: str
    title_en: str
    title_zh: str
    statement_en: str
    statement_zh: str
    citation: str
    question: Question
    kind: Literal["fact", "event", "interpretation", "hypothesis", "prediction", "scenario"]
    asserted_at: date
    horizon: Literal["instant", "window", "deadline"]
    test: str
    parameters: Mapping[str, Any] = Field(default_factory=dict)
    refutes_if_en: str
    refutes_if_zh: str
    minimum_n: int = Field(ge=1)
    sources: tuple[str, ...] = Field(min_length=1)
    registered_at: date
    unit: str = ""
    printed: Literal["quarter", "year"] = Field("quarter", description="how often what it waits for is printed")
    evidence_of: str = Field(
        "",
        pattern=r"^(C\d\d_[a-z0-9_]+)?$",
        description="<id>_<stem> of the claim whose query this one shares; empty: its own",
    )
    definitions_apart: tuple[str, ...] = Field(
        (), description="metrics its query reads by several definitions, never set against each other"
    )

    @property
    def query_file(self) -> str:
        """The file of its evidence query, in the repository."""
        return f"warehouse/claims/{self.evidence_of or f'{self.id}_{self.stem}'}.sql"

    @property
    def day_after_deadline(self) -> date | None:
        """The first day on which time alone may decide, where the test has a deadline or its window an end."""
        found = self.parameters.get("deadline", self.parameters.get("to_on"))
        return found + timedelta(days=1) if isinstance(found, date) else None

    @property
    def frozen_at_assertion(self) -> bool:
        """An instant claim is judged once, as of asserted_at."""
        return self.horizon == "instant"


class Catalog(Spec):
    """Everything declared, loaded once and passed down."""

    sources: Mapping[str, SourceSpec]
    companies: Mapping[str, Company]
    metrics: Mapping[str, Metric]
    models: Mapping[str, Model]
    organizations: Mapping[str, Organization]
    claims: Mapping[str, ClaimSpec]

    @model_validator(mode="after")
    def _names_are_declared(self) -> Catalog:
        asked = {one.metric for company in self.companies.values() for one in company.asks}
        if unknown := sorted(asked - set(self.metrics)):
            raise ValueError(f"companies.yml asks for what is no metric: {', '.join(unknown)}")
        for metric in self.metrics.values():
            for derivation in metric.derivations:
                _check_derivation(metric, derivation, self.metrics)
        return self


def _check_derivation(metric: Metric, derivation: Derivation, metrics: Mapping[str, Metric]) -> None:
    """Raises ValueError where a derivation names what is not there, mixes units, or mixes definitions unsaid."""
    place = f"{metric.id} ({derivation.definition})"
    if unknown := {operand.metric for operand in derivation.operands} - metrics.keys():
        raise ValueError(f"{place}: no metric {', '.join(sorted(unknown))}")
    units = {metrics[term.metric].unit for term in derivation.terms} | {metric.unit}
    if len(units) > 1:
        raise ValueError(f"{place}: the terms have the units {', '.join(sorted(units))}")
    if derivation.share is not None and metrics[derivation.share.metric].unit != "pct":
        raise ValueError(f"{place}: {derivation.share.metric} is no percentage")
    measured: dict[str, set[str]] = {}
    for term in derivation.terms:
        quantity = metrics[term.metric].quantity or term.metric
        measured.setdefault(quantity, set()).add(term.definition)
    mixed = sorted(quantity for quantity, definitions in measured.items() if len(definitions) > 1)
    if mixed and not derivation.bridge:
        raise ValueError(
            f"{place}: two definitions of {', '.join(mixed)} are different things and are not added or subtracted; "
            "where the difference itself is wanted say bridge: true"
        )
