"""Typed, frozen shapes of everything declared in YAML. Unknown keys are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal

from pydantic import Field, model_validator

from config.chains import UNDECLARED, Calendar, Chain, DefinitionChange, Predecessor, Split
from config.declared import Spec
from config.metric_specs import Metric, Passage, check_derivation
from config.source_parts import Disagreement, GitHistory


class Licence(Spec):
    """What may be done with a source's content."""

    name: str = Field(description="SPDX id, or the terms' short name")
    url: str = ""
    attribution: str = ""
    attribution_zh: str = Field("", description="where it is no proper name")
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


class Changes(Spec):
    """What a source's figures may do from one capture to the next; more refuses the whole capture until a person accepts it."""

    moved_share: float = Field(ge=0, le=1, description="share of the figures of both captures that may differ")
    factor: float = Field(1, ge=1, description="boards: by so much a score must differ to count")
    gone_share: float = Field(0.5, ge=0, le=1, description="share of the figures that may go while as many stay")


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
    publisher_zh: str = Field("", description="where it is no proper name")
    homepage: str
    licence: Licence
    dataset: str
    kind: Literal["statement", "snapshot"]
    tier: int = Field(ge=1, le=3)
    order: int = Field(description="among sources of one tier the lowest order wins")
    covers: tuple[str, ...] = ()  # the sellers a price list lists whole, '*' for all; of others it silences no list
    interface_of: str = ""  # the seller whose own price interface this is: it goes before any copy
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
    changes: Changes | None = Field(None, description="None: compared with nothing (files that people keep)")
    bounds: tuple[Bound, ...] = ()
    reader: str = Field(
        "", pattern=r"^([a-z][a-z0-9_]*)?$", description="source whose reader reads this one too; empty: its own"
    )
    discovered_from: str = Field("", description="source whose lists tell what there is to ask for; it is asked first")
    documents_a_run: int = Field(0, ge=0, description="at most so many discovered documents in one run; 0: all")
    history: GitHistory | None = Field(None, description="where its past is kept in git, for a backfill")
    archived: Mapping[str, tuple[str, ...]] | None = Field(
        None, description="scope -> addresses whose copies in the Wayback Machine may be backfilled"
    )
    fetched: bool = Field(True, description="false: read from config or from starter data, never over the network")
    bulk: bool = Field(
        False,
        description="one zip of every filer's document: by backfill or ingest, into the universe, never by a night",
    )
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

    whole_document: bool = Field(
        False, description="each capture is a whole document: what a newer one no longer states is withdrawn"
    )
    told_afterwards: bool = Field(
        False, description="it tells past days from today: shown apart, never with the boards as they were copied then"
    )

    filtered: bool = Field(
        False,
        description="somebody left entrants out: used only on days no full board knows, where asked for, never in a claim",
    )
    disagreement: Disagreement | None = Field(None, description="the interval of a filtered board")

    @property
    def read_by(self) -> str:
        """The name of the module of transforms.sources that reads it."""
        return self.reader or self.id

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
        if (self.fetched or self.bulk) and not (self.hosts and self.addresses):
            raise ValueError("a fetched source needs addresses and hosts")
        if self.filtered != (self.disagreement is not None):
            raise ValueError("a filtered board needs its measured disagreement, and only a filtered one")
        return self


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
    passages: Mapping[str, tuple[Passage, ...]] = Field(
        default_factory=dict, description="metric -> declared passages from one of its tags to another"
    )
    splits: tuple[Split, ...] = ()
    predecessors: tuple[Predecessor, ...] = ()
    definitions: Mapping[str, tuple[DefinitionChange, ...]] = Field(
        default_factory=dict, description="metric -> changes of what its tags mean, oldest first"
    )
    chains: Mapping[str, Chain] = Field(
        default_factory=dict, description="figures whose meaning changes with the period"
    )
    asks: tuple[Asked, ...] = ()

    def registrant(self, scope: str) -> int:
        """The CIK a document is of, by its scope: "XOM", or "XOM/CIK0000034088" where it is a predecessor's."""
        named = re.match(r"CIK(\d{10})", scope.partition("/")[2])
        return int(named[1]) if named else self.cik

    def is_own(self, cik: str, period_end: date | None) -> bool:
        """Whether what a registrant states of a period is the company's: its own, or a predecessor's of its time."""
        before = any(
            str(one.cik) == cik and (period_end is None or period_end <= one.until) for one in self.predecessors
        )
        return before or str(self.cik) == cik

    @property
    def registrants(self) -> tuple[tuple[str, int], ...]:
        """(scope, CIK) of the company and of each predecessor."""
        before = ((f"{self.ticker}/CIK{one.cik:010d}", one.cik) for one in self.predecessors)
        return ((self.ticker, self.cik), *before)

    def definition_at(self, name: str, period_end: date) -> str:
        """The definition a print of that period has by the chain of that name; `name` itself where it is no chain."""
        if name not in self.chains:
            return name
        steps = [one for one in self.chains[name].steps if one.since <= period_end <= one.until and not one.recast]
        return steps[-1].definition if steps else f"{name}{UNDECLARED}"

    def restated_at(self, name: str, period_end: date, filed_on: date | None) -> str:
        """The definition under which a recast filed on that day states a period; the name's undeclared one until it is declared."""
        if name not in self.chains:  # keeps its name where any chain's step says that the recast was read
            steps = [step for chain in self.chains.values() for step in chain.steps]
            return name if any(one.filed and one.filed == filed_on for one in steps) else f"{name}{UNDECLARED}"
        steps = list(self.chains[name].steps)
        found = [one for one in steps if one.filed and one.filed == filed_on and one.since <= period_end <= one.until]
        return found[-1].definition if found else f"{name}{UNDECLARED}"

    def chain_of(self, metric: str) -> str:
        """The chain a metric belongs to; empty where its meaning does not change."""
        return next((name for name, chain in self.chains.items() if metric in chain.metrics), "")


