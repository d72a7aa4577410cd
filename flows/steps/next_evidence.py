"""What decides next: for each claim the print, payload or statement it waits for; views/78_next_evidence.sql says when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import polars as pl

from config.specs import ClaimSpec
from transforms.claim_tests import claim_test
from warehouse.evidence.claim_query import claim_sql
from warehouse.evidence.reads import reads
from warehouse.published.stage import EVIDENCE_VIEWS, Stage

AWAITED: pl.Schema = pl.Schema(
    {"claim_id": pl.String(), "awaits": pl.String(), "subject": pl.String(), "printed": pl.String()}
)
OVERDUE_PRINTS = "SELECT DISTINCT claim_id FROM next_evidence_as_of($today) WHERE overdue AND awaits = 'print'"


def put_awaited(stage: Stage, specs: Iterable[ClaimSpec]) -> None:
    """Put history.awaited into the stage: what each claim waits for while it is open."""
    rows = [(spec.id, *wait) for spec in specs for wait in _waits(stage, spec)]
    stage.put("history.awaited", pl.DataFrame(rows, schema=AWAITED, orient="row"))


def waiting_for_overdue_prints(stage: Stage, today: date) -> frozenset[str]:
    """The ids of the claims that wait for a print that should be there. Reads history.verdict, claim, claim_test, awaited."""
    stage.define(EVIDENCE_VIEWS)
    return frozenset(stage.frame(OVERDUE_PRINTS, {"today": today})["claim_id"])


def _waits(stage: Stage, spec: ClaimSpec) -> Iterator[tuple[str, str, str]]:
    """(awaits, subject, printed): a company's print, a source's payload, a statement, a file of the analyst's own, or what a
    print of a chain means for which nobody has declared a definition."""
    yield from (("definition", chain, "") for chain in spec.chains)
    found = reads(claim_sql(spec), spec.id)
    printing = [read for read in found if read.macro.startswith("company_")]  # a guide is not a print
    for company in sorted({company for read in printing for company in read.only.get("company", ())}):
        yield "print", company, spec.printed
    if claim_test(spec).private:
        yield "private_file", "", ""
        return
    macros = {read.macro for read in found}
    if any(macro.startswith(("token_price", "model_price", "leaderboard", "openai_lead")) for macro in macros):
        fetched = set(stage.frame("SELECT source FROM history.source WHERE fetched")["source"])
        for source in spec.sources:
            if source in fetched:
                yield "payload", source, ""
    if macros & {"event_as_of", "guidance_as_of"}:
        yield "statement", "", ""
