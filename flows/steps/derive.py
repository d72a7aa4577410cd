"""From the raw rows of a staged file to its views: quarters, scales and leads by transforms, the rest by SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import polars as pl

from config.specs import Catalog
from config.version import build_digest
from flows.steps.declarations import put_declarations
from flows.steps.derive_boards import put_leads, put_scores
from flows.steps.pipeline import Pipeline
from transforms.companies import calendars, quarters
from transforms.prices import model_names
from warehouse.published import kept
from warehouse.published.board_rows import Begun
from warehouse.published.stage import FACT_VIEWS, LEAD_VIEWS, SIGHTED_VIEWS, Stage
from warehouse.store.whole import copy_lake

# Four large filers: what is derived at a time takes several times the room of its facts.
FACTS_AT_A_TIME = 150_000


def staged_facts(pipeline: Pipeline, published_at: datetime) -> Stage:
    """What `stage_facts` gives, resumed from what was published before where nothing that it rests on has changed."""
    copy_lake(pipeline.home)
    rests_on = build_digest() + pipeline.catalog.model_dump_json()
    decides = hashlib.sha256(rests_on.encode()).hexdigest()
    key = kept.key_of(pipeline.home, decides)
    stage = kept.resume(pipeline.home, key, published_at)
    if stage is None:
        begun = kept.begin_with_boards(pipeline.home, decides, pipeline.catalog.sources)
        stage = replace(_facts(pipeline, published_at, begun), key=key, decides=decides)
    elif not stage.same_sights:
        kept.forget_sights(stage)
    if not stage.same_sights:
        _sighted(stage)
    stage.write_out()
    return stage


def stage_facts(pipeline: Pipeline, published_at: datetime) -> Stage:
    """A staged file with every fact and everything derived from facts; the verdicts come after. Needs the lock."""
    copy_lake(pipeline.home)
    stage = _facts(pipeline, published_at)
    _sighted(stage)
    return stage


def _sighted(stage: Stage) -> None:
    """What rests on sights of unchanged lists and documents, too."""
    stage.build(SIGHTED_VIEWS)
    stage.add_board_prices()


def _facts(pipeline: Pipeline, published_at: datetime, begun: Begun | None = None) -> Stage:
    """All of it that rests on the store, the declarations and the code alone, and on no day."""
    stage = Stage.begin(pipeline.home, pipeline.catalog.sources, published_at, begun)
    derive_facts(stage, pipeline.catalog)
    stage.take_fingerprints()
    return stage


def derive_facts(stage: Stage, catalog: Catalog) -> None:
    """Everything that follows from the facts in schema history, as tables, macros and views."""
    put_declarations(stage, catalog)
    stage.put("history.model_alias", model_names.alias_frame(catalog))
    stage.put("history.model", model_names.model_frame(catalog))
    _put_periods(stage, catalog)
    restated = put_scores(stage, catalog)
    stage.build(FACT_VIEWS)
    put_leads(stage, catalog, restated)
    stage.build(LEAD_VIEWS)
    # A later sight of an unchanged list changes no price of a day that had ended when anything was last read.
    stage.add_board_prices(settled_by=kept.last_read(stage))


def _put_periods(stage: Stage, catalog: Catalog) -> None:
    """Figures on their periods, and which of them answers when: some companies at a time."""
    stage.put("staged_company_period", quarters.SCHEMA.to_frame(), temporary=True)
    stage.build(("15_company_period",))
    reasons = [quarters.GAP_REASON.to_frame()]
    for first, last in _batches(stage):
        facts = stage.frame(f"FROM history.company_fact WHERE company BETWEEN '{first}' AND '{last}'")
        periods = quarters.derive_periods(facts, catalog)
        stage.add_periods(periods)
        reasons.append(quarters.not_derivable(periods, catalog))
    stage.put("history.company_gap_reason", pl.concat(reasons))
    known = stage.frame("SELECT DISTINCT fiscal_year FROM history.company_period")["fiscal_year"].drop_nulls().to_list()
    years = [*known, *(year + 1 for year in known)]  # the next print may be of the next year
    stage.put("history.fiscal_quarter", calendars.quarter_frame(catalog.companies, sorted(set(years))))


def _batches(stage: Stage) -> Iterator[tuple[str, str]]:
    """(first, last) company by name, together until they have enough facts. No figure is derived from two companies'."""
    counts = stage.frame(
        "SELECT company, count(*) AS facts FROM history.company_fact GROUP BY company ORDER BY company"
    )
    first, facts = "", 0
    for company, count in counts.iter_rows():
        first, facts = first or company, facts + count
        if facts >= FACTS_AT_A_TIME or company == counts["company"][-1]:
            yield first, company
            first, facts = "", 0