class CompanyGroup(Spec):
    """Companies counted together: config/company_groups.yml."""

    id: str
    title_en: str
    title_zh: str
    meaning: str
    companies: tuple[str, ...] = Field(min_length=1)


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
    takes: Mapping[str, str] = Field(
        default_factory=dict,
        description="series of a shared query -> their names here, the others are left; empty: all as the query names them",
    )
    definitions_apart: tuple[str, ...] = Field(
        (), description="metrics its query reads by several definitions, never set against each other"
    )
    chains: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="chain of definitions its query reads (companies.yml) -> the steps it accepts; a print beyond them decides nothing",
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
    company_groups: Mapping[str, CompanyGroup] = Field(default_factory=dict)
    metrics: Mapping[str, Metric]
    models: Mapping[str, Model]
    organizations: Mapping[str, Organization]
    claims: Mapping[str, ClaimSpec]

    def scope_of_registrant(self, cik: str) -> str:
        """The scope of the declared company or predecessor with that CIK; empty for none."""
        declared = (pair for company in self.companies.values() for pair in company.registrants)
        return next((scope for scope, number in declared if str(number) == cik), "")

    @model_validator(mode="after")
    def _names_are_declared(self) -> Catalog:
        asked = {one.metric for company in self.companies.values() for one in company.asks}
        if unknown := sorted(asked - set(self.metrics)):
            raise ValueError(f"companies.yml asks for what is no metric: {', '.join(unknown)}")
        members = {company for group in self.company_groups.values() for company in group.companies}
        if unknown := sorted(members - set(self.companies)):
            raise ValueError(f"company_groups.yml names what is no company: {', '.join(unknown)}")
        for metric in self.metrics.values():
            for derivation in metric.derivations:
                check_derivation(metric, derivation, self.metrics)
        return self
